//! Any trouble on the bus of a module that is swept.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::sweep(bytes));
