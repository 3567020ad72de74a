//! Brokers know the rack of the node they were put on.

use anyhow::{Context, Result};
use serde_json::json;

use crate::load::under_load;
use crate::node_faults::node_of;
use crate::specs::cluster;

#[test]
fn a_broker_tells_clients_the_zone_of_its_node() -> Result<()> {
    let racks = json!({"rack": {"topologyKey": "topology.kubernetes.io/zone"}});
    under_load("racks", &cluster("fleet", racks), |stage, traffic| {
        let rack = || -> Result<_> {
            let rack = traffic.kafka().rack(0)?;
            rack.context("a broker without a rack")
        };
        let node = node_of(stage)?;
        assert_eq!(rack()?, node.zone());
        // By a label of the site's own, which Kubernetes copies to no pod.
        let (key, name) = ("example.com/rack", node.name());
        let kubectl = stage.cluster.kubectl();
        kubectl.run(&[
            "label",
            "node",
            &name,
            &format!("{key}=row-7"),
            "--overwrite",
        ])?;
        stage.patch_spec(
            "kafkacluster",
            "fleet",
            &json!({"rack": {"topologyKey": key}}),
        )?;
        let told = stage.ready("kafkacluster", "fleet").and_then(|_| rack());
        kubectl.run(&["label", "node", &name, &format!("{key}-")])?;
        assert_eq!(told?, "row-7");
        Ok(())
    })
}
