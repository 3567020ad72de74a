//! Server-side apply as far as one manager who insists needs it: what it applies is set, what it
//! applied before and does not any more is taken away, the rest is left. Pure.

use serde_json::Value;

/// Fields by which items of a list are told apart, the first that all items have.
const LIST_KEYS: &[&str] = &["mountPath", "uid", "name"];

/// Applies `wanted` over `live`, given what the same manager applied `before`.
pub(crate) fn apply(live: &mut Value, before: Option<&Value>, wanted: &Value) {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            let before = before.and_then(Value::as_object);
            for (name, before) in before.into_iter().flatten() {
                if !wanted.contains_key(name)
                    && let Some(found) = live.get_mut(name)
                    && take_away(found, before)
                {
                    live.remove(name);
                }
            }
            for (name, wanted) in wanted {
                let before = before.and_then(|before| before.get(name));
                match live.get_mut(name) {
                    Some(live) => apply(live, before, wanted),
                    None => drop(live.insert(name.clone(), wanted.clone())),
                }
            }
        }
        (Value::Array(live), Value::Array(wanted)) => {
            apply_list(live, before.and_then(Value::as_array), wanted);
        }
        (live, wanted) => *live = wanted.clone(),
    }
}

/// Takes what was applied out of `live`. Returns whether nothing is left of it.
fn take_away(live: &mut Value, before: &Value) -> bool {
    let (Value::Object(live), Value::Object(before)) = (live, before) else {
        return true;
    };
    for (name, before) in before {
        if live
            .get_mut(name)
            .is_some_and(|found| take_away(found, before))
        {
            live.remove(name);
        }
    }
    live.is_empty()
}

fn apply_list(live: &mut Vec<Value>, before: Option<&Vec<Value>>, wanted: &[Value]) {
    let Some(key) = key_of(live, wanted) else {
        *live = wanted.to_vec();
        return;
    };
    let find = |items: &[Value], item: &Value| items.iter().position(|one| one[key] == item[key]);
    for gone in before.into_iter().flatten() {
        if find(wanted, gone).is_none()
            && let Some(index) = find(live, gone)
        {
            live.remove(index);
        }
    }
    for item in wanted {
        match find(live, item) {
            Some(index) => {
                let before = before.and_then(|before| Some(&before[find(before, item)?]));
                apply(&mut live[index], before, item);
            }
            None => live.push(item.clone()),
        }
    }
}

fn key_of(live: &[Value], wanted: &[Value]) -> Option<&'static str> {
    let distinct = |items: &[Value], key: &str| {
        items.iter().enumerate().all(|(index, item)| {
            item.get(key).is_some() && items[..index].iter().all(|other| other[key] != item[key])
        })
    };
    LIST_KEYS
        .iter()
        .find(|key| distinct(live, key) && distinct(wanted, key))
        .copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_applied_no_more_goes_and_what_others_set_stays() {
        let before = json!({"a": {"x": 1, "y": 2}, "list": [{"name": "m", "v": 1}, {"name": "n"}], "gone": {"z": 1}});
        let wanted = json!({"a": {"x": 3}, "list": [{"name": "n", "v": 2}]});
        let mut live = json!({"a": {"x": 1, "y": 2, "theirs": 0}, "gone": {"z": 1, "theirs": 0},
            "list": [{"name": "m", "v": 1}, {"name": "theirs"}, {"name": "n", "d": 1}]});
        apply(&mut live, Some(&before), &wanted);
        let expected = json!({"a": {"x": 3, "theirs": 0}, "gone": {"theirs": 0},
            "list": [{"name": "theirs"}, {"name": "n", "d": 1, "v": 2}]});
        assert_eq!(live, expected);
    }

    #[test]
    fn lists_of_plain_values_are_replaced() {
        let mut live = json!({"args": ["a", "b"]});
        apply(&mut live, None, &json!({"args": ["c"]}));
        assert_eq!(live, json!({"args": ["c"]}));
    }
}
