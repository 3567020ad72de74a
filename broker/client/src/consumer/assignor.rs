//! Who of a group reads which partitions. Pure: every member would come to the same result.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::TopicPartition;

/// How partitions are dealt out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// Consecutive partitions of each topic stay together.
    Range,
    /// Partition by partition, over all topics.
    RoundRobin,
}

/// What each member wants to read.
pub(crate) type Wishes = BTreeMap<Arc<str>, Vec<Arc<str>>>;
pub(crate) type Assignment = BTreeMap<Arc<str>, Vec<TopicPartition>>;

impl Assignor {
    pub(crate) const ALL: [Self; 2] = [Self::Range, Self::RoundRobin];

    /// The name that members agree on.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
        }
    }

    /// Every partition that somebody wants, to one of those who want it.
    pub(crate) fn assign(
        self,
        wishes: &Wishes,
        partitions: &BTreeMap<Arc<str>, i32>,
    ) -> Assignment {
        let mut assignment: Assignment = wishes.keys().map(|m| (Arc::clone(m), vec![])).collect();
        let mut turn = 0;
        for (topic, &count) in partitions {
            let wants = |(_, topics): &(&Arc<str>, &Vec<Arc<str>>)| topics.contains(topic);
            let readers: Vec<_> = wishes.iter().filter(wants).map(|(m, _)| m).collect();
            if readers.is_empty() {
                continue;
            }
            let size = usize::try_from(count).unwrap_or_default();
            for (place, index) in (0..count).enumerate() {
                let reader = match self {
                    Self::Range => readers[range_owner(place, size, readers.len())],
                    Self::RoundRobin => readers[turn % readers.len()],
                };
                turn += 1;
                let at = TopicPartition::new(Arc::clone(topic), index);
                assignment.entry(Arc::clone(reader)).or_default().push(at);
            }
        }
        assignment
    }
}

/// The first members get one more when it does not come out even.
fn range_owner(place: usize, partitions: usize, readers: usize) -> usize {
    let (each, more) = (partitions / readers, partitions % readers);
    let generous = more * (each + 1);
    if place < generous {
        place / (each + 1)
    } else {
        more + (place - generous) / each.max(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(assignment: &Assignment) -> Vec<String> {
        let lines = assignment.iter().map(|(member, partitions)| {
            let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            format!("{member}: {}", partitions.join(" "))
        });
        lines.collect()
    }

    fn wishes(text: &str) -> Wishes {
        let members = text.split(' ').filter_map(|member| member.split_once('='));
        members
            .map(|(member, topics)| (member.into(), topics.split(',').map(Arc::from).collect()))
            .collect()
    }

    #[test]
    fn deals_partitions_as_kafka_does() {
        let partitions = BTreeMap::from([("a".into(), 3), ("b".into(), 2)]);
        let both = wishes("m=a,b n=a,b");
        assert_eq!(
            shown(&Assignor::Range.assign(&both, &partitions)),
            ["m: a-0 a-1 b-0", "n: a-2 b-1"]
        );
        assert_eq!(
            shown(&Assignor::RoundRobin.assign(&both, &partitions)),
            ["m: a-0 a-2 b-1", "n: a-1 b-0"]
        );
        assert_eq!(
            shown(&Assignor::Range.assign(&wishes("m=a n=b o=c"), &partitions)),
            ["m: a-0 a-1 a-2", "n: b-0 b-1", "o: "]
        );
    }

    proptest! {
        #[test]
        fn every_partition_has_one_owner_and_loads_differ_by_one(
            members in 1usize..9, count in 0i32..40
        ) {
            let wishes: Wishes = (0..members)
                .map(|member| (format!("m{member}").into(), vec!["t".into()]))
                .collect();
            let partitions = BTreeMap::from([("t".into(), count)]);
            for assignor in Assignor::ALL {
                let assignment = assignor.assign(&wishes, &partitions);
                let mut all: Vec<_> = assignment.values().flatten().map(|at| at.partition).collect();
                all.sort_unstable();
                prop_assert_eq!(all, (0..count).collect::<Vec<_>>());
                let loads: Vec<_> = assignment.values().map(Vec::len).collect();
                let spread = loads.iter().max().unwrap() - loads.iter().min().unwrap();
                prop_assert!(spread <= 1);
            }
        }
    }
}
