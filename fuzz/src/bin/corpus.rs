//! Writes what the fuzzer starts from: the registers of every simulated module,
//! as bytes and as dump files.

use std::fs;
use std::path::Path;

use opticsd::bus::dump;
use opticsd::sim::builders;
use opticsd_fuzz::bytes_of;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in ["decode_page", "read_dump"] {
        fs::create_dir_all(corpus.join(target))?;
    }
    for name in builders::NAMES {
        let Some(module) = builders::by_name(name) else {
            continue;
        };
        let image = module.registers().image();
        fs::write(corpus.join("decode_page").join(name), bytes_of(image))?;
        fs::write(corpus.join("read_dump").join(name), dump::write(image))?;
    }
    Ok(())
}
