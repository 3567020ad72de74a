//! Runs the commands of one page, block by block, as a newcomer would: an empty home directory, a copy of the
//! tree, and, where the system allows it, a network and processes of its own, so that ports are those of the page.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use tempfile::TempDir;

use crate::deadline::wait_for;
use crate::pages::Step;
use crate::pages::output::missing;

/// Seconds that a block may take unless it says otherwise.
const WITHIN: u64 = 60;
/// What stays is asked to end, and has so long for it.
const END_LIMIT: Duration = Duration::from_secs(30);
const NAMESPACE_LIMIT: Duration = Duration::from_secs(10);
/// What an error keeps of a block's output.
const OUTPUT_TOLD: usize = 4_000;

/// What a session takes over from the machine; nothing else is.
const INHERITED: &[&str] = &["PATH", "LANG", "TMPDIR", "RUSTUP_HOME", "CARGO_HOME"];

/// Where commands are run.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The tree in which a page's commands begin.
    pub tree: PathBuf,
    /// A folder of programs that are found first.
    pub programs: PathBuf,
    pub environment: Vec<(String, String)>,
    /// Whether the page gets a network of its own, in which every port is free.
    pub alone: bool,
}

/// One page's shell.
pub struct Session {
    place: Place,
    home: TempDir,
    /// Holds the network and the processes.
    namespace: Option<Namespace>,
    staying: Vec<Staying>,
}

struct Staying {
    what: String,
    child: Child,
}

/// Ends everything inside when it is dropped, or when this process ends and with it the holder's input: the kernel
/// sees to that.
struct Namespace {
    holder: Child,
    first: String,
}

