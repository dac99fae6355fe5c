//! Any bytes as the memory of a module: swept, judged and printed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opticsd_fuzz::{everything, image_of};

fuzz_target!(|bytes: &[u8]| {
    let image = image_of(bytes);
    everything(&image);
});
