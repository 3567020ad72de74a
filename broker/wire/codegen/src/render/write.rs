//! The body of a struct's `write`.

use crate::model::{Field, Struct, Type};
use crate::names;
use crate::render::defaults::differs;
use crate::render::versions::condition;
use crate::schema::Versions;

pub(crate) fn write_body(item: &Struct) -> String {
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
