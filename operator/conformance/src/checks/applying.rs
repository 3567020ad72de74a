//! Server-side apply: who owns what, who is in whose way.

use anyhow::{Result, ensure};
use http::Method;
use serde_json::{Value, json};

use crate::answer::same;
use crate::ground::Ground;

fn map(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data})
}

fn service(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec})
}

/// What each manager owns: operation, name and subresource with fields, in the order that is shown.
fn owners(object: &Value) -> Value {
    let entries = object["metadata"]["managedFields"].as_array().cloned();
    let entries = entries.unwrap_or_default().into_iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    entries
        .map(|entry| {
            let who = [
                &entry["operation"],
                &entry["manager"],
                &entry["subresource"],
            ]
            .map(text);
            json!([who.join(" ").trim(), entry["fieldsV1"]])
        })
        .collect()
}

pub(super) async fn an_applier_owns_what_it_names(ground: Ground) -> Result<()> {
    let mut asked = map(json!({"k": "1", "l": "2"}));
    asked["metadata"]["labels"] = json!({"a": "b"});
    asked["metadata"]["finalizers"] = json!([]);
    let answer = ground.apply("one", "configmaps/a", &asked).await?;
    let made = answer.with_code(201)?;
    let fields = json!({"f:data": {"f:k": {}, "f:l": {}}, "f:metadata": {"f:labels": {"f:a": {}}}});
    same("owners", &owners(&made), &json!([["Apply one", fields]]))?;
    ensure!(
        made["metadata"]["managedFields"][0]["time"].is_string(),
        "{made}"
    );
    let again = ground
        .apply("one", "configmaps/a", &asked)
        .await?
        .with_code(200)?;
    same("again", &again, &made)
}

pub(super) async fn what_is_applied_no_more_goes(ground: Ground) -> Result<()> {
    let mut asked = map(json!({"k": "1", "l": "2"}));
    asked["metadata"]["annotations"] = json!({"a": "b"});
    ground.apply("one", "configmaps/a", &asked).await?.done()?;
    let theirs = json!({"data": {"m": "3"}});
    ground
        .patch("merge", "configmaps/a", &theirs)
        .await?
        .done()?;
    let less = map(json!({"k": "1"}));
    let found = ground.apply("one", "configmaps/a", &less).await?.done()?;
    same("data", &found["data"], &json!({"k": "1", "m": "3"}))?;
    same(
        "annotations",
        &found["metadata"]["annotations"],
        &Value::Null,
    )?;
    let nothing = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let found = ground
        .apply("one", "configmaps/a", &nothing)
        .await?
        .done()?;
    same("data", &found["data"], &json!({"m": "3"}))?;
    same(
        "owners",
        &owners(&found),
        &json!([["Update conformance", {"f:data": {"f:m": {}}}]]),
    )
}

pub(super) async fn another_value_conflicts_unless_forced(ground: Ground) -> Result<()> {
    ground
        .apply("one", "configmaps/a", &map(json!({"k": "1", "l": "1"})))
        .await?
        .done()?;
    let other = map(json!({"k": "2"}));
    let refused = ground
        .apply("two", "configmaps/a", &other)
        .await?
        .refused(409, "Conflict")?;
    let cause = json!([{"reason": "FieldManagerConflict", "message": "conflict with \"one\"", "field": ".data.k"}]);
    same("causes", &refused["details"]["causes"], &cause)?;
    let message = "Apply failed with 1 conflict: conflict with \"one\": .data.k";
    same("message", &refused["message"], &message.into())?;
    let forced = ground.force("two", "configmaps/a", &other).await?.done()?;
    same("data", &forced["data"], &json!({"k": "2", "l": "1"}))?;
    let expected =
        json!([["Apply one", {"f:data": {"f:l": {}}}], ["Apply two", {"f:data": {"f:k": {}}}]]);
    same("owners", &owners(&forced), &expected)?;
    let both = map(json!({"k": "3", "l": "3"}));
    let refused = ground
        .apply("three", "configmaps/a", &both)
        .await?
        .refused(409, "Conflict")?;
    let message = "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.l\nconflicts with \"two\":\n- .data.k";
    same("message", &refused["message"], &message.into())
}

