//! `I2C_SMBUS`: the SMBus transfers, made of I2C messages as the kernel makes
//! them for adapters that can do both (drivers/i2c/i2c-core-smbus.c).

use embedded_hal::i2c::Operation;

use super::Errno;
use super::device::{Device, OpenFile};
use super::ioctl::refuse_compatibility;
use super::protocol::{Ioctl, Region, Reply, u32_at, u64_at};

/// The number of the ioctl.
pub(super) const COMMAND: u32 = 0x0720;

/// `sizeof(struct i2c_smbus_ioctl_data)`: direction, command, size, where the
/// bytes are.
const ARGUMENT: usize = 16;
/// `I2C_SMBUS_BLOCK_MAX`.
const LONGEST_BLOCK: u8 = 32;
/// The block of `union i2c_smbus_data`: a length, 32 bytes, one spare.
const BLOCK: usize = 34;

// I2C_SMBUS_… sizes
const QUICK: u32 = 0;
const BYTE: u32 = 1;
const BYTE_DATA: u32 = 2;
const WORD_DATA: u32 = 3;
const PROCESS_CALL: u32 = 4;
const BLOCK_DATA: u32 = 5;
const BROKEN_I2C_BLOCK: u32 = 6;
const BLOCK_PROCESS_CALL: u32 = 7;
const I2C_BLOCK: u32 = 8;

/// One SMBus transfer.
#[derive(Debug, Clone, Copy)]
struct Transfer {
    reads: bool,
    command: u8,
    size: u32,
}

impl Transfer {
    /// How many bytes of `union i2c_smbus_data` the size uses.
    fn length(&self) -> Result<usize, Errno> {
        match self.size {
            QUICK => Ok(0),
            BYTE if !self.reads => Ok(0),
            BYTE | BYTE_DATA => Ok(1),
            WORD_DATA | PROCESS_CALL => Ok(2),
            BLOCK_DATA | BROKEN_I2C_BLOCK | BLOCK_PROCESS_CALL | I2C_BLOCK => Ok(BLOCK),
            _ => Err(Errno::INVALID),
        }
    }

    /// Whether the caller gets bytes back.
    fn answers(&self) -> bool {
        self.reads || matches!(self.size, PROCESS_CALL | BLOCK_PROCESS_CALL)
    }
}

/// Answers an `I2C_SMBUS` of this file: fetches the argument, then the bytes,
/// then runs it.
///
/// # Errors
/// What `ioctl` is to return.
pub(super) fn call(device: &mut Device, file: OpenFile, call: &Ioctl<'_>) -> Result<Reply, Errno> {
    refuse_compatibility(call)?;
    let argument = Region {
        address: call.argument,
        length: 16,
    };
    let Some((head, bytes)) = call.input.split_at_checked(ARGUMENT) else {
        return Ok(Reply::Fetch {
            input: vec![argument],
            output: Vec::new(),
        });
    };
    let (transfer, place) = parse(head).ok_or(Errno::FAULT)?;
    let length = transfer.length()?;
    let answers = transfer.answers() && length > 0;
    let output = if answers { length } else { 0 };
    if bytes.len() == length && call.output == output {
        let given = run(device, file.slave()?, transfer, bytes)?;
        return Ok(Reply::Done(0, if answers { given } else { Vec::new() }));
    }
    if !bytes.is_empty() || call.output != 0 {
        return Err(Errno::FAULT);
    }
    let union = Region {
        address: place,
        length: u64::try_from(length).map_err(|_| Errno::INVALID)?,
    };
    Ok(Reply::Fetch {
        input: vec![argument, union],
        output: if answers { vec![union] } else { Vec::new() },
    })
}

fn parse(head: &[u8]) -> Option<(Transfer, u64)> {
    let [direction, command, ..] = *head else {
        return None;
    };
    let transfer = Transfer {
        reads: direction != 0,
        command,
        size: u32_at(head, 4)?,
    };
    Some((transfer, u64_at(head, 8)?))
}

