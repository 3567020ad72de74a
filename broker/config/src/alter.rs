//! Changes of settings while brokers run: which are taken, and what is then written down. Pure:
//! the present settings in, the changes or the reason against them out.

mod cross;

use std::collections::{BTreeMap, BTreeSet};

use millrace_types::ErrorCode;
use thiserror::Error;

use crate::key::{Key, Kind, Status, Update};
use crate::keys::{Resource, of_listener};
use crate::settings::{BrokerLayers, Settings, resource_value};
use crate::value::{self, Value};

/// What one entry of IncrementalAlterConfigs does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlterOp {
    Set,
    Delete,
    Append,
    Subtract,
}

impl AlterOp {
    /// The operation by its number on the wire.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Delete => "DELETE",
            Self::Append => "APPEND",
            Self::Subtract => "SUBTRACT",
        }
    }
}

/// One wish of a client.
#[derive(Clone, Copy, Debug)]
pub struct Alteration<'a> {
    pub op: AlterOp,
    pub name: &'a str,
    pub value: Option<&'a str>,
}

/// Whose settings change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Topic,
    Broker,
    /// All brokers at once.
    Cluster,
    Group,
}

impl Target {
    const fn resource(self) -> Resource {
        match self {
            Self::Topic => Resource::Topic,
            Self::Broker | Self::Cluster => Resource::Broker,
            Self::Group => Resource::Group,
        }
    }
}

/// What is to be written down: a new value, or that there is none any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub value: Option<String>,
}

/// Why nothing changes. Kafka answers a bad broker setting as a bad request.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AlterError {
    #[error("{message}")]
    InvalidConfig { message: String },
    #[error("{message}")]
    InvalidRequest { message: String },
}

impl AlterError {
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidConfig { .. } => ErrorCode::InvalidConfig,
            Self::InvalidRequest { .. } => ErrorCode::InvalidRequest,
        }
    }
}

fn invalid_config(message: impl Into<String>) -> AlterError {
    let message = message.into();
    AlterError::InvalidConfig { message }
}

fn invalid_request(message: impl Into<String>) -> AlterError {
    let message = message.into();
    AlterError::InvalidRequest { message }
}

/// A bad value, as the kind of error that Kafka answers for the target.
fn invalid_value(target: Target, message: impl Into<String>) -> AlterError {
    match target {
        Target::Topic | Target::Group => invalid_config(message),
        Target::Broker | Target::Cluster => invalid_request(message),
    }
}

/// Most entries for one resource: several times the number of settings there are.
pub const MAX_ALTERATIONS: usize = 1_000;

/// The changes that the wishes come to, for IncrementalAlterConfigs and for the settings of a new
/// topic. `own` are the target's present settings, `broker` those it falls back on.
///
/// # Errors
/// When one of the wishes, or what they come to together, is not allowed; then nothing changes.
pub fn alter(
    target: Target,
    own: &dyn Settings,
    broker: &BrokerLayers<'_>,
    wishes: &[Alteration<'_>],
) -> Result<Vec<Change>, AlterError> {
    if wishes.len() > MAX_ALTERATIONS {
        return Err(invalid_request("Too many config keys"));
    }
    let mut names = BTreeSet::new();
    if !wishes.iter().all(|wish| names.insert(wish.name)) {
        return Err(invalid_request("Error due to duplicate config keys"));
    }
    let mut changes = BTreeMap::new();
    for wish in wishes {
        let value = match (wish.op, wish.value) {
            (AlterOp::Delete, _) => None,
            (_, None) => {
                let message = format!("Null value not supported for : {}", wish.name);
                return Err(invalid_request(message));
            }
            (AlterOp::Set, Some(value)) => Some(value.to_owned()),
            (AlterOp::Append | AlterOp::Subtract, Some(value)) => {
                Some(edited_list(target, own, broker, wish, value)?)
            }
        };
        if let Some(value) = &value
            && check_one(target, wish.name, value)? == Taken::Ignored
        {
            continue;
        }
        changes.insert(wish.name, value);
    }
    accept(target, own, broker, changes)
}

/// The changes that make `wanted` the target's only settings, for AlterConfigs.
///
/// # Errors
/// As [`alter`].
pub fn replace(
    target: Target,
    own: &dyn Settings,
    broker: &BrokerLayers<'_>,
    wanted: &[(&str, Option<&str>)],
) -> Result<Vec<Change>, AlterError> {
    let kept: BTreeSet<_> = wanted.iter().map(|&(name, _)| name).collect();
    let gone = own.names().into_iter().filter(|name| !kept.contains(name));
    let gone = gone.map(|name| Alteration {
        op: AlterOp::Delete,
        name,
        value: None,
    });
    let set = wanted.iter().map(|&(name, value)| Alteration {
        op: AlterOp::Set,
        name,
        value,
    });
    let wishes: Vec<_> = gone.chain(set).collect();
    alter(target, own, broker, &wishes)
}

/// Checks what the changes come to, and leaves out those that change nothing.
fn accept(
    target: Target,
    own: &dyn Settings,
    broker: &BrokerLayers<'_>,
    changes: BTreeMap<&str, Option<String>>,
) -> Result<Vec<Change>, AlterError> {
    let after = After {
        own,
        changes: &changes,
    };
    match target {
        Target::Topic => cross::check_topic(&after, broker).map_err(invalid_config)?,
        Target::Group => cross::check_group(&after, broker).map_err(invalid_config)?,
        Target::Broker => cross::check_broker(&BrokerLayers {
            broker: &after,
            ..*broker
        })
        .map_err(invalid_request)?,
        Target::Cluster => cross::check_broker(&BrokerLayers {
            cluster: &after,
            ..*broker
        })
        .map_err(invalid_request)?,
    }
    let changes = changes.into_iter();
    let real = changes.filter(|(name, value)| own.text(name) != value.as_deref());
    Ok(real
        .map(|(name, value)| Change {
            name: name.to_owned(),
            value,
        })
        .collect())
}

/// The target's settings as they will be.
struct After<'a> {
    own: &'a dyn Settings,
    changes: &'a BTreeMap<&'a str, Option<String>>,
}

