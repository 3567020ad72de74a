//! The life of one process: its volumes, its start, what it says, how it is, and its end.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures::future::maybe_done;
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::process::lines::{Line, Lines, Stream};
use crate::process::log::Logs;
use crate::process::probe::{Probing, Verdict};
use crate::process::program::Program;
use crate::process::volumes::Layout;
use crate::process::{left_behind, ports};
use crate::runner::{Container, Ended, Probed, Report, Reports};

/// What the shell says of a process that a signal ended.
const SIGNALLED: i32 = 128;
/// After its end a process has said everything; whoever holds its pipes may be another one.
const LAST_WORDS_LIMIT: Duration = Duration::from_millis(500);

/// Runs a container from its start to its end, and reports.
pub(crate) async fn run(
    program: Program,
    layout: Layout,
    logs: Logs,
    container: Container,
    reports: Reports,
    stop: watch::Receiver<Option<Duration>>,
) {
    let id = container.id.clone();
    let ended = match live(&program, &layout, &logs, &container, &reports, stop).await {
        Ok(ended) => ended,
        Err(error) => Ended {
            exit_code: SIGNALLED,
            reason: Ended::CANNOT_RUN,
            message: error.to_string(),
        },
    };
    // Nobody listens any more only when everything ends.
    let _over = reports.send((id, Report::Ended(ended))).await;
}

async fn live(
    program: &Program,
    layout: &Layout,
    logs: &Logs,
    container: &Container,
    reports: &Reports,
    mut stop: watch::Receiver<Option<Duration>>,
) -> io::Result<Ended> {
    let noted = layout.process(&container.id);
    left_behind::wait(&noted).await;
    if let Some(message) = ports::trouble(&container.address, &container.ports) {
        return Ok(Ended {
            exit_code: 1,
            reason: Ended::ADDRESS_TAKEN,
            message,
        });
    }
    let id = &container.id;
    let (made, within) = (layout.clone(), container.clone());
    tokio::task::spawn_blocking(move || made.make(&within))
        .await
        .map_err(io::Error::other)??;
    let mut log = logs.begin(&id.namespace, &id.pod, &id.container).await?;
    let mut child = command(program, layout, container).spawn()?;
    if let Some(pid) = child.id() {
        left_behind::note(&noted, pid)?;
    }
    // Held until the end: the process watches it.
    let _lifeline = child.stdin.take();
    let pipes = child.stdout.take().zip(child.stderr.take());
    let (out, err) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
    let (mut out, mut err) = (Lines::of(out), Lines::of(err));
    let _over = reports.send((id.clone(), Report::Running)).await;
    // It may be over before the process is, and is asked once more then.
    let mut said = Box::pin(maybe_done(async {
        while let Some((from, line)) = next_line(&mut out, &mut err).await {
            // A full disk must not stop whoever speaks.
            let _lost = log.line(from, &line, Timestamp::now()).await;
        }
    }));
    let listening = async {
        (&mut said).await;
        std::future::pending().await
    };
    let ended = tokio::select! {
        ended = until_end(&mut child, container, reports, &mut stop) => ended,
        never = listening => never,
    };
    let _rest = timeout(LAST_WORDS_LIMIT, &mut said).await;
    drop(said);
    let (status, reason) = ended?;
    Ok(Ended {
        exit_code: exit_code(status),
        reason: reason.unwrap_or(if status.success() {
            "Completed"
        } else {
            "Error"
        }),
        message: log.last_words(),
    })
}

fn command(program: &Program, layout: &Layout, container: &Container) -> Command {
    let real = |text: &String| layout.real(container, text);
    let mut command = match container.command.split_first() {
        Some((path, arguments)) => {
            let mut command = Command::new(real(path));
            command.args(arguments.iter().map(real));
            command
        }
        None => {
            let mut command = Command::new(&program.path);
            command.args(&program.arguments);
            command
        }
    };
    let env = container.env.iter();
    command
        .args(container.args.iter().map(real))
        .env_clear()
        .envs(env.map(|(name, value)| (name, real(value))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // An interrupt at the terminal is this process's to pass on.
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Waits for the end, brings it about when asked to, and reports how the container is until then.
async fn until_end(
    child: &mut Child,
    container: &Container,
    reports: &Reports,
    stop: &mut watch::Receiver<Option<Duration>>,
) -> io::Result<(ExitStatus, Option<&'static str>)> {
    let tell = |report| {
        let (reports, id) = (reports.clone(), container.id.clone());
        // Nobody listens any more only when everything ends.
        async move { drop(reports.send((id, report)).await) }
    };
    if container.readiness.is_none() {
        tell(Report::Ready(true)).await;
    }
    let address = container.address.as_str();
    let readiness = container.readiness.as_ref();
    let mut readiness = readiness.map(|probe| Probing::of_readiness(address, probe));
    let liveness = container.liveness.as_ref();
    let mut liveness = liveness.map(|probe| Probing::of_liveness(address, probe));
    let kill_grace = container.liveness.as_ref().map(|probe| probe.period);
    loop {
        tokio::select! {
            status = child.wait() => return Ok((status?, None)),
            grace = asked_to_stop(stop) => return Ok((end(child, grace).await?, None)),
            verdict = changes(&mut readiness) => tell(match verdict {
                Verdict::Good => Report::Ready(true),
                Verdict::Bad(why) => Report::Unhealthy(Probed::Readiness, why),
            }).await,
            verdict = changes(&mut liveness) => if let Verdict::Bad(why) = verdict {
                tell(Report::Unhealthy(Probed::Liveness, why)).await;
                let grace = kill_grace.unwrap_or_default();
                return Ok((end(child, grace).await?, Some("Unhealthy")));
            },
        }
    }
}

async fn changes(probing: &mut Option<Probing<'_>>) -> Verdict {
    match probing {
        Some(probing) => probing.changes().await,
        None => std::future::pending().await,
    }
}

async fn asked_to_stop(stop: &mut watch::Receiver<Option<Duration>>) -> Duration {
    let asked = stop.wait_for(Option::is_some).await;
    let asked = asked.map(|grace| grace.unwrap_or_default());
    match asked {
        Ok(grace) => grace,
        // Whoever could ask is gone, and this task will be, too.
        Err(_) => std::future::pending().await,
    }
}

/// Asks the process to end, and ends it when it has not in time.
async fn end(child: &mut Child, grace: Duration) -> io::Result<ExitStatus> {
    let pid = child
        .id()
        .and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
    if let Some(pid) = pid {
        // It may have ended by itself just now.
        let _gone = kill_process(pid, Signal::TERM);
    }
    tokio::select! {
        status = child.wait() => return status,
        () = sleep(grace) => {}
    }
    child.start_kill()?;
    child.wait().await
}

async fn next_line<A, B>(out: &mut Lines<A>, err: &mut Lines<B>) -> Option<(Stream, Line)>
where
    A: tokio::io::AsyncRead + Unpin,
    B: tokio::io::AsyncRead + Unpin,
{
    tokio::select! {
        Some(line) = out.next() => Some((Stream::Out, line)),
        Some(line) = err.next() => Some((Stream::Err, line)),
        else => None,
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    let signal = status.signal().map(|signal| SIGNALLED + signal);
    status.code().or(signal).unwrap_or(SIGNALLED)
}
