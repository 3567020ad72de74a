//! The leader dies after every single write of a change, as the API server's own record tells them, and the other
//! replica goes on from there.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use millrace_kubernetes_tests::{Change, Changes, grow_volume};
use serde_json::json;

use crate::leader::{Victim, taken_over};
use crate::load::{CLAIM, POD, TRAFFIC, alone_under_load};
use crate::operator::{RELEASE, SPACE, wait_available};
use crate::specs::{cluster, scratch, topic};
use crate::stage::{Stage, judged_ready, stage_alone};
use crate::storage::{requested, sized};
use crate::traffic::{PARTITIONS, Traffic};

/// No change takes more writes than these.
const MAX_WRITES: usize = 30;

/// Without a write for so long, it is asked whether the change is over.
const PAUSE: Duration = Duration::from_millis(500);

/// Prepares and makes a change again and again, each time as another `round`. The leader dies as soon as it has asked for it, the
/// next time after the first write, then after the second: until the change is over before it comes to that.
fn at_every_write(
    stage: &Stage<'_>,
    prepare: impl Fn(usize) -> Result<()>,
    change: impl Fn(usize) -> Result<()>,
    over: impl Fn(usize) -> Result<bool>,
) -> Result<()> {
    for round in 0..MAX_WRITES {
        prepare(round)?;
        let victim = Victim::find(stage.cluster)?;
        let changes = stage.lab()?.changes(stage.space, SPACE)?;
        change(round)?;
        let made = writes(&changes, round, || over(round))?;
        if made.len() < round {
            ensure!(round > 1, "a change without writes");
            return wait_available(stage.cluster);
        }
        let dead = victim.kill()?;
        // The lease would run out by itself: that is not what is looked at here.
        let lease = ["-n", SPACE, "delete", "lease", RELEASE];
        stage.cluster.kubectl().run(&lease)?;
        taken_over(stage.cluster, &dead)?;
        stage.wait(
            &format!("the change, whose leader died after {made:?}"),
            || Ok(over(round)?.then_some(())),
        )?;
    }
    bail!("more than {MAX_WRITES} writes")
}

/// The next `count` writes, or all that there are before the change is over.
fn writes(changes: &Changes, count: usize, over: impl Fn() -> Result<bool>) -> Result<Vec<Change>> {
    let mut made = Vec::new();
    while made.len() < count {
        match changes.next(PAUSE)? {
            Some(change) => made.push(change),
            None if over().unwrap_or(false) => break,
            None => {}
        }
    }
    Ok(made)
}

fn is_ready(stage: &Stage<'_>, kind: &str, name: &str) -> Result<bool> {
    Ok(judged_ready(&stage.get(kind, name)?))
}

/// Each time another cluster.
#[test]
fn an_install_survives_its_operator() -> Result<()> {
    stage_alone("crash-install", |stage| {
        let named = |round: usize| format!("fleet-{round}");
        at_every_write(
            stage,
            |_| Ok(()),
            |round| stage.apply(&scratch(&named(round), json!({}))),
            |round| is_ready(stage, "kafkacluster", &named(round)),
        )?;
        let partitions = json!({ "partitions": PARTITIONS });
        stage.apply(&topic(TRAFFIC, &named(1), partitions))?;
        stage.ready("kafkatopic", TRAFFIC)?;
        Traffic::start(&stage.kafka(&named(1))?, TRAFFIC)?.end()
    })
}

#[test]
fn a_restart_survives_its_operator() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("crash-restart", &fleet, |stage, traffic| {
        let key = "offsets.topic.num.partitions";
        let wanted = |round: usize| (round + 11).to_string();
        at_every_write(
            stage,
            |_| Ok(()),
            |round| {
                let change = json!({"config": {key: wanted(round)}});
                stage.patch_spec("kafkacluster", "fleet", &change)
            },
            |round| {
                let told = stage.get("kafkacluster", "fleet")?;
                let settled = judged_ready(&told) && told["status"]["roll"].is_null();
                Ok(settled && traffic.kafka().broker_setting(0, key)? == wanted(round))
            },
        )
    })
}

