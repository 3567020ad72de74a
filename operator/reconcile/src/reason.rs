//! Every reason that a condition or an event can have: the word that programs and users see, how a
//! resource with it stands, and what the reference page says of it. Pure.

/// How a resource stands after a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As its spec wants it.
    Ready,
    /// On its way, or waiting for something that will come by itself.
    Progressing,
    /// It stays as it is until somebody changes something.
    Stalled,
}

macro_rules! reasons {
    ($($name:ident, $standing:ident, $of:literal, $meaning:literal, $fix:literal;)*) => {
        /// Why a resource stands as it does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Reason { $($name,)* }

        impl Reason {
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in conditions and events.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            pub(crate) const fn standing(self) -> Standing {
                match self { $(Self::$name => Standing::$standing,)* }
            }

            /// The kinds that can have it, what it means, and what to do.
            const fn told(self) -> [&'static str; 3] {
                match self { $(Self::$name => [$of, $meaning, $fix],)* }
            }
        }
    };
}

reasons! {
    AsSpecified, Ready, "both",
        "Everything is as the spec asks.",
        "Nothing.";
    Unmanaged, Ready, "KafkaTopic",
        "`spec.managed` is false: the topic is left as it is.",
        "Set it to true, or leave it out, to have the topic reconciled.";
    Paused, Progressing, "KafkaCluster",
        "`spec.paused` was true before the cluster was ever ready: nothing is made.",
        "Set it to false or leave it out.";
    PodRefused, Stalled, "KafkaCluster",
        "Kubernetes does not create a pod: a quota, the namespace's pod security or a webhook is against it. \
         The message has its words and what to do.",
        "Do that. A change of the spec is tried at once; otherwise Kubernetes tries again by itself, less and less often.";
    PodsNotReady, Progressing, "KafkaCluster",
        "Pods are missing, start, or no node takes them; the message names each with its state, and with what the \
         scheduler says.",
        "Wait. If it stays: `kubectl describe pod` says whether a volume or an image is missing.";
    AddressesPending, Progressing, "KafkaCluster",
        "A listener's address is not known yet: a load balancer or a node port has not been given.",
        "Wait. If it stays: see the events of the Services that the message names.";
    BrokersNotReachable, Progressing, "KafkaCluster",
        "The pods are ready, and no broker answers the operator.",
        "Look whether a NetworkPolicy keeps the operator's pods from port 9091 of the brokers, and at the broker's log.";
    Rolling, Progressing, "KafkaCluster",
        "A broker restarts; the message says which and why, `status.roll` how far it is.",
        "Wait.";
    RollBlocked, Progressing, "KafkaCluster",
        "A broker must restart and may not: the message names what would be lost without it.",
        "Bring back what it waits for, or allow it with `spec.rolling.unavailablePartitions: Allow`.";
    PodFailing, Stalled, "KafkaCluster",
        "A pod cannot start or keeps ending; the message has the broker's last words.",
        "Mend what they name. A change of the spec is rolled out to a failing pod at once.";
    NameTaken, Stalled, "KafkaCluster",
        "An object that the cluster needs exists and belongs to somebody else. It is left alone.",
        "Delete that object or give the cluster another name.";
    KubernetesFailed, Progressing, "both",
        "The API server refused a request or did not answer; it is tried again.",
        "Read the message: a missing permission is mended with the chart's `rbac` values.";
    Reverting, Progressing, "KafkaTopic",
        "Somebody changed the topic behind the resource's back, and it is being put back; `status.drift` says what.",
        "Wait.";
    InvalidSpec, Stalled, "both",
        "The spec makes no sense; nothing was changed. Each line is `field: what is wrong; what to do`.",
        "Do what the lines say; all mistakes are told at once.";
    InvalidCluster, Stalled, "KafkaTopic",
        "The cluster of the topic has an invalid spec, so nobody knows where it is.",
        "Mend the KafkaCluster.";
    ClusterNotFound, Stalled, "KafkaTopic",
        "There is no such KafkaCluster.",
        "Create it, or make the topic anew with the right `spec.clusterRef`.";
    NamespaceNotAllowed, Stalled, "KafkaTopic",
        "The cluster takes no topics from this namespace.",
        "Add the namespace to the cluster's `spec.topics.allowedNamespaces`.";
    ClusterPaused, Progressing, "KafkaTopic",
        "The cluster's `spec.paused` is true, so its topics are not touched.",
        "Set it to false or leave it out.";
    ClusterNotReachable, Progressing, "KafkaTopic",
        "The cluster's brokers do not answer; it is tried again.",
        "See the conditions of the KafkaCluster.";
    Refused, Stalled, "KafkaTopic",
        "The brokers refuse the topic as the spec wants it; the message has their error and text.",
        "Change what the message names. [Errors](errors.md) explains the codes.";
    PartitionDecrease, Stalled, "KafkaTopic",
        "The topic has more partitions than the spec asks for, and Kafka cannot take any away.",
        "Ask for as many as there are, or make a new topic.";
    ReplicationChange, Stalled, "KafkaTopic",
        "The topic has another number of replicas, and this version does not move replicas.",
        "Ask for as many as there are, or leave `spec.replicas` out.";
    Renamed, Stalled, "KafkaTopic",
        "The spec asks for another name than the topic has, and Kafka cannot rename.",
        "Put the name back, or make a new resource for a new topic.";
    NameConflict, Stalled, "KafkaTopic",
        "An older KafkaTopic has the same name in the same cluster.",
        "Delete one of the two, or give this one another `spec.topicName`.";
}

