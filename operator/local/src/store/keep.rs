//! Objects that outlive the process: all of them as they are, and put back as they were.

use std::sync::Arc;

use serde_json::Value;

use crate::json::text;
use crate::kinds::Kind;
use crate::store::naming;
use crate::store::place::Place;
use crate::store::state::Store;

impl Store {
    pub(crate) fn everything(&self) -> Vec<Arc<Value>> {
        self.objects.values().cloned().collect()
    }

    /// Objects of kinds that are not served any more are left out.
    pub(crate) fn restore(&mut self, objects: Vec<Value>) {
        for object in objects {
            let metadata = &object["metadata"];
            let Some(kind) = Kind::named(text(&object["kind"])) else {
                continue;
            };
            let place = Place::said_by(kind, &object);
            let version = text(&metadata["resourceVersion"]).parse();
            self.begin_after(version.unwrap_or_default());
            let count = naming::count(text(&metadata["uid"]));
            self.last_uid = self.last_uid.max(count.unwrap_or_default());
            self.owners.change(&place, None, Some(&object));
            self.objects.insert(place, Arc::new(object));
        }
    }
}
