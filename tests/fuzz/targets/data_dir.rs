//! `millrace_fuzz::data_dir` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| millrace_fuzz::data_dir(data));
