//! Consumers that begin, go on, change their minds, get lost and give up.

use super::*;

const START: Duration = Duration::ZERO;

fn partition(index: i32) -> PartitionRef {
    PartitionRef {
        topic: TopicRef::Id(Uuid([7; 16])),
        partition: index,
    }
}

fn wanted(indexes: &[i32]) -> Vec<(PartitionRef, Interest)> {
    let interest = Interest {
        fetch_offset: 0,
        max_bytes: 1024,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
    };
    indexes
        .iter()
        .map(|&index| (partition(index), interest.clone()))
        .collect()
}

fn ask(session_id: i32, session_epoch: i32, indexes: &[i32]) -> FetchAsk {
    FetchAsk {
        session_id,
        session_epoch,
        by_id: true,
        wanted: wanted(indexes),
        forgotten: Vec::new(),
    }
}

fn news(high_watermark: Offset) -> News {
    let told = Told {
        high_watermark,
        log_start_offset: 0,
    };
    News {
        told,
        urgent: false,
        failed: false,
    }
}

fn tell(sessions: &FetchSessions, plan: &FetchPlan, answers: &[(PartitionRef, News)]) -> Vec<bool> {
    sessions.tell(
        plan,
        answers.iter().map(|(partition, news)| (partition, news)),
    )
}

fn indexes(plan: &FetchPlan) -> Vec<i32> {
    let mut indexes: Vec<_> = plan
        .partitions
        .iter()
        .map(|(key, _)| key.partition)
        .collect();
    indexes.sort_unstable();
    indexes
}

#[test]
fn an_incremental_fetch_reads_everything_and_is_told_only_the_news() {
    let sessions = FetchSessions::new(10, 7);
    let full = sessions.plan(ask(0, 0, &[0, 1]), START).unwrap();
    let answers = [(partition(0), news(5)), (partition(1), news(6))];
    assert_eq!(tell(&sessions, &full, &answers), [true, true]);

    let next = sessions
        .plan(ask(full.session_id(), 1, &[]), START)
        .unwrap();
    assert_eq!(indexes(&next), [0, 1]);
    let answers = [(partition(0), news(5)), (partition(1), news(9))];
    assert_eq!(tell(&sessions, &next, &answers), [false, true]);
}

#[test]
fn after_an_error_a_partition_is_mentioned_again() {
    let sessions = FetchSessions::new(10, 7);
    let full = sessions.plan(ask(0, 0, &[0]), START).unwrap();
    tell(&sessions, &full, &[(partition(0), news(5))]);
    let failed = News {
        urgent: true,
        failed: true,
        ..news(5)
    };
    let next = sessions
        .plan(ask(full.session_id(), 1, &[]), START)
        .unwrap();
    assert_eq!(tell(&sessions, &next, &[(partition(0), failed)]), [true]);
    let next = sessions
        .plan(ask(full.session_id(), 2, &[]), START)
        .unwrap();
    assert_eq!(tell(&sessions, &next, &[(partition(0), news(5))]), [true]);
}

#[test]
fn partitions_are_added_and_forgotten() {
    let sessions = FetchSessions::new(10, 7);
    let id = sessions
        .plan(ask(0, 0, &[0, 1]), START)
        .unwrap()
        .session_id();
    let mut change = ask(id, 1, &[2]);
    change.forgotten = vec![partition(0)];
    assert_eq!(indexes(&sessions.plan(change, START).unwrap()), [1, 2]);
}

#[test]
fn every_partition_comes_first_in_turn() {
    let sessions = FetchSessions::new(10, 7);
    let id = sessions
        .plan(ask(0, 0, &[0, 1, 2]), START)
        .unwrap()
        .session_id();
    let firsts: Vec<_> = (1..=3)
        .map(|epoch| {
            sessions
                .plan(ask(id, epoch, &[]), START)
                .unwrap()
                .partitions[0]
                .0
                .partition
        })
        .collect();
    assert_eq!(firsts, [1, 2, 0]);
}

#[test]
fn wrong_sessions_epochs_and_names_are_refused() {
    let sessions = FetchSessions::new(10, 7);
    let id = sessions.plan(ask(0, 0, &[0]), START).unwrap().session_id();
    let refuse = |ask| sessions.plan(ask, START).unwrap_err();
    assert_eq!(
        refuse(ask(id + 1, 1, &[])),
        ErrorCode::FetchSessionIdNotFound
    );
    assert_eq!(refuse(ask(id, 2, &[])), ErrorCode::InvalidFetchSessionEpoch);
    let by_name = FetchAsk {
        by_id: false,
        ..ask(id, 1, &[])
    };
    assert_eq!(refuse(by_name), ErrorCode::FetchSessionTopicIdError);
}

