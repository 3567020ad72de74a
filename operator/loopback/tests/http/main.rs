//! The API over its socket, without `kubectl`: discovery, tables, watches, logs and what is refused.
//! `MILLRACE_BLESS=1` writes the golden discovery.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod client;

use std::net::SocketAddr;

use client::{Answer, Serving};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams, LogParams};
use kube::{Client, Config, Discovery};
use millrace_golden::hold;
use millrace_loopback::{BindError, Loopback};
use serde_json::{Value, json};

const GOLDEN_DISCOVERY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/discovery.json");
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

fn map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"},
        "metadata": {"name": name, "namespace": "default"}})
}

fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "broker", "image": "millrace"}]}})
}

#[tokio::test]
async fn discovery_is_as_it_was() {
    let serving = Serving::start().await;
    let mut told = serde_json::Map::new();
    for path in [
        "/api",
        "/apis",
        "/apis/apps",
        "/api/v1",
        "/apis/millrace.dev/v1alpha1",
    ] {
        told.insert(path.to_owned(), serving.get(path).await.json());
    }
    let text = serde_json::to_string_pretty(&Value::Object(told)).unwrap() + "\n";
    hold(GOLDEN_DISCOVERY, &text);
}

#[tokio::test]
async fn one_document_tells_what_all_the_others_do() {
    let serving = Serving::start().await;
    let config = Config::new(format!("http://{}", serving.address).parse().unwrap());
    let client = Client::try_from(config).unwrap();
    let names = |discovery: Discovery| {
        let mut names: Vec<String> = discovery
            .groups()
            .flat_map(kube::discovery::ApiGroup::resources_by_stability)
            .map(|(resource, parts)| {
                let parts: Vec<String> = parts
                    .subresources
                    .iter()
                    .map(|(part, _)| part.plural.clone())
                    .collect();
                format!("{}/{} {parts:?}", resource.api_version, resource.plural)
            })
            .collect();
        names.sort();
        names
    };
    let apart = names(Discovery::new(client.clone()).run().await.unwrap());
    let together = Discovery::new(client).run_aggregated().await.unwrap();
    assert_eq!(names(together), apart);
    assert!(
        apart
            .iter()
            .any(|name| name.contains("millrace.dev/v1alpha1/kafkatopics"))
    );
}

