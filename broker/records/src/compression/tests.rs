//! Every codec: the round trip, what other clients write, and data that lies about itself.

use super::*;

const LIMIT: usize = 1024 * 1024;

fn packed(codec: Compression, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compress(codec, CompressionLevels::default(), input, &mut out).unwrap();
    out
}

fn unpacked(codec: Compression, input: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
    decompress(codec, input, limit, &mut Scratch::default()).map(<[u8]>::to_vec)
}

/// Neither trivial nor incompressible.
fn text(bytes: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|line| format!("line {line} of {}\n", line % 7).into_bytes())
        .take(bytes)
        .collect()
}

#[test]
fn every_codec_survives_the_round_trip() {
    for codec in Compression::ALL {
        for bytes in [0, 1, 100, 32 * 1024, 64 * 1024 + 1, 300_000] {
            let input = text(bytes);
            let output = unpacked(codec, &packed(codec, &input), LIMIT);
            assert_eq!(output.unwrap(), input, "{codec} {bytes}");
        }
    }
}

#[test]
fn a_scratch_can_be_used_again_after_success_and_failure() {
    let mut scratch = Scratch::default();
    for codec in Compression::ALL.into_iter().cycle().take(20) {
        let input = text(200_000);
        let mut damaged = packed(codec, &input);
        assert_eq!(
            decompress(codec, &damaged, LIMIT, &mut scratch).unwrap(),
            input
        );
        damaged.truncate(damaged.len() / 2);
        if codec != Compression::None {
            assert!(
                decompress(codec, &damaged, LIMIT, &mut scratch).is_err(),
                "{codec}"
            );
        }
    }
}

#[test]
fn bombs_end_at_the_limit_with_little_memory() {
    let zeros = vec![0; 64 * LIMIT];
    for codec in [
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ] {
        let bomb = packed(codec, &zeros);
        let mut scratch = Scratch::default();
        let error = decompress(codec, &bomb, LIMIT, &mut scratch).unwrap_err();
        assert!(
            matches!(error, DecompressError::TooLarge { limit: LIMIT }),
            "{codec} {error}"
        );
        assert!(
            scratch.capacity() <= 4 * LIMIT,
            "{codec} {}",
            scratch.capacity()
        );
    }
}

#[test]
fn what_a_large_batch_leaves_is_given_back() {
    const LARGE: usize = 8 * 1024 * 1024;
    let batch = packed(Compression::Zstd, &vec![0; LARGE]);
    let mut scratch = Scratch::default();
    decompress(Compression::Zstd, &batch, LARGE, &mut scratch).unwrap();
    assert!(scratch.capacity() >= LARGE);
    scratch.trim();
    assert_eq!(scratch.capacity(), 0);
}

#[test]
fn exactly_the_limit_is_allowed() {
    for codec in Compression::ALL {
        let input = packed(codec, &text(LIMIT));
        assert!(unpacked(codec, &input, LIMIT).is_ok(), "{codec}");
        let error = unpacked(codec, &input, LIMIT - 1).unwrap_err();
        assert!(
            matches!(error, DecompressError::TooLarge { .. }),
            "{codec} {error}"
        );
    }
}

#[test]
fn gzip_may_have_several_members() {
    let both = [
        packed(Compression::Gzip, b"one "),
        packed(Compression::Gzip, b"two"),
    ]
    .concat();
    assert_eq!(
        unpacked(Compression::Gzip, &both, LIMIT).unwrap(),
        b"one two"
    );
}

#[test]
fn zstd_may_have_several_frames_without_content_size() {
    let frame = |input: &[u8]| zstd::stream::encode_all(input, 3).unwrap();
    let both = [frame(b"one "), frame(b"two")].concat();
    assert_eq!(
        unpacked(Compression::Zstd, &both, LIMIT).unwrap(),
        b"one two"
    );
}

#[test]
fn snappy_is_written_as_java_frames_it() {
    let framed = packed(Compression::Snappy, &text(40_000));
    assert_eq!(framed[..16], *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01");
    let first = usize::try_from(u32::from_be_bytes(framed[16..20].try_into().unwrap())).unwrap();
    let block = snap::raw::Decoder::new()
        .decompress_vec(&framed[20..20 + first])
        .unwrap();
    assert_eq!(block, text(32 * 1024));
}

#[test]
fn snappy_without_a_frame_is_read() {
    let raw = snap::raw::Encoder::new()
        .compress_vec(&text(100_000))
        .unwrap();
    assert_eq!(
        unpacked(Compression::Snappy, &raw, LIMIT).unwrap(),
        text(100_000)
    );
}

#[test]
fn snappy_blocks_that_claim_a_lot_are_not_believed() {
    // 4 GiB claimed in five bytes, raw and framed.
    let claim = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x00];
    assert!(unpacked(Compression::Snappy, &claim, usize::MAX).is_err());
    let framed = [b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\0\0\0\x07", &claim[..]].concat();
    assert!(unpacked(Compression::Snappy, &framed, usize::MAX).is_err());
    let too_long = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\xff\xff\xff\xff\0";
    assert!(unpacked(Compression::Snappy, too_long, usize::MAX).is_err());
}

#[test]
fn lz4_frames_that_java_cannot_read_are_refused() {
    use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
    use std::io::Write;
    let frame = |info: FrameInfo| {
        let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
        encoder.write_all(&text(100_000)).unwrap();
        encoder.finish().unwrap()
    };
    let checksummed = frame(
        FrameInfo::new()
            .content_checksum(true)
            .block_checksums(true),
    );
    assert_eq!(
        unpacked(Compression::Lz4, &checksummed, LIMIT).unwrap(),
        text(100_000)
    );
    let linked = frame(FrameInfo::new().block_mode(BlockMode::Linked));
    assert!(unpacked(Compression::Lz4, &linked, LIMIT).is_err());
    let whole = packed(Compression::Lz4, &text(1000));
    assert!(unpacked(Compression::Lz4, &whole[..whole.len() - 4], LIMIT).is_err());
    let twice = [whole.as_slice(), &whole].concat();
    assert!(unpacked(Compression::Lz4, &twice, LIMIT).is_err());
}

#[test]
fn gzip_levels_below_one_mean_the_default() {
    let with = |gzip| {
        let mut out = Vec::new();
        let levels = CompressionLevels {
            gzip,
            ..CompressionLevels::default()
        };
        compress(Compression::Gzip, levels, &text(100_000), &mut out).unwrap();
        out.len()
    };
    assert_eq!(with(-1), with(6));
    assert!(with(1) > with(9));
}
