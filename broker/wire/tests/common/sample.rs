//! Writes messages straight from the schemas, without the crate: what it writes, the crate must
//! read, and write again byte for byte.

use serde::Deserialize;
use serde_json::Value;

const SCHEMAS: &str = include_str!("../schemas.jsonl");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schema {
    pub(crate) name: String,
    flexible_versions: Option<String>,
    fields: Vec<Field>,
    #[serde(default)]
    common_structs: Vec<Struct>,
}

#[derive(Deserialize)]
struct Struct {
    name: String,
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    #[serde(rename = "type")]
    kind: String,
    versions: Option<String>,
    nullable_versions: Option<String>,
    tagged_versions: Option<String>,
    tag: Option<u8>,
    #[serde(default)]
    default: Value,
    #[serde(default)]
    fields: Vec<Self>,
}

pub(crate) fn schemas() -> Vec<Schema> {
    SCHEMAS
        .lines()
        .map(|line| serde_json::from_str(line).expect("a schema"))
        .collect()
}

fn contains(versions: Option<&String>, version: i16) -> bool {
    let Some(versions) = versions.filter(|text| *text != "none") else {
        return false;
    };
    let number = |text: &str| text.parse::<i16>().expect("a version");
    if let Some(min) = versions.strip_suffix('+') {
        return version >= number(min);
    }
    let (min, max) = versions.split_once('-').unwrap_or((versions, versions));
    (number(min)..=number(max)).contains(&version)
}

impl Schema {
    /// A message with every field at its default.
    pub(crate) fn defaults(&self, version: i16) -> Vec<u8> {
        let mut writer = self.writer(version, None);
        writer.structure(&self.fields);
        writer.out
    }

    /// A message with something in its fields. The same seed gives the same message.
    pub(crate) fn sample(&self, version: i16, seed: u64) -> Vec<u8> {
        let dice = Dice(seed ^ u64::from(version.unsigned_abs()).rotate_left(32));
        let mut writer = self.writer(version, Some(dice));
        writer.structure(&self.fields);
        writer.out
    }

    fn writer(&self, version: i16, dice: Option<Dice>) -> Writer<'_> {
        let flexible = contains(self.flexible_versions.as_ref(), version);
        Writer {
            schema: self,
            version,
            flexible,
            dice,
            out: Vec::new(),
        }
    }
}

/// A small generator of numbers that look random (splitmix64).
#[derive(Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length");
        usize::try_from(self.roll() % end).expect("smaller than a length")
    }

    /// Mostly small; now and then with a length that takes a second byte.
    fn length(&mut self) -> usize {
        match self.below(16) {
            0 => 0,
            1 => 100 + self.below(100),
            _ => 1 + self.below(8),
        }
    }
}

