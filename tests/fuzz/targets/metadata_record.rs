//! `millrace_fuzz::metadata_record` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| millrace_fuzz::metadata_record(data));
