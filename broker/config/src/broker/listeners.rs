//! Where the node listens, what it tells clients, and which listener serves whom.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::sync::Arc;

use crate::address;
use crate::broker::node::NodeConfig;
use crate::findings::Findings;
use crate::values::Values;

/// How a listener is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityProtocol {
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
}

impl SecurityProtocol {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "PLAINTEXT" => Some(Self::Plaintext),
            "SSL" => Some(Self::Ssl),
            "SASL_PLAINTEXT" => Some(Self::SaslPlaintext),
            "SASL_SSL" => Some(Self::SaslSsl),
            _ => None,
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// The one rule that keeps protocols out that this version cannot speak.
    const fn is_served(self) -> bool {
        matches!(self, Self::Plaintext)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerConfig {
    /// In capitals, as Kafka compares them.
    pub name: Arc<str>,
    /// Without brackets. Empty: every interface to listen on, this machine's name to advertise.
    pub host: Arc<str>,
    pub port: u16,
    pub protocol: SecurityProtocol,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listeners {
    /// Every address to listen on.
    pub bound: Vec<ListenerConfig>,
    /// What brokers register and Metadata answers; no listener of controllers.
    pub advertised: Vec<ListenerConfig>,
    /// Brokers talk to each other here; `None` on a node that is only a controller.
    pub inter_broker: Option<Arc<str>>,
    /// Listeners of controllers, the preferred one first. Empty on a node that is the whole fleet.
    pub controllers: Vec<Arc<str>>,
}

/// `0.0.0.0` and `::` are no address that a client could use.
fn is_every_interface(host: &str) -> bool {
    matches!(host, "0.0.0.0" | "::")
}

impl Listeners {
    #[must_use]
    pub fn is_controller(&self, name: &str) -> bool {
        self.controllers.iter().any(|known| **known == *name)
    }

    pub(crate) fn read(values: &Values, node: &NodeConfig, findings: &mut Findings<'_>) -> Self {
        let controllers: Vec<Arc<str>> = values
            .list("controller.listener.names")
            .iter()
            .map(|name| name.to_uppercase().into())
            .collect();
        let protocols = protocols(values, &controllers, findings);
        let bound = parse("listeners", values, &protocols, findings);
        let mut listeners = Self {
            advertised: advertised(values, &bound, &controllers, &protocols, findings),
            bound,
            inter_broker: None,
            controllers,
        };
        listeners.check_unique(findings);
        listeners.check_advertised(node, findings);
        listeners.check_controllers(values, node, findings);
        listeners.check_served(findings);
        if node.is_broker {
            listeners.inter_broker = listeners.find_inter_broker(values, findings);
        } else {
            listeners.advertised.clear();
        }
        listeners
    }

    fn check_unique(&self, findings: &mut Findings<'_>) {
        let mut names = BTreeSet::new();
        let mut ports = BTreeSet::new();
        for listener in &self.bound {
            if !names.insert(&listener.name) {
                let reason = format!("two listeners are called {}", listener.name);
                findings.refuse("listeners", reason);
            }
            // One port may be bound once for each family; port 0 is a free one every time.
            let family = listener.host.parse::<Ipv6Addr>().is_ok();
            if listener.port != 0 && !ports.insert((listener.port, family)) {
                let reason = format!("two listeners have port {}", listener.port);
                findings.refuse("listeners", reason);
            }
        }
    }

    fn check_advertised(&self, node: &NodeConfig, findings: &mut Findings<'_>) {
        const KEY: &str = "advertised.listeners";
        let mut names = BTreeSet::new();
        for listener in &self.advertised {
            if !self.bound.iter().any(|bound| bound.name == listener.name) {
                let reason = format!("{} is not the name of a listener", listener.name);
                findings.refuse(KEY, reason);
            }
            if !names.insert(&listener.name) {
                let reason = format!("advertises {} twice", listener.name);
                findings.refuse(KEY, reason);
            }
            if node.is_broker && is_every_interface(&listener.host) {
                let reason = format!(
                    "clients cannot connect to {}: advertise an address of this machine",
                    listener.host
                );
                findings.refuse(KEY, reason);
            }
        }
        if node.is_broker && self.advertised.is_empty() && !self.bound.is_empty() {
            findings.refuse(KEY, "a broker needs a listener for its clients");
        }
    }

    fn check_controllers(&self, values: &Values, node: &NodeConfig, findings: &mut Findings<'_>) {
        const KEY: &str = "controller.listener.names";
        let has_quorum = !values.list("controller.quorum.voters").is_empty()
            || !values
                .list("controller.quorum.bootstrap.servers")
                .is_empty();
        let alone = node.is_broker && node.is_controller && !has_quorum;
        if self.controllers.is_empty() && !alone {
            findings.refuse(KEY, "must name the listener that controllers use");
        }
        let bound = |name: &Arc<str>| self.bound.iter().any(|bound| bound.name == *name);
        for name in &self.controllers {
            if node.is_controller && !bound(name) {
                findings.refuse(KEY, format!("{name} is not the name of a listener"));
            }
            if !node.is_controller && bound(name) {
                let reason = format!("a node that is only a broker must not listen on {name}");
                findings.refuse("listeners", reason);
            }
        }
    }

    fn check_served(&self, findings: &mut Findings<'_>) {
        for listener in self.bound.iter().filter(|l| !l.protocol.is_served()) {
            let reason = format!(
                "listener {} asks for {}, which is not served by this version: use PLAINTEXT",
                listener.name,
                listener.protocol.name()
            );
            findings.refuse("listeners", reason);
        }
    }

    fn find_inter_broker(&self, values: &Values, findings: &mut Findings<'_>) -> Option<Arc<str>> {
        const KEY: &str = "inter.broker.listener.name";
        let protocol = values.text("security.inter.broker.protocol");
        let wanted = match values.text(KEY) {
            Some(_) if findings.was_said("security.inter.broker.protocol") => {
                let reason = "set either this or inter.broker.listener.name";
                findings.refuse("security.inter.broker.protocol", reason);
                return None;
            }
            Some(name) => name.to_uppercase(),
            None => match self.advertised.as_slice() {
                [only] => return Some(Arc::clone(&only.name)),
                _ => protocol.unwrap_or_default().to_owned(),
            },
        };
        let found = self.advertised.iter().find(|l| *l.name == *wanted);
        if found.is_none() {
            findings.refuse(KEY, format!("{wanted} is not an advertised listener"));
        }
        found.map(|listener| Arc::clone(&listener.name))
    }
}

type Protocols = BTreeMap<String, SecurityProtocol>;

fn protocols(values: &Values, controllers: &[Arc<str>], findings: &mut Findings<'_>) -> Protocols {
    const KEY: &str = "listener.security.protocol.map";
    let mut protocols = Protocols::new();
    let pairs = values.text(KEY).unwrap_or_default().split(',');
    for pair in pairs.map(str::trim).filter(|pair| !pair.is_empty()) {
        let parsed = pair.split_once(':').and_then(|(name, protocol)| {
            let protocol = SecurityProtocol::parse(&protocol.trim().to_uppercase())?;
            Some((name.trim().to_uppercase(), protocol))
        });
        match parsed {
            Some((name, _)) if protocols.contains_key(&name) => {
                findings.refuse(KEY, format!("{pair:?} repeats a listener"));
            }
            Some((name, protocol)) => {
                protocols.insert(name, protocol);
            }
            None => {
                let reason = format!("{pair:?} is not of the form listener:protocol");
                findings.refuse(KEY, reason);
            }
        }
    }
    if !findings.was_said(KEY) {
        for name in controllers {
            let plain = SecurityProtocol::Plaintext;
            protocols.entry(name.to_string()).or_insert(plain);
        }
    }
    protocols
}

fn parse(
    key: &'static str,
    values: &Values,
    protocols: &Protocols,
    findings: &mut Findings<'_>,
) -> Vec<ListenerConfig> {
    let mut listeners = Vec::new();
    for text in values.list(key) {
        let parts = text.split_once("://").and_then(|(name, address)| {
            let (host, port) = address::split(address)?;
            (!name.is_empty()).then(|| (name.to_uppercase(), host, port))
        });
        let Some((name, host, port)) = parts else {
            let reason = format!("{text:?} is not of the form NAME://host:port");
            findings.refuse(key, reason);
            continue;
        };
        let Some(&protocol) = protocols.get(&name) else {
            let reason = format!("listener.security.protocol.map has no protocol for {name}");
            findings.refuse(key, reason);
            continue;
        };
        listeners.push(ListenerConfig {
            name: name.into(),
            host: host.into(),
            port,
            protocol,
        });
    }
    listeners
}

/// What was said, or every listener that is not for controllers.
fn advertised(
    values: &Values,
    bound: &[ListenerConfig],
    controllers: &[Arc<str>],
    protocols: &Protocols,
    findings: &mut Findings<'_>,
) -> Vec<ListenerConfig> {
    let said = parse("advertised.listeners", values, protocols, findings);
    let listeners = if findings.was_said("advertised.listeners") {
        said
    } else {
        bound.to_vec()
    };
    let for_clients = |listener: &ListenerConfig| !controllers.contains(&listener.name);
    listeners.into_iter().filter(for_clients).collect()
}
