//! `millrace_fuzz::record_batches` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| millrace_fuzz::record_batches(data));
