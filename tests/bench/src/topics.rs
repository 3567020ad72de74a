//! Thousands of topics at once: one request each to make, grow, configure, describe and delete them.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use millrace_bench_shared::clock;

use crate::admin;
use crate::report::Report;
use crate::subject::{Kind, Subject};

const TOPICS: usize = 2500;

type Step = fn(SocketAddr, &[&str]) -> Result<()>;

const STEPS: [(&str, Step); 6] = [
    ("create", |to, names| {
        admin::create_topics(to, names, 1, &[])
    }),
    ("add a partition each", |to, names| {
        admin::grow_topics(to, names, 2)
    }),
    ("set a config each", |to, names| {
        admin::configure_topics(to, names, ("retention.ms", "60000"))
    }),
    ("describe configs", admin::describe_topics),
    ("delete", admin::delete_topics),
    ("create again", |to, names| {
        admin::create_topics(to, names, 1, &[])
    }),
];

pub(crate) fn measure(rounds: usize, report: &mut Report) -> Result<()> {
    let names: Vec<_> = (0..TOPICS)
        .map(|number| format!("topic-{number}"))
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for kind in Kind::BROKERS {
        for _ in 0..rounds {
            let subject = Subject::start(kind)?;
            for (what, step) in STEPS {
                let began = clock::now();
                step(subject.address(), &names).with_context(|| format!("{kind:?}, {what}"))?;
                let took = began.elapsed().as_secs_f64();
                report.add_single(&format!("{TOPICS} topics: {what}, s"), kind, took);
            }
        }
        report.write()?;
    }
    Ok(())
}