impl Settings for After<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        match self.changes.get(name) {
            Some(changed) => changed.as_deref(),
            None => self.own.text(name),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Taken {
    Kept,
    /// Taken for the sake of old tools, and not written down.
    Ignored,
}

fn check_one(target: Target, name: &str, text: &str) -> Result<Taken, AlterError> {
    let Some(key) = row(target, name) else {
        return Err(unknown(target, name));
    };
    if target == Target::Topic && key.status == Status::NoEffect {
        return Ok(Taken::Ignored);
    }
    may_update(target, key)?;
    value::parse(key.kind, text)
        .and_then(|value| key.check.run(&value))
        .map_err(|reason| {
            let message = format!("Invalid value {text} for configuration {name}: {reason}");
            invalid_value(target, message)
        })?;
    Ok(Taken::Kept)
}

fn row(target: Target, name: &str) -> Option<&'static Key> {
    let resource = target.resource();
    let own = resource.key(name);
    own.or_else(|| of_listener(name).filter(|_| resource == Resource::Broker))
}

fn unknown(target: Target, name: &str) -> AlterError {
    match target {
        Target::Topic => invalid_config(format!("Unknown topic config name: {name}")),
        Target::Group => invalid_config(format!("Unknown group config name: {name}")),
        Target::Broker | Target::Cluster if name.starts_with("listener.name.") => {
            invalid_request(format!("{name} is not served by this version"))
        }
        Target::Broker | Target::Cluster => {
            invalid_config(format!("Unknown broker config name: {name}"))
        }
    }
}

fn may_update(target: Target, key: &Key) -> Result<(), AlterError> {
    let is_broker = target.resource() == Resource::Broker;
    if is_broker && ["ssl.", "sasl."].iter().any(|p| key.name.starts_with(p)) {
        return Err(invalid_request(format!(
            "These security configs can be dynamically updated only per-listener using the \
             listener prefix: {}",
            key.name
        )));
    }
    match (target, key.update) {
        (Target::Broker | Target::Cluster, Update::ReadOnly) => Err(invalid_request(format!(
            "Cannot update these configs dynamically: {}",
            key.name
        ))),
        (Target::Cluster, Update::PerBroker) => Err(invalid_request(format!(
            "Cannot update these configs at default cluster level, broker id must be \
             specified: {}",
            key.name
        ))),
        _ => Ok(()),
    }
}

/// The list that holds now, with elements added or taken away.
fn edited_list(
    target: Target,
    own: &dyn Settings,
    broker: &BrokerLayers<'_>,
    wish: &Alteration<'_>,
    value: &str,
) -> Result<String, AlterError> {
    let key = target.resource().key(wish.name);
    let Some(key) = key.filter(|key| key.kind == Kind::List) else {
        return Err(invalid_config(format!(
            "Can't {} to key {} because its type is not LIST.",
            wish.op.name(),
            wish.name
        )));
    };
    let now = match target {
        Target::Topic | Target::Group => resource_value(key, own, broker),
        Target::Broker | Target::Cluster => {
            let said = own.text(key.name);
            let said = said.and_then(|text| value::parse(key.kind, text).ok());
            said.or_else(|| broker.value(key))
        }
    };
    let mut elements = match now {
        Some(Value::List(elements)) => elements,
        _ => Vec::new(),
    };
    let given = value::list(value).map_err(|reason| invalid_value(target, reason))?;
    if wish.op == AlterOp::Subtract {
        elements.retain(|element| !given.contains(element));
    } else {
        for element in given {
            if !elements.contains(&element) {
                elements.push(element);
            }
        }
    }
    Ok(elements.join(","))
}
