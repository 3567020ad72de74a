//! The commands of a script. `g` is the group unless `group=` says otherwise.
//!
//! ```text
//! join a [instance=i] [protocols=range,rr] [topics=t,u] [session=ms] [rebalance=ms] [version=9] [type=consumer]
//! forget a                  a restarts: it no longer knows its member id
//! copy a b                  b claims to be a
//! sync a [x=1 y=2]          assignments by name; only a leader sends them
//! heartbeat a · leave a [b] [version=5] · leave-instance i
//! commit a t-0=5[:note]     a `-` commits without being a member
//! fetch t-0 u-1 | fetch all · delete-offsets t-0 · forget-topics t
//! describe [version=6] · list [states=..] [types=..] · delete-group
//! advance ms · set-clock ms · replicas hold|follow · appends fail=ERROR|work · reload
//! config max-size=3 delay=0 retention=ms metadata=bytes
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use millrace_coordinator::{GroupConfig, GroupRequest, GroupResponse, RequestToken};
use millrace_types::ErrorCode;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::leave_group_request::MemberIdentity;
use millrace_wire::messages::list_groups_request::ListGroupsRequest;
use millrace_wire::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};

use super::{print, wire};
use crate::bench::Bench;
use crate::requests::{self, Member, caller, join, protocol, subscription};

pub(super) struct Stage {
    bench: Bench,
    members: BTreeMap<String, Member>,
    /// Who asked in which version, by token.
    asked: HashMap<RequestToken, (String, i16)>,
    /// Member ids by the names scripts use.
    names: HashMap<Arc<str>, String>,
    fresh: u128,
}