pub(super) async fn the_same_value_is_shared(ground: Ground) -> Result<()> {
    let asked = map(json!({"k": "1"}));
    ground.apply("one", "configmaps/a", &asked).await?.done()?;
    let shared = ground.apply("two", "configmaps/a", &asked).await?.done()?;
    let fields = json!({"f:data": {"f:k": {}}});
    let found = owners(&shared);
    let mut names: Vec<&Value> = found.as_array().into_iter().flatten().collect();
    names.sort_by_key(|entry| entry[0].to_string());
    same(
        "owners",
        &json!(names),
        &json!([["Apply one", fields], ["Apply two", fields]]),
    )?;
    let none = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let left = ground.apply("one", "configmaps/a", &none).await?.done()?;
    same("data", &left["data"], &json!({"k": "1"}))?;
    same("owners", &owners(&left), &json!([["Apply two", fields]]))
}

pub(super) async fn an_update_takes_fields_from_appliers(ground: Ground) -> Result<()> {
    ground
        .apply("one", "configmaps/a", &map(json!({"k": "1", "l": "1"})))
        .await?
        .done()?;
    let taken = json!({"data": {"k": "2"}});
    let taken = ground
        .patch("merge", "configmaps/a?fieldManager=user", &taken)
        .await?
        .done()?;
    let expected =
        json!([["Apply one", {"f:data": {"f:l": {}}}], ["Update user", {"f:data": {"f:k": {}}}]]);
    same("owners", &owners(&taken), &expected)?;
    let asked = map(json!({"k": "1", "l": "1"}));
    let refused = ground
        .apply("one", "configmaps/a", &asked)
        .await?
        .refused(409, "Conflict")?;
    let cause = json!([{"reason": "FieldManagerConflict", "message": "conflict with \"user\" using v1", "field": ".data.k"}]);
    same("causes", &refused["details"]["causes"], &cause)?;
    let back = ground.force("one", "configmaps/a", &asked).await?.done()?;
    let fields = json!({"f:data": {"f:k": {}, "f:l": {}}});
    same("owners", &owners(&back), &json!([["Apply one", fields]]))
}

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
    let found = owners(&both);
    let mut found: Vec<&Value> = found.as_array().into_iter().flatten().collect();
    found.sort_by_key(|entry| entry[0].to_string());
    same("owners", &json!(found), &expected)?;
    let less = ground
        .apply("one", "services/a", &base(json!([])))
        .await?
        .done()?;
    same("ports", &names(&less), &json!(["tls"]))
}

pub(super) async fn values_of_sets_have_owners_of_their_own(ground: Ground) -> Result<()> {
    let asked = |names: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "finalizers": names}});
    ground
        .apply("one", "configmaps/a", &asked(json!(["x.y/1"])))
        .await?
        .done()?;
    let both = ground
        .apply("two", "configmaps/a", &asked(json!(["x.y/2"])))
        .await?
        .done()?;
    same(
        "both",
        &both["metadata"]["finalizers"],
        &json!(["x.y/1", "x.y/2"]),
    )?;
    let left = ground
        .apply("one", "configmaps/a", &asked(json!([])))
        .await?
        .done()?;
    same("left", &left["metadata"]["finalizers"], &json!(["x.y/2"]))?;
    let none = ground
        .apply("two", "configmaps/a", &asked(json!([])))
        .await?
        .done()?;
    same("none", &none["metadata"]["finalizers"], &Value::Null)
}