/// Runs a transfer; `bytes` is as much of the union as its size uses. Returns
/// the union as it is afterwards.
fn run(
    device: &mut Device,
    address: u8,
    transfer: Transfer,
    bytes: &[u8],
) -> Result<Vec<u8>, Errno> {
    let command = [transfer.command];
    let mut union = bytes.to_vec();
    match (transfer.size, transfer.reads) {
        (QUICK, true) => device.transfer(address, &mut [Operation::Read(&mut [])])?,
        (QUICK, false) => device.transfer(address, &mut [Operation::Write(&[])])?,
        (BYTE, true) => device.transfer(address, &mut [Operation::Read(&mut union)])?,
        (BYTE, false) => device.transfer(address, &mut [Operation::Write(&command)])?,
        (BYTE_DATA | WORD_DATA, true) => combined(device, address, &command, &mut union)?,
        (BYTE_DATA | WORD_DATA, false) => write(device, address, command, bytes)?,
        (PROCESS_CALL, _) => {
            let request = [&command, bytes].concat();
            combined(device, address, &request, &mut union)?;
        }
        (I2C_BLOCK | BROKEN_I2C_BLOCK, true) => {
            // Programs of old do not tell a length.
            if transfer.size == BROKEN_I2C_BLOCK
                && let Some(length) = union.first_mut()
            {
                *length = LONGEST_BLOCK;
            }
            let block = block_of(&mut union)?;
            combined(device, address, &command, block)?;
        }
        (I2C_BLOCK | BROKEN_I2C_BLOCK, false) => {
            write(device, address, command, block_of(&mut union)?)?;
        }
        (BLOCK_DATA, false) => {
            let length = block_of(&mut union)?.len();
            let with_length = union.get(..=length).ok_or(Errno::FAULT)?;
            write(device, address, command, with_length)?;
        }
        (BLOCK_DATA, true) => return told_block(device, address, &command),
        (BLOCK_PROCESS_CALL, _) => {
            let length = block_of(&mut union)?.len();
            let with_length = union.get(..=length).ok_or(Errno::FAULT)?;
            return told_block(device, address, &[&command, with_length].concat());
        }
        // `Transfer::length` knows no other size.
        _ => return Err(Errno::INVALID),
    }
    Ok(union)
}

/// Writes, then reads a block whose length the slave tells in its first byte
/// (`I2C_M_RECV_LEN`). Its bytes come from where that one stood.
fn told_block(device: &mut Device, address: u8, request: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut union = vec![0; BLOCK];
    let (length, block) = union.split_first_mut().ok_or(Errno::FAULT)?;
    combined(device, address, request, std::slice::from_mut(length))?;
    if !(1..=LONGEST_BLOCK).contains(length) {
        return Err(Errno::PROTOCOL);
    }
    let block = block.get_mut(..usize::from(*length)).ok_or(Errno::FAULT)?;
    device.transfer(address, &mut [Operation::Read(block)])?;
    Ok(union)
}

/// The bytes of a block, as many as its first byte says.
fn block_of(union: &mut [u8]) -> Result<&mut [u8], Errno> {
    let (length, block) = union.split_first_mut().ok_or(Errno::FAULT)?;
    if !(1..=LONGEST_BLOCK).contains(length) {
        return Err(Errno::INVALID);
    }
    block.get_mut(..usize::from(*length)).ok_or(Errno::FAULT)
}

/// Writes a command and bytes in one message.
fn write(device: &mut Device, address: u8, command: [u8; 1], bytes: &[u8]) -> Result<(), Errno> {
    let message = [&command, bytes].concat();
    device.transfer(address, &mut [Operation::Write(&message)])
}

/// Writes, and reads after a repeated START.
fn combined(
    device: &mut Device,
    address: u8,
    request: &[u8],
    answer: &mut [u8],
) -> Result<(), Errno> {
    let operations = &mut [Operation::Write(request), Operation::Read(answer)];
    device.transfer(address, operations)
}