/// What is not a condition's reason of its own kind.
const OTHERS: &[[&str; 4]] = &[
    [
        SPEC_WARNINGS,
        "condition `Warnings` of both",
        "Parts of the spec are left out and the rest is in force. Each line is `field: what is wrong; what to do`.",
        "Do what the lines say.",
    ],
    [
        DRIFT_REVERTED,
        "event of a KafkaTopic",
        "Somebody changed the topic behind the resource's back, and it was put back; `status.drift` keeps the last time.",
        "Make the change in the KafkaTopic, or set `spec.managed: false`.",
    ],
];

/// The reason of the condition `Warnings`.
pub(crate) const SPEC_WARNINGS: &str = "SpecWarnings";
/// The reason of the event that tells what was put back.
pub(crate) const DRIFT_REVERTED: &str = "DriftReverted";

const INTRODUCTION: &str = "\
# Conditions

What the operator says of a resource, in `status.conditions` and as events: `kubectl describe kafkacluster NAME`. Tools that know
kstatus (`kubectl wait`, Argo CD, Flux) understand them.

| condition | is there | meaning |
|---|---|---|
| `Ready` | always | `True`: everything is as the spec of `observedGeneration` asks. Otherwise its reason and message say why not. |
| `Reconciling` | while it is `True` | The operator works on it, or waits for something that will come by itself. |
| `Stalled` | while it is `True` | It stays as it is until somebody changes something. |
| `Warnings` | while it is `True` | Parts of the spec are not in force; the rest is. |

This page is generated from the reasons in the code.

## Reasons

| reason | of | stands | meaning | what to do |
|---|---|---|---|---|
";

/// The text of `docs/reference/conditions.md`.
pub fn reference_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for reason in Reason::ALL {
        let (word, [of, meaning, fix]) = (reason.word(), reason.told());
        let standing = match reason.standing() {
            Standing::Ready => "ready",
            Standing::Progressing => "progressing",
            Standing::Stalled => "stalled",
        };
        page.push_str(&format!(
            "| `{word}` | {of} | {standing} | {meaning} | {fix} |\n"
        ));
    }
    for [word, of, meaning, fix] in OTHERS {
        page.push_str(&format!("| `{word}` | {of} |  | {meaning} | {fix} |\n"));
    }
    page
}
