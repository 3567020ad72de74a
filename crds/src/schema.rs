//! Pieces of schema that a derive cannot express, and the shape that the API server likes best.

use schemars::transform::transform_subschemas;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// A duration in Kafka's range, for example `1h30m`, or without a limit.
pub(crate) const DURATION: &str = "^(unlimited|([0-9]{1,12}(ms|s|m|h|d|w))+)$";

/// Whole bytes, for example `10Gi`, or without a limit.
pub(crate) const BYTES: &str = "^(unlimited|[0-9]{1,15}(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?)$";

/// The name of an object that other names are made from.
pub(crate) const DNS_LABEL: &str = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

/// A Kubernetes namespace.
pub(crate) const NAMESPACE: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/// The key of a Kubernetes label.
pub(crate) const LABEL_KEY: &str =
    "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

/// The tag of a container image.
pub(crate) const IMAGE_TAG: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$";

/// A size of a volume. The whole grammar of quantities has forms that no size needs.
pub(crate) fn volume_size(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": r"^[0-9]{1,15}(\.[0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$",
        "maxLength": 24,
    })
}

/// Takes the descriptions out of an embedded Kubernetes type: they are known, and many times longer
/// than everything of ours. What the field itself says stays.
pub(crate) fn undescribed(schema: &mut Schema) {
    transform_subschemas(
        &mut |inner: &mut Schema| {
            inner.remove("description");
            undescribed(inner);
        },
        schema,
    );
}

/// An optional field is one that may be left out. `null` would be a second way to say that, which
/// rules see as present, so it is not offered.
pub(crate) fn without_nulls(schema: &mut Schema) {
    transform_subschemas(&mut without_nulls, schema);
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(variants)) = object.get("anyOf") {
        let null = serde_json::json!({"type": "null"});
        if let [Value::Object(value), other] = variants.as_slice()
            && *other == null
        {
            let value = value.clone();
            object.remove("anyOf");
            for (key, content) in value {
                object.entry(key).or_insert(content);
            }
        }
    }
}
