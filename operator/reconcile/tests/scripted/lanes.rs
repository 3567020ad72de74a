//! Thousands of new topics and one edit: the edit does not wait for them, and none of them costs more
//! than it must.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::things::{cluster, topic};
use crate::world::World;

const TOPICS: usize = 2_000;
/// What a write to the API server takes while it is busy.
const BUSY: Duration = Duration::from_millis(20);

#[tokio::test(start_paused = true)]
async fn an_edit_overtakes_the_backlog_and_each_topic_costs_two_writes() {
    let mut world = World::with_operator();
    world.add(cluster("shop", "main", json!({})));
    world.add(topic("shop", "main", "edited", json!({"partitions": 1})));
    world.settle().await;
    let before = world.plug.count();
    world.plug.take_reads();
    let plug = world.plug.clone();
    world
        .api
        .script(move |asked| match plug.of_kubernetes(asked) {
            millrace_local::Fate::Answered if asked.writes() => {
                millrace_local::Fate::AnsweredAfter(BUSY)
            }
            fate => fate,
        });
    for index in 0..TOPICS {
        world.add(topic("shop", "main", &format!("new-{index}"), json!({})));
    }
    sleep(BUSY * 3).await;
    world.edit("KafkaTopic", "shop", "edited", |topic| {
        topic["spec"]["partitions"] = 2.into();
    });
    let mut newest = world.api.newest();
    let in_force = || {
        let edited = world.api.object("KafkaTopic", "shop", "edited").unwrap();
        edited["status"]["partitions"] == 2
    };
    while !in_force() {
        newest.changed().await;
    }
    let topics = world.api.objects("KafkaTopic");
    let done = topics
        .iter()
        .filter(|topic| topic.get("status").is_some())
        .count();
    assert!(
        done < TOPICS / 2,
        "{done} of {TOPICS} were done before the edit"
    );
    // Their first comparison, minutes later, is another matter.
    let all_done = || {
        let topics = world.api.objects("KafkaTopic");
        topics.iter().all(|topic| topic.get("status").is_some())
    };
    while !all_done() {
        sleep(Duration::from_secs(1)).await;
    }
    let writes = world.plug.writes();
    let of_topics = |suffix: &str| {
        let writes = writes[before..].iter();
        let new = writes.filter(|write| write.starts_with("Patch KafkaTopic shop/new-"));
        new.filter(|write| write.ends_with("/status") == (suffix == "/status"))
            .count()
    };
    assert_eq!((of_topics(""), of_topics("/status")), (TOPICS, TOPICS));
    assert_eq!(world.plug.take_reads().get("Get KafkaTopic"), None);
}
