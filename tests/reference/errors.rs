//! The page of errors: every code of Kafka's, what it means here and what to do, and which are never sent. What
//! the broker names in its sources must be explained, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use millrace_golden::hold_page;
use millrace_tests::tree::root;
use millrace_types::ErrorCode;

const INTRODUCTION: &str = "\
# Errors

What brokers answer, by Kafka's names and numbers. Clients try **again** by themselves where that can help, until their own time is
over. Messages beside the codes say more; `kafka-console-producer.sh`, `kcat` and `millrace` print them. This page is generated from the
codes in the code; a test holds it to those that the broker can send.

| error | code | again | meaning | what to do |
|---|---|---|---|---|
";

/// Crates whose sources name what is answered.
const SOURCES: &[&str] = &[
    "coordinator",
    "log",
    "metadata",
    "quorum",
    "records",
    "replication",
    "server",
];

const NAME: &str = "ErrorCode::";

/// Named in the broker, and only for what brokers and controllers say to each other.
const INTERNAL: &[ErrorCode] = &[
    ErrorCode::DuplicateBrokerRegistration,
    ErrorCode::IneligibleReplica,
    ErrorCode::InvalidFetchSize,
    ErrorCode::InvalidRegistration,
    ErrorCode::NewLeaderElected,
    ErrorCode::NotEnoughReplicasAfterAppend,
    ErrorCode::StaleBrokerEpoch,
    ErrorCode::InconsistentClusterId,
];

