//! Fields of the operator's objects that others manage: what the operator applies it takes back, what
//! it does not it leaves alone, and either way it comes to rest.

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

use crate::things::cluster;
use crate::world::World;

const OPERATOR: &str = "millrace-operator";
const INTRUDER: &str = "intruder";

/// Applies as somebody else who insists.
async fn intrude(world: &World, kind: (&str, &str), name: &str, change: Value) {
    let gvk = GroupVersionKind::gvk(kind.0, "v1", kind.1);
    let api: Api<DynamicObject> =
        Api::namespaced_with(world.api.client(), "shop", &ApiResource::from_gvk(&gvk));
    let params = PatchParams::apply(INTRUDER).force();
    let mut object = change;
    object["apiVersion"] = gvk.api_version().into();
    object["kind"] = kind.1.into();
    object["metadata"]["name"] = name.into();
    api.patch(name, &params, &Patch::Apply(&object))
        .await
        .unwrap();
}

/// Who manages a field, given as a pointer into `fieldsV1`.
fn managers(object: &Value, field: &str) -> Vec<String> {
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    let managing = entries
        .iter()
        .filter(|entry| entry["fieldsV1"].pointer(field).is_some());
    managing
        .map(|entry| entry["manager"].as_str().unwrap().to_owned())
        .collect()
}

async fn settled() -> World {
    let mut world = World::with_operator();
    world.add(cluster("shop", "main", json!({})));
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_field_that_somebody_took_is_taken_back() {
    let mut world = settled().await;
    let replicas = "/f:spec/f:replicas";
    let set = world.api.object("StatefulSet", "shop", "main-all").unwrap();
    assert_eq!(managers(&set, replicas), [OPERATOR]);
    let spec = json!({"spec": {"replicas": 3}});
    intrude(&world, ("apps", "StatefulSet"), "main-all", spec).await;
    let taken = world.api.object("StatefulSet", "shop", "main-all").unwrap();
    assert_eq!(taken["spec"]["replicas"], 3);
    assert_eq!(managers(&taken, replicas), [INTRUDER]);
    world.settle().await;
    let set = world.api.object("StatefulSet", "shop", "main-all").unwrap();
    assert_eq!(set["spec"]["replicas"], 1);
    assert_eq!(managers(&set, replicas), [OPERATOR]);
    assert_eq!(world.ready("KafkaCluster", "shop", "main").0, "True");
}

#[tokio::test(start_paused = true)]
async fn what_others_add_stays_and_brings_no_writes() {
    let mut world = settled().await;
    let note = json!({"metadata": {"annotations": {"example.com/note": "ours"}}});
    intrude(&world, ("", "Service"), "main-brokers", note).await;
    world.settle().await;
    let before = world.plug.count();
    world.settle().await;
    assert_eq!(world.plug.count(), before);
    let service = world.api.object("Service", "shop", "main-brokers").unwrap();
    let note = "/f:metadata/f:annotations/f:example.com~1note";
    assert_eq!(
        service["metadata"]["annotations"]["example.com/note"],
        "ours"
    );
    assert_eq!(managers(&service, note), [INTRUDER]);
}

#[tokio::test(start_paused = true)]
async fn a_label_that_is_applied_by_both_is_shared() {
    let mut world = settled().await;
    let map = world
        .api
        .object("ConfigMap", "shop", "main-config")
        .unwrap();
    let label = &map["metadata"]["labels"]["app.kubernetes.io/managed-by"];
    let same = json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": label}}});
    intrude(&world, ("", "ConfigMap"), "main-config", same).await;
    world.settle().await;
    let map = world
        .api
        .object("ConfigMap", "shop", "main-config")
        .unwrap();
    let field = "/f:metadata/f:labels/f:app.kubernetes.io~1managed-by";
    let mut both = managers(&map, field);
    both.sort();
    assert_eq!(both, [INTRUDER, OPERATOR]);
}
