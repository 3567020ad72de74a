//! A schema resolved for one generated module: names, Rust types, defaults, version ranges.
//! Decides nothing about layout of the text; that is `render`.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::schema::{self, Kind, Schema, Versions};

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) key: Option<i16>,
    pub(crate) versions: Versions,
    /// First flexible version among `versions`.
    pub(crate) flexible_from: Option<i16>,
    pub(crate) unstable: bool,
    /// The message itself first, then what it holds, in the order of the schema.
    pub(crate) structs: Vec<Struct>,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) name: String,
    /// Versions in which the struct can appear at all.
    pub(crate) versions: Versions,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Field {
    /// As the schema writes it.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) versions: Versions,
    pub(crate) nullable: Versions,
    pub(crate) tag: Option<u32>,
    pub(crate) default: Default,
    pub(crate) ignorable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Plain(Plain),
    String,
    Bytes,
    Records,
    Struct(String),
    Array(Box<Self>),
}

/// Types of a fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) schema: &'static str,
    pub(crate) rust: &'static str,
    pub(crate) size: usize,
}

const PLAIN: &[Plain] = &[
    Plain {
        schema: "bool",
        rust: "bool",
        size: 1,
    },
    Plain {
        schema: "int8",
        rust: "i8",
        size: 1,
    },
    Plain {
        schema: "int16",
        rust: "i16",
        size: 2,
    },
    Plain {
        schema: "uint16",
        rust: "u16",
        size: 2,
    },
    Plain {
        schema: "int32",
        rust: "i32",
        size: 4,
    },
    Plain {
        schema: "uint32",
        rust: "u32",
        size: 4,
    },
    Plain {
        schema: "int64",
        rust: "i64",
        size: 8,
    },
    Plain {
        schema: "float64",
        rust: "f64",
        size: 8,
    },
    Plain {
        schema: "uuid",
        rust: "Uuid",
        size: 16,
    },
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Default {
    /// Zero, false, empty, or a struct of defaults.
    Empty,
    Null,
    /// A Rust literal.
    Value(String),
}

impl Message {
    pub(crate) fn resolve(schema: &Schema) -> Result<Self> {
        let versions = schema.versions()?;
        let flexible = schema.flexible()?.within(versions);
        let mut message = Self {
            name: schema.name.clone(),
            kind: schema.kind,
            key: schema.api_key,
            versions,
            flexible_from: (!flexible.is_empty()).then_some(flexible.min),
            unstable: schema.latest_version_unstable,
            structs: Vec::new(),
        };
        message.add_struct(&schema.name, versions, &schema.fields)?;
        for common in &schema.common_structs {
            message.add_struct(&common.name, versions, &common.fields)?;
        }
        Ok(message)
    }

    fn add_struct(
        &mut self,
        name: &str,
        versions: Versions,
        fields: &[schema::Field],
    ) -> Result<()> {
        let twice = self.structs.iter().any(|known| known.name == name);
        ensure!(!twice, "{}: struct {name} is there twice", self.name);
        let place = self.structs.len();
        self.structs.push(Struct {
            name: name.to_owned(),
            versions,
            fields: Vec::new(),
        });
        for field in fields {
            let resolved = Field::resolve(field, versions)
                .with_context(|| format!("{}.{name}.{}", self.name, field.name))?;
            let Some(resolved) = resolved else { continue };
            if let (Some(inner), false) = (resolved.ty.struct_name(), field.fields.is_empty()) {
                self.add_struct(inner, resolved.versions, &field.fields)?;
            }
            self.structs[place].fields.push(resolved);
        }
        Ok(())
    }

    /// Smallest size on the wire of a value of the struct, in any version.
    pub(crate) fn min_size(&self, name: &str) -> usize {
        let Some(found) = self.structs.iter().find(|known| known.name == name) else {
            return 0;
        };
        let always = |field: &&Field| field.tag.is_none() && field.versions.covers(found.versions);
        let fields: usize = found
            .fields
            .iter()
            .filter(always)
            .map(|field| match &field.ty {
                Type::Plain(plain) => plain.size,
                Type::Struct(_) if !field.nullable.is_empty() => 1,
                Type::Struct(inner) => self.min_size(inner),
                Type::String if self.flexible_from.is_none() => 2,
                Type::Bytes | Type::Records | Type::Array(_) if self.flexible_from.is_none() => 4,
                _ => 1,
            })
            .sum();
        let always_flexible = self
            .flexible_from
            .is_some_and(|from| from <= found.versions.min);
        fields + usize::from(always_flexible)
    }
}

impl Field {
    /// Nothing when no served version of the struct carries the field.
    fn resolve(field: &schema::Field, outer: Versions) -> Result<Option<Self>> {
        let versions = field.versions()?.within(outer);
        if versions.is_empty() {
            return Ok(None);
        }
        let ty = Type::resolve(&field.type_name)?;
        let nullable = match ty {
            Type::Plain(_) => Versions::NONE,
            _ => field.nullable()?.within(versions),
        };
        Ok(Some(Self {
            name: field.name.clone(),
            default: Default::resolve(&field.default, &ty, &nullable)?,
            ty,
            versions,
            nullable,
            tag: field.tag,
            ignorable: field.ignorable,
        }))
    }
}

impl Type {
    fn resolve(name: &str) -> Result<Self> {
        if let Some(element) = name.strip_prefix("[]") {
            return Ok(Self::Array(Box::new(Self::resolve(element)?)));
        }
        if let Some(&plain) = PLAIN.iter().find(|plain| plain.schema == name) {
            return Ok(Self::Plain(plain));
        }
        Ok(match name {
            "string" => Self::String,
            "bytes" => Self::Bytes,
            "records" => Self::Records,
            name if name.starts_with(char::is_uppercase) => Self::Struct(name.to_owned()),
            name => bail!("unknown type `{name}`"),
        })
    }

    fn struct_name(&self) -> Option<&str> {
        match self {
            Self::Struct(name) => Some(name),
            Self::Array(element) => element.struct_name(),
            _ => None,
        }
    }
}

impl Default {
    /// An absent default and a JSON `null` both mean the empty value; null is the text "null".
    fn resolve(value: &Value, ty: &Type, nullable: &Versions) -> Result<Self> {
        let text = match value {
            Value::Null => return Ok(Self::Empty),
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            other => bail!("default {other}"),
        };
        if text == "null" {
            ensure!(!nullable.is_empty(), "a null default, but never nullable");
            return Ok(Self::Null);
        }
        let Type::Plain(plain) = ty else {
            ensure!(text.is_empty(), "default `{text}`");
            return Ok(Self::Empty);
        };
        Ok(match (plain.rust, text.to_ascii_lowercase().as_str()) {
            (_, "" | "0" | "false") => Self::Empty,
            ("bool", "true") => Self::Value("true".to_owned()),
            ("i64", "9223372036854775807") => Self::Value("i64::MAX".to_owned()),
            ("i32", "0x7fffffff") => Self::Value("i32::MAX".to_owned()),
            ("i32", "-2147483648") => Self::Value("i32::MIN".to_owned()),
            (_, number) => {
                number
                    .parse::<i64>()
                    .with_context(|| format!("default `{number}`"))?;
                Self::Value(number.to_owned())
            }
        })
    }
}
