//! The API as whoever runs it holds it: its client, what becomes of its requests, and its watches.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;

use crate::revision::Newest;
use crate::script::{Asked, Fate};
use crate::shared::Shared;

/// The namespace that is there before anybody makes one.
const FIRST_NAMESPACE: &str = "default";

/// The Kubernetes API.
#[derive(Clone)]
pub struct LocalApi {
    pub(crate) shared: Arc<Shared>,
}

impl LocalApi {
    /// An API with nothing but the namespace `default`, whose clock begins at `began`.
    #[must_use]
    pub fn new(began: Timestamp) -> Self {
        let api = Self {
            shared: Arc::new(Shared::new(began)),
        };
        api.ensure_namespace(FIRST_NAMESPACE)
            .expect("the first namespace is in nobody's way");
        api
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.clone(), "default")
    }

    /// What becomes of every request from now on.
    pub fn script(&self, script: impl FnMut(&Asked) -> Fate + Send + 'static) {
        *self.shared.script.lock() = Box::new(script);
    }

    /// Watches hear of everything so much later.
    pub fn lag(&self, lag: Duration) {
        *self.shared.lag.lock() = lag;
    }

    /// Ends every watch.
    pub fn drop_watches(&self) {
        self.shared.dropped.grow();
    }

    /// Ends every watch, and none of them can go on where it was.
    pub fn forget_history(&self) {
        self.shared.store.lock().forget_history();
        self.drop_watches();
    }

    /// Changes with every write.
    #[must_use]
    pub fn newest(&self) -> Newest {
        Newest::of(&self.shared.newest)
    }
}
