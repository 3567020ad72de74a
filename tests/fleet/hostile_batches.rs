//! Record batches that lie: about what is in them, and about how large it will be. Each is refused
//! with an error that its producer can read, on a connection that goes on.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use millrace_records::batch::HEADER_BYTES;
use millrace_records::{BatchBuilder, Compression, NewRecord};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_types::ErrorCode;

use crate::bystander::{Bystander, Line, batch_of};
use crate::peer::{MEMORY_LIMIT_MIB, memory_stayed_below};

/// Where a batch has its checksum, and from where on that counts.
const CRC_AT: usize = 17;
const CRC_FROM: usize = 21;
const ATTRIBUTES_LOW: usize = 22;
const LENGTH_AT: usize = 8;
const LENGTH_FROM: usize = 12;

/// The batch with its length and its checksum made right again.
fn sealed(mut batch: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(batch.len() - LENGTH_FROM).unwrap_or(u32::MAX);
    batch[LENGTH_AT..LENGTH_FROM].copy_from_slice(&length.to_be_bytes());
    let crc = crc32c::crc32c(&batch[CRC_FROM..]);
    batch[CRC_AT..CRC_FROM].copy_from_slice(&crc.to_be_bytes());
    batch
}

/// A well-made header of one record that says `codec`, and any body.
fn claimed(codec: u8, body: &[u8]) -> Result<Vec<u8>> {
    let mut batch = batch_of(&[b"value"])?;
    batch.truncate(HEADER_BYTES);
    batch[ATTRIBUTES_LOW] = codec;
    batch.extend_from_slice(body);
    Ok(sealed(batch))
}

fn changed(position: usize, value: &[u8]) -> Result<Vec<u8>> {
    let mut batch = batch_of(&[b"value"])?;
    batch[position..position + value.len()].copy_from_slice(value);
    Ok(sealed(batch))
}

/// So many zeros in one record.
fn bomb(codec: Compression, mebibytes: usize) -> Result<Vec<u8>> {
    let zeros = vec![0; mebibytes * 1024 * 1024];
    let mut builder = BatchBuilder::new(0).compression(codec);
    builder.push(&NewRecord {
        value: Some(&zeros),
        ..NewRecord::default()
    })?;
    Ok(builder.build()?)
}

const GZIP: u8 = 1;
const SNAPPY: u8 = 2;
const LZ4: u8 = 3;
const ZSTD: u8 = 4;

fn lies() -> Result<Vec<(&'static str, Vec<u8>)>> {
    const RECORDS_AT: usize = 57;
    const LAST_OFFSET_AT: usize = 23;
    const MAGIC_AT: usize = 16;
    let huge = i32::MAX.to_be_bytes();
    let mut unsealed = batch_of(&[b"value"])?;
    let last = unsealed.len() - 1;
    unsealed[last] ^= 1;
    let lies = [
        ("a wrong checksum", unsealed),
        ("nothing", Vec::new()),
        ("half a header", batch_of(&[b"value"])?[..30].to_vec()),
        (
            "a batch and a half",
            [&batch_of(&[b"a"])?[..], &batch_of(&[b"b"])?[..40]].concat(),
        ),
        ("records that are none", claimed(0, &[0xff; 200])?),
        (
            "a record of 2 GiB",
            claimed(0, b"\xfe\xff\xff\xff\x0f\0\0\0")?,
        ),
        ("2^31 records", changed(RECORDS_AT, &huge)?),
        ("-1 records", changed(RECORDS_AT, &(-1_i32).to_be_bytes())?),
        ("2^31 offsets", changed(LAST_OFFSET_AT, &huge)?),
        ("magic 1", changed(MAGIC_AT, &[1])?),
        ("magic 77", changed(MAGIC_AT, &[77])?),
        ("a codec that is none", claimed(7, b"anything")?),
        ("no gzip", claimed(GZIP, &[0xff; 200])?),
        ("no snappy", claimed(SNAPPY, &[0xff; 200])?),
        ("no lz4", claimed(LZ4, &[0xff; 200])?),
        ("no zstd", claimed(ZSTD, &[0xff; 200])?),
        // Sizes that the streams declare about themselves.
        (
            "snappy of 4 GiB",
            claimed(SNAPPY, b"\xff\xff\xff\xff\x0f\0\0")?,
        ),
        (
            "lz4 of 2^64 bytes",
            claimed(
                LZ4,
                b"\x04\x22\x4d\x18\x68\x70\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
            )?,
        ),
        (
            "zstd of 2^64 bytes",
            claimed(
                ZSTD,
                b"\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0",
            )?,
        ),
        (
            "a zstd window of 3 TiB",
            claimed(ZSTD, b"\x28\xb5\x2f\xfd\0\xff\x01\0\0")?,
        ),
    ];
    Ok(lies.into())
}

async fn refused(line: &Line, name: &str, batch: Vec<u8>) -> Result<ErrorCode> {
    let answer = line.produce(batch).await.with_context(|| name.to_owned())?;
    let code = ErrorCode::from_code(answer.error_code);
    ensure!(code != ErrorCode::None, "{name} was taken");
    ensure!(code != ErrorCode::UnknownServerError, "{name}: {code}");
    Ok(code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_lies_is_refused() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let bystander = Bystander::start(&broker).await?;
    let line = Line::open(&broker, "lies").await?;
    for (name, batch) in lies()? {
        refused(&line, name, batch).await?;
    }
    bystander.goes_on().await?;
    bystander.end().await?;
    // Nothing of all that is in the log.
    let honest = line.produce(batch_of(&[b"value"])?).await?;
    assert_eq!((honest.error_code, honest.base_offset), (0, 0));
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}

/// What is small on the wire and large in memory: refused, and never held as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_compression_bomb_is_not_unpacked() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let bystander = Bystander::start(&broker).await?;
    let line = Line::open(&broker, "bombs").await?;
    // As much as each codec gets into a batch of the default size. Snappy is no danger: what it
    // writes is at least a twentieth of what it reads.
    let bombs = [
        ("gzip", Compression::Gzip, 512),
        ("lz4", Compression::Lz4, 192),
        ("zstd", Compression::Zstd, 512),
    ];
    for (name, codec, mebibytes) in bombs {
        let bomb = Bytes::from(bomb(codec, mebibytes)?);
        for _ in 0..3 {
            let answer = line.produce(bomb.to_vec()).await.context(name)?;
            let code = ErrorCode::from_code(answer.error_code);
            assert_ne!(
                code,
                ErrorCode::None,
                "{name} of {} bytes was taken",
                bomb.len()
            );
        }
    }
    bystander.goes_on().await?;
    bystander.end().await?;
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}
