//! What was said: settings as text, each with the place it comes from. What they mean is found
//! out in `broker`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::error::{ConfigError, Problem};
use crate::keys::Resource;
use crate::properties;
use crate::settings::Settings;

/// Where a setting was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// What a broker started without a file runs with.
    BuiltIn,
    File {
        name: Arc<str>,
        line: usize,
    },
    /// `--set key=value`.
    Argument,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Argument => f.write_str("--set"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    pub origin: Origin,
}

/// One node that is the whole fleet and answers this machine only.
const BUILT_IN: &[(&str, &str)] = &[
    ("node.id", "1"),
    ("process.roles", "broker,controller"),
    ("listeners", "PLAINTEXT://127.0.0.1:9092"),
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
];

/// Everything that was said; later words win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawConfig {
    settings: BTreeMap<String, Setting>,
}

impl RawConfig {
    /// The settings of a broker that was told nothing.
    #[must_use]
    pub fn built_in() -> Self {
        let mut raw = Self::default();
        for (key, value) in BUILT_IN {
            raw.say(key, value, Origin::BuiltIn);
        }
        raw
    }

    /// Adds the entries of a properties file; `name` is how messages call it.
    ///
    /// # Errors
    /// When the text is no properties file.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), ConfigError> {
        let entries = properties::parse(text).map_err(|source| ConfigError::File {
            file: name.to_owned(),
            source,
        })?;
        let name: Arc<str> = name.into();
        for entry in entries {
            let origin = Origin::File {
                name: Arc::clone(&name),
                line: entry.line,
            };
            self.say(&entry.key, &entry.value, origin);
        }
        Ok(())
    }

    /// Adds one `key=value` of the command line.
    ///
    /// # Errors
    /// When there is no `=` or no key.
    pub fn add_argument(&mut self, assignment: &str) -> Result<(), ConfigError> {
        match assignment.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                self.say(key.trim(), value, Origin::Argument);
                Ok(())
            }
            _ => Err(ConfigError::NotAnAssignment {
                given: assignment.to_owned(),
            }),
        }
    }

    fn say(&mut self, key: &str, value: &str, origin: Origin) {
        let value = value.to_owned();
        self.settings
            .insert(key.to_owned(), Setting { value, origin });
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    /// Every setting, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        let settings = self.settings.iter();
        settings.map(|(key, setting)| (key.as_str(), setting))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Setting)> {
        let settings = self.settings.iter_mut();
        settings.map(|(key, setting)| (key.as_str(), setting))
    }

    /// A problem with `key` that names the place and the value, unless it is a secret.
    pub(crate) fn problem(&self, key: &str, reason: impl Into<String>) -> Problem {
        let said = self.settings.get(key);
        let secret = Resource::Broker
            .key(key)
            .is_none_or(crate::key::Key::is_sensitive);
        Problem {
            key: key.to_owned(),
            origin: said.map(|setting| setting.origin.clone()),
            given: said
                .filter(|_| !secret)
                .map(|setting| setting.value.clone()),
            reason: reason.into(),
        }
    }
}

impl Settings for RawConfig {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.settings.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_words_win_and_keep_their_place() {
        let mut raw = RawConfig::built_in();
        raw.add_file("server.properties", "node.id=2\n\nlog.dirs=/a\nnode.id=3\n")
            .unwrap();
        raw.add_argument("log.dirs=/b=c").unwrap();
        let said = |key| {
            let setting = raw.get(key).unwrap();
            format!("{} {}", setting.origin, setting.value)
        };
        assert_eq!(said("node.id"), "server.properties:4 3");
        assert_eq!(said("log.dirs"), "--set /b=c");
        assert_eq!(said("process.roles"), "built-in broker,controller");
    }

    #[test]
    fn an_argument_needs_a_key_and_a_value() {
        for given in ["", "node.id", "=1"] {
            assert!(RawConfig::default().add_argument(given).is_err(), "{given}");
        }
    }
}