#[test]
fn a_full_cache_serves_without_session_until_one_has_rested_long_enough() {
    let sessions = FetchSessions::new(1, i32::MAX);
    assert_ne!(
        sessions.plan(ask(0, 0, &[0]), START).unwrap().session_id(),
        NO_SESSION
    );
    assert_eq!(
        sessions.plan(ask(0, 0, &[0]), START).unwrap().session_id(),
        NO_SESSION
    );
    let later = EVICTABLE_AFTER;
    assert_ne!(
        sessions.plan(ask(0, 0, &[0]), later).unwrap().session_id(),
        NO_SESSION
    );
    assert_eq!(sessions.evictions(), 1);
}

#[test]
fn closing_a_session_frees_its_slot() {
    let sessions = FetchSessions::new(1, i32::MAX);
    let id = sessions.plan(ask(0, 0, &[0]), START).unwrap().session_id();
    assert_eq!(
        sessions.plan(ask(id, -1, &[]), START).unwrap().session_id(),
        NO_SESSION
    );
    assert_eq!(sessions.count(), 0);
}

/// Session (`own` is the one opened first), epoch, partitions, forgotten ones; and what is read
/// or why nothing is.
#[test]
fn a_session_goes_from_epoch_to_epoch() {
    type Step<'a> = (
        &'a str,
        i32,
        &'a [i32],
        &'a [i32],
        Result<&'a [i32], ErrorCode>,
    );
    const STEPS: &[Step<'_>] = &[
        ("own", 1, &[], &[], Ok(&[0, 1, 2])),
        // A client that missed the answer asks with the old epoch, and has to begin anew.
        ("own", 1, &[], &[], Err(ErrorCode::InvalidFetchSessionEpoch)),
        ("own", 3, &[], &[], Err(ErrorCode::InvalidFetchSessionEpoch)),
        ("own", 2, &[3], &[0, 1], Ok(&[2, 3])),
        // What is not there can be forgotten, and what is there asked for again.
        ("own", 3, &[3], &[0, 9], Ok(&[2, 3])),
        ("none", 4, &[], &[], Err(ErrorCode::FetchSessionIdNotFound)),
        ("own", 4, &[], &[2, 3], Ok(&[])),
        ("own", 5, &[7], &[], Ok(&[7])),
        ("own", -1, &[1], &[], Ok(&[1])),
        ("own", 6, &[], &[], Err(ErrorCode::FetchSessionIdNotFound)),
    ];
    let sessions = FetchSessions::new(10, 7);
    let own = sessions.plan(ask(0, 0, &[0, 1, 2]), START).unwrap();
    for (number, (session, epoch, wanted, forgotten, expected)) in STEPS.iter().enumerate() {
        let id = match *session {
            "own" => own.session_id(),
            _ => own.session_id() + 1,
        };
        let mut ask = ask(id, *epoch, wanted);
        ask.forgotten = forgotten.iter().map(|&index| partition(index)).collect();
        let outcome = sessions.plan(ask, START).map(|plan| indexes(&plan));
        let expected = expected.map(<[i32]>::to_vec);
        assert_eq!(outcome, expected, "step {number}");
    }
}

#[test]
fn a_full_fetch_replaces_the_session_it_names_and_none_is_opened_for_nothing() {
    let sessions = FetchSessions::new(10, 7);
    let first = sessions.plan(ask(0, 0, &[0]), START).unwrap().session_id();
    let second = sessions.plan(ask(first, 0, &[1]), START).unwrap();
    assert_ne!(second.session_id(), first);
    assert_eq!(sessions.count(), 1);
    let nothing = sessions.plan(ask(0, 0, &[]), START).unwrap();
    assert_eq!(nothing.session_id(), NO_SESSION);
}

#[test]
fn the_session_that_rested_longest_makes_room() {
    let sessions = FetchSessions::new(2, 7);
    let at = |seconds| Duration::from_secs(seconds);
    let open = |now| sessions.plan(ask(0, 0, &[0]), now).unwrap().session_id();
    let (old, busy) = (open(at(0)), open(at(1)));
    sessions.plan(ask(old, 1, &[]), at(200)).unwrap();
    let new = open(at(201));
    assert_ne!(new, NO_SESSION);
    let gone = sessions.plan(ask(busy, 1, &[]), at(201)).unwrap_err();
    assert_eq!(gone, ErrorCode::FetchSessionIdNotFound);
    assert!(sessions.plan(ask(old, 2, &[]), at(201)).is_ok());
}
