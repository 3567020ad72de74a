//! What is known about one setting. The tables in `keys` hold nothing else, and everything that
//! deals with settings reads them: parsing, dynamic updates, descriptions, the reference page.

use crate::check::Check;

/// A setting's type, numbered as DescribeConfigs numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Kind {
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}

impl Kind {
    /// The number that DescribeConfigs sends.
    #[must_use]
    pub const fn code(self) -> i8 {
        self as i8
    }

    /// The name that Kafka's messages use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// How far a setting may change while brokers run. Topic and group settings are all
/// [`Update::ClusterWide`]: they belong to the resource, not to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Read at the start only.
    ReadOnly,
    /// May change on one broker.
    PerBroker,
    /// May change on one broker, or for all of them at once.
    ClusterWide,
}

/// What this version does with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Served,
    /// Accepted because Kafka has it; nothing here needs it.
    NoEffect,
    /// Accepted and described, but the feature behind it does not exist yet.
    NotYet,
}

/// A setting of the broker that a topic or group setting defaults to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    pub name: &'static str,
    /// The broker's unit in the topic's units: 3 600 000 for hours against milliseconds.
    pub scale: i64,
}

/// One row of the table.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// As Kafka prints it; `None` is "not set".
    pub default: Option<&'static str>,
    pub check: Check,
    pub update: Update,
    pub status: Status,
    /// One sentence, in Markdown.
    pub doc: &'static str,
    /// The strongest first.
    pub synonyms: &'static [Synonym],
}

impl Key {
    /// A value that is never shown.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.kind == Kind::Password
    }
}

/// Writes rows as `"name": Kind = default, check, update, status, "doc", from ["synonym" * scale];`
macro_rules! key_table {
    ($($name:literal: $kind:ident = $default:tt, $check:expr, $update:ident, $status:ident,
        $doc:literal $(, from [$($synonym:literal * $scale:literal),+])?;)*) => {
        pub(super) const KEYS: &[Key] = {
            use crate::check::Check::*;
            &[$(Key {
                name: $name,
                kind: crate::key::Kind::$kind,
                default: key_table!(@default $default),
                check: $check,
                update: crate::key::Update::$update,
                status: crate::key::Status::$status,
                doc: $doc,
                synonyms: &[$($(crate::key::Synonym { name: $synonym, scale: $scale }),+)?],
            },)*]
        };
    };
    (@default none) => { None };
    (@default $text:literal) => { Some($text) };
}
pub(crate) use key_table;
