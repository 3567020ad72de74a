//! Which item of an older list an item was.

use serde_json::Value;

use crate::schema::{Items, Schema};

/// The item of `old` that `item` was, in a list of objects told apart by keys. In other lists items
/// have no past.
pub(crate) fn item<'a>(
    old: &'a Value,
    item: &Value,
    index: usize,
    schema: Schema,
) -> Option<&'a Value> {
    let items = old.as_array()?;
    match schema.list() {
        Items::Map(keys) => {
            let same = |other: &&Value| {
                let mut keys = keys.iter().filter_map(Value::as_str);
                keys.all(|key| other.get(key) == item.get(key))
            };
            items.iter().find(same)
        }
        // Unchanged where it stands.
        Items::Set | Items::Atomic => items.get(index).filter(|other| *other == item),
    }
}
