//! Any bytes as a dump file of any tool.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::read_dump(bytes));
