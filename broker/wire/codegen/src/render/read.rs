//! The body of a struct's `read`.

use std::fmt::Write;

use crate::model::{Field, Struct, Type};
use crate::names;
use crate::render::defaults::default_value;
use crate::render::versions::condition;
use crate::schema::Versions;

pub(crate) fn read_body(item: &Struct) -> String {
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