#[rustfmt::skip]
const TOLD: &[(ErrorCode, &str, &str)] = &[
    (ErrorCode::UnknownServerError, "The broker failed at something that it has no word for; its log has the cause.", "See the broker's log. If it names no disk and no limit, report it."),
    (ErrorCode::OffsetOutOfRange, "The offset is before the first record that is kept, or after the end.", "Set the consumer's `auto.offset.reset`, or `millrace group reset`. If retention took the records, keep them for longer."),
    (ErrorCode::CorruptMessage, "A batch came damaged: its checksum or its lengths are wrong.", "Look at the network and the client's memory; nothing was stored."),
    (ErrorCode::UnknownTopicOrPartition, "There is no such topic or partition, or this broker has not heard of it yet.", "Create the topic, or look for a mistake in its name: `millrace topic list`."),
    (ErrorCode::LeaderNotAvailable, "The partition has no leader at the moment.", "Wait; if it stays, bring back the brokers of its replicas."),
    (ErrorCode::NotLeaderOrFollower, "This broker does not hold the partition, or does not lead it any more.", "Nothing: clients ask for the leader anew."),
    (ErrorCode::RequestTimedOut, "What the request waited for did not happen in its time.", "See why: replicas that lag, a slow disk, a controller that is busy."),
    (ErrorCode::MessageTooLarge, "A batch is larger than `max.message.bytes` of the topic.", "Lower the producer's `max.request.size`, or raise the topic's `max.message.bytes`."),
    (ErrorCode::OffsetMetadataTooLarge, "The text beside a committed offset is longer than `offset.metadata.max.bytes`.", "Shorten it or raise the setting."),
    (ErrorCode::CoordinatorLoadInProgress, "The group's coordinator is reading what it knows from the log.", "Nothing: clients wait."),
    (ErrorCode::CoordinatorNotAvailable, "The group has no coordinator: `__consumer_offsets` is being made, or its partition failed.", "Wait; if it stays, see the broker's log."),
    (ErrorCode::NotCoordinator, "This broker does not coordinate the group any more.", "Nothing: clients ask for the coordinator anew."),
    (ErrorCode::InvalidTopicException, "The name is not legal, or belongs to an internal topic.", "Letters, digits, `.`, `_` and `-`, at most 249."),
    (ErrorCode::RecordListTooLarge, "A group's state is larger than one batch may be.", "Fewer members or shorter subscriptions in one group."),
    (ErrorCode::NotEnoughReplicas, "Fewer replicas are in sync than `min.insync.replicas`, and the producer wants all.", "Bring replicas back. With one broker `min.insync.replicas` must be 1."),
    (ErrorCode::InvalidRequiredAcks, "`acks` is not one of -1 (all), 0 and 1.", "Set it to one of these."),
    (ErrorCode::IllegalGeneration, "The member speaks of a generation that is over.", "Nothing: the member joins anew. If it happens all the time, its processing takes longer than `max.poll.interval.ms`."),
    (ErrorCode::InconsistentGroupProtocol, "The member shares no assignor with the group.", "Give all members of the group one assignor in common."),
    (ErrorCode::InvalidGroupId, "The group has no name, or an empty one where that is not allowed.", "Set `group.id`."),
    (ErrorCode::UnknownMemberId, "The group does not know the member: it was silent for longer than its session.", "Nothing: it joins anew. If it happens often, see `session.timeout.ms` and the client's pauses."),
    (ErrorCode::InvalidSessionTimeout, "`session.timeout.ms` is outside `group.min.session.timeout.ms` and `group.max.session.timeout.ms`.", "Choose one in between."),
    (ErrorCode::RebalanceInProgress, "The group is dividing its partitions anew.", "Nothing: the member joins in."),
    (ErrorCode::InvalidCommitOffsetSize, "An offset's record is larger than a batch may be.", "Shorten the text beside the offset."),
    (ErrorCode::TopicAuthorizationFailed, "Clients may not make internal topics.", "Leave them to the broker."),
    (ErrorCode::InvalidTimestamp, "A record's time is too far from the broker's, by `message.timestamp.before.max.ms` or `message.timestamp.after.max.ms`.", "Set the clocks right, or the topic's limits wider."),
    (ErrorCode::UnsupportedVersion, "The request's version, or something in it, is not served.", "Use a client of Kafka 2.1 or newer. [Protocol](protocol.md) lists what is served."),
    (ErrorCode::TopicAlreadyExists, "There is a topic of this name.", "Use it, or another name."),
    (ErrorCode::InvalidPartitions, "The number of partitions is below 1, or not more than there are.", "Partitions can become more, never fewer."),
    (ErrorCode::InvalidReplicationFactor, "More replicas are asked for than there are brokers, or none.", "One replica in a cluster of one broker: leave it out, or `--replication-factor 1`."),
    (ErrorCode::InvalidReplicaAssignment, "The assignment names brokers that do not exist, or one twice.", "Leave the assignment to the broker."),
    (ErrorCode::InvalidConfig, "A setting has a value that it cannot have; the message says which and why.", "See [settings](config.md)."),
    (ErrorCode::NotController, "This broker does not lead the metadata quorum at the moment.", "Nothing: clients ask for the controller anew."),
    (ErrorCode::InvalidRequest, "The request contradicts itself; the message says where.", "A mistake of the client: report it there, with the message."),
    (ErrorCode::PolicyViolation, "The request is more than one may ask for, such as too many partitions at once, or deletes records of a topic that is compacted only.", "Ask for less at once; the message has the limit."),
    (ErrorCode::OutOfOrderSequenceNumber, "Batches of an idempotent producer are missing before this one.", "The producer must be made anew; its records from here on were not stored."),
    (ErrorCode::DuplicateSequenceNumber, "A batch came again that is too old to tell its offset.", "Nothing: it is stored once."),
    (ErrorCode::InvalidProducerEpoch, "A newer producer with the same identity exists.", "Stop the older one."),
    (ErrorCode::InvalidTxnState, "The batch belongs to a transaction; those are not served yet.", "Leave `transactional.id` out."),
    (ErrorCode::TransactionCoordinatorFenced, "A marker of a transaction came from an older coordinator.", "Nothing that a client sees: transactions are not served yet."),
    (ErrorCode::KafkaStorageError, "The partition's log refuses writes since its disk failed.", "See the broker's log, mend the disk, restart the broker."),
    (ErrorCode::NonEmptyGroup, "The group has members, so it cannot be deleted or reset.", "Stop them first."),
    (ErrorCode::GroupIdNotFound, "There is no such group.", "Look at `millrace group list`."),
    (ErrorCode::FetchSessionIdNotFound, "The broker has forgotten the fetch session.", "Nothing: the client begins a new one."),
    (ErrorCode::InvalidFetchSessionEpoch, "Requests of a fetch session came out of order.", "Nothing: the client begins a new one."),
    (ErrorCode::ListenerNotFound, "The leader has no address on the listener that the client uses.", "Give every broker the same listeners."),
    (ErrorCode::TopicDeletionDisabled, "`delete.topic.enable` is false.", "Set it to true."),
    (ErrorCode::FencedLeaderEpoch, "The client knows an older leader than the broker.", "Nothing: the client asks for the leader anew."),
    (ErrorCode::UnknownLeaderEpoch, "The client knows a newer leader than the broker.", "Nothing: the client tries again."),
    (ErrorCode::UnsupportedCompressionType, "The batch's codec is not known, or newer than its request allows: zstd needs Produce 7.", "Use gzip, snappy, lz4 or zstd with a client of Kafka 2.1 or newer."),
    (ErrorCode::MemberIdRequired, "A new member is told its id and asked to come again with it.", "Nothing: that is how joining works."),
    (ErrorCode::PreferredLeaderNotAvailable, "The preferred replica is not alive and in sync.", "Bring it back first."),
    (ErrorCode::GroupMaxSizeReached, "The group has as many members as `group.max.size` allows.", "Raise it, or use fewer members."),
    (ErrorCode::FencedInstanceId, "Another member with the same `group.instance.id` has taken over.", "Give each member an id of its own."),
    (ErrorCode::EligibleLeadersNotAvailable, "No replica may lead.", "Bring a replica back that was in sync."),
    (ErrorCode::ElectionNotNeeded, "The right replica leads already.", "Nothing."),
    (ErrorCode::GroupSubscribedToTopic, "The group's members read the topic, so its offsets cannot be deleted.", "Stop them first."),
    (ErrorCode::InvalidRecord, "A record is not well-formed, or has no key in a compacted topic.", "Give every record of a compacted topic a key."),
    (ErrorCode::ThrottlingQuotaExceeded, "The controller has as many changes before it as it takes.", "Nothing: clients wait. Ask for fewer changes at once if it stays."),
    (ErrorCode::InvalidUpdateVersion, "A feature's level cannot be what was asked for, or a partition changed meanwhile.", "Read the message."),
    (ErrorCode::UnknownTopicId, "There is no topic with this id: it was deleted, and perhaps made anew.", "Nothing: clients ask for the topic's id anew."),
    (ErrorCode::BrokerIdNotRegistered, "There is no broker of this id.", "Look at `millrace topic describe` or `kafka-broker-api-versions.sh` for those there are."),
    (ErrorCode::FetchSessionTopicIdError, "A fetch session began with names and goes on with ids, or the other way.", "Nothing: the client begins a new one."),
    (ErrorCode::MismatchedEndpointType, "Controllers were asked for at a broker's port.", "Use `--bootstrap-server`, not `--bootstrap-controller`."),
    (ErrorCode::UnsupportedEndpointType, "The kind of endpoint that was asked for does not exist.", "A mistake of the client: report it there."),
];

