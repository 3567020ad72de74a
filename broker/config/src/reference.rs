//! The table as pages for people: the reference in Markdown, and the settings a broker runs with
//! as a properties file.

use std::fmt::Write as _;

use crate::key::{Key, Status, Update};
use crate::keys::{BROKER_SECTIONS, Resource};
use crate::properties;
use crate::settings::{BrokerLayers, Source};

const INTRODUCTION: &str = "\
# Settings

Brokers read `server.properties` in Java's properties format, `--set key=value` on the command
line, and changes made with `kafka-configs` or any admin client while they run. Names, types,
defaults and limits are Kafka's unless a line says otherwise. A name that is not listed here draws
a warning; a value that cannot be used stops the broker, with one message that lists every one.

Values may refer to `${env:NAME}`, `${file:/path:key}` and `${directory:/path:file}` once
`config.providers` names those sources.

**Changes**: *no* means the broker must be restarted, *broker* that it may change on one running
broker, *cluster* that it may change on one or on all. **Not served** marks settings whose feature
does not exist yet, **no effect** those that are accepted because Kafka has them.

This page is generated from the table that the broker itself uses.
";

/// The reference page.
#[must_use]
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Topic settings\n\nA topic may override each of these; what it does not set comes from the broker setting named last.\n\n");
    resource_table(&mut page, Resource::Topic);
    page.push_str("\n## Group settings\n\nA group may override each of these; what it does not set comes from the broker setting named last.\n\n");
    resource_table(&mut page, Resource::Group);
    page.push_str("\n## Broker settings\n");
    for (title, keys) in BROKER_SECTIONS {
        let _ = write!(page, "\n### {title}\n\n");
        page.push_str(
            "| name | type | default | valid values | changes | meaning |\n|---|---|---|---|---|---|\n",
        );
        for key in *keys {
            broker_row(&mut page, key);
        }
    }
    page
}

fn resource_table(page: &mut String, resource: Resource) {
    page.push_str(
        "| name | type | default | valid values | meaning | broker setting |\n|---|---|---|---|---|---|\n",
    );
    for key in resource.keys() {
        let names: Vec<_> = key
            .synonyms
            .iter()
            .map(|s| format!("`{}`", s.name))
            .collect();
        let (name, kind, doc) = (key.name, key.kind.name().to_lowercase(), doc(key));
        let _ = writeln!(
            page,
            "| `{name}` | {kind} | {} | {} | {doc} | {} |",
            default(key),
            key.check,
            names.join(", then ")
        );
    }
}

fn broker_row(page: &mut String, key: &Key) {
    let changes = match key.update {
        Update::ReadOnly => "no",
        Update::PerBroker => "broker",
        Update::ClusterWide => "cluster",
    };
    let (name, kind, doc) = (key.name, key.kind.name().to_lowercase(), doc(key));
    let (default, check) = (default(key), key.check);
    let _ = writeln!(
        page,
        "| `{name}` | {kind} | {default} | {check} | {changes} | {doc} |"
    );
}

fn doc(key: &Key) -> String {
    match key.status {
        Status::Served => key.doc.to_owned(),
        Status::NoEffect => format!("**No effect.** {}", key.doc),
        Status::NotYet => format!("**Not served.** {}", key.doc),
    }
}

fn default(key: &Key) -> String {
    match key.default {
        None => String::new(),
        Some("") => "empty".to_owned(),
        Some(text) => format!("`{text}`"),
    }
}

/// What a broker runs with, as a properties file; secrets stay out.
#[must_use]
pub fn print(broker: &BrokerLayers<'_>) -> String {
    let mut text = String::new();
    for (title, keys) in BROKER_SECTIONS {
        let _ = write!(text, "\n# {title}\n");
        for key in *keys {
            let said = broker.candidates(&[key.name]);
            let Some(strongest) = said.first() else {
                continue;
            };
            if key.is_sensitive() {
                let _ = writeln!(text, "# {} is set", key.name);
                continue;
            }
            if strongest.source == Source::DefaultConfig {
                text.push('#');
            }
            text.push_str(&properties::write(key.name, &strongest.text));
            text.push('\n');
        }
    }
    text
}
