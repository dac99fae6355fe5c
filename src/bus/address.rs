//! Addresses of module bytes that cannot be wrong: bank, page, half, span.
//!
//! CMIS 5.x section 1.1 as told in public transcriptions: 128 bytes of lower
//! memory are always there; bytes 128 to 255 are one page, chosen by bank and
//! page select. Pages 10h-5Fh, 60h-62h, 6Dh, 9Fh and A0h-AFh exist once per
//! bank of eight lanes, all others once. An SFP has a second device, A2h.

use std::fmt;

/// How many bytes a half has: lower memory, or one upper page.
pub const HALF_LENGTH: u8 = 128;

/// A group of eight lanes and its copies of the banked pages: 0 to 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Bank(u8);

impl Bank {
    /// Bank 0, the only one of most modules and of all unbanked pages.
    pub const ZERO: Self = Self(0);
    /// How many banks CMIS 5.4 can tell of (01h:174.4-0 plus one).
    pub const MOST: u8 = 32;

    /// The bank with this number, or `None` above 31.
    pub const fn new(number: u8) -> Option<Self> {
        if number < Self::MOST {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The first `count` banks, from bank 0.
    pub fn first(count: u8) -> impl Iterator<Item = Self> {
        (0..count.min(Self::MOST)).map(Self)
    }

    /// The value of the bank select byte.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A page number, 00h to FFh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Page(pub u8);

impl Page {
    /// Whether the page exists once per bank (CMIS 5.4).
    pub const fn is_banked(self) -> bool {
        matches!(self.0, 0x10..=0x62 | 0x6D | 0x9F..=0xAF)
    }
}

/// Which I2C device of a module: all but SFPs have the first one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Device {
    /// 7-bit address 50h (A0h/A1h).
    #[default]
    A0,
    /// 7-bit address 51h (A2h/A3h): diagnostics of an SFP (SFF-8472).
    A2,
}

impl Device {
    /// The 7-bit I2C address.
    pub const fn address(self) -> u8 {
        match self {
            Self::A0 => 0x50,
            Self::A2 => 0x51,
        }
    }
}

/// 128 bytes that are mapped together: a lower memory, or one page of a bank.
///
/// Halves order as they stand in a dump: device, lower before upper, page, bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Half {
    device: Device,
    upper: Option<(Page, Bank)>,
}

impl Half {
    /// Bytes 0 to 127 of the first device.
    pub const LOWER: Self = Self::lower(Device::A0);

    /// Bytes 0 to 127 of a device.
    pub const fn lower(device: Device) -> Self {
        Self {
            device,
            upper: None,
        }
    }

    /// An upper page of the first device, in bank 0 if it is banked.
    pub const fn page(page: u8) -> Self {
        Self::page_of(Device::A0, page)
    }

    /// An upper page of a device, in bank 0 if it is banked.
    pub const fn page_of(device: Device, page: u8) -> Self {
        Self {
            device,
            upper: Some((Page(page), Bank::ZERO)),
        }
    }

    /// An upper page of a bank of the first device.
    ///
    /// Returns `None` for a bank other than 0 of a page that is not banked.
    pub const fn banked(page: u8, bank: Bank) -> Option<Self> {
        if bank.0 != 0 && !Page(page).is_banked() {
            return None;
        }
        Some(Self {
            device: Device::A0,
            upper: Some((Page(page), bank)),
        })
    }

    /// The same page in another bank; itself where the page has no banks.
    pub const fn in_bank(self, bank: Bank) -> Self {
        match self.upper {
            Some((page, _)) if page.is_banked() => Self {
                device: self.device,
                upper: Some((page, bank)),
            },
            _ => self,
        }
    }

    /// Which device of the module.
    pub const fn device(self) -> Device {
        self.device
    }

    /// Page and bank of an upper half, `None` for lower memory.
    pub const fn upper(self) -> Option<(Page, Bank)> {
        self.upper
    }

    /// The absolute offset of the half's first byte: 0 or 128.
    pub const fn base(self) -> u8 {
        match self.upper {
            None => 0,
            Some(_) => HALF_LENGTH,
        }
    }
}

/// Shown as dump headings say it: `page lower`, `page 11 bank 1`,
/// `page lower addr a2`.
impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.upper {
            None => f.write_str("page lower")?,
            Some((Page(page), bank)) => {
                write!(f, "page {page:02x}")?;
                if bank != Bank::ZERO {
                    write!(f, " bank {}", bank.0)?;
                }
            }
        }
        match self.device {
            Device::A0 => Ok(()),
            Device::A2 => f.write_str(" addr a2"),
        }
    }
}

/// A run of bytes inside one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    half: Half,
    first: u8,
    length: u8,
}

impl Span {
    /// The bytes `first` to `last` of a half, both counted from 0 of the
    /// module's memory (so 128 to 255 in an upper page).
    ///
    /// Returns `None` if they do not lie in the half, or end before they start.
    pub const fn new(half: Half, first: u8, last: u8) -> Option<Self> {
        let base = half.base();
        if first < base || last < first || last - base >= HALF_LENGTH || first - base >= HALF_LENGTH
        {
            return None;
        }
        Some(Self {
            half,
            first,
            length: last - first + 1,
        })
    }

    /// All 128 bytes of a half.
    pub const fn whole(half: Half) -> Self {
        Self {
            half,
            first: half.base(),
            length: HALF_LENGTH,
        }
    }

    /// Whether some byte lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.half == other.half && self.first <= other.last() && other.first <= self.last()
    }

    /// The half that the bytes lie in.
    pub const fn half(self) -> Half {
        self.half
    }

    /// The first absolute offset.
    pub const fn first(self) -> u8 {
        self.first
    }

    /// The last absolute offset.
    pub const fn last(self) -> u8 {
        self.first + (self.length - 1)
    }

    /// How many bytes, 1 to 128.
    pub const fn length(self) -> u8 {
        self.length
    }
}

/// Shown as `page 11 bytes 154-201`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes {}-{}", self.half, self.first, self.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_banked_pages_have_banks() {
        let one = Bank::new(1).unwrap();
        assert!(Half::banked(0x11, one).is_some());
        assert!(Half::banked(0x2F, one).is_some());
        assert!(Half::banked(0x9F, one).is_some());
        assert!(Half::banked(0x02, one).is_none());
        assert!(Half::banked(0xB0, one).is_none());
        assert!(Half::banked(0x02, Bank::ZERO).is_some());
        assert_eq!(Half::page(0x01).in_bank(one), Half::page(0x01));
        assert!(Bank::new(32).is_none());
    }

    #[test]
    fn spans_stay_inside_their_half() {
        assert!(Span::new(Half::LOWER, 0, 127).is_some());
        assert!(Span::new(Half::LOWER, 0, 128).is_none());
        assert!(Span::new(Half::page(0), 127, 128).is_none());
        assert!(Span::new(Half::page(0), 255, 255).is_some());
        assert!(Span::new(Half::page(0), 200, 199).is_none());
        let span = Span::new(Half::page(0x11), 154, 201).unwrap();
        assert_eq!((span.first(), span.last(), span.length()), (154, 201, 48));
        assert_eq!(span.to_string(), "page 11 bytes 154-201");
    }

    #[test]
    fn halves_read_as_in_a_dump_heading() {
        assert_eq!(Half::LOWER.to_string(), "page lower");
        assert_eq!(Half::lower(Device::A2).to_string(), "page lower addr a2");
        let half = Half::banked(0x11, Bank::new(3).unwrap()).unwrap();
        assert_eq!(half.to_string(), "page 11 bank 3");
    }
}
