//! What a user sees of a fleet: where to connect, what runs, where it is kept, and what to try next.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fleet::directory::DataDirectory;
use crate::fleet::manifests::DEFAULT_NAMESPACE;
use crate::fleet::standing::Standing;

/// Where the commands look that are told nothing.
const USUAL_SERVER: &str = "127.0.0.1:9092";
/// Topics that are shown by name.
const TOPICS_SHOWN: usize = 8;

/// A fleet as it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) pid: i32,
    pub(crate) api: String,
    pub(crate) data: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    /// Whether every command finds the data by itself.
    usual: bool,
    pub(crate) clusters: Vec<Standing>,
    pub(crate) topics: Vec<Standing>,
}

impl Summary {
    pub(crate) fn of(directory: &DataDirectory, pid: i32, api: String, objects: &[Value]) -> Self {
        let of = |kind: &str| {
            let objects = objects.iter().filter(|object| object["kind"] == kind);
            objects.map(Standing::of).collect()
        };
        Self {
            pid,
            api,
            data: directory.path().to_owned(),
            kubeconfig: directory.kubeconfig(),
            usual: directory.is_usual(),
            clusters: of("KafkaCluster"),
            topics: of("KafkaTopic"),
        }
    }

    /// Everything that is worth knowing, and what to do with it.
    pub(crate) fn welcome(&self, detached: bool) -> String {
        let mut lines = vec![String::new(), "Millrace is up.".to_owned(), String::new()];
        lines.extend(self.facts());
        lines.extend(self.troubles());
        lines.extend([String::new(), "Try next:".to_owned()]);
        lines.extend(self.try_next().into_iter().map(|line| format!("  {line}")));
        lines.push(String::new());
        lines.push(match detached {
            true => format!("Stop it with: {}", self.command("down")),
            false => "Ctrl-C stops everything.".to_owned(),
        });
        lines.join("\n")
    }

    /// How it stands.
    pub(crate) fn report(&self) -> String {
        let mut lines = self.facts();
        lines.extend(self.troubles());
        lines.join("\n")
    }

    fn facts(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for cluster in &self.clusters {
            for (listener, servers) in &cluster.listeners {
                let which = format!("{} of {}", listener, cluster.title(DEFAULT_NAMESPACE));
                lines.push(row("connect to", &format!("{servers}  ({which})")));
            }
            let ready = if cluster.ready { "" } else { ", not ready" };
            let title = cluster.title(DEFAULT_NAMESPACE);
            lines.push(row("runs", &format!("{title}: {}{ready}", cluster.summary)));
        }
        if !self.topics.is_empty() {
            lines.push(row("topics", &self.topic_names()));
        }
        lines.push(row(
            "data",
            &format!(
                "{}  (kept until `{} --delete-data`)",
                self.data.display(),
                self.command("down")
            ),
        ));
        lines.push(row("kubeconfig", &self.kubeconfig.display().to_string()));
        lines.push(row("process", &self.pid.to_string()));
        lines
    }

    fn topic_names(&self) -> String {
        let shown = self.topics.iter().take(TOPICS_SHOWN);
        let mut names: Vec<String> = shown
            .map(|topic| match topic.summary.as_str() {
                "" => topic.name.clone(),
                summary => format!("{} ({summary})", topic.name),
            })
            .collect();
        if self.topics.len() > TOPICS_SHOWN {
            names.push(format!("and {} more", self.topics.len() - TOPICS_SHOWN));
        }
        names.join(", ")
    }

    fn troubles(&self) -> Vec<String> {
        let all = self.clusters.iter().chain(&self.topics);
        let troubled = all.filter(|one| !one.ready);
        let lines = troubled.map(|one| {
            let title = one.title(DEFAULT_NAMESPACE);
            row("not ready", &format!("{title}: {}", one.why()))
        });
        lines.collect()
    }

    fn try_next(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let servers = self.clusters.iter().flat_map(|cluster| &cluster.listeners);
        let server = servers.map(|(_, servers)| servers.as_str()).next();
        let topic = self.topics.iter().find(|topic| !topic.wants_keys);
        if let (Some(server), Some(topic)) = (server, topic) {
            let to = match server {
                USUAL_SERVER => String::new(),
                other => format!(" -b {other}"),
            };
            let (program, topic) = (program(), &topic.name);
            lines.push(format!("echo hello | {program} produce {topic}{to}"));
            lines.push(format!(
                "{program} consume {topic} --from beginning --max 1{to}"
            ));
        }
        lines.push(self.command("status"));
        let kubeconfig = quoted(&self.kubeconfig);
        lines.push(format!(
            "kubectl --kubeconfig {kubeconfig} get kafkaclusters,kafkatopics,pods"
        ));
        lines
    }

    /// A command of ours that acts on this fleet.
    fn command(&self, name: &str) -> String {
        match self.usual {
            true => format!("{} {name}", program()),
            false => format!("{} {name} --data-dir {}", program(), quoted(&self.data)),
        }
    }
}

fn row(name: &str, value: &str) -> String {
    format!("  {name:<12}{value}")
}

/// This program as a shell finds it.
fn program() -> String {
    const NAME: &str = "millrace";
    let Ok(own) = std::env::current_exe() else {
        return NAME.to_owned();
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|directory| directory.join(NAME));
    if found.find(|path| path.is_file()).as_ref() == Some(&own) {
        return NAME.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    match own.strip_prefix(&here) {
        Ok(relative) => quoted(&Path::new(".").join(relative)),
        Err(_) => quoted(&own),
    }
}

fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    match text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_pasted() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/a b/c'd")), r"'/a b/c'\''d'");
    }
}