/// Every code that the sources name, without those of tests.
fn named() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in SOURCES {
        collect(&root().join("broker").join(source).join("src"), &mut names);
    }
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            collect(&path, names);
        } else if !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            let product = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default();
            for rest in product.split(NAME).skip(1) {
                let end = rest.find(|c: char| !c.is_alphanumeric());
                let word = &rest[..end.unwrap_or(rest.len())];
                if word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase) {
                    names.insert(word.to_owned());
                }
            }
        }
    }
}

#[test]
fn the_page_of_errors_is_what_brokers_send() {
    let explained: BTreeSet<String> = TOLD
        .iter()
        .map(|(code, ..)| *code)
        .chain(INTERNAL.iter().copied())
        .chain([ErrorCode::None])
        .map(|code| format!("{code:?}"))
        .collect();
    assert_eq!(named(), explained, "named in the sources, explained here");
    let mut page = INTRODUCTION.to_owned();
    let mut told = TOLD.to_vec();
    told.sort_by_key(|(code, ..)| code.code());
    for (code, meaning, fix) in &told {
        let again = if code.is_retriable() { "yes" } else { "" };
        let (name, number) = (code.name(), code.code());
        page.push_str(&format!(
            "| `{name}` | {number} | {again} | {meaning} | {fix} |\n"
        ));
    }
    let of = |codes: &mut dyn Iterator<Item = &ErrorCode>| {
        let names: Vec<String> = codes
            .map(|code| format!("`{}` ({})", code.name(), code.code()))
            .collect();
        names.join(", ")
    };
    let never = &mut ErrorCode::ALL
        .iter()
        .filter(|code| !explained.contains(&format!("{code:?}")));
    page.push_str(&format!(
        "\n## Others\n\nOnly between brokers and controllers: {}.\n\nNever sent by this version: {}.\n",
        of(&mut INTERNAL.iter()),
        of(never)
    ));
    hold_page("errors.md", &page);
}
