//! The Rust text of one message's module.
//! Layout is rustfmt's work; here lines may be any length.

use std::fmt::Write;

use crate::model::{Default, Field, Message, Struct, Type};
use crate::names;
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
    let std = [("Arc<", "std::sync::Arc")];
    let external = [("Bytes", "bytes::Bytes"), ("Uuid", "millrace_types::Uuid")];
    let own = [
        ("DecodeError", "DecodeError"),
        ("Decoder", "Decoder"),
        ("Encoder", "Encoder"),
        ("Fields", "Fields"),
        ("Message for", "Message"),
        ("ApiKey", "ApiKey"),
        ("Request for", "Request"),
        ("Typed for", "Typed"),
        ("Records", "Records"),
        ("VersionRange", "VersionRange"),
    ];
    let mut out = String::new();
    for group in [&std[..], &external[..]] {
        for (_, path) in group.iter().filter(|(word, _)| names_word(body, word)) {
            let _ = writeln!(out, "use {path};");
        }
        out.push('\n');
    }
    let own: Vec<&str> = own
        .iter()
        .filter(|(word, _)| names_word(body, word))
        .map(|&(_, item)| item)
        .collect();
    let _ = writeln!(out, "use crate::{{{}}};\n", own.join(", "));
    out
}

/// `word` with no letter before it, nor after it when it ends in one.
fn names_word(text: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let goes_on = text[at + word.len()..].starts_with(is_letter);
        !text[..at].ends_with(is_letter) && !(goes_on && word.ends_with(is_letter))
    })
}

fn definition(item: &Struct) -> String {
    let derives = if has_plain_defaults(item) {
        "Clone, Debug, Default, PartialEq"
    } else {
        "Clone, Debug, PartialEq"
    };
    let mut out = format!("#[derive({derives})]\npub struct {} {{\n", item.name);
    for field in &item.fields {
        if !field.versions.covers(item.versions) {
            let _ = writeln!(out, "/// {}.", spoken(field.versions, item.versions));
        }
        let _ = writeln!(
            out,
            "pub {}: {},",
            names::field(&field.name),
            field_type(field)
        );
    }
    out + "}\n\n"
}

fn spoken(versions: Versions, all: Versions) -> String {
    match versions {
        Versions { min, max } if min == max => format!("Version {min}"),
        Versions { min, max } if max == all.max => format!("Versions {min}+"),
        Versions { min, max } => format!("Versions {min}-{max}"),
    }
}

fn has_plain_defaults(item: &Struct) -> bool {
    item.fields.iter().all(|field| {
        let nullable = !field.nullable.is_empty();
        match field.default {
            Default::Empty => !nullable,
            Default::Null => true,
            Default::Value(_) => false,
        }
    })
}

fn default_impl(item: &Struct) -> String {
    if has_plain_defaults(item) {
        return String::new();
    }
    let mut out = format!(
        "impl Default for {} {{ fn default() -> Self {{ Self {{\n",
        item.name
    );
    for field in &item.fields {
        let _ = writeln!(
            out,
            "{}: {},",
            names::field(&field.name),
            default_value(field)
        );
    }
    out + "} } }\n\n"
}

fn field_type(field: &Field) -> String {
    let inner = rust_type(&field.ty);
    if field.nullable.is_empty() || field.ty == Type::Records {
        inner
    } else {
        format!("Option<{inner}>")
    }
}

fn rust_type(ty: &Type) -> String {
    match ty {
        Type::Plain(plain) => plain.rust.to_owned(),
        Type::String => "Arc<str>".to_owned(),
        Type::Bytes => "Bytes".to_owned(),
        Type::Records => "Records".to_owned(),
        Type::Struct(name) => name.clone(),
        Type::Array(element) => format!("Vec<{}>", rust_type(element)),
    }
}

fn default_value(field: &Field) -> String {
    let empty = match &field.ty {
        Type::Plain(plain) => match plain.rust {
            "bool" => "false".to_owned(),
            "f64" => "0.0".to_owned(),
            "Uuid" => "Uuid::ZERO".to_owned(),
            _ => "0".to_owned(),
        },
        Type::String => "Arc::default()".to_owned(),
        Type::Bytes => "Bytes::new()".to_owned(),
        Type::Records => return "Records::EMPTY".to_owned(),
        Type::Struct(name) => format!("{name}::default()"),
        Type::Array(_) => "Vec::new()".to_owned(),
    };
    match &field.default {
        Default::Value(literal) => literal.clone(),
        Default::Null => "None".to_owned(),
        Default::Empty if field.nullable.is_empty() => empty,
        Default::Empty => format!("Some({empty})"),
    }
}

