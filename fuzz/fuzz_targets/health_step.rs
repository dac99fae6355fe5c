//! Any sequence of what there is to see of a port.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::health_step(bytes));
