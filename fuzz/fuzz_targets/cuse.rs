//! Any messages of the kernel to a simulated adapter.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::cuse(bytes));
