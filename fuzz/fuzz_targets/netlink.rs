//! Any datagrams as the kernel's answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| opticsd_fuzz::netlink(bytes));
