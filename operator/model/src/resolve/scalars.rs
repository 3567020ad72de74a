//! Values of Kafka's configs as Kafka writes them, and the few that have a notation of their own.

use std::collections::BTreeMap;

use millrace_crds::{IntOrString, Retention};

use crate::problem::{Findings, reason};
use crate::{duration, quantity};

pub(crate) fn text(value: &IntOrString) -> String {
    match value {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(text) => text.clone(),
    }
}

/// A number from 1 to `most`; any other is left out, and told in the words of `wrong`.
pub(crate) fn counted(
    field: &'static str,
    said: Option<i32>,
    most: i32,
    wrong: impl Fn(i32) -> String,
    findings: &mut Findings,
) -> Option<i32> {
    let count = said?;
    let good = (1..=most).contains(&count);
    if !good {
        let fix = format!("use 1 to {most}");
        findings.warn(field, reason::INVALID, wrong(count), fix);
    }
    good.then_some(count)
}

/// The two settings of `retention`, each when it is there and can be read.
pub(crate) struct RetentionSettings {
    pub(crate) millis: Option<i64>,
    pub(crate) bytes: Option<i64>,
}

/// What cannot be read is left out with a warning: the setting stays as it is.
pub(crate) fn retention(
    raw: Option<&Retention>,
    at: &str,
    findings: &mut Findings,
) -> RetentionSettings {
    let mut read = |field: &str, text: Option<&String>, parse: Parse, example: &str| {
        parse(text?)
            .map_err(|message| {
                let fix = format!("write it such as {example}, or unlimited");
                findings.warn(format!("{at}.{field}"), reason::INVALID, message, fix);
            })
            .ok()
    };
    let time = raw.and_then(|retention| retention.time.as_ref());
    let bytes = raw.and_then(|retention| retention.bytes.as_ref());
    RetentionSettings {
        millis: read("time", time, duration::parse_millis, "7d"),
        bytes: read("bytes", bytes, signed_bytes, "10Gi"),
    }
}

type Parse = fn(&str) -> Result<i64, String>;

fn signed_bytes(text: &str) -> Result<i64, String> {
    if text == "unlimited" {
        return Ok(duration::UNLIMITED);
    }
    let bytes = quantity::parse_bytes(text)?;
    i64::try_from(bytes).map_err(|_| format!("{text:?} is more than can be counted"))
}

/// Adds what has a field of its own to the configs. The field wins over the config of the same
/// meaning, and the author hears of it.
pub(crate) fn add_typed(
    configs: &mut BTreeMap<String, String>,
    typed: &[TypedSetting],
    at: &str,
    findings: &mut Findings,
) {
    for setting in typed {
        for key in setting.keys {
            if configs.remove(*key).is_some() {
                findings.warn(
                    format!("{at}.{key}"),
                    reason::DUPLICATE,
                    format!("{} says it too, and that one holds", setting.field),
                    "remove one of them",
                );
            }
        }
        if let [key, ..] = setting.keys {
            configs.insert((*key).to_owned(), setting.value.clone());
        }
    }
}

/// A config that has a field of its own.
pub(crate) struct TypedSetting {
    pub(crate) field: &'static str,
    /// The config it becomes, and others that mean the same.
    pub(crate) keys: &'static [&'static str],
    pub(crate) value: String,
}
