//! A struct and its default.

use std::fmt::Write;

use crate::model::{Field, Struct, Type};
use crate::names;
use crate::render::defaults::{default_value, has_plain_defaults};
use crate::render::versions::spoken;

pub(crate) fn definition(item: &Struct) -> String {
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

pub(crate) fn default_impl(item: &Struct) -> String {
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
