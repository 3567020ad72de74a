//! What the API server refuses of a KafkaCluster, as rules in CEL: everything that is wrong whatever
//! the brokers say. The order of the file is the order of the fields.

use kube::core::{Reason, Rule};

/// Until fleets are served, a cluster is one broker that is its own controller. Nothing else assumes
/// it: without this rule the rest holds for any number.
pub(crate) const ONE_BROKER: (&str, &str) = (
    "self.nodePools.size() == 1 && self.nodePools[0].replicas == 1 \
     && (!has(self.nodePools[0].roles) || self.nodePools[0].roles.size() != 1)",
    "this version serves clusters of one broker: one node pool, replicas 1, both roles",
);

/// The longest name from which the names of all Services and pods can be made.
const LONGEST_NAME: usize = 40;

pub(crate) fn name_fits() -> Rule {
    let message = format!(
        "metadata.name must be a DNS label that begins with a letter, of at most {LONGEST_NAME} characters"
    );
    Rule::new(format!(
        "self.metadata.name.size() <= {LONGEST_NAME} \
         && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"
    ))
    .message(message.as_str())
}

/// Kubernetes adds eleven characters to a StatefulSet's name in a label of at most 63.
pub(crate) fn pods_have_names() -> Rule {
    Rule::new("self.spec.nodePools.all(p, self.metadata.name.size() + 1 + p.name.size() <= 52)")
        .message("the names of cluster and node pool together have at most 51 characters")
        .field_path(".spec.nodePools")
}

/// `CLUSTER-POOL-ORDINAL-LISTENER`, with an ordinal of up to three digits.
pub(crate) fn services_have_names() -> Rule {
    Rule::new(
        "!has(self.spec.listeners) || self.spec.listeners.all(l, l.type == 'internal' || \
         self.spec.nodePools.all(p, \
         self.metadata.name.size() + p.name.size() + l.name.size() + 6 <= 63))",
    )
    .message(
        "the names of cluster, node pool and a listener that is not internal together have at most \
         57 characters",
    )
    .field_path(".spec.listeners")
}

pub(crate) fn version_or_image() -> Rule {
    Rule::new("!(has(self.version) && has(self.image))")
        .message("version and image exclude each other")
        .reason(Reason::FieldValueForbidden)
        .field_path(".image")
}

/// Each pool has room to grow without meeting the ids of the next.
pub(crate) fn pools_lie_apart() -> Rule {
    Rule::new(
        "self.nodePools.all(p, self.nodePools.all(q, p.name == q.name || \
         p.firstBrokerId - q.firstBrokerId >= 1000 || q.firstBrokerId - p.firstBrokerId >= 1000))",
    )
    .message("the firstBrokerId of node pools must lie at least 1000 apart")
    .field_path(".nodePools")
}

/// The default of `metrics.port` and of a cluster without listeners are those of the operator.
pub(crate) fn metrics_port_is_free() -> Rule {
    let port = "(has(self.metrics) && has(self.metrics.port) ? self.metrics.port : 9404)";
    Rule::new(format!(
        "has(self.listeners) && self.listeners.size() > 0 \
         ? self.listeners.all(l, l.port != {port}) : {port} != 9092"
    ))
    .message("a listener and metrics.port (9404 when left out) cannot share a port")
    .field_path(".listeners")
}

pub(crate) fn enough_brokers_for_defaults() -> Rule {
    Rule::new(
        "!has(self.defaults) || !has(self.defaults.replicas) || self.defaults.replicas <= \
         self.nodePools.filter(p, !has(p.roles) || p.roles.size() == 0 || 'broker' in p.roles)\
         .map(p, p.replicas).sum()",
    )
    .message("defaults.replicas is more than the cluster has brokers")
    .field_path(".defaults.replicas")
}

/// A default that is also among the properties would have two values.
pub(crate) fn defaults_said_once() -> Rule {
    let pairs = [
        ("self.defaults.partitions", "['num.partitions']"),
        ("self.defaults.replicas", "['default.replication.factor']"),
        (
            "self.defaults.retention.time",
            "['log.retention.ms', 'log.retention.minutes', 'log.retention.hours']",
        ),
        ("self.defaults.retention.bytes", "['log.retention.bytes']"),
    ];
    let terms: Vec<String> = pairs
        .iter()
        .map(|(field, keys)| {
            let retention = if field.contains("retention") {
                "has(self.defaults.retention) && "
            } else {
                ""
            };
            format!("({retention}has({field}) && {keys}.exists(k, k in self.config))")
        })
        .collect();
    Rule::new(format!(
        "!has(self.defaults) || !has(self.config) || !({})",
        terms.join(" || ")
    ))
    .message("what defaults says must not stand in config too")
    .field_path(".config")
}

pub(crate) fn listeners_share_no_port() -> Rule {
    Rule::new("self.all(l, self.exists_one(other, other.port == l.port))")
        .message("two listeners cannot share a port")
}

/// The operator's own listener and Services take these names.
pub(crate) fn listener_name_is_not_reserved() -> Rule {
    Rule::new("!(self in ['operator', 'controller', 'bootstrap', 'brokers'])")
        .message("the names operator, controller, bootstrap and brokers are taken")
        .reason(Reason::FieldValueForbidden)
}

/// 9090 and 9091 carry the traffic of controllers, brokers and operator.
pub(crate) fn port_is_not_reserved() -> Rule {
    Rule::new("self != 9090 && self != 9091")
        .message("ports 9090 and 9091 are taken")
        .reason(Reason::FieldValueForbidden)
}

pub(crate) fn host_template_is_known() -> Rule {
    Rule::new(
        "isIP(self) || self.matches('^([A-Za-z0-9.-]|[{](id|pod|cluster|namespace)[}])+$')",
    )
    .message(
        "must be a host name or address; the placeholders are {id}, {pod}, {cluster} and {namespace}",
    )
}

pub(crate) fn namespaces_or_every_one(namespace: &str) -> Rule {
    Rule::new(format!(
        "self == ['*'] || self.all(n, n.matches('{namespace}'))"
    ))
    .message("must be names of namespaces, or * alone for every one")
}

pub(crate) fn one_kind_of_storage() -> Rule {
    Rule::new("has(self.ephemeral) != has(self.persistent)")
        .message("exactly one of ephemeral and persistent must be given")
}

pub(crate) fn kind_of_storage_stays() -> Rule {
    Rule::new("has(self.persistent) == has(oldSelf.persistent)")
        .message("the kind of storage is immutable: records would be lost")
        .reason(Reason::FieldValueForbidden)
}

pub(crate) fn storage_class_stays() -> Rule {
    Rule::new(
        "has(self.class) == has(oldSelf.class) && (!has(self.class) || self.class == oldSelf.class)",
    )
    .message("the storage class of a volume is immutable")
    .reason(Reason::FieldValueForbidden)
    .field_path(".class")
}

pub(crate) fn volume_is_not_empty() -> Rule {
    Rule::new("!isQuantity(self) || quantity(self).isGreaterThan(quantity('0'))")
        .message("a volume must have a size")
}

pub(crate) fn volume_never_shrinks() -> Rule {
    Rule::new("!isQuantity(self) || quantity(self).compareTo(quantity(oldSelf)) >= 0")
        .message("a volume can grow but never shrink")
        .reason(Reason::FieldValueForbidden)
}
