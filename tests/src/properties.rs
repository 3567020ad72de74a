//! A broker's `server.properties` as a map.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.0.insert(key.to_owned(), value.to_string());
        self
    }

    /// `other` wins where both have a key.
    #[must_use]
    pub fn overlaid_by(mut self, other: &Self) -> Self {
        self.0.extend(other.0.clone());
        self
    }
}

/// The form the broker reads.
impl fmt::Display for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(key, value)| writeln!(f, "{key}={value}"))
    }
}

/// `key=value` pairs; what has no `=` is left out.
impl<'a> FromIterator<&'a str> for Properties {
    fn from_iter<I: IntoIterator<Item = &'a str>>(pairs: I) -> Self {
        let pairs = pairs.into_iter().filter_map(|pair| pair.split_once('='));
        Self(
            pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_replaces_and_adds() {
        let base: Properties = ["a=1", "b=2"].into_iter().collect();
        let over = base.overlaid_by(&Properties::default().with("b", 3).with("c", "x=y"));
        assert_eq!(over.to_string(), "a=1\nb=3\nc=x=y\n");
    }
}
