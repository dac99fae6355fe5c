//! Any spans over any path to a module.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::read_planner(bytes));
