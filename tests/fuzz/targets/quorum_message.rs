//! `millrace_fuzz::quorum_message` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| millrace_fuzz::quorum_message(data));
