//! Any text as settings of the classification.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::class_settings(bytes));
