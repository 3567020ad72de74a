//! What the group coordinator is told, and the limits it keeps on its own.

/// Settings of the group coordinator, by the broker's configuration.
#[derive(Clone, Debug)]
pub struct GroupConfig {
    /// `group.min.session.timeout.ms`
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`
    pub max_size: usize,
    /// `offset.metadata.max.bytes`
    pub offset_metadata_max_bytes: usize,
    /// `offsets.retention.minutes`, in milliseconds
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`
    pub offsets_retention_check_interval_ms: i64,
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            max_size: MAX_MEMBERS,
            offset_metadata_max_bytes: 4_096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1_000,
            offsets_retention_check_interval_ms: 600_000,
        }
    }
}

impl GroupConfig {
    /// Most members of one group, whatever the configuration says.
    pub(crate) fn member_limit(&self) -> usize {
        self.max_size.min(MAX_MEMBERS)
    }
}

/// Members of one group. All of them travel in one record and in the leader's join response, which
/// at a few hundred bytes each is some megabytes here.
pub const MAX_MEMBERS: usize = 10_000;

/// Members of one group that were given an id and have not come back with it. Each costs about
/// 200 bytes until its session times out.
pub const MAX_PENDING_MEMBERS: usize = 10_000;

/// Groups of one shard. Even an idle group costs about 1 KiB, so this bounds a shard to 100 MiB.
pub const MAX_GROUPS: usize = 100_000;

/// Offsets of one shard, committed or on their way, at about 100 bytes each some 200 MiB.
pub const MAX_OFFSETS: usize = 2_000_000;

/// Group, member, instance and client ids, host and protocol names. The records' strings end at
/// 32,767 bytes, and a member id is made of a client id and 37 bytes more.
pub const MAX_NAME_BYTES: usize = 4_096;

/// Protocols one member may offer: clients offer one to three.
pub const MAX_PROTOCOLS: usize = 64;

/// Metadata one member may offer over all its protocols: a subscription to 10,000 topics is less.
pub const MAX_METADATA_BYTES: usize = 1 << 20;

/// Metadata that all members of one group may offer: 10,000 members with 6 KiB each.
pub const MAX_GROUP_METADATA_BYTES: usize = 64 << 20;

/// Records that one clean-up may write, some 20 MiB in memory; the rest is left to the next.
pub const MAX_RECORDS_PER_CLEANUP: usize = 100_000;

/// Time until the next clean-up when one has reached its limit.
pub const CLEANUP_AGAIN_MS: i64 = 1_000;

/// Records in one batch of a clean-up: at about 100 bytes each well below `max.message.bytes`.
pub const MAX_RECORDS_PER_CLEANUP_BATCH: usize = 1_000;

/// Silence after which a new member that waits in its first join is dropped: its connection may be
/// gone, and it has no heartbeat yet.
pub const NEW_MEMBER_JOIN_TIMEOUT_MS: i64 = 300_000;
