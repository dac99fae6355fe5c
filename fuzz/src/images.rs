//! Any bytes as the memory of a module or as a dump file: an image, through all
//! that is ever made of one.

use std::sync::LazyLock;

use opticsd::bus::address::{Bank, Device, Half};
use opticsd::bus::dump;
use opticsd::bus::image::Image;
use opticsd::class::{self, Classification, Settings};
use opticsd::clock::SystemClock;
use opticsd::module::Snapshot;
use opticsd::module::sweep::Session;
use opticsd::report::{document, raw, text};

/// Any bytes as the memory of a module: swept, judged and printed.
pub fn decode_page(bytes: &[u8]) {
    everything(&image_of(bytes));
}

/// Any bytes as a dump file of any tool: refused with a reason, or read, written
/// and read back to the same, and decoded.
pub fn read_dump(bytes: &[u8]) {
    if let Ok(found) = dump::read(bytes, "fuzz") {
        let again = dump::parse(&dump::write(&found.image), "fuzz");
        assert_eq!(again.as_ref(), Ok(&found.image));
        everything(&found.image);
    }
}

/// Bytes of one half.
const HALF: usize = 128;
/// In the second byte of a record: bank, and whether it is of the second device.
const BANK_BITS: u8 = 0x1F;
const DEVICE_BIT: u8 = 0x80;

/// An image out of any bytes: lower memory, then records of page, bank and the
/// bytes of a page. What the bytes do not reach is not known.
pub(super) fn image_of(bytes: &[u8]) -> Image {
    let mut image = Image::new();
    let (lower, rest) = bytes.split_at(bytes.len().min(HALF));
    image.sheet_mut(Half::LOWER).put(0, lower);
    for record in rest.chunks(HALF + 2) {
        if let [page, place, bytes @ ..] = record {
            let half = half_of(*page, *place);
            image.sheet_mut(half).put(half.base(), bytes);
        }
    }
    image
}

/// The bytes that [`image_of`] makes an image of.
pub(super) fn bytes_of(image: &Image) -> Vec<u8> {
    let all = |half: Half| {
        image
            .sheet(half)
            .map_or([0; HALF], |sheet| sheet.array(half.base()))
    };
    let mut bytes = all(Half::LOWER).to_vec();
    for (half, _) in image.halves().filter(|(half, _)| *half != Half::LOWER) {
        let device = if half.device() == Device::A2 {
            DEVICE_BIT
        } else {
            0
        };
        let (page, bank) = half
            .upper()
            .map_or((0, Bank::ZERO), |(page, bank)| (page.0, bank));
        bytes.extend([page, device | bank.number()]);
        bytes.extend(all(half));
    }
    bytes
}

/// The half that a record is of; the second device has its lower memory only.
fn half_of(page: u8, place: u8) -> Half {
    if place & DEVICE_BIT != 0 {
        return Half::lower(Device::A2);
    }
    let bank = Bank::new(place & BANK_BITS).unwrap_or(Bank::ZERO);
    Half::page(page).in_bank(bank)
}

/// Sweeps an image and finds the class of the module in it, if there is one.
fn decoded(image: &Image) -> Option<(Snapshot, Classification)> {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
    static CLOCK: LazyLock<SystemClock> = LazyLock::new(SystemClock::new);
    let mut memory = image.clone();
    let sweep = Session::new().sweep(&mut memory, &*CLOCK).ok()?;
    let class = class::classify(&sweep.snapshot, &SETTINGS);
    Some((sweep.snapshot, class))
}

/// Makes of an image all that the program can: class, document, text and raw
/// registers.
fn everything(image: &Image) {
    let Some((snapshot, class)) = decoded(image) else {
        return;
    };
    assert!((0.0..=1.0).contains(&class.confidence), "{class:?}");
    let document = document::document(&snapshot, &class);
    assert!(serde_json::to_string(&document).is_ok());
    assert!(!text::module(&snapshot, &class, &[], None).is_empty());
    for (half, _) in image.halves() {
        raw::page(image, half, snapshot.management);
    }
}
