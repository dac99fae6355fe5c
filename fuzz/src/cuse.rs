//! Any messages of the kernel to a simulated adapter's device, and any memory of
//! the programs that call it.

use std::sync::Arc;
use std::sync::LazyLock;
use std::time::Duration;

use opticsd::clock::ManualClock;
use opticsd::sim::builders;
use opticsd::sim::cage::Cage;
use opticsd::sim::cuse::device::Device;
use opticsd::sim::fault::Fault;
use opticsd::sim::lifecycle::Startup;
use opticsd::sim::module::SimModule;
use opticsd::sim::wire::BusRate;

use super::feed::Feed;

/// Numbers of calls (fuse_opcode): open, read, write, release, flush, interrupt,
/// ioctl, introduction, and one that a device need not know.
const OPCODES: [u32; 9] = [14, 15, 16, 18, 25, 36, 39, 4096, 3];
const IOCTL: u32 = 39;
/// A record whose bytes are the whole message and not only its body.
const RAW: u8 = 0x80;
/// The header of a request, and of what is behind it in an ioctl.
const HEADER: usize = 40;
const IOCTL_HEADER: usize = 32;
/// The answer asks for memory (FUSE_IOCTL_RETRY).
const RETRY: u32 = 4;
/// How often an ioctl may ask for memory: its list, its messages, their bytes.
const MOST_ROUNDS: usize = 3;
/// The most messages of a run.
const MOST_CALLS: usize = 64;

/// A device before a module in some trouble.
fn device(fault: Fault) -> Device {
    static MODULE: LazyLock<Option<SimModule>> = LazyLock::new(|| {
        let module = builders::by_name("dsp-800g")?;
        let mut module = module.with_manners(|manners| manners.startup = Startup::INSTANT);
        module.manners.page_hold = Duration::ZERO;
        Some(module)
    });
    let cage = Cage::new(Arc::new(ManualClock::new()));
    if let Some(module) = &*MODULE {
        cage.insert(module.clone());
    }
    cage.set_fault(fault);
    Device::new("i2c-90", cage.i2c(BusRate::Khz400))
}

/// Messages of the kernel: the bus' trouble, then records of kind, length, bytes.
pub fn cuse(bytes: &[u8]) {
    let mut feed = Feed(bytes);
    let faults = [
        Fault::None,
        Fault::ArbitrationLoss(u32::MAX),
        Fault::Stuck,
        Fault::Hang(Duration::from_secs(3600)),
        Fault::NackNext(3),
        Fault::Errno(5),
    ];
    let mut device = device(feed.pick(&faults).unwrap_or_default());
    for _ in 0..MOST_CALLS {
        let (Some(kind), Some(length)) = (feed.byte(), feed.short()) else {
            return;
        };
        let bytes = feed.take(usize::from(length));
        if kind & RAW != 0 {
            answered(&mut device, bytes);
            continue;
        }
        let mut kinds = OPCODES.into_iter().cycle();
        let opcode = kinds.nth(usize::from(kind)).unwrap_or(IOCTL);
        if opcode == IOCTL {
            ioctl(&mut device, bytes);
        } else {
            answered(&mut device, &request(opcode, bytes));
        }
    }
}

/// A request with this body.
fn request(opcode: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(opcode.to_ne_bytes());
    message.extend(9_u64.to_ne_bytes());
    message.resize(HEADER, 0);
    message.extend(body);
    message
}

/// The answer to a message, which bears its number and its own length.
fn answered(device: &mut Device, message: &[u8]) -> Option<Vec<u8>> {
    let answer = device.answer(message)?;
    assert_eq!(word(&answer, 0), u32::try_from(answer.len()).ok());
    assert_eq!(answer.get(8..16), message.get(8..16));
    Some(answer)
}

/// An ioctl as the kernel carries it out. The first bytes are what stands before the
/// lengths of what is fetched, the others the program's memory, over and over.
fn ioctl(device: &mut Device, bytes: &[u8]) {
    let (head, memory) = bytes.split_at(bytes.len().min(IOCTL_HEADER - 8));
    let (mut input, mut room) = (Vec::new(), 0_u32);
    for _ in 0..=MOST_ROUNDS {
        let mut body = head.to_vec();
        body.resize(IOCTL_HEADER - 8, 0);
        body.extend(u32::try_from(input.len()).unwrap_or(u32::MAX).to_ne_bytes());
        body.extend(room.to_ne_bytes());
        body.extend(&input);
        let Some(answer) = answered(device, &request(IOCTL, &body)) else {
            return;
        };
        if word(&answer, 4) != Some(0) || word(&answer, 20).is_none_or(|flags| flags & RETRY == 0) {
            return;
        }
        let count = |at| word(&answer, at).and_then(|n| usize::try_from(n).ok());
        let (Some(inputs), Some(outputs)) = (count(24), count(28)) else {
            return;
        };
        let lengths = answer.chunks_exact(16).skip(2);
        let lengths: Vec<u32> = lengths.filter_map(|region| word(region, 8)).collect();
        assert_eq!(lengths.len(), inputs + outputs, "regions are missing");
        let (fetched, given) = lengths.split_at(inputs);
        let wanted: usize = fetched
            .iter()
            .filter_map(|n| usize::try_from(*n).ok())
            .sum();
        let memory = if memory.is_empty() { &[0] } else { memory };
        input = memory.iter().copied().cycle().take(wanted).collect();
        room = given.iter().sum();
    }
    panic!("the device asks for memory again and again");
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*bytes))
}
