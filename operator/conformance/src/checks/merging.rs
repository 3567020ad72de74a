//! Server-side apply by the schema: keyed lists, sets, values that are one, custom resources and their
//! status.

use anyhow::Result;
use serde_json::{Value, json};

use crate::answer::{owners, owners_by_name, same};
use crate::ground::Ground;
use crate::specimens::{cluster, map, service, topic};

pub(super) async fn items_of_keyed_lists_have_owners_of_their_own(ground: Ground) -> Result<()> {
    let port = |port: u32, name: &str| json!({"port": port, "name": name, "protocol": "TCP", "targetPort": port});
    let base = |ports: Value| service(json!({"clusterIP": "None", "ports": ports}));
    ground
        .apply("one", "services/a", &base(json!([port(80, "web")])))
        .await?
        .done()?;
    let alone = |ports: Value| service(json!({"ports": ports}));
    let both = ground
        .apply("two", "services/a", &alone(json!([port(443, "tls")])))
        .await?
        .done()?;
    let names = |service: &Value| -> Value {
        let ports = service["spec"]["ports"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        ports.iter().map(|port| port["name"].clone()).collect()
    };
    same("ports", &names(&both), &json!(["web", "tls"]))?;
    let fields = |port: u32| {
        let key = format!("k:{{\"port\":{port},\"protocol\":\"TCP\"}}");
        let item =
            json!({".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}});
        json!({"f:ports": {key: item}})
    };
    let mut of_one = json!({"f:spec": fields(80)});
    of_one["f:spec"]["f:clusterIP"] = json!({});
    let expected = json!([["Apply one", of_one], ["Apply two", {"f:spec": fields(443)}]]);
    same("owners", &owners_by_name(&both), &expected)?;
    let less = ground
        .apply("one", "services/a", &base(json!([])))
        .await?
        .done()?;
    same("ports", &names(&less), &json!(["tls"]))
}

fn held_by(finalizers: &[&str]) -> Value {
    let mut map = map("a");
    map["metadata"]["finalizers"] = json!(finalizers);
    map
}

pub(super) async fn values_of_sets_have_owners_of_their_own(ground: Ground) -> Result<()> {
    ground
        .apply("one", "configmaps/a", &held_by(&["x.y/1"]))
        .await?
        .done()?;
    let both = ground
        .apply("two", "configmaps/a", &held_by(&["x.y/2"]))
        .await?
        .done()?;
    same(
        "both",
        &both["metadata"]["finalizers"],
        &json!(["x.y/1", "x.y/2"]),
    )?;
    let left = ground
        .apply("one", "configmaps/a", &held_by(&[]))
        .await?
        .done()?;
    same("left", &left["metadata"]["finalizers"], &json!(["x.y/2"]))?;
    let none = ground
        .apply("two", "configmaps/a", &held_by(&[]))
        .await?
        .done()?;
    same("none", &none["metadata"]["finalizers"], &Value::Null)
}

pub(super) async fn an_applied_list_keeps_its_order(ground: Ground) -> Result<()> {
    let find = |object: Value| object["metadata"]["finalizers"].clone();
    ground
        .apply(
            "one",
            "configmaps/a",
            &held_by(&["x.y/a", "x.y/b", "x.y/c"]),
        )
        .await?
        .done()?;
    let moved = ground
        .apply("one", "configmaps/a", &held_by(&["x.y/c", "x.y/a"]))
        .await?
        .done()?;
    same("moved", &find(moved), &json!(["x.y/c", "x.y/a"]))?;
    let more = ground
        .apply("two", "configmaps/a", &held_by(&["x.y/d", "x.y/a"]))
        .await?
        .done()?;
    same("more", &find(more), &json!(["x.y/c", "x.y/d", "x.y/a"]))?;
    let order = ground
        .apply("two", "configmaps/a", &held_by(&["x.y/a", "x.y/d"]))
        .await?
        .done()?;
    same("order", &find(order), &json!(["x.y/c", "x.y/a", "x.y/d"]))?;
    ground
        .patch(
            "merge",
            "configmaps/a",
            &json!({"metadata": {"finalizers": null}}),
        )
        .await?
        .done()?;
    Ok(())
}

pub(super) async fn atomic_values_are_owned_whole(ground: Ground) -> Result<()> {
    let asked = |selector: Value| service(json!({"clusterIP": "None", "selector": selector}));
    let made = ground
        .apply("one", "services/a", &asked(json!({"a": "1", "b": "2"})))
        .await?
        .done()?;
    let fields = json!({"f:spec": {"f:clusterIP": {}, "f:selector": {}}});
    same("owners", &owners(&made), &json!([["Apply one", fields]]))?;
    let less = ground
        .apply("one", "services/a", &asked(json!({"a": "1"})))
        .await?
        .done()?;
    same("selector", &less["spec"]["selector"], &json!({"a": "1"}))?;
    let other = service(json!({"selector": {"c": "3"}}));
    let refused = ground
        .apply("two", "services/a", &other)
        .await?
        .refused(409, "Conflict")?;
    same(
        "field",
        &refused["details"]["causes"][0]["field"],
        &".spec.selector".into(),
    )
}

pub(super) async fn custom_resources_are_applied_by_their_schema(ground: Ground) -> Result<()> {
    let asked = |pools: Value| cluster(json!({"nodePools": pools}));
    let pool = json!({"name": "all", "replicas": 1, "storage": {"ephemeral": {}}});
    let made = ground
        .apply("one", "kafkaclusters/a", &asked(json!([pool])))
        .await?
        .done()?;
    let key = "k:{\"name\":\"all\"}";
    let item = json!({".": {}, "f:name": {}, "f:replicas": {}, "f:storage": {"f:ephemeral": {}}});
    let fields = json!({"f:spec": {"f:nodePools": {key: item}}});
    same("owners", &owners(&made), &json!([["Apply one", fields]]))?;
    let theirs = cluster(json!({"config": {"a.b": 1},
        "listeners": [{"name": "plain", "port": 9092, "type": "internal"}]}));
    let both = ground
        .apply("two", "kafkaclusters/a", &theirs)
        .await?
        .done()?;
    same(
        "pools",
        &both["spec"]["nodePools"][0]["name"],
        &"all".into(),
    )?;
    let item = json!({".": {}, "f:name": {}, "f:port": {}, "f:type": {}});
    let fields = json!({"f:spec": {"f:config": {"f:a.b": {}}, "f:listeners": {"k:{\"name\":\"plain\"}": item}}});
    let found = owners(&both);
    let of_two = found
        .as_array()
        .into_iter()
        .flatten()
        .find(|entry| entry[0] == "Apply two");
    same("owner", &of_two.cloned().unwrap_or_default()[1], &fields)?;
    let odd = |defaults: Value| cluster(json!({"defaults": defaults}));
    let few = ground
        .apply("three", "kafkaclusters/a", &odd(json!({"replicas": 0})))
        .await?;
    few.refused(422, "Invalid")?;
    let untyped = ground
        .apply("three", "kafkaclusters/a", &odd("odd".into()))
        .await?;
    untyped.with_code(500)?;
    Ok(())
}

pub(super) async fn a_status_is_applied_apart(ground: Ground) -> Result<()> {
    let topic = topic(json!({}));
    ground.apply("one", "kafkatopics/a", &topic).await?.done()?;
    let condition = |kind: &str, status: &str| {
        json!({"type": kind, "status": status, "reason": "R", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z"})
    };
    let status = |conditions: Value| {
        json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic", "metadata": {"name": "a"},
            "status": {"conditions": conditions}})
    };
    let ready = status(json!([condition("One", "True")]));
    let found = ground
        .apply("one", "kafkatopics/a/status", &ready)
        .await?
        .done()?;
    same("spec", &found["spec"], &topic["spec"])?;
    same("generation", &found["metadata"]["generation"], &1.into())?;
    let other = status(json!([condition("Two", "False")]));
    let both = ground
        .apply("two", "kafkatopics/a/status", &other)
        .await?
        .done()?;
    // An operator may have something to say besides.
    let types: Vec<&Value> = both["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["type"])
        .filter(|one| **one == "One" || **one == "Two")
        .collect();
    same("types", &json!(types), &json!(["One", "Two"]))?;
    let unready = status(json!([condition("One", "False")]));
    let refused = ground
        .apply("two", "kafkatopics/a/status", &unready)
        .await?
        .refused(409, "Conflict")?;
    let field = ".status.conditions[type=\"One\"].status";
    same(
        "field",
        &refused["details"]["causes"][0]["field"],
        &field.into(),
    )?;
    let message = "conflict with \"one\" with subresource \"status\"";
    same(
        "message",
        &refused["details"]["causes"][0]["message"],
        &message.into(),
    )?;
    let mut missing = status(json!([]));
    missing["metadata"]["name"] = "b".into();
    let refused = ground
        .apply("one", "kafkatopics/b/status", &missing)
        .await?;
    refused.refused(404, "NotFound")?;
    Ok(())
}
