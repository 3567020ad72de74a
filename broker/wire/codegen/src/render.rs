//! The Rust text of one message's module.
//! Layout is rustfmt's work; here lines may be any length.

mod defaults;
mod definition;
mod read;
mod versions;
mod write;

use std::fmt::Write;

use crate::model::{Message, Struct};
use crate::names;
use crate::render::definition::{default_impl, definition};
use crate::render::read::read_body;
use crate::render::write::write_body;
use crate::schema::{Kind, Versions};

/// How every generated file opens.
pub(crate) const HEADER: &str = "//! Generated from Kafka's message schemas by \
     `cargo run -p millrace-wire-codegen`. Do not edit.\n\n";

pub(crate) fn module(message: &Message) -> String {
    let mut body = String::new();
    for item in &message.structs {
        body += &definition(item);
        body += &default_impl(item);
        body += &fields_impl(message, item);
    }
    body += &message_impls(message);
    format!("{HEADER}{}{body}", imports(&body))
}

/// Only what the text names.
fn imports(body: &str) -> String {
    const OUTER: [(&str, &str); 3] = [
        ("Arc", "std::sync::Arc"),
        ("Bytes", "bytes::Bytes"),
        ("Uuid", "millrace_types::Uuid"),
    ];
    const OWN: [&str; 10] = [
        "ApiKey",
        "DecodeError",
        "Decoder",
        "Encoder",
        "Fields",
        "Message",
        "Records",
        "Request",
        "Typed",
        "VersionRange",
    ];
    let mut out = String::new();
    for (_, path) in OUTER.iter().filter(|(word, _)| names_word(body, word)) {
        let _ = writeln!(out, "use {path};");
        if path.starts_with("std") {
            out.push('\n');
        }
    }
    let own: Vec<&str> = OWN
        .into_iter()
        .filter(|word| names_word(body, word))
        .collect();
    out + "\nuse crate::{" + &own.join(", ") + "};\n\n"
}

/// `word` as a word of its own, not as a part of a longer one.
fn names_word(text: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let begins = !text[..at].ends_with(is_letter);
        let ends = !text[at + word.len()..].starts_with(is_letter);
        begins && ends
    })
}

fn fields_impl(message: &Message, item: &Struct) -> String {
    let read = read_body(item);
    let write = write_body(item);
    let parameter = |body: &str| {
        if uses_version(body) {
            "version"
        } else {
            "_version"
        }
    };
    format!(
        "impl Fields for {} {{
            const MIN_SIZE: usize = {};

            fn read(d: &mut Decoder, {}: i16) -> Result<Self, DecodeError> {{
                {read}
            }}

            fn write(&self, e: &mut Encoder, {}: i16) {{
                {write}
            }}
        }}\n\n",
        item.name,
        message.min_size(&item.name),
        parameter(&read),
        parameter(&write),
    )
}

/// The parameter, not a field of that name.
fn uses_version(body: &str) -> bool {
    body.match_indices("version").any(|(at, word)| {
        let (before, after) = (&body[..at], &body[at + word.len()..]);
        before.ends_with([' ', '&', '(']) && after.starts_with([' ', ')'])
    })
}

fn message_impls(message: &Message) -> String {
    let Message {
        name,
        versions: Versions { min, max },
        ..
    } = message;
    let mut out = format!(
        "impl Message for {name} {{
            const NAME: &'static str = {name:?};
            const VERSIONS: VersionRange = VersionRange::new({min}, {max});
            const FLEXIBLE_FROM: Option<i16> = {:?};
        }}\n",
        message.flexible_from
    );
    match (message.kind, message.key) {
        (Kind::Request, _) => {
            let api = name.trim_end_matches("Request");
            let module = names::snake(api);
            let _ = write!(
                out,
                "\nimpl Request for {name} {{
                    const KEY: ApiKey = ApiKey::{api};
                    type Response = crate::messages::{module}_response::{api}Response;
                }}\n"
            );
        }
        (Kind::CoordinatorKey | Kind::CoordinatorValue | Kind::Metadata, Some(key)) => {
            let _ = write!(
                out,
                "\nimpl Typed for {name} {{ const TYPE: i16 = {key}; }}\n"
            );
        }
        _ => {}
    }
    out
}
