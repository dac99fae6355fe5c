//! The ways to a module, as far as they make a difference on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::{BLOCK, WORD};
use crate::bus::address::HALF_LENGTH;
use crate::bus::paging::SHORT_READ;

/// In which way a module is reached, as far as it makes a difference on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum AccessPath {
    /// Raw I2C: all parts of a visit in one transaction, select bytes in front.
    #[default]
    Combined,
    /// Raw I2C through an adapter that takes one read a transaction, of at most
    /// this many bytes: 128, 32 or 8.
    Pairs(u8),
    /// SMBus, in I2C blocks of 32 bytes.
    SmbusBlock,
    /// SMBus, in words.
    SmbusWord,
    /// The file of the optoe driver: for each read beyond page 00h it asks whether
    /// the module is paged, selects the page, reads, and selects page 00h again.
    Optoe,
    /// The driver of a network interface, taken for one that selects bank and page
    /// for each read beyond page 00h of a paged module and leaves them there. What
    /// a NIC's firmware really does is not to be seen.
    Ethtool,
}

impl AccessPath {
    /// Each of them.
    pub const ALL: [Self; 8] = [
        Self::Combined,
        Self::Pairs(HALF_LENGTH),
        Self::Pairs(BLOCK),
        Self::Pairs(SHORT_READ),
        Self::SmbusBlock,
        Self::SmbusWord,
        Self::Optoe,
        Self::Ethtool,
    ];

    /// The longest read that it puts on the wire.
    pub const fn longest_read(self) -> u8 {
        match self {
            Self::Combined | Self::Optoe | Self::Ethtool => HALF_LENGTH,
            Self::Pairs(longest) => longest,
            Self::SmbusBlock => BLOCK,
            Self::SmbusWord => WORD,
        }
    }

    /// Whether a driver selects the pages.
    pub const fn is_driven(self) -> bool {
        matches!(self, Self::Optoe | Self::Ethtool)
    }
}

/// The path that an adapter turned out to need, for whoever plans its reads.
#[derive(Debug, Clone, Default)]
pub struct SharedPath(Arc<AtomicU8>);

impl SharedPath {
    /// One that starts with this path.
    pub fn new(path: AccessPath) -> Self {
        let shared = Self::default();
        shared.set(path);
        shared
    }

    /// Tells everybody who holds it.
    pub fn set(&self, path: AccessPath) {
        let index = AccessPath::ALL.iter().position(|known| *known == path);
        let index = index.and_then(|index| u8::try_from(index).ok());
        self.0.store(index.unwrap_or_default(), Ordering::Relaxed);
    }

    /// What was told last.
    pub fn get(&self) -> AccessPath {
        let index = usize::from(self.0.load(Ordering::Relaxed));
        AccessPath::ALL.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shared_with_who_plans() {
        let shared = SharedPath::default();
        assert_eq!(shared.get(), AccessPath::Combined);
        for path in AccessPath::ALL {
            shared.clone().set(path);
            assert_eq!(shared.get(), path);
        }
    }
}
