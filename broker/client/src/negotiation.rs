//! Which version of an API both sides speak. Pure.

use millrace_wire::messages::api_versions_response::ApiVersionsResponse;
use millrace_wire::{ApiKey, VersionRange};

/// Versions that name topics rather than number them: the client routes by name.
const BY_NAME: &[(ApiKey, i16)] = &[
    (ApiKey::Produce, 12),
    (ApiKey::Fetch, 12),
    (ApiKey::OffsetCommit, 9),
    (ApiKey::OffsetFetch, 9),
];

/// What one broker serves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions {
    served: Vec<(ApiKey, VersionRange)>,
}

impl Versions {
    pub(crate) fn of(response: &ApiVersionsResponse) -> Self {
        let served = response.api_keys.iter().filter_map(|line| {
            let key = ApiKey::from_code(line.api_key)?;
            Some((key, VersionRange::new(line.min_version, line.max_version)))
        });
        Self {
            served: served.collect(),
        }
    }

    /// The newest version that both sides speak.
    pub(crate) fn choose(&self, api: ApiKey) -> Option<i16> {
        let (_, theirs) = self.served.iter().find(|(key, _)| *key == api)?;
        let ours = speaks(api);
        let version = theirs.max.min(ours.max);
        (version >= theirs.min.max(ours.min)).then_some(version)
    }
}

fn speaks(api: ApiKey) -> VersionRange {
    let all = api.versions();
    let by_name = BY_NAME.iter().find(|(key, _)| *key == api);
    let max = by_name.map_or(api.last_stable_version(), |&(_, max)| max);
    VersionRange::new(all.min, max)
}

#[cfg(test)]
mod tests {
    use millrace_wire::messages::api_versions_response::ApiVersion;

    use super::*;

    #[test]
    fn the_newest_common_version_is_chosen() {
        let line = |key: ApiKey, min_version, max_version| ApiVersion {
            api_key: key.code(),
            min_version,
            max_version,
        };
        let versions = Versions::of(&ApiVersionsResponse {
            api_keys: vec![
                line(ApiKey::Produce, 0, 13),
                line(ApiKey::Fetch, 4, 11),
                line(ApiKey::Metadata, 100, 101),
            ],
            ..ApiVersionsResponse::default()
        });
        assert_eq!(versions.choose(ApiKey::Produce), Some(12));
        assert_eq!(versions.choose(ApiKey::Fetch), Some(11));
        assert_eq!(versions.choose(ApiKey::Metadata), None);
        assert_eq!(versions.choose(ApiKey::JoinGroup), None);
    }
}
