//! The generated lists: modules, the API table, and every message by name.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::model::Message;
use crate::names;
use crate::render::HEADER;
use crate::schema::Kind;
use crate::sources::Origin;

pub(crate) fn modules<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.fold(HEADER.to_owned(), |out, name| {
        out + "pub mod " + name + ";\n"
    })
}

/// One line for each API: key, versions, the last stable one, the flexible ones, listeners.
pub(crate) fn api_keys(messages: &[(&Message, &[String])]) -> Result<String> {
    let mut requests: Vec<_> = messages
        .iter()
        .filter(|(message, _)| message.kind == Kind::Request)
        .collect();
    requests.sort_by_key(|(message, _)| message.key);
    let mut out = format!("{HEADER}api_keys! {{\n");
    for (message, listeners) in requests {
        let api = message.name.trim_end_matches("Request");
        let key = message.key.with_context(|| format!("{api} has no key"))?;
        let answer = messages
            .iter()
            .map(|(message, _)| message)
            .find(|other| other.kind == Kind::Response && other.key == message.key);
        // One line can speak for both only while they agree.
        let agree = answer.is_some_and(|answer| {
            (answer.versions, answer.flexible_from) == (message.versions, message.flexible_from)
        });
        ensure!(
            agree,
            "{api}: request and response differ in their versions"
        );
        let (min, max) = (message.versions.min, message.versions.max);
        let stable = if message.unstable { max - 1 } else { max };
        let _ = writeln!(
            out,
            "    {api} = {key}, {min}..={max}, stable {stable}, flexible {:?}, [{}];",
            message.flexible_from,
            listeners.join(" ")
        );
    }
    Ok(out + "}\n")
}

/// A macro that hands every message's path to another macro.
pub(crate) fn for_each(messages: &[(Origin, &Message)]) -> String {
    let mut out = format!(
        "{HEADER}/// Calls `$then!` with the path of every message, requests and responses first.
        macro_rules! for_each_message {{ ($then:ident) => {{ $then! {{\n"
    );
    for (origin, message) in messages {
        let module = names::snake(&message.name);
        let parent = match origin {
            Origin::Messages => "messages".to_owned(),
            origin => format!("records::{}", origin.module()),
        };
        let _ = writeln!(out, "crate::{parent}::{module}::{},", message.name);
    }
    out + "} }; }\npub(crate) use for_each_message;\n"
}

/// What the tests read: each schema on a line, without its prose.
pub(crate) fn schema_lines<'a>(schemas: impl Iterator<Item = &'a str>) -> Result<String> {
    let mut out = String::new();
    for json in schemas {
        let mut schema: Value = serde_json::from_str(json)?;
        drop_prose(&mut schema);
        let _ = writeln!(out, "{schema}");
    }
    Ok(out)
}

fn drop_prose(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.remove("about");
            entries.values_mut().for_each(drop_prose);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_prose),
        _ => {}
    }
}
