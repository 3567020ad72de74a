//! Foreign programs: started with a limit, judged by their status, explained by their last words.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Seconds that any program of this harness may take, unless its caller says otherwise.
const LIMIT: u32 = 120;

/// What an error keeps of a program's complaint.
const LAST_WORDS: usize = 2_000;

/// `program` under the usual limit.
pub(crate) fn program(program: impl AsRef<OsStr>) -> Command {
    program_within(LIMIT, program)
}

pub(crate) fn program_within(seconds: u32, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command
        .args(["--kill-after=5", &seconds.to_string()])
        .arg(program);
    command
}

/// A whole command line whose words need no quoting.
pub(crate) fn run(line: &str) -> Result<String> {
    let mut words = line.split_whitespace();
    let first = words.next().context("an empty command line")?;
    output(program(first).args(words))
}

/// Standard output of a command that succeeded.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} does not start", words(command)))?;
    text(command, &done)
}

/// As [`output`], with `input` on standard input.
pub(crate) fn output_with_input(command: &mut Command, input: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not start", words(command)))?;
    let mut pipe = child.stdin.take().context("the pipe was asked for")?;
    let written = pipe.write_all(input.as_bytes());
    drop(pipe);
    let done = child.wait_with_output()?;
    let answer = text(command, &done)?;
    written.context("input not taken")?;
    Ok(answer)
}

fn text(command: &Command, done: &Output) -> Result<String> {
    if !done.status.success() {
        let complaint = String::from_utf8_lossy(&done.stderr);
        let from = complaint.len().saturating_sub(LAST_WORDS);
        let from = (from..complaint.len())
            .find(|&at| complaint.is_char_boundary(at))
            .unwrap_or(0);
        bail!(
            "{}: {}: {}",
            words(command),
            done.status,
            complaint[from..].trim()
        );
    }
    String::from_utf8(done.stdout.clone()).context("output is not text")
}

/// The command as a reader would type it; the limit that every command has is left out.
fn words(command: &Command) -> String {
    let mut words: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    if command.get_program() == "timeout" {
        words.drain(..2);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_the_command_and_its_complaint() {
        let error = run("ls /nowhere").unwrap_err().to_string();
        assert!(
            error.starts_with("ls /nowhere: exit status: 2: "),
            "{error}"
        );
        assert!(error.contains("No such file"), "{error}");
    }

    #[test]
    fn input_reaches_the_program() {
        let answer = output_with_input(program("cat").arg("-"), "two\nlines\n");
        assert_eq!(answer.unwrap(), "two\nlines\n");
    }
}