/// True when the field holds something other than its default.
fn differs(field: &Field) -> String {
    let name = format!("self.{}", names::field(&field.name));
    if field.ty == Type::Records {
        return format!("!{name}.is_empty()");
    }
    let nullable = !field.nullable.is_empty();
    match (&field.default, &field.ty) {
        (Default::Null, _) => format!("{name}.is_some()"),
        (Default::Value(literal), _) if literal == "true" => format!("!{name}"),
        (Default::Value(literal), _) => format!("{name} != {literal}"),
        (Default::Empty, Type::Struct(inner)) if nullable => {
            format!("{name} != Some({inner}::default())")
        }
        (Default::Empty, _) if nullable => {
            format!("{name}.as_ref().is_none_or(|it| !it.is_empty())")
        }
        (Default::Empty, Type::Struct(inner)) => format!("{name} != {inner}::default()"),
        (Default::Empty, Type::Plain(plain)) => match plain.rust {
            "bool" => name,
            "Uuid" => format!("!{name}.is_zero()"),
            "f64" => format!("{name} != 0.0"),
            _ => format!("{name} != 0"),
        },
        (Default::Empty, _) => format!("!{name}.is_empty()"),
    }
}

/// The test for `wanted` among the versions `all`; nothing when it always holds.
fn condition(wanted: Versions, all: Versions) -> Option<String> {
    let Versions { min, max } = wanted;
    if wanted.is_empty() {
        return Some("false".to_owned());
    }
    match (min <= all.min, max >= all.max) {
        (true, true) => None,
        (true, false) if max == 0 => Some("version == 0".to_owned()),
        (true, false) => Some(format!("version <= {max}")),
        (false, true) => Some(format!("version >= {min}")),
        (false, false) if min == max => Some(format!("version == {min}")),
        (false, false) => Some(format!("({min}..={max}).contains(&version)")),
    }
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

fn read_body(item: &Struct) -> String {
    let tagged: Vec<&Field> = item
        .fields
        .iter()
        .filter(|field| field.tag.is_some())
        .collect();
    let mut literal = "Self {\n".to_owned();
    for field in &item.fields {
        let value = if field.tag.is_some() {
            default_value(field)
        } else {
            read_if_there(field, item.versions)
        };
        let _ = writeln!(literal, "{}: {value},", names::field(&field.name));
    }
    literal.push('}');
    if tagged.is_empty() {
        return format!("let it = {literal};\nd.skip_tags()?;\nOk(it)");
    }
    let mut arms = String::new();
    for field in tagged {
        let name = names::field(&field.name);
        let tag = field.tag.unwrap_or_default();
        let guard = condition(field.versions, item.versions)
            .map_or_else(String::new, |test| format!(" if {test}"));
        let _ = writeln!(arms, "{tag}{guard} => it.{name} = {},", read_value(field));
    }
    format!(
        "let mut it = {literal};
        d.tags(|d, tag| {{
            match tag {{
                {arms}_ => return Ok(false),
            }}
            Ok(true)
        }})?;
        Ok(it)"
    )
}

fn read_if_there(field: &Field, all: Versions) -> String {
    match condition(field.versions, all) {
        None => read_value(field),
        Some(test) => {
            format!(
                "if {test} {{ {} }} else {{ {} }}",
                read_value(field),
                default_value(field)
            )
        }
    }
}

/// The expression that reads a field that is there.
fn read_value(field: &Field) -> String {
    let (plain, nullable) = match &field.ty {
        Type::Plain(plain) => return format!("d.{}()?", plain.schema),
        Type::Records => return "d.records()?".to_owned(),
        Type::String => ("d.string()?".to_owned(), "d.nullable_string()?"),
        Type::Bytes => ("d.bytes()?".to_owned(), "d.nullable_bytes()?"),
        Type::Array(_) => ("d.array(version)?".to_owned(), "d.nullable_array(version)?"),
        Type::Struct(name) if field.tag.is_some() => (
            format!("{name}::read(d, version)?"),
            "d.nullable_tagged_struct(version)?",
        ),
        Type::Struct(name) => (
            format!("{name}::read(d, version)?"),
            "d.nullable_struct(version)?",
        ),
    };
    if field.nullable.is_empty() {
        return plain;
    }
    match condition(field.nullable, field.versions) {
        None => nullable.to_owned(),
        Some(test) => format!("if {test} {{ {nullable} }} else {{ Some({plain}) }}"),
    }
}

fn write_body(item: &Struct) -> String {
    let mut out = String::new();
    let mut tagged: Vec<&Field> = item
        .fields
        .iter()
        .filter(|field| field.tag.is_some())
        .collect();
    tagged.sort_by_key(|field| field.tag);
    for field in item.fields.iter().filter(|field| field.tag.is_none()) {
        out += &write_if_there(field, item.versions, &write_value(field));
    }
    if tagged.is_empty() {
        return out + "e.no_tags();";
    }
    out += "let tags = e.open_tags();\n";
    for field in tagged {
        out += &write_tagged(field, item.versions);
    }
    out
}

/// A tagged field is written only when it says something.
fn write_tagged(field: &Field, all: Versions) -> String {
    let tag = field.tag.unwrap_or_default();
    let write = format!("e.tag(tags, {tag}, |e| {{ {} }});", write_value(field));
    let differs = differs(field);
    match condition(field.versions, all) {
        None => format!("if {differs} {{ {write} }}\n"),
        Some(test) if field.ignorable => format!("if {test} && {differs} {{ {write} }}\n"),
        Some(test) => format!(
            "if {differs} {{ if {test} {{ {write} }} else {{ e.cannot_carry({:?}); }} }}\n",
            names::snake(&field.name)
        ),
    }
}

/// A version that cannot carry the field takes its default only, unless the schema says that
/// what the field tells may get lost.
fn write_if_there(field: &Field, all: Versions, write: &str) -> String {
    let Some(test) = condition(field.versions, all) else {
        return format!("{write}\n");
    };
    if field.ignorable {
        return format!("if {test} {{ {write} }}\n");
    }
    format!(
        "if {test} {{ {write} }} else if {} {{ e.cannot_carry({:?}); }}\n",
        differs(field),
        names::snake(&field.name)
    )
}

/// The statement that writes a field that is there.
fn write_value(field: &Field) -> String {
    let name = format!("self.{}", names::field(&field.name));
    let (plain, nullable) = match &field.ty {
        Type::Plain(plain) => return format!("e.{}({name});", plain.schema),
        Type::Records => return format!("e.records(&{name});"),
        Type::String => (
            "e.string(VALUE);",
            format!("e.nullable_string({name}.as_deref());"),
        ),
        Type::Bytes => (
            "e.bytes(VALUE);",
            format!("e.nullable_bytes({name}.as_ref());"),
        ),
        Type::Array(_) => (
            "e.array(VALUE, version);",
            format!("e.nullable_array({name}.as_deref(), version);"),
        ),
        Type::Struct(_) if field.tag.is_some() => (
            "VALUE.write(e, version);",
            format!("e.nullable_tagged_struct({name}.as_ref(), version);"),
        ),
        Type::Struct(_) => (
            "VALUE.write(e, version);",
            format!("e.nullable_struct({name}.as_ref(), version);"),
        ),
    };
    let is_struct = matches!(field.ty, Type::Struct(_));
    if field.nullable.is_empty() {
        let value = if is_struct { name } else { format!("&{name}") };
        return plain.replace("VALUE", &value);
    }
    match condition(field.nullable, field.versions) {
        None => nullable,
        Some(test) => format!(
            "if {test} {{ {nullable} }} else if let Some(it) = &{name} {{ {} }} else {{ e.cannot_be_null({:?}); }}",
            plain.replace("VALUE", "it"),
            names::snake(&field.name)
        ),
    }
}

fn message_impls(message: &Message) -> String {
    let Message {
        name,
        versions: Versions { min, max },
        ..
    } = message;
    let flexible = match message.flexible_from {
        from if from <= *max => format!("Some({from})"),
        _ => "None".to_owned(),
    };
    let mut out = format!(
        "impl Message for {name} {{
            const NAME: &'static str = {name:?};
            const VERSIONS: VersionRange = VersionRange::new({min}, {max});
            const FLEXIBLE_FROM: Option<i16> = {flexible};
        }}\n"
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
