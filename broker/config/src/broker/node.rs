//! Who this node is, and who the quorum is.

use std::sync::Arc;

use millrace_types::NodeId;

use crate::findings::Findings;
use crate::values::Values;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    pub id: NodeId,
    pub is_broker: bool,
    pub is_controller: bool,
    pub rack: Option<Arc<str>>,
    pub heartbeat_interval_ms: i64,
    pub session_timeout_ms: i64,
    pub registration_timeout_ms: i64,
    pub controlled_shutdown: bool,
    pub controller_socket_timeout_ms: i64,
}

impl NodeConfig {
    pub(crate) fn read(values: &Values, findings: &mut Findings<'_>) -> Self {
        let roles = values.list("process.roles");
        let has = |role: &str| roles.iter().any(|given| given == role);
        if roles.is_empty() {
            let reason = "must name at least one of broker and controller";
            findings.refuse("process.roles", reason);
        } else if roles.len() > 1 && roles[0] == roles[1] || roles.len() > 2 {
            findings.refuse("process.roles", "names a role twice");
        }
        Self {
            id: NodeId(node_id(values, findings)),
            is_broker: has("broker"),
            is_controller: has("controller"),
            rack: values.text("broker.rack").map(Arc::from),
            heartbeat_interval_ms: values.number("broker.heartbeat.interval.ms"),
            session_timeout_ms: values.number("broker.session.timeout.ms"),
            registration_timeout_ms: values.number("initial.broker.registration.timeout.ms"),
            controlled_shutdown: values.flag("controlled.shutdown.enable"),
            controller_socket_timeout_ms: values.number("controller.socket.timeout.ms"),
        }
    }
}

fn node_id(values: &Values, findings: &mut Findings<'_>) -> i32 {
    let old_name = Some(values.int("broker.id")).filter(|&id| id >= 0);
    let said = values
        .number_if_set("node.id")
        .and_then(|id| i32::try_from(id).ok());
    match (said, old_name) {
        (Some(id), Some(old)) if id != old => {
            let reason = format!("must be the same as node.id, which is {id}");
            findings.refuse("broker.id", reason);
            id
        }
        (Some(id), _) | (None, Some(id)) => id,
        (None, None) => {
            if !findings.was_said("node.id") {
                findings.refuse("node.id", "must be set");
            }
            NodeId::NONE.0
        }
    }
}

/// A place to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: Arc<str>,
    pub port: u16,
}

/// A fixed member of the quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    pub id: NodeId,
    pub endpoint: Endpoint,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumConfig {
    pub voters: Vec<Voter>,
    pub bootstrap_servers: Vec<Endpoint>,
    pub append_linger_ms: i64,
    pub election_backoff_max_ms: i64,
    pub election_timeout_ms: i64,
    pub fetch_timeout_ms: i64,
    pub request_timeout_ms: i64,
    pub retry_backoff_ms: i64,
}

impl QuorumConfig {
    pub(crate) fn read(values: &Values, node: &NodeConfig, findings: &mut Findings<'_>) -> Self {
        let quorum = Self {
            voters: voters(values.list("controller.quorum.voters"), findings),
            bootstrap_servers: endpoints(
                values.list("controller.quorum.bootstrap.servers"),
                findings,
            ),
            append_linger_ms: values.number("controller.quorum.append.linger.ms"),
            election_backoff_max_ms: values.number("controller.quorum.election.backoff.max.ms"),
            election_timeout_ms: values.number("controller.quorum.election.timeout.ms"),
            fetch_timeout_ms: values.number("controller.quorum.fetch.timeout.ms"),
            request_timeout_ms: values.number("controller.quorum.request.timeout.ms"),
            retry_backoff_ms: values.number("controller.quorum.retry.backoff.ms"),
        };
        quorum.check_membership(node, findings);
        quorum.check_served(node, findings);
        quorum
    }

    /// The one rule that keeps fleets out that this version cannot form: a node started for one
    /// of them would found a fleet of its own.
    fn check_served(&self, node: &NodeConfig, findings: &mut Findings<'_>) {
        if node.is_broker != node.is_controller {
            let reason = "a node that is not broker and controller at once is not served by \
                          this version";
            findings.refuse("process.roles", reason);
        }
        if self.voters.len() > 1 {
            let reason = "a quorum of several controllers is not served by this version";
            findings.refuse("controller.quorum.voters", reason);
        }
    }

    fn check_membership(&self, node: &NodeConfig, findings: &mut Findings<'_>) {
        const VOTERS: &str = "controller.quorum.voters";
        let is_voter = self.voters.iter().any(|voter| voter.id == node.id);
        if node.is_controller && !self.voters.is_empty() && !is_voter {
            let reason = format!("must name this controller, whose node.id is {}", node.id);
            findings.refuse(VOTERS, reason);
        }
        if node.is_broker && !node.is_controller {
            if is_voter {
                let reason = format!("names node {}, which is not a controller", node.id);
                findings.refuse(VOTERS, reason);
            }
            if self.voters.is_empty() && self.bootstrap_servers.is_empty() {
                let reason = "a node that is only a broker needs this, or \
                              controller.quorum.bootstrap.servers, to find its controllers";
                findings.refuse(VOTERS, reason);
            }
        }
        let mut ids: Vec<_> = self.voters.iter().map(|voter| voter.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            findings.refuse(VOTERS, "names a node twice");
        }
    }
}

fn voters(entries: &[String], findings: &mut Findings<'_>) -> Vec<Voter> {
    let mut voters = Vec::new();
    for entry in entries {
        match voter(entry) {
            Some(voter) => voters.push(voter),
            None => findings.refuse(
                "controller.quorum.voters",
                format!("{entry:?} is not of the form id@host:port"),
            ),
        }
    }
    voters
}

fn voter(entry: &str) -> Option<Voter> {
    let (id, address) = entry.split_once('@')?;
    let id: i32 = id.parse().ok().filter(|&id| id >= 0)?;
    Some(Voter {
        id: NodeId(id),
        endpoint: endpoint(address)?,
    })
}

fn endpoints(entries: &[String], findings: &mut Findings<'_>) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for entry in entries {
        match endpoint(entry) {
            Some(endpoint) => endpoints.push(endpoint),
            None => findings.refuse(
                "controller.quorum.bootstrap.servers",
                format!("{entry:?} is not of the form host:port"),
            ),
        }
    }
    endpoints
}

fn endpoint(address: &str) -> Option<Endpoint> {
    let (host, port) = crate::address::split(address)?;
    (!host.is_empty() && port > 0).then(|| Endpoint {
        host: host.into(),
        port,
    })
}
