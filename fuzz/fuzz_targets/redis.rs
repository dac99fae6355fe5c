//! Any bytes as the answers of SONiC's Redis.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::redis(bytes));
