//! A small schema with one of everything, and the Rust that comes of it.

use crate::model::Message;
use crate::render;
use crate::schema::Schema;

const SCHEMA: &str = r#"{
  "apiKey": 99, "type": "request", "listeners": ["broker"], "name": "ThingRequest",
  "validVersions": "1-4", "flexibleVersions": "3+",
  "fields": [
    { "name": "Name", "type": "string", "versions": "0+" },
    { "name": "Gone", "type": "int8", "versions": "0" },
    { "name": "Age", "type": "int32", "versions": "2-3", "default": "-1", "ignorable": true },
    { "name": "Parts", "type": "[]Part", "versions": "0+", "nullableVersions": "2+", "fields": [
      { "name": "Type", "type": "uuid", "versions": "0+" }
    ]},
    { "name": "Owner", "type": "string", "versions": "4+", "nullableVersions": "4+",
      "taggedVersions": "4+", "tag": 0, "default": "null" }
  ]
}"#;

fn rendered(schema: &str) -> String {
    let schema = Schema::parse(schema).expect("a schema");
    let text = render::module(&Message::resolve(&schema).expect("resolves"));
    // Layout is rustfmt's business.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_kind_of_field_becomes_its_lines() {
    let text = rendered(SCHEMA);
    let expected = [
        "use std::sync::Arc;",
        "use millrace_types::Uuid;",
        "use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};",
        "pub name: Arc<str>, /// Versions 2-3. pub age: i32, pub parts: Option<Vec<Part>>, \
         /// Versions 4+. pub owner: Option<Arc<str>>, }",
        "age: -1, parts: Some(Vec::new()), owner: None, } } }",
        "const MIN_SIZE: usize = 2;",
        "age: if (2..=3).contains(&version) { d.int32()? } else { -1 },",
        "parts: if version >= 2 { d.nullable_array(version)? } else { Some(d.array(version)?) },",
        "0 if version >= 4 => it.owner = d.nullable_string()?, _ => return Ok(false),",
        "if (2..=3).contains(&version) { e.int32(self.age); }",
        "if version >= 2 { e.nullable_array(self.parts.as_deref(), version); } \
         else if let Some(it) = &self.parts { e.array(it, version); } \
         else { e.cannot_be_null(\"parts\"); }",
        "if self.owner.is_some() { if version >= 4 \
         { e.tag(tags, 0, |e| { e.nullable_string(self.owner.as_deref()); }); } \
         else { e.cannot_carry(\"owner\"); } }",
        "r#type: d.uuid()?,",
        "const MIN_SIZE: usize = 16; fn read(d: &mut Decoder, _version: i16)",
        "const VERSIONS: VersionRange = VersionRange::new(1, 4);",
        "const FLEXIBLE_FROM: Option<i16> = Some(3);",
        "type Response = crate::messages::thing_response::ThingResponse;",
    ];
    for line in expected {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    assert!(
        !text.contains("gone"),
        "no served version has the field:\n{text}"
    );
}

#[test]
fn what_the_generator_cannot_say_is_refused() {
    let cases = [
        (r#""tag": 0"#, r#""tag": 200"#),
        (r#""taggedVersions": "4+""#, r#""taggedVersions": "3+""#),
        (r#""int32""#, r#""int31""#),
        (r#""default": "-1""#, r#""default": "some""#),
        (r#""3+""#, r#""3-3""#),
    ];
    for (from, to) in cases {
        let broken = SCHEMA.replacen(from, to, 1);
        assert_ne!(broken, SCHEMA, "{from}");
        let result = Schema::parse(&broken).and_then(|schema| Message::resolve(&schema));
        assert!(result.is_err(), "{to} passed");
    }
}
