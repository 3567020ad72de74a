//! Which resource a topic of Kafka belongs to when several name it: the oldest. Pure bookkeeping.

use std::collections::{BTreeSet, HashMap};

use millrace_model::ObjectKey as Key;
use millrace_plan::topics::Claim;
use millrace_types::Timestamp;

/// Who names which topic of which cluster.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    by_topic: HashMap<(Key, String), BTreeSet<Claim>>,
    by_resource: HashMap<Key, (Key, String, Claim)>,
}

impl Claims {
    /// `resource` names `topic` of `cluster`. Returns the others whose turn may have changed.
    pub(crate) fn claim(
        &mut self,
        resource: &Key,
        created: Timestamp,
        uid: &str,
        cluster: &Key,
        topic: &str,
    ) -> Vec<Key> {
        if let Some((old_cluster, old_topic, old)) = self.by_resource.get(resource)
            && (old_cluster, old_topic.as_str(), old.uid.as_str()) == (cluster, topic, uid)
        {
            return Vec::new();
        }
        let mut affected = self.release(resource);
        let claim = Claim {
            created,
            uid: uid.to_owned(),
            key: resource.clone(),
        };
        let place = (cluster.clone(), topic.to_owned());
        let claims = self.by_topic.entry(place).or_default();
        affected.extend(claims.iter().map(|claim| claim.key.clone()));
        claims.insert(claim.clone());
        self.by_resource
            .insert(resource.clone(), (cluster.clone(), topic.to_owned(), claim));
        affected
    }

    /// `resource` names nothing any more. Returns the others whose turn may have changed.
    pub(crate) fn release(&mut self, resource: &Key) -> Vec<Key> {
        let Some((cluster, topic, claim)) = self.by_resource.remove(resource) else {
            return Vec::new();
        };
        let place = (cluster, topic);
        let Some(claims) = self.by_topic.get_mut(&place) else {
            return Vec::new();
        };
        claims.remove(&claim);
        let others = claims.iter().map(|claim| claim.key.clone()).collect();
        if claims.is_empty() {
            self.by_topic.remove(&place);
        }
        others
    }

    /// Whom a topic belongs to.
    pub(crate) fn owner(&self, cluster: &Key, topic: &str) -> Option<&Key> {
        let claims = self.by_topic.get(&(cluster.clone(), topic.to_owned()))?;
        claims.first().map(|claim| &claim.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new("shop", name)
    }

    fn claim(claims: &mut Claims, resource: &str, second: i64, topic: &str) -> Vec<Key> {
        claims.claim(&key(resource), second, resource, &key("cluster"), topic)
    }

    #[test]
    fn the_oldest_claim_wins_and_the_next_follows() {
        let mut claims = Claims::default();
        assert_eq!(claim(&mut claims, "young", 20, "orders"), []);
        assert_eq!(claim(&mut claims, "old", 10, "orders"), [key("young")]);
        let owner = |claims: &Claims| claims.owner(&key("cluster"), "orders").cloned();
        assert_eq!(owner(&claims), Some(key("old")));
        assert_eq!(claim(&mut claims, "old", 10, "orders"), [], "nothing new");
        assert_eq!(claims.release(&key("old")), [key("young")]);
        assert_eq!(owner(&claims), Some(key("young")));
        assert_eq!(claims.release(&key("young")), []);
        assert_eq!(owner(&claims), None);
    }

    #[test]
    fn a_claim_that_moves_frees_its_old_topic() {
        let mut claims = Claims::default();
        claim(&mut claims, "a", 10, "orders");
        claim(&mut claims, "b", 20, "orders");
        assert_eq!(claim(&mut claims, "a", 10, "returns"), [key("b")]);
        assert_eq!(claims.owner(&key("cluster"), "orders"), Some(&key("b")));
    }
}
