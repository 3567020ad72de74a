//! `millrace_fuzz::server_properties` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| millrace_fuzz::server_properties(data));