struct Writer<'a> {
    schema: &'a Schema,
    version: i16,
    flexible: bool,
    /// Without dice every field takes its default.
    dice: Option<Dice>,
    out: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn structure(&mut self, fields: &'a [Field]) {
        let version = self.version;
        let is_there = |field: &&Field| {
            contains(
                field.versions.as_ref().or(field.tagged_versions.as_ref()),
                version,
            )
        };
        for field in fields
            .iter()
            .filter(is_there)
            .filter(|field| field.tag.is_none())
        {
            self.field(field);
        }
        if self.flexible {
            let mut tagged: Vec<&Field> = fields
                .iter()
                .filter(is_there)
                .filter(|field| field.tag.is_some())
                .collect();
            tagged.sort_by_key(|field| field.tag);
            self.tagged(&tagged);
        }
    }

    /// Counts, then number, size and content of each field that differs from its default.
    fn tagged(&mut self, fields: &[&'a Field]) {
        let mut section = Vec::new();
        let mut count = 0_u8;
        for field in fields {
            let content = self.apart(field, self.dice.clone());
            self.dice = self.dice.take().map(|mut dice| Dice(dice.roll()));
            if content != self.apart(field, None) {
                count += 1;
                section.push(field.tag.expect("a tag"));
                section.extend(varint(content.len()));
                section.extend(content);
            }
        }
        self.out.push(count);
        self.out.extend(section);
    }

    fn apart(&self, field: &'a Field, dice: Option<Dice>) -> Vec<u8> {
        let mut writer = Writer {
            dice,
            out: Vec::new(),
            ..*self
        };
        writer.field(field);
        writer.out
    }

    fn field(&mut self, field: &'a Field) {
        let nullable = contains(field.nullable_versions.as_ref(), self.version);
        // A schema's default is null only in this spelling; a JSON null is the empty value.
        let null_by_default = field.default.as_str() == Some("null");
        let is_null = nullable
            && self
                .dice
                .as_mut()
                .map_or(null_by_default, |dice| dice.below(4) == 0);
        let is_struct = field.kind.starts_with(char::is_uppercase);
        match (is_struct, field.tag.is_some()) {
            (true, false) if is_null => self.out.push(0xff),
            (true, true) if is_null => self.out.push(0),
            (false, _) if is_null => self.null(&field.kind),
            _ => {
                if is_struct && nullable {
                    self.out.push(1);
                }
                self.value(&field.kind, &field.fields, &field.default);
            }
        }
    }

    fn null(&mut self, kind: &str) {
        match (self.flexible, kind) {
            (true, _) => self.out.push(0),
            (false, "string") => self.out.extend([0xff; 2]),
            (false, _) => self.out.extend([0xff; 4]),
        }
    }

    fn value(&mut self, kind: &str, fields: &'a [Field], default: &Value) {
        match kind {
            "bool" => {
                let default = default == &Value::Bool(true) || default.as_str() == Some("true");
                let value = self
                    .dice
                    .as_mut()
                    .map_or(default, |dice| dice.below(2) == 1);
                self.out.push(value.into());
            }
            "int8" => self.number::<1>(default),
            "int16" | "uint16" => self.number::<2>(default),
            "int32" | "uint32" => self.number::<4>(default),
            "int64" => self.number::<8>(default),
            "float64" => {
                let eighths = self.dice.as_mut().map_or(0, |dice| dice.below(100_000));
                let value = f64::from(u32::try_from(eighths).expect("small")) / 8.0;
                self.out.extend(value.to_be_bytes());
            }
            "uuid" => {
                let half = |writer: &mut Self| writer.dice.as_mut().map_or(0, Dice::roll);
                let halves = [half(self), half(self)];
                self.out.extend(halves.map(u64::to_be_bytes).concat());
            }
            "string" => {
                let text = self.text();
                self.length(text.len(), true);
                self.out.extend(text.bytes());
            }
            "bytes" | "records" => {
                let bytes = self.bytes();
                self.length(bytes.len(), false);
                self.out.extend(bytes);
            }
            array if array.starts_with("[]") => self.array(&array[2..], fields),
            name => {
                let fields = self.fields_of(name, fields);
                self.structure(fields);
            }
        }
    }

    fn array(&mut self, element: &str, fields: &'a [Field]) {
        let is_struct = element.starts_with(char::is_uppercase);
        let count = match &mut self.dice {
            None => 0,
            Some(dice) if is_struct => dice.below(4),
            Some(dice) => dice.length(),
        };
        self.length(count, false);
        for _ in 0..count {
            self.value(element, fields, &Value::Null);
        }
    }

    fn fields_of(&self, name: &str, own: &'a [Field]) -> &'a [Field] {
        let common = self
            .schema
            .common_structs
            .iter()
            .find(|common| common.name == name);
        common.map_or(own, |common| &common.fields)
    }

    fn number<const N: usize>(&mut self, default: &Value) {
        let value = match &mut self.dice {
            None => default_number(default),
            Some(dice) => match dice.below(4) {
                0 => -1_i64.wrapping_add_unsigned(dice.roll() % 4),
                _ => i64::from_be_bytes(dice.roll().to_be_bytes()),
            },
        };
        self.out.extend(&value.to_be_bytes()[8 - N..]);
    }

    fn text(&mut self) -> String {
        const LETTERS: [char; 8] = ['a', 'Z', '0', '-', '.', 'é', '漢', '🦀'];
        let Some(dice) = &mut self.dice else {
            return String::new();
        };
        (0..dice.length())
            .map(|_| LETTERS[dice.below(LETTERS.len())])
            .collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let Some(dice) = &mut self.dice else {
            return Vec::new();
        };
        (0..dice.length())
            .map(|_| dice.roll().to_be_bytes()[0])
            .collect()
    }

    fn length(&mut self, length: usize, is_string: bool) {
        if self.flexible {
            self.out.extend(varint(length + 1));
        } else if is_string {
            self.out
                .extend(u16::try_from(length).expect("short").to_be_bytes());
        } else {
            self.out
                .extend(u32::try_from(length).expect("short").to_be_bytes());
        }
    }
}

fn default_number(default: &Value) -> i64 {
    match default {
        Value::Null => 0,
        Value::Number(number) => number.as_i64().expect("an integer"),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).expect("hexadecimal"),
            None if text.is_empty() => 0,
            None => text.parse().expect("decimal"),
        },
        other => unreachable!("default {other}"),
    }
}

fn varint(value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    loop {
        let low = u8::try_from(rest & 0x7f).expect("seven bits");
        rest >>= 7;
        if rest == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}
