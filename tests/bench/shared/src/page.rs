//! A page of figures that is written anew by each run, and keeps what people wrote into it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// Where people's part ends.
const END: &str = "<!-- end -->";

/// The page of one command.
pub struct Page {
    path: Option<PathBuf>,
    /// Where people's part begins.
    mark: String,
    by_hand: String,
}

impl Page {
    /// Reads what people wrote into the page so far; without a path nothing is read or written.
    pub fn open(path: Option<PathBuf>, command: &str) -> Result<Self> {
        let mark = format!("<!-- written by hand, kept by {command} -->");
        let earlier = match path.as_ref().map(fs::read_to_string) {
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context("reading the page of an earlier run");
            }
            Some(Ok(text)) => text,
            Some(Err(_)) | None => String::new(),
        };
        let by_hand = written_by_hand(&earlier, &mark).unwrap_or("\n").to_owned();
        Ok(Self {
            path,
            mark,
            by_hand,
        })
    }

    /// The page with these figures.
    pub fn text(&self, figures: &str) -> String {
        format!("{figures}\n{}{}{END}\n", self.mark, self.by_hand)
    }

    /// Writes what there is so far, so that a run that is cut short has something to show.
    pub fn write(&self, figures: &str) -> Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, self.text(figures))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

fn written_by_hand<'a>(page: &'a str, mark: &str) -> Option<&'a str> {
    let (_, behind) = page.split_once(mark)?;
    Some(behind.split_once(END)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docs/page.md");
        let open = || Page::open(Some(path.clone()), "bench/run").unwrap();
        open().write("old figures\n").unwrap();
        let fresh = fs::read_to_string(&path).unwrap();
        fs::write(&path, fresh.replace(END, &format!("\n## Why\n\n{END}"))).unwrap();
        open().write("new figures\n").unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "new figures\n\n<!-- written by hand, kept by bench/run -->\n\n## Why\n\n<!-- end -->\n"
        );
    }
}
