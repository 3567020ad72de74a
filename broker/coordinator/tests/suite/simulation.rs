//! Clients that join, crash, lose replies and come back, against a coordinator whose log fails,
//! lags and changes hands. Then the faults stop, and the group must heal.

mod client;

use std::collections::{BTreeMap, BTreeSet};

use client::{Client, Phase};
use millrace_coordinator::{GroupConfig, GroupRequest, GroupResponse, RequestToken};
use millrace_types::ErrorCode;

use crate::bench::Bench;
use crate::requests::fetch;

const SEEDS: u64 = 300;
const FAULTY_STEPS: usize = 250;
const STEP_MS: i64 = 500;
/// Twice the longest chain of timeouts: rebalance, then sync, then session.
const HEALING_MS: i64 = 60_000;

/// Small, fast, and the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

struct World {
    dice: Dice,
    bench: Bench,
    clients: BTreeMap<u64, Client>,
    /// Who waits for which answer; `None` when whoever asked has given up.
    waiting: BTreeMap<RequestToken, Option<u64>>,
    asked: BTreeSet<RequestToken>,
    clients_made: u64,
    faulty: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let config = GroupConfig {
            initial_rebalance_delay_ms: i32::try_from(seed % 2 * 3_000).expect("small"),
            ..GroupConfig::default()
        };
        Self {
            dice: Dice::new(seed),
            bench: Bench::new(config),
            clients: BTreeMap::new(),
            waiting: BTreeMap::new(),
            asked: BTreeSet::new(),
            clients_made: 0,
            faulty: true,
        }
    }

    fn fault(&mut self) {
        match self.dice.roll(24) {
            0..=2 if self.clients.len() < 6 => {
                let is_static = self.dice.one_in(3);
                self.clients_made += 1;
                let client = Client::new(self.clients_made, is_static);
                self.clients.insert(self.clients_made, client);
            }
            3 => self.crash(),
            4 => self.restart(),
            5 => {
                let which = self.dice.roll(3);
                let errors = [
                    None,
                    Some(ErrorCode::NotEnoughReplicas),
                    Some(ErrorCode::MessageTooLarge),
                ];
                self.bench.append_error = errors[usize::try_from(which).expect("small")];
            }
            6 => self.bench.append_error = None,
            7 => self.bench.replicas_follow = false,
            8 | 9 => self.follow(),
            10 if self.dice.one_in(4) => self.bench.reload(),
            11 => self.leave(),
            _ => {}
        }
    }

    fn pick(&mut self) -> Option<u64> {
        let count = u64::try_from(self.clients.len()).expect("few");
        let at = self.dice.roll(count.max(1));
        let at = usize::try_from(at).expect("few");
        self.clients.keys().nth(at).copied()
    }

    fn follow(&mut self) {
        self.bench.replicas_follow = true;
        self.bench.replicas_catch_up();
    }

    /// Gone without a word.
    fn crash(&mut self) {
        if let Some(who) = self.pick() {
            self.give_up(who);
            self.clients.remove(&who);
        }
    }

    /// Comes back with nothing but its configuration.
    fn restart(&mut self) {
        if let Some(who) = self.pick() {
            self.give_up(who);
            self.client(who).forget();
        }
    }

    fn leave(&mut self) {
        let Some(who) = self.pick() else { return };
        if let Some(request) = self.client(who).leave() {
            self.clients.remove(&who);
            self.ask(None, request);
        }
    }

    fn client(&mut self, who: u64) -> &mut Client {
        self.clients.get_mut(&who).expect("a live client")
    }

    fn give_up(&mut self, gone: u64) {
        for who in self.waiting.values_mut().filter(|who| **who == Some(gone)) {
            *who = None;
        }
    }

    fn ask(&mut self, who: Option<u64>, request: GroupRequest) {
        let token = self.bench.ask(request);
        assert!(self.asked.insert(token));
        self.waiting.insert(token, who);
        self.deliver();
    }

    /// Every answer finds exactly one question. Some get lost on the way to the client.
    fn deliver(&mut self) {
        for reply in std::mem::take(&mut self.bench.replies) {
            let who = self
                .waiting
                .remove(&reply.token)
                .expect("one answer per question");
            let lost = self.faulty && self.dice.one_in(12);
            if let (Some(who), false) = (who, lost) {
                let now = self.bench.now;
                self.client(who).hear(&reply.response, now);
            }
        }
    }

    fn step(&mut self) {
        if self.faulty {
            self.fault();
        }
        self.bench.advance(STEP_MS);
        self.deliver();
        let now = self.bench.now;
        for who in self.clients.keys().copied().collect::<Vec<u64>>() {
            let is_impatient = self.faulty && self.dice.one_in(40);
            if self.client(who).has_given_up(now, is_impatient) {
                self.give_up(who);
                self.client(who).retry();
            }
            if let Some(request) = self.client(who).act(now) {
                self.ask(Some(who), request);
            }
        }
    }

    fn heal(&mut self) {
        self.faulty = false;
        self.bench.append_error = None;
        self.follow();
        self.deliver();
        for _ in 0..HEALING_MS / STEP_MS {
            self.step();
        }
    }

    fn check_converged(&mut self) {
        let clients = || self.clients.values();
        let ids: BTreeSet<&str> = clients().map(|client| &*client.member.id).collect();
        let generations: BTreeSet<i32> = clients().map(|client| client.member.generation).collect();
        let leaders = clients().filter(|client| client.is_leader).count();
        let phases: Vec<&Phase> = clients().map(|client| &client.phase).collect();
        assert!(
            phases.iter().all(|phase| **phase == Phase::In),
            "{phases:?}"
        );
        assert_eq!(ids.len(), self.clients.len());
        if !self.clients.is_empty() {
            assert_eq!(generations.len(), 1, "{generations:?}");
            assert_eq!(leaders, 1);
        }
        let described = self.bench.answer(describe());
        let GroupResponse::Describe(group) = described else {
            unreachable!("a description");
        };
        let members: BTreeSet<&str> = group
            .members
            .iter()
            .map(|member| &*member.member_id)
            .collect();
        assert_eq!(members, ids);
    }

    /// What the log says is what the coordinator knew.
    fn check_reload(&mut self) {
        let before = (
            self.bench.answer(describe()),
            self.bench.answer(fetch("g", None)),
        );
        self.bench.reload();
        self.deliver();
        let after = (
            self.bench.answer(describe()),
            self.bench.answer(fetch("g", None)),
        );
        assert_eq!(before, after);
    }
}

fn describe() -> GroupRequest {
    GroupRequest::Describe {
        version: 5,
        group_id: "g".into(),
    }
}

#[test]
fn whatever_happens_the_group_heals_and_every_question_gets_one_answer() {
    for seed in 0..SEEDS {
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            for _ in 0..FAULTY_STEPS {
                world.step();
            }
            world.heal();
            world.check_converged();
            world.check_reload();
            assert!(world.waiting.is_empty(), "{:?}", world.waiting);
        });
        assert!(outcome.is_ok(), "seed {seed}");
    }
}
