//! The ioctls of an I2C device but SMBus ([`super::smbus`]):
//! include/uapi/linux/i2c-dev.h and i2c.h.
//!
//! An argument that points into the caller's memory is fetched step by step. The
//! kernel repeats the call with what was asked for, and nothing is remembered
//! between the repetitions: the sizes tell which step it is. The caller may
//! change its memory meanwhile, so sizes that no longer fit are an error.

use std::time::Duration;

use embedded_hal::i2c::Operation;

use super::Errno;
use super::device::{Device, LONGEST_MESSAGE, OpenFile};
use super::protocol::{Ioctl, Region, Reply, u16_at, u32_at, u64_at};

const RETRIES: u32 = 0x0701;
const TIMEOUT: u32 = 0x0702;
const SLAVE: u32 = 0x0703;
const TEN_BIT: u32 = 0x0704;
const FUNCTIONS: u32 = 0x0705;
const SLAVE_FORCE: u32 = 0x0706;
const TRANSFER: u32 = 0x0707;
const PACKET_ERROR_CHECKING: u32 = 0x0708;

/// `I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL_ALL` without packet error checking.
pub(super) const OFFERED: u64 = 0x0FFF_8001;

/// `FUSE_IOCTL_COMPAT`: the caller is a 32-bit program with other layouts.
const COMPATIBILITY: u32 = 1;

/// The highest address of 7 bits, and of ten.
const LAST_ADDRESS: u64 = 0x7F;
const LAST_TEN_BIT_ADDRESS: u64 = 0x3FF;
/// The unit of `I2C_TIMEOUT`.
const TIMEOUT_UNIT: Duration = Duration::from_millis(10);
/// `I2C_RDWR_IOCTL_MAX_MSGS`.
const MOST_MESSAGES: usize = 42;
/// `sizeof(struct i2c_rdwr_ioctl_data)`: where the messages are, how many.
const LIST: usize = 16;
/// `sizeof(struct i2c_msg)`: address, flags, length, where the bytes are.
const ENTRY: usize = 16;
/// `I2C_M_RD`: from the slave to the master. No other flag is offered.
const READ: u16 = 1;

/// Answers an ioctl of this file.
///
/// # Errors
/// What `ioctl` is to return.
pub(super) fn call(device: &mut Device, file: OpenFile, call: &Ioctl<'_>) -> Result<Reply, Errno> {
    refuse_compatibility(call)?;
    match call.command {
        SLAVE | SLAVE_FORCE => {
            let last = match file.ten_bit {
                true => LAST_TEN_BIT_ADDRESS,
                false => LAST_ADDRESS,
            };
            let address = u16::try_from(call.argument).map_err(|_| Errno::INVALID)?;
            if u64::from(address) > last {
                return Err(Errno::INVALID);
            }
            device.set_file(call.handle, OpenFile { address, ..file });
        }
        RETRIES => device.set_retries(positive_int(call)?),
        TIMEOUT => device.set_patience(TIMEOUT_UNIT.saturating_mul(positive_int(call)?)),
        TEN_BIT => {
            let ten_bit = call.argument != 0;
            device.set_file(call.handle, OpenFile { ten_bit, ..file });
        }
        // Accepted, and without effect where it is not among the functions
        // (Documentation/i2c/dev-interface).
        PACKET_ERROR_CHECKING => {}
        FUNCTIONS => return Ok(functions(call)),
        TRANSFER => return transfer(device, call),
        _ => return Err(Errno::NOT_TTY),
    }
    Ok(Reply::Done(0, Vec::new()))
}

/// An argument of 0 to `INT_MAX`.
fn positive_int(call: &Ioctl<'_>) -> Result<u32, Errno> {
    match i32::try_from(call.argument) {
        Ok(number) => Ok(number.unsigned_abs()),
        Err(_) => Err(Errno::INVALID),
    }
}

/// Refuses 32-bit programs.
pub(super) fn refuse_compatibility(call: &Ioctl<'_>) -> Result<(), Errno> {
    match call.flags & COMPATIBILITY {
        0 => Ok(()),
        _ => Err(Errno::NOT_SUPPORTED),
    }
}

/// `I2C_FUNCS`: what this adapter can do.
fn functions(call: &Ioctl<'_>) -> Reply {
    let answer = OFFERED.to_ne_bytes();
    if call.output == answer.len() {
        return Reply::Done(0, answer.to_vec());
    }
    Reply::Fetch {
        input: Vec::new(),
        output: vec![Region {
            address: call.argument,
            length: 8,
        }],
    }
}

