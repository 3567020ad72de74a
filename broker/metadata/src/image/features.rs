//! The levels of features that the fleet agreed on.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether out-of-sync replicas that hold everything acknowledged are remembered (KIP-966).
pub const ELR_FEATURE: &str = "eligible.leader.replicas.version";

/// Finalized levels, by feature name. A feature at level 0 is not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    levels: Arc<BTreeMap<Arc<str>, i16>>,
}

impl Features {
    /// 0 when the feature is off.
    #[must_use]
    pub fn level(&self, name: &str) -> i16 {
        self.levels.get(name).copied().unwrap_or(0)
    }

    /// Whether [`ELR_FEATURE`] is on.
    #[must_use]
    pub fn tracks_elr(&self) -> bool {
        self.level(ELR_FEATURE) > 0
    }

    /// Ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, i16)> {
        self.levels.iter().map(|(name, &level)| (name, level))
    }

    pub(crate) fn set(&mut self, name: &Arc<str>, level: i16) {
        let levels = Arc::make_mut(&mut self.levels);
        if level == 0 {
            levels.remove(name);
        } else {
            levels.insert(Arc::clone(name), level);
        }
    }
}
