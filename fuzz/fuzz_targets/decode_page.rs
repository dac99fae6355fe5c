//! Any bytes as the memory of a module: swept, judged and printed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opticsd::cli::decode;

fuzz_target!(|bytes: &[u8]| {
    let image = decode::image_of(bytes);
    decode::everything(&image);
});
