//! Strategic merge patches: lists are merged by the keys of their kind, and a patch can say what to
//! replace, delete and reorder. Pure.

use serde_json::{Map, Value};

use crate::schema::Schema;

const DIRECTIVE: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder/";
const DELETE_PLAIN: &str = "$deleteFromPrimitiveList/";

/// Patches `live`. The error says what of the patch makes no sense.
pub(crate) fn patch(live: &Value, patch: &Value, schema: Schema) -> Result<Value, String> {
    let (Value::Object(live), Value::Object(patch)) = (live, patch) else {
        return Err("a strategic merge patch is an object".to_owned());
    };
    patch_object(live, patch, schema).map(|patched| Value::Object(patched.unwrap_or_default()))
}

/// `None`: the patch deletes the object.
fn patch_object(
    live: &Map<String, Value>,
    patch: &Map<String, Value>,
    schema: Schema,
) -> Result<Option<Map<String, Value>>, String> {
    let mut all = live.clone();
    match patch.get(DIRECTIVE).map(Value::as_str) {
        None | Some(Some("merge")) => {}
        Some(Some("replace")) => return Ok(Some(content(patch))),
        Some(Some("delete")) => return Ok(None),
        Some(other) => return Err(format!("unknown patch type: {other:?}")),
    }
    if let Some(kept) = patch.get(RETAIN).and_then(Value::as_array) {
        all.retain(|name, _| kept.iter().any(|kept| kept == name));
    }
    for (directive, items) in patch {
        if let Some(name) = directive.strip_prefix(DELETE_PLAIN)
            && let Some(Value::Array(live)) = all.get_mut(name)
        {
            let gone = items.as_array().cloned().unwrap_or_default();
            live.retain(|item| !gone.contains(item));
        }
    }
    for (name, over) in patch.iter().filter(|(name, _)| !name.starts_with('$')) {
        let of = schema.field(name);
        match (all.get(name), over) {
            (_, Value::Null) => drop(all.remove(name)),
            (Some(Value::Object(live)), Value::Object(over)) => {
                match patch_object(live, over, of)? {
                    Some(patched) => drop(all.insert(name.clone(), Value::Object(patched))),
                    None => drop(all.remove(name)),
                }
            }
            (None, Value::Object(over)) => {
                if let Some(patched) = patch_object(&Map::new(), over, of)? {
                    all.insert(name.clone(), Value::Object(patched));
                }
            }
            (live, Value::Array(over)) if merges(of) => {
                let live = live.and_then(Value::as_array).cloned().unwrap_or_default();
                let mut patched = patch_list(&live, over, of)?;
                let order = patch.get(&format!("{ORDER}{name}"));
                if let Some(order) = order.and_then(Value::as_array) {
                    reorder(&mut patched, order, of);
                }
                all.insert(name.clone(), patched.into());
            }
            _ => drop(all.insert(name.clone(), over.clone())),
        }
    }
    Ok(Some(all))
}

fn content(patch: &Map<String, Value>) -> Map<String, Value> {
    let content = patch.iter().filter(|(name, _)| !name.starts_with('$'));
    content
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn merges(schema: Schema) -> bool {
    let strategy = schema
        .text("x-kubernetes-patch-strategy")
        .unwrap_or_default();
    strategy.split(',').any(|one| one == "merge")
}

fn patch_list(live: &[Value], over: &[Value], schema: Schema) -> Result<Vec<Value>, String> {
    let Some(key) = schema.text("x-kubernetes-patch-merge-key") else {
        let mut all = live.to_vec();
        all.extend(over.iter().filter(|item| !live.contains(item)).cloned());
        return Ok(all);
    };
    if over.iter().any(|item| item[DIRECTIVE] == "replace") {
        let items = over.iter().filter(|item| item.get(DIRECTIVE).is_none());
        return Ok(items.cloned().collect());
    }
    let mut all = live.to_vec();
    for item in over {
        let Some(over) = item.as_object() else {
            return Err(format!("items of this list are objects: {item}"));
        };
        let Some(wanted) = over.get(key) else {
            return Err(format!(
                "map: {item} does not contain declared merge key: {key}"
            ));
        };
        let found = all.iter().position(|item| item.get(key) == Some(wanted));
        let empty = Map::new();
        let live = found
            .and_then(|index| all[index].as_object())
            .unwrap_or(&empty);
        match (patch_object(live, over, schema.items())?, found) {
            (Some(patched), Some(index)) => all[index] = Value::Object(patched),
            (Some(patched), None) => all.push(Value::Object(patched)),
            (None, Some(index)) => drop(all.remove(index)),
            (None, None) => {}
        }
    }
    Ok(all)
}

/// Puts the items that `order` names into its order; others stay behind them.
fn reorder(items: &mut [Value], order: &[Value], schema: Schema) {
    let key = schema.text("x-kubernetes-patch-merge-key");
    let identity = |item: &Value| match key {
        Some(key) => item.get(key).cloned().unwrap_or_default(),
        None => item.clone(),
    };
    let order: Vec<Value> = order.iter().map(identity).collect();
    items.sort_by_key(|item| {
        let item = identity(item);
        order
            .iter()
            .position(|one| *one == item)
            .unwrap_or(order.len())
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::Kind;

    #[test]
    fn lists_are_merged_by_their_keys() {
        let schema = Schema::of(Kind::named("StatefulSet").expect("a served kind"));
        let container =
            |containers: Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
        let live = container(
            json!([{"name": "a", "image": "1", "args": ["x"]}, {"name": "b", "image": "1"}]),
        );
        let cases = [
            (
                json!([{"name": "a", "image": "2"}]),
                json!([{"name": "a", "image": "2", "args": ["x"]}, {"name": "b", "image": "1"}]),
            ),
            (
                json!([{"name": "a", "$patch": "delete"}]),
                json!([{"name": "b", "image": "1"}]),
            ),
            (
                json!([{"$patch": "replace"}, {"name": "c"}]),
                json!([{"name": "c"}]),
            ),
            (
                json!([{"name": "a", "args": null}]),
                json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]),
            ),
        ];
        for (over, expected) in cases {
            let patched = patch(&live, &container(over.clone()), schema);
            assert_eq!(patched, Ok(container(expected)), "{over}");
        }
        let unkeyed = container(json!([{"image": "2"}]));
        assert!(patch(&live, &unkeyed, schema).is_err());
    }

    #[test]
    fn finalizers_are_a_merged_set_and_selectors_are_not() {
        let schema = Schema::of(Kind::named("Service").expect("a served kind"));
        let live = json!({"metadata": {"finalizers": ["a", "b"]}});
        let over = json!({"metadata": {"finalizers": ["c"], "$deleteFromPrimitiveList/finalizers": ["a"],
            "$setElementOrder/finalizers": ["c", "b"]}});
        let patched = patch(&live, &over, schema);
        assert_eq!(patched, Ok(json!({"metadata": {"finalizers": ["c", "b"]}})));
    }
}
