//! What happens while a fleet starts, as it is shown: a line that changes on a terminal, a line for each
//! step elsewhere, and JSON for programs.

use std::io::{IsTerminal, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::args::Format;
use crate::fleet::manifests::Mistake;
use crate::output::{complain_of, say};

const TICK: Duration = Duration::from_millis(80);

/// Shows one step after the other.
pub(crate) struct Progress {
    shown: Shown,
    last: String,
}

enum Shown {
    Line(ProgressBar),
    Lines,
    Json,
    Nothing,
}

impl Progress {
    pub(crate) fn begin(format: Format) -> Self {
        let shown = match format {
            Format::Json => Shown::Json,
            Format::Table if stdout().is_terminal() && stderr().is_terminal() => {
                let line = ProgressBar::new_spinner();
                let style = ProgressStyle::with_template("{spinner} {wide_msg}");
                line.set_style(style.expect("the template is legal"));
                line.enable_steady_tick(TICK);
                Shown::Line(line)
            }
            Format::Table => Shown::Lines,
        };
        Self {
            shown,
            last: String::new(),
        }
    }

    /// For a command whose answer to a program is one value.
    pub(crate) fn aside(format: Format) -> Self {
        match format {
            Format::Table => Self::begin(format),
            Format::Json => Self {
                shown: Shown::Nothing,
                last: String::new(),
            },
        }
    }

    /// What is done now.
    pub(crate) fn step(&mut self, what: &str) {
        if self.last == what {
            return;
        }
        what.clone_into(&mut self.last);
        // Whoever does not read on is not told more.
        match &self.shown {
            Shown::Line(line) => line.set_message(what.to_owned()),
            Shown::Lines => drop(say(what)),
            Shown::Json => drop(say(&json!({"step": what}).to_string())),
            Shown::Nothing => {}
        }
    }

    /// What the author of a file should know, though it keeps nobody from going on.
    pub(crate) fn notice(&self, notice: &Mistake) {
        let words = format!("note: {notice}");
        match &self.shown {
            Shown::Line(line) => line.suspend(|| complain_of(&words)),
            // Whoever does not read on is not told more.
            Shown::Json => drop(say(&json!({"notice": notice}).to_string())),
            Shown::Lines | Shown::Nothing => complain_of(&words),
        }
    }

    /// Nothing more is shown.
    pub(crate) fn end(&self) {
        if let Shown::Line(line) = &self.shown {
            line.finish_and_clear();
        }
    }
}
