//! Kafka's message schemas as its JSON files state them.
//! Reads and checks; how a schema becomes Rust is in `model` and `render`.

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Stands for "and later".
pub(crate) const NO_END: i16 = i16::MAX;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Schema {
    pub(crate) api_key: Option<i16>,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) listeners: Vec<String>,
    pub(crate) name: String,
    valid_versions: String,
    flexible_versions: Option<String>,
    #[serde(default)]
    pub(crate) latest_version_unstable: bool,
    #[serde(default)]
    pub(crate) fields: Vec<Field>,
    #[serde(default)]
    pub(crate) common_structs: Vec<CommonStruct>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Request,
    Response,
    Header,
    Metadata,
    CoordinatorKey,
    CoordinatorValue,
    Data,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CommonStruct {
    pub(crate) name: String,
    /// Stated beside the fields, which say the same more exactly.
    #[serde(rename = "versions")]
    _versions: Option<String>,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    versions: Option<String>,
    nullable_versions: Option<String>,
    tagged_versions: Option<String>,
    pub(crate) tag: Option<u32>,
    #[serde(default)]
    pub(crate) default: Value,
    #[serde(default, deserialize_with = "spelled_bool")]
    pub(crate) ignorable: bool,
    #[serde(default)]
    pub(crate) fields: Vec<Self>,
    #[serde(rename = "flexibleVersions")]
    _flexible_versions: Option<String>,
    #[serde(rename = "about")]
    _about: Option<String>,
    #[serde(rename = "entityType")]
    _entity_type: Option<String>,
    #[serde(rename = "mapKey")]
    _map_key: Option<bool>,
    #[serde(rename = "zeroCopy")]
    _zero_copy: Option<bool>,
}

/// An inclusive range of versions; empty when `min > max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) min: i16,
    pub(crate) max: i16,
}

impl Versions {
    pub(crate) const NONE: Self = Self { min: 0, max: -1 };

    fn parse(text: &str) -> Result<Self> {
        let number = |text: &str| text.parse().with_context(|| format!("version `{text}`"));
        if text == "none" {
            return Ok(Self::NONE);
        }
        if let Some(min) = text.strip_suffix('+') {
            return Ok(Self {
                min: number(min)?,
                max: NO_END,
            });
        }
        let (min, max) = text.split_once('-').unwrap_or((text, text));
        Ok(Self {
            min: number(min)?,
            max: number(max)?,
        })
    }

    pub(crate) fn is_empty(self) -> bool {
        self.min > self.max
    }

    pub(crate) fn within(self, outer: Self) -> Self {
        let both = Self {
            min: self.min.max(outer.min),
            max: self.max.min(outer.max),
        };
        if both.is_empty() { Self::NONE } else { both }
    }

    pub(crate) fn covers(self, inner: Self) -> bool {
        inner.is_empty() || (self.min <= inner.min && inner.max <= self.max)
    }
}

impl Schema {
    pub(crate) fn parse(json: &str) -> Result<Self> {
        let schema: Self = serde_json::from_str(json)?;
        let Versions { max, .. } = schema.flexible()?;
        ensure!(
            max == NO_END || max < 0,
            "{}: flexible versions end",
            schema.name
        );
        Ok(schema)
    }

    pub(crate) fn versions(&self) -> Result<Versions> {
        Versions::parse(&self.valid_versions)
    }

    pub(crate) fn flexible(&self) -> Result<Versions> {
        self.flexible_versions
            .as_deref()
            .map_or(Ok(Versions::NONE), Versions::parse)
    }
}

impl Field {
    /// Versions in which the field is on the wire at all.
    pub(crate) fn versions(&self) -> Result<Versions> {
        let stated = self.versions.as_ref().or(self.tagged_versions.as_ref());
        let Some(stated) = stated else {
            bail!("field {} has no versions", self.name)
        };
        let versions = Versions::parse(stated)?;
        if let Some(tagged) = &self.tagged_versions {
            // A field that is tagged in a part of its versions only would need both encodings.
            ensure!(
                Versions::parse(tagged)? == versions,
                "field {} is half tagged",
                self.name
            );
            ensure!(
                self.tag.is_some_and(|tag| tag < 127),
                "field {} has no tag",
                self.name
            );
        }
        Ok(versions)
    }

    pub(crate) fn nullable(&self) -> Result<Versions> {
        self.nullable_versions
            .as_deref()
            .map_or(Ok(Versions::NONE), Versions::parse)
    }
}

/// Some files write booleans as text.
fn spelled_bool<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value == Value::Bool(true) || value.as_str() == Some("true"))
}
