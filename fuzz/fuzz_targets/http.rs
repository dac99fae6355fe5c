//! Any bytes as what a client says to the server.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::http(bytes));
