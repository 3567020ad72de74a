//! What pods read is written before pods are made anew to read it.

use millrace_local::{Asked, Fate, Verb};
use serde_json::json;

use crate::things::cluster;
use crate::world::World;

/// So many writes of the file fail.
const FAILURES: usize = 3;

#[tokio::test(start_paused = true)]
async fn a_pod_is_restarted_once_and_only_when_its_file_is_written() {
    for kind in ["ConfigMap", "StatefulSet"] {
        let mut world = World::with_operator();
        world.add(cluster("shop", "main", json!({})));
        world.settle().await;
        let (plug, mut left) = (world.plug.clone(), FAILURES);
        world.api.script(move |asked: &Asked| {
            if asked.kind == kind && asked.verb == Verb::Patch && left > 0 {
                left -= 1;
                return Fate::Failed(500);
            }
            plug.of_kubernetes(asked)
        });
        world.edit("KafkaCluster", "shop", "main", |cluster| {
            cluster["spec"]["config"]["num.partitions"] = 3.into();
        });
        world.settle().await;
        let files = &world.brokers.picture()["shop/main"]["files"]["0"];
        assert_eq!(files["num.partitions"], "3", "{kind}");
        let writes = world.plug.writes();
        let restarts = writes
            .iter()
            .filter(|write| write.starts_with("Delete Pod"));
        assert_eq!(restarts.count(), 1, "{kind}: {writes:#?}");
    }
}
