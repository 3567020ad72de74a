//! One suite for both clusters: the fake in every test run, and a running broker (Apache Kafka or
//! Millrace, whatever `MILLRACE_TEST_BOOTSTRAP` names) where one is there.

#[expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a check is a test for each cluster"
)]
mod checks;
mod fake;

macro_rules! conformance {
    ($($check:ident),* $(,)?) => {
        mod on_fake {
            use millrace_admin::fake::FakeKafka;
            $(
                #[tokio::test(start_paused = true)]
                async fn $check() {
                    crate::checks::$check(&FakeKafka::new(1)).await;
                }
            )*
        }

        mod live {
            use millrace_admin::Kafka;
            $(
                #[tokio::test]
                #[ignore = "needs a running broker: `tests/run live`"]
                async fn $check() {
                    let bootstrap = std::env::var("MILLRACE_TEST_BOOTSTRAP");
                    let bootstrap = bootstrap.expect("the broker's address");
                    crate::checks::$check(&Kafka::new(vec![bootstrap])).await;
                }
            )*
        }
    };
}

conformance![
    the_cluster_says_who_it_is,
    what_is_left_out_is_the_cluster_s_default,
    a_bad_topic_fails_alone,
    validated_topics_are_not_created,
    a_topic_that_is_missing_is_named_so_by_every_call,
    partitions_only_grow,
    only_what_is_set_on_a_topic_is_told,
    a_bad_setting_changes_nothing_of_its_topic,
    an_id_names_one_life_of_a_topic,
    brokers_take_settings_while_they_run,
    fixed_settings_of_brokers_are_refused,
    disks_tell_what_lies_on_them,
    nothing_asked_is_nothing_answered,
];
