//! A watch whose objects become tables on their way. Its first one has the heads.

use bytes::Bytes;
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::table::Table;

/// The lines of a watch with tables in the place of objects.
pub(crate) fn tables(
    lines: impl Stream<Item = Bytes> + Send + 'static,
    table: Table,
    now: impl Fn() -> Timestamp + Send + 'static,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let mut pending = Vec::new();
    let mut heads_told = false;
    lines.map(move |bytes| {
        pending.extend_from_slice(&bytes);
        let whole = pending.iter().rposition(|byte| *byte == b'\n');
        let whole: Vec<u8> = pending.drain(..whole.map_or(0, |end| end + 1)).collect();
        let mut out = Vec::with_capacity(whole.len());
        for line in whole.split_inclusive(|byte| *byte == b'\n') {
            match shown(line, &table, &mut heads_told, now()) {
                Some(event) => out.extend_from_slice(format!("{event}\n").as_bytes()),
                None => out.extend_from_slice(line),
            }
        }
        Bytes::from(out)
    })
}

/// `None` for what stays as it is: errors.
fn shown(line: &[u8], table: &Table, heads_told: &mut bool, now: Timestamp) -> Option<Value> {
    let event: Value = serde_json::from_slice(line).ok()?;
    if event["type"] == "ERROR" {
        return None;
    }
    let object = &event["object"];
    let object = if *heads_told {
        table.without_heads(object, now)
    } else {
        *heads_told = true;
        table.of(object, now)
    };
    Some(json!({"type": event["type"], "object": object}))
}