/// A command's words: plain ones, and those of the form `key=value`.
struct Words<'a> {
    plain: Vec<&'a str>,
    options: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let (options, plain): (Vec<&str>, Vec<&str>) =
            text.split_whitespace().partition(|word| word.contains('='));
        let options = options.iter().filter_map(|word| word.split_once('='));
        Self {
            plain,
            options: options.collect(),
        }
    }

    fn option(&self, key: &str) -> Option<&'a str> {
        let found = self.options.iter().find(|(name, _)| *name == key);
        found.map(|&(_, value)| value)
    }

    fn number<N: std::str::FromStr>(&self, key: &str, default: N) -> N {
        let value = self.option(key);
        value.map_or(default, |text| text.parse().ok().expect("a number"))
    }

    fn group(&self) -> &'a str {
        self.option("group").unwrap_or("g")
    }
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            bench: Bench::new(GroupConfig::default()),
            members: BTreeMap::new(),
            asked: HashMap::new(),
            names: HashMap::new(),
            fresh: 0,
        }
    }

    /// Runs one command and returns what came of it, line by line.
    pub(super) fn run(&mut self, line: &str) -> Vec<String> {
        let words = Words::new(line);
        let who = words.plain.get(1).copied().unwrap_or("-").to_owned();
        match words.plain[0] {
            "join" => self.join(&who, &words),
            "sync" => self.sync(&who, &words),
            "heartbeat" => {
                let request = self.member(&who, words.group()).heartbeat();
                self.ask(&who, request);
            }
            "leave" => self.leave(&words),
            "leave-instance" => {
                let identity = MemberIdentity {
                    group_instance_id: Some(Arc::from(who.as_str())),
                    ..MemberIdentity::default()
                };
                self.ask("admin", requests::leave(words.group(), 5, vec![identity]));
            }
            "commit" => self.commit(&who, &words),
            "forget" => self.member(&who, words.group()).id = Arc::from(""),
            "copy" => {
                let copied = self.member(&who, words.group()).clone();
                self.members.insert(words.plain[2].to_owned(), copied);
            }
            "advance" => self.bench.advance(who.parse().expect("milliseconds")),
            "set-clock" => self.bench.clock_set_by += who.parse::<i64>().expect("milliseconds"),
            "reload" => self.bench.reload(),
            "replicas" => {
                self.bench.replicas_follow = who == "follow";
                if who == "follow" {
                    self.bench.replicas_catch_up();
                }
            }
            "appends" => self.bench.append_error = words.option("fail").map(error_named),
            "config" => self.configure(&words),
            _ => self.administrate(&words),
        }
        self.events()
    }

    fn administrate(&mut self, words: &Words<'_>) {
        let group_id: Arc<str> = Arc::from(words.group());
        let list = |key| {
            let names = words.option(key).unwrap_or("").split(',');
            names
                .filter(|name| !name.is_empty())
                .map(Arc::from)
                .collect()
        };
        let request = match words.plain[0] {
            "fetch" if words.plain[1] == "all" => requests::fetch(&group_id, None),
            "fetch" => {
                let wanted: Vec<_> = words.plain[1..]
                    .iter()
                    .map(|word| partition(word))
                    .collect();
                requests::fetch(&group_id, Some(&wanted))
            }
            "describe" => GroupRequest::Describe {
                version: words.number("version", 6),
                group_id,
            },
            "list" => GroupRequest::List(ListGroupsRequest {
                states_filter: list("states"),
                types_filter: list("types"),
            }),
            "delete-group" => GroupRequest::Delete { group_id },
            "delete-offsets" => delete_offsets(group_id, &words.plain[1..]),
            "forget-topics" => GroupRequest::ForgetTopics {
                topics: words.plain[1..]
                    .iter()
                    .map(|&name| Arc::from(name))
                    .collect(),
            },
            unknown => unreachable!("no command {unknown}"),
        };
        self.ask("admin", request);
    }

    fn configure(&mut self, words: &Words<'_>) {
        let mut config = self.bench.config.clone();
        config.max_size = words.number("max-size", config.max_size);
        config.initial_rebalance_delay_ms =
            words.number("delay", config.initial_rebalance_delay_ms);
        config.offsets_retention_ms = words.number("retention", config.offsets_retention_ms);
        config.offset_metadata_max_bytes =
            words.number("metadata", config.offset_metadata_max_bytes);
        if self.bench.log.is_empty() {
            self.bench = Bench::new(config);
        } else {
            self.bench.config = config;
        }
    }

    fn member(&mut self, name: &str, group: &str) -> &mut Member {
        let member = self.members.entry(name.to_owned());
        member.or_insert_with(|| Member::new(group))
    }

    fn ask(&mut self, who: &str, request: GroupRequest) {
        let version = wire::version_of(&request);
        let token = self.bench.ask(request);
        self.asked.insert(token, (who.to_owned(), version));
    }

    fn join(&mut self, who: &str, words: &Words<'_>) {
        let member = self.member(who, words.group());
        if let Some(instance) = words.option("instance") {
            member.instance = Some(Arc::from(instance));
        }
        let topics = words.option("topics").unwrap_or("t").split(',');
        let metadata = subscription(topics);
        let protocols = words.option("protocols").unwrap_or("range").split(',');
        let request = JoinGroupRequest {
            group_id: member.group.clone(),
            session_timeout_ms: words.number("session", 10_000),
            rebalance_timeout_ms: words.number("rebalance", 60_000),
            member_id: member.id.clone(),
            group_instance_id: member.instance.clone(),
            protocol_type: Arc::from(words.option("type").unwrap_or("consumer")),
            protocols: protocols
                .map(|name| protocol(name, metadata.clone()))
                .collect(),
            reason: None,
        };
        self.fresh += 1;
        let caller = caller(words.number("version", 9), who, self.fresh);
        self.ask(who, join(caller, request));
    }

    fn sync(&mut self, who: &str, words: &Words<'_>) {
        let group = words.group();
        let assignments = words
            .options
            .iter()
            .filter(|(key, _)| self.members.contains_key(*key));
        let assignments: Vec<(Arc<str>, Bytes)> = assignments
            .map(|(name, text)| {
                (
                    self.members[*name].id.clone(),
                    Bytes::from(text.to_string()),
                )
            })
            .collect();
        let request = self
            .member(who, group)
            .sync(words.number("version", 4), &assignments);
        self.ask(who, request);
    }

    fn leave(&mut self, words: &Words<'_>) {
        let mut leaving = Vec::new();
        for name in &words.plain[1..] {
            let member = self.member(name, words.group());
            leaving.push(MemberIdentity {
                member_id: member.id.clone(),
                group_instance_id: member.instance.clone(),
                reason: None,
            });
        }
        let version = words.number("version", 5);
        let who = words.plain[1];
        self.ask(who, requests::leave(words.group(), version, leaving));
    }

    fn commit(&mut self, who: &str, words: &Words<'_>) {
        let offsets = words.options.iter().filter(|(key, _)| key.contains('-'));
        let offsets: Vec<(&str, i32, i64, &str)> = offsets
            .map(|(key, value)| {
                let (topic, index) = partition(key);
                let (offset, note) = value.split_once(':').unwrap_or((value, ""));
                (topic, index, offset.parse().expect("an offset"), note)
            })
            .collect();
        let member = match who {
            "-" => Member::new(words.group()),
            name => self.member(name, words.group()).clone(),
        };
        self.ask(who, member.commit(&offsets));
    }

    fn events(&mut self) -> Vec<String> {
        let replies = std::mem::take(&mut self.bench.replies);
        let mut lines = Vec::new();
        for reply in &replies {
            let asked = self.asked.remove(&reply.token);
            let (who, version) = asked.expect("one answer per request");
            wire::check(&reply.response, version);
            if let GroupResponse::Join(joined) = &reply.response {
                self.learn(
                    &who,
                    joined.error_code,
                    &joined.member_id,
                    joined.generation_id,
                );
            }
            lines.push((who, &reply.response));
        }
        let name = |id: &str| match self.names.get(id) {
            Some(name) => name.clone(),
            None => id.to_owned(),
        };
        let records = std::mem::take(&mut self.bench.appended);
        let written = records.iter().map(|record| print::record(record, name));
        let answered = lines
            .iter()
            .map(|(who, response)| print::response(who, response, name));
        written.chain(answered).collect()
    }

    /// Clients keep the id and the generation that a join tells them.
    fn learn(&mut self, who: &str, error: i16, member_id: &Arc<str>, generation: i32) {
        let keeps_id = error == 0 || error == ErrorCode::MemberIdRequired.code();
        if !keeps_id {
            return;
        }
        if !self.names.contains_key(member_id) {
            let lives = self
                .names
                .values()
                .filter(|name| name.split('\'').next() == Some(who));
            let name = format!("{who}{}", "'".repeat(lives.count()));
            self.names.insert(member_id.clone(), name);
        }
        if let Some(member) = self.members.get_mut(who) {
            member.id = member_id.clone();
            member.generation = if error == 0 { generation } else { -1 };
        }
    }
}

fn delete_offsets(group_id: Arc<str>, partitions: &[&str]) -> GroupRequest {
    let topics = partitions.iter().map(|word| {
        let (topic, partition_index) = partition(word);
        OffsetDeleteRequestTopic {
            name: Arc::from(topic),
            partitions: vec![OffsetDeleteRequestPartition { partition_index }],
        }
    });
    GroupRequest::DeleteOffsets(OffsetDeleteRequest {
        group_id,
        topics: topics.collect(),
    })
}

fn partition(text: &str) -> (&str, i32) {
    let (topic, index) = text.rsplit_once('-').expect("topic-partition");
    (topic, index.parse().expect("a partition"))
}

fn error_named(name: &str) -> ErrorCode {
    let named = ErrorCode::ALL.iter().find(|code| code.name() == name);
    *named.expect("an error's name")
}