#[tokio::test]
async fn a_table_has_a_row_for_each_object() {
    let serving = Serving::start().await;
    serving.api.create(map("one")).unwrap();
    serving.api.create(map("two")).unwrap();
    let path = "/api/v1/namespaces/default/configmaps";
    let table = serving.get_as(path, TABLE).await.json();
    assert_eq!(table["kind"], "Table");
    assert_eq!(table["columnDefinitions"][1]["name"], "Data");
    let cells: Vec<&Value> = table["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["cells"])
        .collect();
    assert_eq!((&cells[0][0], &cells[1][0]), (&json!("one"), &json!("two")));
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    assert!(table["metadata"]["resourceVersion"].is_string());

    let one = serving
        .get_as(&format!("{path}/one?includeObject=Object"), TABLE)
        .await;
    assert_eq!(one.json()["rows"][0]["object"]["data"]["a"], "b");
    let none = serving.get_as(&format!("{path}/three"), TABLE).await;
    assert_eq!((none.code, &none.json()["kind"]), (404, &json!("Status")));
    let odd = serving
        .get_as(&format!("{path}?includeObject=Half"), TABLE)
        .await;
    assert_eq!(odd.code, 400);
}

#[tokio::test]
async fn a_watch_of_tables_tells_the_heads_once_and_ends_at_the_stop() {
    let serving = Serving::start().await;
    serving.api.create(map("one")).unwrap();
    let mut watch = serving
        .open(
            "GET",
            "/api/v1/configmaps?watch=true",
            &[("Accept", TABLE)],
            "",
        )
        .await;
    let first: Value = serde_json::from_str(&watch.line().await).unwrap();
    assert_eq!(
        first["object"]["columnDefinitions"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    serving.api.create(map("two")).unwrap();
    let second: Value = serde_json::from_str(&watch.line().await).unwrap();
    assert_eq!(
        (&second["type"], &second["object"]["rows"][0]["cells"][0]),
        (&json!("ADDED"), &json!("two"))
    );
    assert_eq!(second["object"]["columnDefinitions"], json!([]));
    serving.stop().await;
    assert_eq!(watch.line().await, "");
}

#[tokio::test]
async fn requests_for_other_hosts_are_refused() {
    let serving = Serving::start().await;
    let ask = async |headers: &[(&str, &str)]| -> Answer {
        serving
            .open("GET", "/api", headers, "")
            .await
            .answer()
            .await
    };
    let port = serving.address.port();
    assert_eq!(
        ask(&[("Host", &format!("localhost:{port}"))]).await.code,
        200
    );
    let refused = ask(&[("Host", "rebound.example")]).await;
    assert_eq!(refused.code, 403);
    assert_eq!(refused.json()["reason"], "Forbidden");
    let told = refused.json()["message"].to_string();
    assert!(told.contains("rebound.example"), "{told}");
    let page = [("Host", "127.0.0.1"), ("Origin", "https://page.example")];
    assert_eq!(ask(&page).await.code, 403);
}

#[tokio::test]
async fn limits_are_told() {
    let serving = Serving::start().await;
    let path = "/api/v1/namespaces/default/configmaps";
    let large = [("Content-Length", "4194304")];
    let large = serving.open("POST", path, &large, "").await;
    let large = large.answer().await;
    assert_eq!(
        (large.code, &large.json()["reason"]),
        (413, &json!("RequestEntityTooLarge"))
    );
    let long = "x".repeat(256 << 10);
    let long = serving.open("GET", "/api", &[("X-Long", &long)], "").await;
    assert_eq!(long.answer().await.code, 431);
}

#[tokio::test]
async fn what_is_not_served_is_named() {
    let serving = Serving::start().await;
    for (path, name) in [
        ("/apis/apps/v1/deployments", "deployments"),
        ("/apis/batch/v1", "batch"),
        ("/openapi/v2", "openapi/v2"),
        ("/api/v1/namespaces/default/pods/p/exec?command=ls", "exec"),
        ("/", "/"),
    ] {
        let answer = serving.get(path).await;
        assert_eq!(
            (answer.code, &answer.json()["kind"]),
            (404, &json!("Status")),
            "{path}"
        );
        assert!(
            answer.json()["message"].as_str().unwrap().contains(name),
            "{path}"
        );
    }
    let form = serving
        .get_as("/api/v1/pods", "application/vnd.kubernetes.protobuf")
        .await;
    assert_eq!(form.code, 406);
    let method = serving
        .open("POST", "/version", &[], "")
        .await
        .answer()
        .await;
    assert_eq!(method.code, 405);
}

#[tokio::test]
async fn logs_are_read_through_kubes_client() {
    let serving = Serving::start().await;
    serving.api.create(pod("p")).unwrap();
    let config = Config::new(format!("http://{}", serving.address).parse().unwrap());
    let pods: Api<Pod> = Api::default_namespaced(Client::try_from(config).unwrap());
    assert_eq!(
        pods.list(&ListParams::default()).await.unwrap().items.len(),
        1
    );

    let early = pods.logs("p", &LogParams::default()).await.unwrap_err();
    assert!(early.to_string().contains("not run yet"), "{early}");
    serving.write_log(b"one\ntwo\n");
    let all = pods.logs("p", &LogParams::default()).await.unwrap();
    assert_eq!(all, "one\ntwo\n");
    let tail = LogParams {
        tail_lines: Some(1),
        ..LogParams::default()
    };
    assert_eq!(pods.logs("p", &tail).await.unwrap(), "two\n");
    let none = pods.logs("q", &LogParams::default()).await.unwrap_err();
    assert!(none.to_string().contains("pods \"q\" not found"), "{none}");
}

#[tokio::test]
async fn a_follower_is_let_go_at_the_stop() {
    let serving = Serving::start().await;
    serving.api.create(pod("p")).unwrap();
    serving.write_log(b"one\n");
    let path = "/api/v1/namespaces/default/pods/p/log?follow=true";
    let mut log = serving.open("GET", path, &[], "").await;
    assert_eq!(log.line().await, "one");
    serving.write_log(b"two\n");
    assert_eq!(log.line().await, "two");
    serving.stop().await;
    assert_eq!(log.line().await, "");
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = Loopback::bind(anywhere).await.unwrap_err();
    assert!(matches!(refused, BindError::NotLoopback(_)), "{refused}");
    let first = Loopback::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let refused = Loopback::bind(first.address()).await.unwrap_err();
    assert!(matches!(refused, BindError::Taken(_)), "{refused}");
}

#[tokio::test]
async fn schemas_of_every_kind_are_served() {
    let serving = Serving::start().await;
    let index = serving.get("/openapi/v3").await.json();
    let mut missing = Vec::new();
    for kind in millrace_local::kinds() {
        let root = if kind.group.is_empty() { "api" } else { "apis" };
        let entry = &index["paths"][format!("{root}/{}", kind.api_version())];
        let url = entry["serverRelativeURL"].as_str().unwrap();
        let document = serving.get(url).await.json();
        let identity = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let described = schemas.values().any(|schema| {
            schema["x-kubernetes-group-version-kind"] == json!([identity])
                && schema["properties"]["metadata"].is_object()
        });
        if !described {
            missing.push(kind.kind);
        }
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name} of {}", kind.kind);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
