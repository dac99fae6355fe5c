//! Any bytes as a dump file of any tool: refused with a reason, or read, written and read
//! back to the same, and decoded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opticsd::bus::dump;
use opticsd_fuzz::everything;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = dump::read(bytes, "fuzz") {
        let again = dump::parse(&dump::write(&found.image), "fuzz");
        assert_eq!(again.as_ref(), Ok(&found.image));
        everything(&found.image);
    }
});
