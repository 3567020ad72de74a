//! What this broker serves: the one place that decides which versions are advertised.
//! A version enters when its meaning is served, not when it can be decoded.

use crate::api_key::ApiKey;
use crate::message::VersionRange;

/// One line of the list that clients get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    pub key: ApiKey,
    pub versions: VersionRange,
    /// Lower than what is served where old clients need to see it.
    pub advertised_min: i16,
}

const fn serve(key: ApiKey, min: i16, max: i16) -> Served {
    Served {
        key,
        versions: VersionRange::new(min, max),
        advertised_min: min,
    }
}

/// Older librdkafka turns compression off when Produce does not seem to begin at 0.
const PRODUCE: Served = Served {
    advertised_min: 0,
    ..serve(ApiKey::Produce, 3, 13)
};

/// Every API that is answered, by number.
pub const SERVED: &[Served] = &[
    PRODUCE,
    serve(ApiKey::Fetch, 4, 18),
    serve(ApiKey::ListOffsets, 1, 11),
    serve(ApiKey::Metadata, 0, 13),
    serve(ApiKey::OffsetCommit, 2, 10),
    serve(ApiKey::OffsetFetch, 1, 10),
    serve(ApiKey::FindCoordinator, 0, 6),
    serve(ApiKey::JoinGroup, 0, 9),
    serve(ApiKey::Heartbeat, 0, 4),
    serve(ApiKey::LeaveGroup, 0, 5),
    serve(ApiKey::SyncGroup, 0, 5),
    serve(ApiKey::DescribeGroups, 0, 6),
    serve(ApiKey::ListGroups, 0, 5),
    serve(ApiKey::ApiVersions, 0, 4),
    serve(ApiKey::CreateTopics, 2, 7),
    serve(ApiKey::DeleteTopics, 1, 6),
    serve(ApiKey::DeleteRecords, 0, 2),
    serve(ApiKey::InitProducerId, 0, 5),
    serve(ApiKey::OffsetForLeaderEpoch, 2, 4),
    serve(ApiKey::DescribeConfigs, 1, 4),
    serve(ApiKey::AlterConfigs, 0, 2),
    serve(ApiKey::DescribeLogDirs, 1, 4),
    serve(ApiKey::CreatePartitions, 0, 3),
    serve(ApiKey::DeleteGroups, 0, 2),
    serve(ApiKey::IncrementalAlterConfigs, 0, 1),
    serve(ApiKey::OffsetDelete, 0, 0),
    serve(ApiKey::DescribeQuorum, 0, 2),
    serve(ApiKey::DescribeCluster, 0, 2),
    serve(ApiKey::DescribeProducers, 0, 0),
    serve(ApiKey::ListConfigResources, 0, 1),
    serve(ApiKey::DescribeTopicPartitions, 0, 0),
];

/// The line of one API; nothing when it is not answered.
#[must_use]
pub fn served(key: ApiKey) -> Option<&'static Served> {
    let at = SERVED.binary_search_by_key(&key, |line| line.key).ok()?;
    Some(&SERVED[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stable_versions_are_served() {
        for line in SERVED {
            let VersionRange { min, max } = line.versions;
            assert!(line.key.versions().min <= min, "{}", line.key);
            assert!(
                min <= max && max <= line.key.last_stable_version(),
                "{}",
                line.key
            );
            assert!(line.advertised_min <= min, "{}", line.key);
        }
    }

    #[test]
    fn every_line_is_found_by_its_key() {
        for &key in ApiKey::ALL {
            let expected = SERVED.iter().find(|line| line.key == key);
            assert_eq!(served(key), expected, "{key}");
        }
    }

    #[test]
    fn what_old_clients_need_to_see() {
        let advertised = |key| served(key).map(|line| line.advertised_min);
        assert_eq!(advertised(ApiKey::Produce), Some(0));
        assert_eq!(advertised(ApiKey::JoinGroup), Some(0));
        assert_eq!(
            served(ApiKey::InitProducerId).map(|line| line.versions.max),
            Some(5)
        );
    }
}
