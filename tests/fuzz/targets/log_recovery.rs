//! `millrace_fuzz::log_recovery` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| millrace_fuzz::log_recovery(data));
