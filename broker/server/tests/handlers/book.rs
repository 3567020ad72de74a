//! Asks, and keeps the questions with their answers as text that a golden file holds.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use millrace_golden::hold;
use millrace_types::Uuid;
use millrace_wire::{Decoder, Piece, Request, encode_request, read_response_header};

use crate::world::{Answer, World};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/handlers/golden");

/// Who asks. What follows it in a member's id is random.
pub(crate) const CLIENT: &str = "golden";
pub(crate) const CORRELATION_ID: i32 = 0x600d;

pub(crate) struct Book {
    pub(crate) world: World,
    text: String,
    /// Topics that there are or were.
    topics: BTreeMap<Uuid, Arc<str>>,
}

impl Book {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        Self {
            world,
            text: String::new(),
            topics: BTreeMap::new(),
        }
    }

    /// Asks, and writes down what the answer says.
    pub(crate) async fn ask<R: Request<Response: std::fmt::Debug>>(
        &mut self,
        case: &str,
        version: i16,
        request: &R,
    ) -> Option<R::Response> {
        let frame = encoded(request, version, CLIENT);
        self.send::<R>(case, version, frame).await
    }

    /// The same with a frame of any bytes, to which `R` and `version` name the answer's form.
    pub(crate) async fn send<R: Request<Response: std::fmt::Debug>>(
        &mut self,
        case: &str,
        version: i16,
        frame: Bytes,
    ) -> Option<R::Response> {
        self.remember_topics();
        let answer = self.world.send(frame).await;
        self.remember_topics();
        let line = match &answer {
            Answer::Frame(frame) => format!("{:?}", decoded::<R>(self.masked(frame), version)),
            Answer::Silence => "(no answer)".to_owned(),
            Answer::Closed(reason) => format!("(closed) {reason}"),
        };
        writeln!(self.text, "{case}\n  {} v{version}: {line}", R::KEY.name()).unwrap();
        match answer {
            Answer::Frame(frame) => Some(decoded::<R>(frame, version)),
            Answer::Silence | Answer::Closed(_) => None,
        }
    }

    /// Asks, and writes down the answer's bytes, which it returns as they came.
    pub(crate) async fn ask_for_bytes<R: Request>(&mut self, version: i16, request: &R) -> Bytes {
        let frame = encoded(request, version, CLIENT);
        let Answer::Frame(frame) = self.world.send(frame).await else {
            panic!("{} v{version} has no answer", R::KEY.name());
        };
        self.remember_topics();
        writeln!(self.text, "{} v{version}", R::KEY.name()).unwrap();
        for line in self.masked(&frame).chunks(BYTES_PER_LINE) {
            writeln!(self.text, "  {}", dump(line)).unwrap();
        }
        frame
    }

    /// Before and after each request: what is deleted is not there any more.
    fn remember_topics(&mut self) {
        let image = self.world.context.image();
        let topics = image.topics.iter();
        self.topics
            .extend(topics.map(|topic| (topic.id, Arc::clone(&topic.name))));
    }

    /// The same bytes in every run: random ids become what they stand for.
    fn masked(&self, frame: &Bytes) -> Bytes {
        let mut bytes = frame.to_vec();
        for (id, name) in &self.topics {
            let mut stands_for = [b'#'; 16];
            let name = name.as_bytes();
            let shown = name.len().min(stands_for.len());
            stands_for[..shown].copy_from_slice(&name[..shown]);
            replace(&mut bytes, &id.0, &stands_for);
        }
        let opening = format!("{CLIENT}-");
        let mut at = 0;
        while let Some(found) = find(&bytes[at..], opening.as_bytes()) {
            at += found + opening.len();
            let of_id = |byte: &&mut u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
            bytes[at..]
                .iter_mut()
                .take_while(of_id)
                .for_each(|byte| *byte = b'x');
        }
        bytes.into()
    }

    /// Compares with the golden file, or with `MILLRACE_BLESS` writes it.
    pub(crate) fn close(self, name: &str) {
        hold(Path::new(GOLDEN).join(format!("{name}.txt")), &self.text);
    }
}

/// A request's frame without its length.
pub(crate) fn encoded<R: Request>(request: &R, version: i16, client: &str) -> Bytes {
    let encoded = encode_request(request, version, CORRELATION_ID, Some(client.into()));
    let encoded = encoded.unwrap_or_else(|error| panic!("{} v{version}: {error}", R::KEY.name()));
    let pieces = encoded.pieces.iter().map(|piece| match piece {
        Piece::Bytes(bytes) => &bytes[..],
        Piece::Hole { .. } => panic!("requests have no holes"),
    });
    Bytes::from(pieces.collect::<Vec<_>>().concat()).slice(4..)
}

/// What a frame says; all of it, and to whom.
pub(crate) fn decoded<R: Request>(frame: Bytes, version: i16) -> R::Response {
    let mut decoder = Decoder::new(frame);
    let id = read_response_header(&mut decoder, R::KEY, version).expect("a header");
    assert_eq!(id, CORRELATION_ID);
    let response = millrace_wire::Message::decode(&mut decoder, version).expect("an answer");
    decoder.finish().expect("nothing behind it");
    response
}

const BYTES_PER_LINE: usize = 24;

fn dump(bytes: &[u8]) -> String {
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let text = bytes.iter().map(|&byte| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    });
    let text: String = text.collect();
    format!("{hex:<width$}  {text}", width = 2 * BYTES_PER_LINE)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn replace(bytes: &mut [u8], from: &[u8; 16], to: &[u8; 16]) {
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], from) {
        at += found;
        bytes[at..at + to.len()].copy_from_slice(to);
        at += to.len();
    }
}
