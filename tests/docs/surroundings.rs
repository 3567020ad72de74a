//! What blocks need: the copy of the tree, programs, a broker, the quick start.

use std::fs::{self, OpenOptions};
use std::io::{Write, stderr};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use millrace_tests::built::program;
use millrace_tests::pages::{Place, Session};

use crate::copy;

/// Programs of this build that pages call as if they were installed.
const OURS: &[&str] = &["millrace", "millrace-broker"];

/// Kafka's scripts and the classes that they run.
const KAFKA_TOOLS: &[(&str, &str)] = &[
    ("kafka-topics.sh", "org.apache.kafka.tools.TopicCommand"),
    ("kafka-configs.sh", "kafka.admin.ConfigCommand"),
    (
        "kafka-consumer-groups.sh",
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    ),
    (
        "kafka-console-producer.sh",
        "org.apache.kafka.tools.ConsoleProducer",
    ),
    (
        "kafka-console-consumer.sh",
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ),
    ("kafka-dump-log.sh", "kafka.tools.DumpLogSegments"),
    (
        "kafka-producer-perf-test.sh",
        "org.apache.kafka.tools.ProducerPerformance",
    ),
    (
        "kafka-broker-api-versions.sh",
        "org.apache.kafka.tools.BrokerApiVersionsCommand",
    ),
];
/// Where `tests/run` has put their jars.
const KAFKA_LIBS: &str = "MILLRACE_KAFKA_LIBS";
/// Where `kubectl` and its like lie, if not on the path.
const MORE_PROGRAMS: &str = "MILLRACE_DOCS_PROGRAMS";
/// Where a block that could not run is told, one line each.
const SKIPPED: &str = "MILLRACE_SKIPPED";

const START_LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Surroundings {
    pub(crate) place: Place,
}

impl Surroundings {
    pub(crate) fn new() -> Result<Self> {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
        let programs = home.join("bin");
        let _ = fs::remove_dir_all(&programs);
        fs::create_dir_all(&programs)?;
        for name in OURS {
            symlink(program(name)?, programs.join(name))?;
        }
        if let Ok(libs) = std::env::var(KAFKA_LIBS) {
            kafka_tools(&programs, &libs)?;
        }
        for name in ["kubectl", "helm"] {
            let found =
                std::env::var_os(MORE_PROGRAMS).map(|folder| PathBuf::from(folder).join(name));
            if let Some(found) = found.filter(|path| path.is_file()) {
                symlink(found, programs.join(name))?;
            }
        }
        Ok(Self {
            place: Place {
                tree: home.join("tree"),
                programs,
                environment: environment(&home.join("target")),
                alone: rustix::process::geteuid().is_root(),
            },
        })
    }

    /// The tree as it should be, whatever the last page did to it.
    pub(crate) fn renew(&self) -> Result<()> {
        copy::copy_to(&self.place.tree)
    }

    /// The first program that is needed and not there.
    pub(crate) fn lacking<'a>(&self, needs: &[&'a str]) -> Option<&'a str> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = [self.place.programs.clone()]
            .into_iter()
            .chain(std::env::split_paths(&path))
            .collect();
        let programs = needs
            .iter()
            .filter(|need| !matches!(**need, "nothing" | "broker" | "up"));
        programs
            .copied()
            .find(|need| !folders.iter().any(|folder| folder.join(need).is_file()))
    }

    /// Brings what a block needs and the page has not brought yet.
    pub(crate) fn provide(
        &self,
        session: &mut Session,
        needs: &[&str],
        provided: &mut Vec<String>,
    ) -> Result<()> {
        let Some(place) = needs.iter().find(|need| matches!(**need, "broker" | "up")) else {
            return Ok(());
        };
        if provided.iter().any(|there| there == place) {
            return Ok(());
        }
        provided.push((*place).to_owned());
        let (commands, text) = match *place {
            "broker" => ("cd && millrace-broker", "the broker serves"),
            _ => ("millrace up", "Millrace is up"),
        };
        session.stay(commands, text, START_LIMIT).map(drop)
    }
}

/// What belongs to the machine and not to a home directory: caches, and a build that is soon done. What is tried
/// are the commands, not the optimizer.
fn environment(build: &Path) -> Vec<(String, String)> {
    let home = std::env::var("HOME").unwrap_or_default();
    let or_in_home = |name: &str, folder: &str| {
        let value = std::env::var(name).unwrap_or_else(|_| format!("{home}/{folder}"));
        (name.to_owned(), value)
    };
    let mut environment = vec![
        or_in_home("CARGO_HOME", ".cargo"),
        or_in_home("RUSTUP_HOME", ".rustup"),
        ("CARGO_TARGET_DIR".to_owned(), build.display().to_string()),
        ("CARGO_TERM_COLOR".to_owned(), "never".to_owned()),
    ];
    for (name, value) in [
        ("RELEASE_LTO", "off"),
        ("RELEASE_OPT_LEVEL", "0"),
        ("RELEASE_CODEGEN_UNITS", "256"),
        ("RELEASE_DEBUG", "0"),
        ("DEV_DEBUG", "0"),
    ] {
        environment.push((format!("CARGO_PROFILE_{name}"), value.to_owned()));
    }
    environment
}

fn kafka_tools(programs: &Path, libs: &str) -> Result<()> {
    for (name, class) in KAFKA_TOOLS {
        let path = programs.join(name);
        let options = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=ERROR";
        fs::write(
            &path,
            format!("#!/bin/sh\nexec java {options} -cp '{libs}/*' {class} \"$@\"\n"),
        )?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// A block that cannot run here is told and counted.
pub(crate) fn skip(what: &str) -> Result<()> {
    writeln!(stderr(), "skipped {what}")?;
    if let Some(path) = std::env::var_os(SKIPPED) {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "skipped {what}")?;
    }
    Ok(())
}
