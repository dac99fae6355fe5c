//! What drivers answer, in the layouts of the kernel (net/ethtool/fec.c).

use std::collections::VecDeque;
use std::io;

use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;

/// A kernel that has some interfaces: it answers what was asked, in order, with
/// the sequence number of the question.
struct Kernel {
    answers: VecDeque<Answer>,
    sent: VecDeque<Vec<u8>>,
}

#[derive(Clone)]
enum Answer {
    Reply(u8, Vec<u8>),
    Refusal(i32),
    Raw(Vec<u8>),
}

fn message(kind: u16, sequence: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + payload.len()).unwrap();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend([0, 0]);
    bytes.extend(sequence);
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

impl Line for Kernel {
    fn send(&mut self, question: &[u8]) -> io::Result<()> {
        let sequence = &question[8..12];
        let kind = u16::from_ne_bytes([question[4], question[5]]);
        let end = |code: i32| {
            let mut payload = code.to_ne_bytes().to_vec();
            payload.extend([0; 16]);
            message(2, sequence, &payload)
        };
        if kind == 0x10 {
            let mut payload = vec![1, 2, 0, 0];
            payload.extend(attribute(1, &21_u16.to_ne_bytes()));
            self.sent.push_back(message(0x10, sequence, &payload));
            self.sent.push_back(end(0));
            return Ok(());
        }
        match self.answers.pop_front() {
            Some(Answer::Reply(command, attributes)) => {
                let mut payload = vec![command, 1, 0, 0];
                payload.extend(attributes);
                self.sent.push_back(message(21, sequence, &payload));
                self.sent.push_back(end(0));
            }
            Some(Answer::Refusal(errno)) => self.sent.push_back(end(-errno)),
            Some(Answer::Raw(bytes)) => self.sent.push_back(bytes),
            None => self.sent.push_back(end(-EOPNOTSUPP)),
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        let next = self.sent.pop_front();
        next.ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn number32(kind: u16, value: u32) -> Vec<u8> {
    attribute(kind, &value.to_ne_bytes())
}

fn array(kind: u16, values: &[u64]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    // The kernel pads in front of arrays of 64 bits.
    [attribute(1, &[]), attribute(kind, &bytes)].concat()
}

fn bin(low: u32, high: u32, count: &[u8]) -> Vec<u8> {
    let inside = [
        number32(BIN_LOW, low),
        number32(BIN_HIGH, high),
        attribute(BIN_VALUE, count),
    ];
    attribute(HISTOGRAM | NLA_F_NESTED, &inside.concat())
}

fn fec_reply(active: Option<u32>, stats: Option<Vec<u8>>) -> Answer {
    let mut bytes = attribute(HEADER | NLA_F_NESTED, &number32(1, 2));
    bytes.extend(attribute(2 | NLA_F_NESTED, &[]));
    bytes.extend(attribute(3, &[0]));
    bytes.extend(active.map(|bit| number32(ACTIVE, bit)).unwrap_or_default());
    bytes.extend(
        stats
            .map(|stats| attribute(STATS | NLA_F_NESTED, &stats))
            .unwrap_or_default(),
    );
    Answer::Reply(30, bytes)
}

fn modes_reply(speed: u32, lanes: Option<u32>) -> Answer {
    let mut bytes = attribute(2, &[0]);
    bytes.extend(number32(SPEED, speed));
    bytes.extend(attribute(6, &[1]));
    bytes.extend(lanes.map(|n| number32(LANES, n)).unwrap_or_default());
    Answer::Reply(4, bytes)
}

fn link_reply(up: u8) -> Answer {
    Answer::Reply(6, attribute(LINK, &[up]))
}

fn tell(answers: &[Answer]) -> Result<HostFec, Silence> {
    let mut answers = Some(answers.iter().cloned().collect());
    let mut teller = EthtoolFec::over(Box::new(move || {
        Ok(Kernel {
            answers: answers.take().unwrap_or_default(),
            sent: VecDeque::new(),
        })
    }));
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(7));
    teller.tell(&["eth0".to_owned()], &clock).remove(0)
}

#[test]
fn a_driver_that_tells_all_is_taken_in_whole() {
    let stats = [
        array(CORRECTED, &[300, 100, 200]),
        array(UNCORRECTABLE, &[3, 1, 2]),
        array(CORRECTED_BITS, &[330, 110, 220]),
        bin(0, 0, &9_000_000_000_u64.to_ne_bytes()),
        bin(1, 1, &280_u32.to_ne_bytes()),
        bin(2, 2, &20_u32.to_ne_bytes()),
        bin(3, 7, &5_u32.to_ne_bytes()),
        bin(4, 4, &5_u32.to_ne_bytes()),
    ];
    let told = tell(&[
        fec_reply(Some(FEC_RS), Some(stats.concat())),
        modes_reply(400_000, Some(4)),
        link_reply(1),
    ]);
    let lane = |corrected, uncorrectable, bits| LaneFec {
        corrected_codewords: Some(corrected),
        uncorrectable_codewords: Some(uncorrectable),
        corrected_bits: Some(bits),
    };
    let expected = HostFec {
        link_up: Some(true),
        code: Some(FecCode::Rs544),
        coded_bits_per_second: Some(425e9),
        corrected_codewords: Some(300),
        uncorrectable_codewords: Some(3),
        corrected_bits: Some(330),
        lanes: vec![lane(100, 1, 110), lane(200, 2, 220)],
        histogram: vec![9_000_000_000, 280, 20],
        ..HostFec::empty(Duration::from_secs(7), FecSource::Ethtool)
    };
    assert_eq!(told, Ok(expected));
}

#[test]
fn what_a_driver_does_not_count_is_absent() {
    // Corrected blocks alone, the other counters empty, the link down.
    let stats = [
        array(CORRECTED, &[0]),
        array(UNCORRECTABLE, &[]),
        array(CORRECTED_BITS, &[]),
    ];
    let told = tell(&[
        fec_reply(None, Some(stats.concat())),
        modes_reply(UNKNOWN_SPEED, Some(4)),
        link_reply(0),
    ]);
    let expected = HostFec {
        link_up: Some(false),
        corrected_codewords: Some(0),
        ..HostFec::empty(Duration::from_secs(7), FecSource::Ethtool)
    };
    assert_eq!(told, Ok(expected));
}

#[test]
fn the_code_follows_mode_and_lanes() {
    let stats = array(CORRECTED_BITS, &[1]);
    for (active, speed, lanes, code) in [
        (FEC_RS, 100_000, Some(4), Some(FecCode::Rs528)),
        (FEC_RS, 100_000, Some(1), Some(FecCode::Rs544)),
        (FEC_RS, 100_000, None, None),
        (FEC_BASER, 25_000, None, Some(FecCode::BaseR)),
        (FEC_LLRS, 50_000, None, Some(FecCode::Rs272)),
        (FEC_NONE, 25_000, None, Some(FecCode::Off)),
        (99, 25_000, None, None),
    ] {
        let answers = [
            fec_reply(Some(active), Some(stats.clone())),
            modes_reply(speed, lanes),
        ];
        assert_eq!(tell(&answers).unwrap().code, code, "{active} {speed}");
    }
}

#[test]
fn silence_says_why_and_what_to_do() {
    let told = |answer: Answer| {
        let silence = tell(&[answer]).unwrap_err();
        (silence.kind, silence.said)
    };
    let (kind, said) = told(Answer::Refusal(ENODEV));
    assert_eq!(kind, SilenceKind::NoSuchPort);
    assert!(
        said.contains("interface eth0") && said.contains("`ip link`"),
        "{said}"
    );
    let (kind, said) = told(Answer::Refusal(EOPNOTSUPP));
    assert_eq!(kind, SilenceKind::NoCounters);
    assert!(said.contains("another source"), "{said}");
    let (kind, said) = told(fec_reply(Some(FEC_RS), None));
    assert_eq!(kind, SilenceKind::NoCounters);
    assert!(said.contains("ethtool -I --show-fec eth0"), "{said}");
    assert_eq!(told(Answer::Refusal(EPERM)).0, SilenceKind::Refused);
    assert_eq!(told(Answer::Raw(vec![1; 40])).0, SilenceKind::Malformed);
    assert_eq!(
        told(Answer::Reply(77, Vec::new())).0,
        SilenceKind::Malformed
    );
}

#[test]
fn a_line_that_cannot_be_opened_is_tried_again() {
    let mut tries = 0;
    let mut teller: EthtoolFec<Kernel> = EthtoolFec::over(Box::new(move || {
        tries += 1;
        match tries {
            1 => Err(NetlinkError::Refused {
                errno: EAFNOSUPPORT,
                said: None,
            }),
            _ => Ok(Kernel {
                answers: [fec_reply(None, Some(array(CORRECTED, &[5])))].into(),
                sent: VecDeque::new(),
            }),
        }
    }));
    let ports = ["eth0".to_owned()];
    let first = teller.tell(&ports, &ManualClock::new()).remove(0);
    assert_eq!(first.unwrap_err().kind, SilenceKind::Refused);
    let second = teller.tell(&ports, &ManualClock::new()).remove(0);
    assert_eq!(second.unwrap().corrected_codewords, Some(5));
}

#[test]
fn the_question_asks_for_statistics_of_the_interface() {
    let asked = question(21, 29, "eth0", COMPACT | STATISTICS);
    let header = asked.attribute(HEADER).unwrap();
    let name = attribute(DEVICE_NAME, b"eth0\0");
    assert_eq!(header, [name, number32(FLAGS, 5)].concat());
    assert_eq!((asked.family, asked.command, asked.version), (21, 29, 1));
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(
        fec in proptest::collection::vec(any::<u8>(), 0..200),
        modes in proptest::collection::vec(any::<u8>(), 0..60),
        stats in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = tell(&[Answer::Reply(30, fec), Answer::Reply(4, modes.clone())]);
        let _ = tell(&[fec_reply(Some(FEC_RS), Some(stats.clone())), Answer::Reply(4, modes)]);
        let nested = attribute(HISTOGRAM | NLA_F_NESTED, &stats);
        let _ = tell(&[fec_reply(Some(FEC_RS), Some(nested)), Answer::Raw(stats)]);
    }
}
