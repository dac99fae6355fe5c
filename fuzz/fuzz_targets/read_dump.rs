//! Any text as a dump file: refused with a reason, or read, written and read
//! back to the same, and decoded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opticsd::bus::dump;
use opticsd_fuzz::everything;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(image) = dump::parse(&String::from_utf8_lossy(bytes), "fuzz") {
        assert_eq!(
            dump::parse(&dump::write(&image), "fuzz").as_ref(),
            Ok(&image)
        );
        everything(&image);
    }
});
