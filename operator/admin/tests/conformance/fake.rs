//! What only the fake does: it fails, hangs and forgets as it is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_admin::fake::{Asked, Call, FakeKafka, Fate};
use millrace_admin::{Admin, AdminError, CALL_DEADLINE, NewTopic};
use millrace_types::ErrorCode;
use tokio::time::Instant;

fn topic(name: &str) -> NewTopic {
    NewTopic {
        name: name.into(),
        ..NewTopic::default()
    }
}

#[tokio::test(start_paused = true)]
async fn calls_become_what_the_script_says() {
    let refused = AdminError::refused(ErrorCode::PolicyViolation);
    let of_a = BTreeMap::from([("a".into(), refused.clone())]);
    let soon = Duration::from_secs(1);
    // The fate, whether each of two topics is answered for, how many are there, how long it takes.
    let cases = [
        (Fate::Answered, [true, true], 2, Duration::ZERO),
        (Fate::AnsweredAfter(soon), [true, true], 2, soon),
        (
            Fate::AnsweredAfter(CALL_DEADLINE),
            [false, false],
            0,
            CALL_DEADLINE,
        ),
        (Fate::Failed(refused), [false, false], 0, Duration::ZERO),
        (Fate::ItemsFailed(of_a), [false, true], 1, Duration::ZERO),
        (Fate::AnswerLost, [false, false], 2, CALL_DEADLINE),
    ];
    for (fate, answered, there, takes) in cases {
        let kafka = FakeKafka::new(1);
        let what = format!("{fate:?}");
        kafka.script(move |_| fate.clone());
        let began = Instant::now();
        let outcomes = kafka.create_topics(&[topic("a"), topic("b")]).await;
        assert_eq!(began.elapsed(), takes, "{what}");
        let ok: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(ok, answered, "{what}");
        assert_eq!(kafka.with(|state| state.topics.len()), there, "{what}");
    }
}

#[tokio::test]
async fn what_was_asked_is_remembered() {
    let kafka: Arc<FakeKafka> = Arc::new(FakeKafka::new(1));
    let admin: Arc<dyn Admin> = kafka.clone();
    admin.describe_topics(&["a".into()]).await;
    admin.create_topics(&[topic("a")]).await;
    let asked = |call| Asked {
        call,
        names: vec!["a".into()],
    };
    let all = [asked(Call::DescribeTopics), asked(Call::CreateTopics)];
    assert_eq!(kafka.take_asked(), all);
    assert!(all[1].call.writes() && !all[0].call.writes());
    assert!(kafka.take_asked().is_empty());
}
