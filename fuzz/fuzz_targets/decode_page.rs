//! Any bytes as the memory of a module.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::decode_page(bytes));
