//! One shared [`Admin`] for each cluster, so that its connections are shared too. It is replaced
//! when the addresses to begin with change.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_client::{PlainTcp, Transport};
use parking_lot::Mutex;

use crate::admin::Admin;
use crate::kafka::Kafka;

/// Makes an [`Admin`] from addresses to begin with. It must not wait.
pub type Connect = dyn Fn(&[String]) -> Arc<dyn Admin> + Send + Sync;

/// The clusters that are asked, by a name the caller chooses.
pub struct Clusters {
    connect: Box<Connect>,
    known: Mutex<BTreeMap<Arc<str>, Known>>,
}

struct Known {
    bootstrap: Vec<String>,
    admin: Arc<dyn Admin>,
}

impl Clusters {
    #[must_use]
    pub fn new(connect: Box<Connect>) -> Self {
        Self {
            connect,
            known: Mutex::default(),
        }
    }

    #[must_use]
    pub fn over_network() -> Self {
        Self::over(Arc::new(PlainTcp))
    }

    /// Clusters whose brokers are connected to in a way of the caller's own.
    #[must_use]
    pub fn over(transport: Arc<dyn Transport>) -> Self {
        Self::new(Box::new(move |bootstrap| {
            let transport = Arc::clone(&transport);
            Arc::new(Kafka::over(transport, bootstrap.to_vec()))
        }))
    }

    /// The cluster of that name, connected to through these addresses.
    #[must_use]
    pub fn get(&self, cluster: &Arc<str>, bootstrap: &[String]) -> Arc<dyn Admin> {
        let mut known = self.known.lock();
        if let Some(known) = known.get(cluster)
            && known.bootstrap == bootstrap
        {
            return Arc::clone(&known.admin);
        }
        let admin = (self.connect)(bootstrap);
        let entry = Known {
            bootstrap: bootstrap.to_vec(),
            admin: Arc::clone(&admin),
        };
        known.insert(Arc::clone(cluster), entry);
        admin
    }

    /// Lets go of a cluster that is gone; calls on their way end as they would have.
    pub fn forget(&self, cluster: &str) {
        self.known.lock().remove(cluster);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_connected_to_once_for_each_address() {
        let clusters = Clusters::over_network();
        let name: Arc<str> = "ns/c".into();
        let first = clusters.get(&name, &["a:1".to_owned()]);
        assert!(Arc::ptr_eq(
            &first,
            &clusters.get(&name, &["a:1".to_owned()])
        ));
        let moved = clusters.get(&name, &["b:1".to_owned()]);
        assert!(!Arc::ptr_eq(&first, &moved));
        clusters.forget(&name);
        assert!(!Arc::ptr_eq(
            &moved,
            &clusters.get(&name, &["b:1".to_owned()])
        ));
    }
}
