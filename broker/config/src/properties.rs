//! Java's properties format, as `server.properties` is written. Text in, entries with their line
//! numbers out; what the entries mean is not known here.

use thiserror::Error;

/// One `key=value`, and the line where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    pub key: String,
    pub value: String,
    pub line: usize,
}

/// Real files have a few hundred entries; more is a mistake or an attack.
pub const MAX_PROPERTIES: usize = 10_000;
/// Room for every key there is with a long value each.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PropertiesError {
    #[error("line {line}: \\u is not followed by four hexadecimal digits")]
    BadUnicodeEscape { line: usize },
    #[error("more than {MAX_PROPERTIES} entries")]
    TooManyEntries,
    #[error("longer than {MAX_FILE_BYTES} bytes")]
    TooLong,
}

/// Later entries win over earlier ones with the same key; both are returned.
///
/// # Errors
/// When an escape is broken or a limit is passed.
pub fn parse(text: &str) -> Result<Vec<Property>, PropertiesError> {
    if text.len() > MAX_FILE_BYTES {
        return Err(PropertiesError::TooLong);
    }
    let mut properties = Vec::new();
    let mut lines = natural_lines(text).zip(1..);
    while let Some((first, line)) = lines.next() {
        let first = first.trim_start_matches(is_blank);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = first.to_owned();
        while ends_in_continuation(&whole) {
            whole.pop();
            let Some((next, _)) = lines.next() else {
                break;
            };
            whole.push_str(next.trim_start_matches(is_blank));
        }
        if properties.len() == MAX_PROPERTIES {
            return Err(PropertiesError::TooManyEntries);
        }
        let (key, value) = split_key(&whole);
        let broken = |()| PropertiesError::BadUnicodeEscape { line };
        properties.push(Property {
            key: unescape(key).map_err(broken)?,
            value: unescape(value).map_err(broken)?,
            line,
        });
    }
    Ok(properties)
}

/// One entry as a line that [`parse`] reads back.
#[must_use]
pub fn write(key: &str, value: &str) -> String {
    let mut line = String::with_capacity(key.len() + value.len() + 1);
    escape(&mut line, key, true);
    line.push('=');
    escape(&mut line, value, false);
    line
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\x0c')
}

/// Lines end at `\n`, `\r` or `\r\n`.
fn natural_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['\n', '\r'])
        .scan(false, |after_return, line| {
            let rest_of_break = *after_return && line == "\n";
            *after_return = line.ends_with('\r');
            Some((!rest_of_break).then(|| line.trim_end_matches(['\n', '\r'])))
        })
        .flatten()
}

/// An odd number of backslashes: the last one is not escaped itself.
fn ends_in_continuation(line: &str) -> bool {
    line.bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1
}

/// The key ends at the first `=`, `:` or blank that is not escaped; blanks around that one
/// separator belong to neither side.
fn split_key(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|letter| {
        let ends = !escaped && (is_blank(letter) || matches!(letter, '=' | ':'));
        escaped = !escaped && letter == '\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start_matches(is_blank))
}

/// `\uXXXX` is a UTF-16 unit; half of a pair alone reads as the replacement character.
fn unescape(text: &str) -> Result<String, ()> {
    let mut units = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    let mut buffer = [0; 2];
    while let Some(letter) = letters.next() {
        let plain = match letter {
            '\\' => match letters.next() {
                None => break,
                Some('u') => {
                    units.push(hex_unit(letters.as_str()).ok_or(())?);
                    letters = letters.as_str()[4..].chars();
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\x0c',
                Some(other) => other,
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Ok(String::from_utf16_lossy(&units))
}

fn hex_unit(text: &str) -> Option<u16> {
    let digits = text.get(..4)?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

fn escape(line: &mut String, text: &str, is_key: bool) {
    for (index, letter) in text.chars().enumerate() {
        match letter {
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\x0c' => line.push_str("\\f"),
            '\\' => line.push_str("\\\\"),
            // A blank ends a key anywhere, and at a value's beginning it would be dropped.
            ' ' if is_key || index == 0 => line.push_str("\\ "),
            '=' | ':' | '#' | '!' if is_key => {
                line.push('\\');
                line.push(letter);
            }
            other => line.push(other),
        }
    }
}
