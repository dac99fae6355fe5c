//! Any datagrams as the kernel's answers over ethtool netlink: to who reads a
//! module, and to who asks for FEC counters.

use std::collections::VecDeque;
use std::io;

use opticsd::bus::address::{Bank, Half};
use opticsd::bus::driven::Driver;
use opticsd::bus::ethtool::Ethtool;
use opticsd::bus::generic_netlink::Line;
use opticsd::clock::ManualClock;
use opticsd::host::Teller;
use opticsd::host::ethtool_fec::EthtoolFec;

use super::feed::Feed;

/// Bits of the first byte of a record: whether its bytes are a datagram as they
/// are, or the payload of a message that bears the right number; whether the next
/// record is in the same datagram.
const RAW: u8 = 0x80;
const JOINED: u8 = 0x40;
/// Types of messages: error, done, controller, the ethtool family of the seeds.
const TYPES: [u16; 4] = [2, 3, 0x10, 21];
/// An error has attributes with words (NLM_F_ACK_TLVS).
const ACK_ATTRIBUTES: u16 = 0x200;
/// The most datagrams of a run.
const MOST_DATAGRAMS: usize = 64;

/// The kernel as the bytes have it.
#[derive(Clone)]
struct Tape {
    records: VecDeque<(u8, Vec<u8>)>,
    sequence: [u8; 4],
}

impl Tape {
    fn of(mut feed: Feed<'_>) -> Self {
        let mut records = VecDeque::new();
        while let (Some(kind), Some(length)) = (feed.byte(), feed.short()) {
            records.push_back((kind, feed.take(usize::from(length)).to_vec()));
            if records.len() == MOST_DATAGRAMS {
                break;
            }
        }
        Self {
            records,
            sequence: [0; 4],
        }
    }

    fn message(&self, kind: u8, payload: &[u8]) -> Vec<u8> {
        if kind & RAW != 0 {
            return payload.to_vec();
        }
        let length = u32::try_from(16 + payload.len()).unwrap_or(u32::MAX);
        let mut types = TYPES.into_iter().cycle();
        let number = types.nth(usize::from(kind & 3)).unwrap_or_default();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(number.to_ne_bytes());
        bytes.extend(ACK_ATTRIBUTES.to_ne_bytes());
        bytes.extend(self.sequence);
        bytes.extend([0; 4]);
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }
}

impl Line for Tape {
    fn send(&mut self, question: &[u8]) -> io::Result<()> {
        // Whatever comes back, what goes out is whole.
        let length: Option<[u8; 4]> = question.first_chunk().copied();
        let length = length.map_or(0, u32::from_ne_bytes);
        assert_eq!(usize::try_from(length).ok(), Some(question.len()));
        if let Some(sequence) = question.get(8..).and_then(|bytes| bytes.first_chunk()) {
            self.sequence = *sequence;
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut datagram = Vec::new();
        while let Some((kind, payload)) = self.records.pop_front() {
            datagram.extend(self.message(kind, &payload));
            if kind & JOINED == 0 {
                return Ok(datagram);
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// The kernel's answers.
pub fn netlink(bytes: &[u8]) {
    let tape = Tape::of(Feed(bytes));
    let (line, clock) = (tape.clone(), ManualClock::new());
    if let Ok(mut module) = Ethtool::new(line, "eth0") {
        for half in [Half::LOWER, Half::page(0x11).in_bank(Bank::ZERO)] {
            for length in [1, 8, 128] {
                let mut buffer = vec![0; length];
                if let Err(error) = module.read(half, half.base(), &mut buffer) {
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    let mut lines = std::iter::repeat(tape);
    let mut teller = EthtoolFec::over(Box::new(move || {
        Ok(lines.next().unwrap_or_else(|| Tape::of(Feed(&[]))))
    }));
    let ports = ["eth0", "eth1", "eth2"].map(str::to_owned);
    let told = teller.tell(&ports, &clock);
    assert_eq!(told.len(), ports.len());
    for told in told {
        match told {
            Ok(told) => assert!(told.tells_errors()),
            Err(silence) => assert!(silence.said.contains("eth"), "{silence}"),
        }
    }
}