impl Session {
    pub fn begin(place: &Place) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("millrace-home-")
            .tempdir()?;
        let namespace = place.alone.then(Namespace::new).transpose()?;
        let session = Self {
            place: place.clone(),
            home,
            namespace,
            staying: Vec::new(),
        };
        let begin = format!("cd {}\n", place.tree.display());
        fs::write(session.state(), begin)?;
        Ok(session)
    }

    /// Runs a block and compares what it prints with what the page shows.
    pub fn run(&mut self, step: &Step) -> Result<()> {
        let attributes = &step.block.attributes;
        let within = match attributes.get("within") {
            Some(seconds) => seconds.parse().context("`within` is a number of seconds")?,
            None => WITHIN,
        };
        let printed = match attributes.get("stays") {
            Some(text) => self.stay(&step.block.text, text, Duration::from_secs(within))?,
            None => self.finish(&step.block.text, within)?,
        };
        if let Some(line) = step
            .expected
            .as_deref()
            .and_then(|expected| missing(expected, &printed))
        {
            bail!(
                "the page shows `{line}`, and this was printed:\n{}",
                end_of(&printed)
            );
        }
        Ok(())
    }

    /// Commands that go on while others run, from when they have said `text`.
    pub fn stay(&mut self, commands: &str, text: &str, within: Duration) -> Result<String> {
        let path = self
            .home
            .path()
            .join(format!(".session-stays-{}", self.staying.len()));
        let log = File::create(&path)?;
        let mut command = self.shell(commands)?;
        let mut child = command
            .process_group(0)
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let said = wait_for(&format!("`{text}`"), within, || {
            let ended = child.try_wait()?;
            let printed = fs::read_to_string(&path)?;
            Ok((ended.is_some() || printed.contains(text)).then_some((ended, printed)))
        });
        let what = commands.lines().next().unwrap_or_default().to_owned();
        self.staying.push(Staying { what, child });
        let (ended, printed) = said
            .with_context(|| end_of(&fs::read_to_string(&path).unwrap_or_default()).to_owned())?;
        if let Some(status) = ended {
            bail!("it ended: {status}\n{}", end_of(&printed));
        }
        Ok(printed)
    }

    /// Commands that end; what they print.
    pub fn finish(&self, commands: &str, within: u64) -> Result<String> {
        let log = self.home.path().join(".session-output");
        let file = File::create(&log)?;
        let shell = self.shell(commands)?;
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", &within.to_string()])
            .arg(shell.get_program())
            .args(shell.get_args());
        let status = adopt(&mut command, &shell)
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()?;
        let printed = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        ensure!(
            status.success(),
            "{}\n{}",
            ended(status, within),
            end_of(&printed)
        );
        Ok(printed)
    }

    /// Ends what stays, as Ctrl-C does, and sees that it goes.
    pub fn end(mut self) -> Result<()> {
        for staying in self.staying.iter_mut().rev() {
            let Staying { what, child } = staying;
            let group = Pid::from_child(child);
            if child.try_wait()?.is_none() {
                kill_process_group(group, Signal::INT)?;
            }
            wait_for(&format!("the end of `{what}`"), END_LIMIT, || {
                Ok(child.try_wait()?)
            })?;
        }
        self.staying.clear();
        Ok(())
    }

    /// A shell that goes on where the last one ended: in its folder and with its exported variables.
    fn shell(&self, commands: &str) -> Result<Command> {
        let state = self.state();
        let state = state.display();
        // What stays goes on reading its script: the next one must not be written over it.
        let script = format!(".session-script-{}", self.staying.len());
        let script = self.home.path().join(script);
        let keep = format!("{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} >{state}");
        fs::write(
            &script,
            format!("set -eo pipefail\n. {state}\n{commands}\n{keep}\n"),
        )?;
        let mut command = match &self.namespace {
            None => Command::new("bash"),
            Some(namespace) => {
                let mut command = Command::new("nsenter");
                command.args([
                    "--net",
                    "--pid",
                    "--mount",
                    "--target",
                    &namespace.first,
                    "bash",
                ]);
                command
            }
        };
        command
            .arg(script)
            .env_clear()
            .envs(self.environment())
            .current_dir(&self.place.tree)
            .stdin(Stdio::null());
        Ok(command)
    }

    fn environment(&self) -> Vec<(String, String)> {
        let inherited = INHERITED
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        let mut environment: Vec<_> = inherited.collect();
        let path = std::env::var("PATH").unwrap_or_default();
        environment.push((
            "PATH".to_owned(),
            format!("{}:{path}", self.place.programs.display()),
        ));
        environment.push(("HOME".to_owned(), self.home.path().display().to_string()));
        environment.extend(self.place.environment.iter().cloned());
        environment
    }

    fn state(&self) -> PathBuf {
        self.home.path().join(".session-state")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for staying in &mut self.staying {
            // A page that failed; where there is a namespace its end is the end of all.
            let _ = kill_process_group(Pid::from_child(&staying.child), Signal::KILL);
            let _ = staying.child.wait();
        }
    }
}

impl Namespace {
    /// Whether this machine lets us.
    fn new() -> Result<Self> {
        ensure!(geteuid().is_root(), "a network of its own needs root");
        let holder = Command::new("unshare")
            .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", "ip link set lo up && exec cat"])
            .stdin(Stdio::piped())
            .spawn()?;
        let mut namespace = Self {
            holder,
            first: String::new(),
        };
        let id = namespace.holder.id();
        namespace.first = wait_for("a namespace", NAMESPACE_LIMIT, || {
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
            let Some(child) = children.split_whitespace().next() else {
                return Ok(None);
            };
            let runs = fs::read_to_string(format!("/proc/{child}/comm"))?;
            Ok((runs.trim() == "cat").then(|| child.to_owned()))
        })?;
        Ok(namespace)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// `command` in the surroundings of `other`.
fn adopt<'a>(command: &'a mut Command, other: &Command) -> &'a mut Command {
    command.env_clear().stdin(Stdio::null());
    for (name, value) in other.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    if let Some(folder) = other.get_current_dir() {
        command.current_dir(folder);
    }
    command
}

fn ended(status: ExitStatus, within: u64) -> String {
    const TIMED_OUT: i32 = 124;
    match status.code() {
        Some(TIMED_OUT) => format!("not done within {within} s"),
        _ => status.to_string(),
    }
}

fn end_of(text: &str) -> &str {
    let from = text.len().saturating_sub(OUTPUT_TOLD);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[from.unwrap_or_default()..]
}