pub(super) async fn an_applied_list_keeps_its_order(ground: Ground) -> Result<()> {
    let asked = |names: &[&str]| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "finalizers": names}});
    let find = |object: Value| object["metadata"]["finalizers"].clone();
    ground
        .apply("one", "configmaps/a", &asked(&["x.y/a", "x.y/b", "x.y/c"]))
        .await?
        .done()?;
    let moved = ground
        .apply("one", "configmaps/a", &asked(&["x.y/c", "x.y/a"]))
        .await?
        .done()?;
    same("moved", &find(moved), &json!(["x.y/c", "x.y/a"]))?;
    let more = ground
        .apply("two", "configmaps/a", &asked(&["x.y/d", "x.y/a"]))
        .await?
        .done()?;
    same("more", &find(more), &json!(["x.y/c", "x.y/d", "x.y/a"]))?;
    let order = ground
        .apply("two", "configmaps/a", &asked(&["x.y/a", "x.y/d"]))
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
    let asked = |pools: Value| {
        json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": "a"},
            "spec": {"nodePools": pools}})
    };
    let pool = json!({"name": "all", "replicas": 1, "storage": {"ephemeral": {}}});
    let made = ground
        .apply("one", "kafkaclusters/a", &asked(json!([pool])))
        .await?
        .done()?;
    let key = "k:{\"name\":\"all\"}";
    let item = json!({".": {}, "f:name": {}, "f:replicas": {}, "f:storage": {"f:ephemeral": {}}});
    let fields = json!({"f:spec": {"f:nodePools": {key: item}}});
    same("owners", &owners(&made), &json!([["Apply one", fields]]))?;
    let theirs = json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": "a"},
        "spec": {"config": {"a.b": 1}, "listeners": [{"name": "plain", "port": 9092, "type": "internal"}]}});
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
    let odd = |defaults: Value| {
        json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": "a"},
            "spec": {"defaults": defaults}})
    };
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
    let topic = json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic", "metadata": {"name": "a"},
        "spec": {"clusterRef": {"name": "b"}}});
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
    let missing = ground
        .apply(
            "one",
            "kafkatopics/b/status",
            &json!({"apiVersion": "millrace.dev/v1alpha1",
        "kind": "KafkaTopic", "metadata": {"name": "b"}, "status": {}}),
        )
        .await?;
    missing.refused(404, "NotFound")?;
    Ok(())
}

pub(super) async fn what_is_applied_again_is_not_written(ground: Ground) -> Result<()> {
    let asked = map(json!({"k": "1"}));
    let made = ground.apply("one", "configmaps/a", &asked).await?.done()?;
    let forced = ground.force("one", "configmaps/a", &asked).await?.done()?;
    same("forced", &forced, &made)?;
    let tried = ground
        .ask(
            Method::PATCH,
            "configmaps/a?fieldManager=one&dryRun=All",
            "application/apply-patch+yaml",
            &map(json!({"k": "2"})),
        )
        .await?
        .done()?;
    same("tried", &tried["data"], &json!({"k": "2"}))?;
    same("stored", &ground.get("configmaps/a").await?.done()?, &made)
}

pub(super) async fn managers_can_be_reset(ground: Ground) -> Result<()> {
    ground
        .apply("one", "configmaps/a", &map(json!({"k": "1"})))
        .await?
        .done()?;
    let reset = json!([{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]);
    let bare = ground.patch("json", "configmaps/a", &reset).await?.done()?;
    same("owners", &owners(&bare), &json!([]))?;
    let other = ground
        .apply("two", "configmaps/a", &map(json!({"k": "2"})))
        .await?
        .refused(409, "Conflict")?;
    let cause = json!([{"reason": "FieldManagerConflict",
        "message": "conflict with \"before-first-apply\" using v1", "field": ".data.k"}]);
    same("causes", &other["details"]["causes"], &cause)
}

pub(super) async fn an_apply_says_who_and_what(ground: Ground) -> Result<()> {
    let media = "application/apply-patch+yaml";
    let asked = map(json!({}));
    let nameless = ground
        .ask(Method::PATCH, "configmaps/a", media, &asked)
        .await?;
    nameless.with_code(422)?;
    let mut odd = asked.clone();
    odd["metadata"]["managedFields"] = json!([]);
    ground
        .apply("one", "configmaps/a", &odd)
        .await?
        .refused(400, "BadRequest")?;
    let kindless = json!({"metadata": {"name": "a"}});
    ensure!(
        ground.apply("one", "configmaps/a", &kindless).await?.code >= 400,
        "without a kind"
    );
    let mut other = asked.clone();
    other["metadata"]["name"] = "b".into();
    ground
        .apply("one", "configmaps/a", &other)
        .await?
        .refused(400, "BadRequest")?;
    let mut sure = asked.clone();
    sure["metadata"]["uid"] = "00000000-0000-0000-0000-000000000001".into();
    ground
        .apply("one", "configmaps/a", &sure)
        .await?
        .refused(409, "Conflict")?;
    let mut versioned = asked.clone();
    ground.apply("one", "configmaps/a", &asked).await?.done()?;
    versioned["metadata"]["resourceVersion"] = "1".into();
    ground
        .apply("one", "configmaps/a", &versioned)
        .await?
        .refused(409, "Conflict")?;
    Ok(())
}