/// One message of `I2C_RDWR`.
#[derive(Debug, Clone, Copy)]
struct Message {
    address: u8,
    reads: bool,
    length: u16,
    buffer: u64,
}

impl Message {
    fn parse(entry: &[u8]) -> Result<Self, Errno> {
        let (address, flags, length, buffer) = read_entry(entry).ok_or(Errno::FAULT)?;
        if u64::from(address) > LAST_ADDRESS || usize::from(length) > LONGEST_MESSAGE {
            return Err(Errno::INVALID);
        }
        if flags & !READ != 0 {
            return Err(Errno::NOT_SUPPORTED);
        }
        Ok(Self {
            address: u8::try_from(address).map_err(|_| Errno::INVALID)?,
            reads: flags & READ != 0,
            length,
            buffer,
        })
    }

    fn region(&self) -> Region {
        Region {
            address: self.buffer,
            length: u64::from(self.length),
        }
    }
}

fn read_entry(entry: &[u8]) -> Option<(u16, u16, u16, u64)> {
    let [address, flags, length] = [0, 2, 4].map(|at| u16_at(entry, at));
    Some((address?, flags?, length?, u64_at(entry, 8)?))
}

/// `I2C_RDWR`: messages with repeated STARTs between them. Fetches the list,
/// then the messages, then the bytes to write.
fn transfer(device: &mut Device, call: &Ioctl<'_>) -> Result<Reply, Errno> {
    let list = Region {
        address: call.argument,
        length: 16,
    };
    let fetch = |input, output| Ok(Reply::Fetch { input, output });
    let Some((head, behind)) = call.input.split_at_checked(LIST) else {
        return fetch(vec![list], Vec::new());
    };
    let (place, count) = u64_at(head, 0).zip(u32_at(head, 8)).ok_or(Errno::FAULT)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if !(1..=MOST_MESSAGES).contains(&count) {
        return Err(Errno::INVALID);
    }
    let length = count * ENTRY;
    let entries = Region {
        address: place,
        length: u64::try_from(length).map_err(|_| Errno::INVALID)?,
    };
    if behind.is_empty() {
        return fetch(vec![list, entries], Vec::new());
    }
    let (table, payload) = behind.split_at_checked(length).ok_or(Errno::FAULT)?;
    let messages: Vec<Message> = table
        .chunks_exact(ENTRY)
        .map(Message::parse)
        .collect::<Result<_, _>>()?;
    let [to_write, to_read] = [false, true].map(|reads| total(&messages, reads));
    if payload.len() == to_write && call.output == to_read {
        return run(device, &messages, payload, to_read);
    }
    if !payload.is_empty() || call.output != 0 {
        return Err(Errno::FAULT);
    }
    let regions = |reads| {
        let wanted = messages.iter().filter(move |m| m.reads == reads);
        wanted.filter(|m| m.length > 0).map(Message::region)
    };
    let input = [list, entries].into_iter().chain(regions(false));
    fetch(input.collect(), regions(true).collect())
}

/// How many bytes all messages of one direction carry.
fn total(messages: &[Message], reads: bool) -> usize {
    let wanted = messages.iter().filter(|message| message.reads == reads);
    wanted.map(|message| usize::from(message.length)).sum()
}

/// Runs the messages. Those that follow each other to the same address are one
/// transaction; a change of address begins another one.
fn run(
    device: &mut Device,
    messages: &[Message],
    mut payload: &[u8],
    to_read: usize,
) -> Result<Reply, Errno> {
    let mut output = vec![0; to_read];
    let mut free = output.as_mut_slice();
    for group in messages.chunk_by(|a, b| a.address == b.address) {
        let mut operations = Vec::with_capacity(group.len());
        for message in group {
            let length = usize::from(message.length);
            if message.reads {
                let (buffer, rest) = free.split_at_mut_checked(length).ok_or(Errno::FAULT)?;
                free = rest;
                operations.push(Operation::Read(buffer));
            } else {
                let (bytes, rest) = payload.split_at_checked(length).ok_or(Errno::FAULT)?;
                payload = rest;
                operations.push(Operation::Write(bytes));
            }
        }
        if let [first, ..] = group {
            device.transfer(first.address, &mut operations)?;
        }
    }
    let count = u32::try_from(messages.len()).map_err(|_| Errno::INVALID)?;
    Ok(Reply::Done(count, output))
}
