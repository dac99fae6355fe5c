//! Any text as a web configuration.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::web_config(bytes));