#[test]
fn a_growing_volume_survives_its_operator() -> Result<()> {
    let fleet = cluster("fleet", sized("expandable", "1Gi"));
    alone_under_load("crash-growth", &fleet, |stage, _| {
        let pod = stage.uid("pod", POD)?;
        let size = |round: usize| format!("{}Gi", round + 2);
        at_every_write(
            stage,
            |_| Ok(()),
            |round| stage.patch_spec("kafkacluster", "fleet", &sized("expandable", &size(round))),
            |round| {
                let wanted = json!(size(round));
                let claim = stage.get("pvc", CLAIM)?;
                if requested(stage)? == wanted && claim["status"]["capacity"]["storage"] != wanted {
                    grow_volume(stage.cluster.kubectl(), stage.space, CLAIM)?;
                }
                let told = stage.get("kafkacluster", "fleet")?;
                let volume = &told["status"]["storage"][0];
                let set = stage.get("statefulset", "fleet-all")?;
                let template = &set["spec"]["volumeClaimTemplates"][0]["spec"]["resources"];
                Ok(judged_ready(&told)
                    && volume["size"] == wanted
                    && volume["message"].is_null()
                    && template["requests"]["storage"] == wanted)
            },
        )?;
        assert_eq!(stage.uid("pod", POD)?, pod, "the broker was restarted");
        Ok(())
    })
}

/// One topic comes, one changes, one goes.
#[test]
fn topics_survive_their_operator() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("crash-topics", &fleet, |stage, traffic| {
        let kafka = traffic.kafka();
        let named = |round: usize| format!("orders-{round}");
        let before = |round: usize| round.checked_sub(1).map(named);
        at_every_write(
            stage,
            |_| Ok(()),
            |round| {
                stage.apply(&topic(&named(round), "fleet", json!({})))?;
                stage.patch_spec("kafkatopic", TRAFFIC, &json!({"partitions": round + 3}))?;
                before(round).map_or(Ok(()), |gone| stage.delete("kafkatopic", &gone))
            },
            |round| {
                let gone = match before(round) {
                    None => true,
                    Some(gone) => {
                        stage.find("kafkatopic", &gone)?.is_none() && kafka.topic(&gone)?.is_none()
                    }
                };
                Ok(gone
                    && is_ready(stage, "kafkatopic", &named(round))?
                    && kafka.topic(&named(round))?.is_some()
                    && is_ready(stage, "kafkatopic", TRAFFIC)?
                    && kafka.partitions(TRAFFIC)? == round + 3)
            },
        )
    })
}

/// A cluster goes with its topics, beside one that stays.
#[test]
fn a_deletion_survives_its_operator() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("crash-deletion", &fleet, |stage, _| {
        let named = |round: usize| format!("doomed-{round}");
        let topics = |round: usize| ["one", "two"].map(|word| format!("{}-{word}", named(round)));
        let furnish = |round: usize| -> Result<()> {
            stage.apply(&scratch(&named(round), json!({})))?;
            for name in topics(round) {
                stage.apply(&topic(&name, &named(round), json!({})))?;
            }
            stage.ready("kafkacluster", &named(round))?;
            let mut topics = topics(round).into_iter();
            topics.try_for_each(|name| stage.ready("kafkatopic", &name).map(drop))
        };
        at_every_write(
            stage,
            furnish,
            |round| {
                let mut topics = topics(round).into_iter();
                stage.delete("kafkacluster", &named(round))?;
                topics.try_for_each(|name| stage.delete("kafkatopic", &name))
            },
            |round| {
                let kinds = "kafkaclusters,kafkatopics,statefulsets,services,configmaps,pods";
                let name = named(round);
                let mut left = stage.list(kinds)?.into_iter();
                let gone = !left.any(|object| {
                    let own = object["metadata"]["name"].as_str().unwrap_or_default();
                    own.starts_with(&name)
                });
                Ok(gone)
            },
        )
    })
}
