//! The value of a field that nobody set, and the test for another.

use crate::model::{Default, Field, Struct, Type};
use crate::names;

pub(crate) fn has_plain_defaults(item: &Struct) -> bool {
    item.fields.iter().all(|field| {
        let nullable = !field.nullable.is_empty();
        match field.default {
            Default::Empty => !nullable,
            Default::Null => true,
            Default::Value(_) => false,
        }
    })
}

pub(crate) fn default_value(field: &Field) -> String {
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
pub(crate) fn differs(field: &Field) -> String {
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
