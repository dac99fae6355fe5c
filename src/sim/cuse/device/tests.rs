//! A device before a kernel and a program that stand in for the real ones: the
//! kernel repeats ioctls as it is asked to, out of the program's memory.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::sim::builders;
use crate::sim::cage::Cage;
use crate::sim::cuse::ioctl::OFFERED;
use crate::sim::cuse::protocol::{u32_at, u64_at};
use crate::sim::fault::Fault;
use crate::sim::lifecycle::Startup;
use crate::sim::wire::BusRate;

/// Where the program's memory begins.
const BASE: u64 = 0x7FFF_0000;
const RETRY: u32 = 4;

/// A program with some memory that has opened a device.
struct Program {
    device: Device,
    cage: Cage,
    clock: ManualClock,
    memory: Vec<u8>,
    handle: u64,
}

fn header(opcode: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(40 + body.len()).unwrap();
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(opcode.to_ne_bytes());
    message.extend(9_u64.to_ne_bytes());
    message.resize(40, 0);
    message.extend(body);
    message
}

fn device() -> (Device, Cage, ManualClock) {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    let module = builders::by_name("dsp-800g").unwrap();
    let mut module = module.with_manners(|manners| manners.startup = Startup::INSTANT);
    module.manners.page_hold = Duration::ZERO;
    cage.insert(module);
    let device = Device::new("i2c-90", cage.i2c(BusRate::Khz400));
    (device, cage, clock)
}

impl Program {
    fn new() -> Self {
        let (device, cage, clock) = device();
        let mut program = Self {
            device,
            cage,
            clock,
            memory: vec![0; 1024],
            handle: 0,
        };
        let opened = program.call(14, &[]).unwrap();
        program.handle = u64_at(&opened, 0).unwrap();
        program
    }

    /// The body of the answer, or the error number.
    fn call(&mut self, opcode: u32, body: &[u8]) -> Result<Vec<u8>, i32> {
        let answer = self.device.answer(&header(opcode, body)).unwrap();
        assert_eq!(
            u32_at(&answer, 0),
            Some(u32::try_from(answer.len()).unwrap())
        );
        assert_eq!(u64_at(&answer, 8), Some(9));
        match i32::from_ne_bytes(answer[4..8].try_into().unwrap()) {
            0 => Ok(answer[16..].to_vec()),
            error => Err(-error),
        }
    }

    /// An ioctl as the kernel carries it out; gives its result.
    fn ioctl(&mut self, command: u32, argument: u64) -> Result<u32, i32> {
        let (mut input, mut output): (Vec<u8>, Vec<(u64, u64)>) = Default::default();
        for _ in 0..5 {
            let room: u64 = output.iter().map(|(_, length)| length).sum();
            let mut body = self.handle.to_ne_bytes().to_vec();
            body.extend(2_u32.to_ne_bytes());
            body.extend(command.to_ne_bytes());
            body.extend(argument.to_ne_bytes());
            body.extend(u32::try_from(input.len()).unwrap().to_ne_bytes());
            body.extend(u32::try_from(room).unwrap().to_ne_bytes());
            body.extend(&input);
            let answer = self.call(39, &body)?;
            if u32_at(&answer, 4).unwrap() & RETRY == 0 {
                let mut given = &answer[16..];
                assert!(u64::try_from(given.len()).unwrap() <= room);
                for (address, length) in output {
                    let length = usize::try_from(length).unwrap().min(given.len());
                    let (bytes, rest) = given.split_at(length);
                    let at = usize::try_from(address - BASE).unwrap();
                    self.memory[at..at + length].copy_from_slice(bytes);
                    given = rest;
                }
                return Ok(u32_at(&answer, 0).unwrap());
            }
            let region = |n: usize| {
                let at = 16 + 16 * n;
                (
                    u64_at(&answer, at).unwrap(),
                    u64_at(&answer, at + 8).unwrap(),
                )
            };
            let inputs = usize::try_from(u32_at(&answer, 8).unwrap()).unwrap();
            let outputs = usize::try_from(u32_at(&answer, 12).unwrap()).unwrap();
            input = (0..inputs).map(region).flat_map(|r| self.part(r)).collect();
            output = (inputs..inputs + outputs).map(region).collect();
        }
        panic!("the ioctl was repeated too often");
    }

    fn part(&self, (address, length): (u64, u64)) -> Vec<u8> {
        let at = usize::try_from(address - BASE).unwrap();
        self.memory[at..at + usize::try_from(length).unwrap()].to_vec()
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.memory[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// `I2C_RDWR` of these messages: address, flags, place and length.
    fn messages(&mut self, messages: &[(u16, u16, usize, u16)]) -> Result<u32, i32> {
        self.put(0, &(BASE + 16).to_ne_bytes());
        let count = u32::try_from(messages.len()).unwrap();
        self.put(8, &count.to_ne_bytes());
        for (n, (address, flags, place, length)) in messages.iter().enumerate() {
            let at = 16 + 16 * n;
            self.put(at, &address.to_ne_bytes());
            self.put(at + 2, &flags.to_ne_bytes());
            self.put(at + 4, &length.to_ne_bytes());
            let place = BASE + u64::try_from(*place).unwrap();
            self.put(at + 8, &place.to_ne_bytes());
        }
        self.ioctl(0x707, BASE)
    }

    /// `I2C_SMBUS`; the union is at 100.
    fn smbus(&mut self, reads: bool, command: u8, size: u32) -> Result<u32, i32> {
        self.put(0, &[u8::from(reads), command, 0, 0]);
        self.put(4, &size.to_ne_bytes());
        self.put(8, &(BASE + 100).to_ne_bytes());
        self.ioctl(0x720, BASE)
    }
}

#[test]
fn one_call_selects_a_page_and_reads_it() {
    let mut program = Program::new();
    program.put(200, &[126, 0, 0x11]);
    program.put(204, &[128]);
    let done = program.messages(&[(0x50, 0, 200, 3), (0x50, 0, 204, 1), (0x50, 1, 300, 4)]);
    assert_eq!(done, Ok(3));
    assert_eq!(program.memory[300..305], [0x44, 0x44, 0x44, 0x44, 0]);
    program.put(204, &[0]);
    let done = program.messages(&[(0x50, 0, 204, 1), (0x50, 1, 300, 2)]);
    assert_eq!((done, program.memory[300]), (Ok(2), 0x19));
}

#[test]
fn errors_of_the_bus_have_their_numbers() {
    let mut program = Program::new();
    assert_eq!(program.messages(&[(0x51, 1, 300, 1)]), Err(6));
    for (fault, number) in [
        (Fault::NackForever, 6),
        (Fault::BusError(1), 5),
        (Fault::ArbitrationLoss(1), 11),
        (Fault::Hang(Duration::from_secs(1)), 110),
        (Fault::Errno(71), 71),
    ] {
        program.cage.set_fault(fault);
        assert_eq!(program.messages(&[(0x50, 1, 300, 1)]), Err(number));
    }
    program.cage.set_fault(Fault::None);
    program.cage.remove();
    assert_eq!(program.messages(&[(0x50, 1, 300, 1)]), Err(6));
}

#[test]
fn calls_that_make_no_sense_are_refused() {
    let mut program = Program::new();
    assert_eq!(program.messages(&[]), Err(22));
    assert_eq!(program.messages(&[(0x80, 1, 300, 1)]), Err(22));
    assert_eq!(program.messages(&[(0x50, 0x10, 300, 1)]), Err(95));
    assert_eq!(program.messages(&[(0x50, 1, 300, 9000)]), Err(22));
    assert_eq!(program.ioctl(0x703, 0x80), Err(22));
    assert_eq!(program.ioctl(0x701, 1 << 31), Err(22));
    assert_eq!(program.ioctl(0x702, 1 << 31), Err(22));
    assert_eq!(program.ioctl(0x799, 0), Err(25));
    assert_eq!(program.call(18, &[0; 24]), Ok(vec![]));
    assert_eq!(program.call(3, &[]), Err(38));
    let handle = program.handle;
    program.call(18, &handle.to_ne_bytes()).unwrap();
    assert_eq!(program.ioctl(0x703, 0x50), Err(5), "it is closed");
}

#[test]
fn settings_and_functions_are_answered() {
    let mut program = Program::new();
    for (command, argument) in [
        (0x701, 3),
        (0x702, 10),
        (0x704, 0),
        (0x708, 0),
        (0x708, 1),
        (0x706, 0x51),
    ] {
        assert_eq!(program.ioctl(command, argument), Ok(0));
    }
    assert_eq!(program.ioctl(0x705, BASE), Ok(0));
    assert_eq!(u64_at(&program.memory, 0), Some(OFFERED));
}

#[test]
fn an_adapter_waits_as_long_as_it_is_told() {
    let mut program = Program::new();
    let held_up = |program: &mut Program| {
        let before = program.clock.now();
        let outcome = program.messages(&[(0x50, 1, 300, 1)]);
        (outcome, (program.clock.now() - before).as_millis())
    };
    let second = Duration::from_secs(1);
    // As long as adapters wait by themselves; then 20 times 10 ms.
    program.cage.set_fault(Fault::Hang(5 * second));
    assert_eq!(held_up(&mut program), (Err(110), 1000));
    program.ioctl(0x702, 20).unwrap();
    assert_eq!(held_up(&mut program), (Err(110), 200));
    // Slow is not too slow.
    program.cage.set_fault(Fault::Slow(second / 10));
    assert_eq!(held_up(&mut program), (Ok(1), 100));
    program.cage.set_fault(Fault::Slow(second));
    assert_eq!(held_up(&mut program), (Err(110), 200));
}

#[test]
fn a_lost_bus_is_tried_for_as_often_as_is_told() {
    let mut program = Program::new();
    for (retries, lost, outcome) in [(0, 1, Err(11)), (2, 2, Ok(1)), (2, 3, Err(11))] {
        program.ioctl(0x701, retries).unwrap();
        program.cage.set_fault(Fault::ArbitrationLoss(lost));
        assert_eq!(program.messages(&[(0x50, 1, 300, 1)]), outcome);
    }
}

#[test]
fn a_bus_that_stays_lost_is_given_up_in_time() {
    let mut program = Program::new();
    program.ioctl(0x701, 0x7FFF_FFFF).unwrap();
    // In units of 10 ms.
    program.ioctl(0x702, 5).unwrap();
    program.cage.set_fault(Fault::ArbitrationLoss(u32::MAX));
    let began = program.clock.now();
    assert_eq!(program.messages(&[(0x50, 0, 0, 1)]), Err(11));
    let took = program.clock.now() - began;
    let (told, more) = (Duration::from_millis(50), Duration::from_millis(1));
    assert!(took > told && took < told + more, "{took:?}");

    // Some program wants to try for days.
    program.ioctl(0x702, 0x7FFF_FFFF).unwrap();
    let began = program.clock.now();
    assert_eq!(program.messages(&[(0x50, 0, 0, 1)]), Err(11));
    assert!(program.clock.now() - began < PATIENCE + more);
}

#[test]
fn nobody_has_an_address_of_ten_bits() {
    let mut program = Program::new();
    program.ioctl(0x703, 0x50).unwrap();
    program.ioctl(0x704, 1).unwrap();
    assert_eq!(program.smbus(true, 0, 2), Err(6));
    assert_eq!(program.ioctl(0x703, 0x250), Ok(0));
    assert_eq!(program.smbus(true, 0, 2), Err(6));
    assert_eq!(program.ioctl(0x703, 0x400), Err(22));
    program.ioctl(0x704, 0).unwrap();
    program.ioctl(0x703, 0x50).unwrap();
    assert_eq!(program.smbus(true, 0, 2), Ok(0));
}

#[test]
fn reads_and_writes_go_to_the_address_that_was_set() {
    let mut program = Program::new();
    program.ioctl(0x703, 0x50).unwrap();
    let mut body = program.handle.to_ne_bytes().to_vec();
    body.extend([0; 8]);
    body.extend(1_u32.to_ne_bytes());
    body.resize(40, 0);
    let reading = body.clone();
    body.push(0);
    assert_eq!(program.call(16, &body).map(|r| r[0]), Ok(1));
    assert_eq!(program.call(15, &reading), Ok(vec![0x19]));
}

#[test]
fn every_size_of_smbus_is_made_of_messages() {
    let mut program = Program::new();
    program.ioctl(0x703, 0x50).unwrap();
    let lower: Vec<u8> = {
        program.put(200, &[0]);
        program
            .messages(&[(0x50, 0, 200, 1), (0x50, 1, 300, 40)])
            .unwrap();
        program.memory[300..340].to_vec()
    };
    let after = |program: &Program, length: usize| program.memory[100..100 + length].to_vec();
    // Quick; byte and byte data; word data.
    assert_eq!(program.smbus(false, 0, 0), Ok(0));
    assert_eq!(program.smbus(true, 0, 0), Ok(0));
    assert_eq!(program.smbus(false, 1, 1), Ok(0));
    program.smbus(true, 0, 1).unwrap();
    assert_eq!(after(&program, 1), lower[1..2]);
    program.smbus(true, 1, 2).unwrap();
    assert_eq!(after(&program, 1), lower[1..2]);
    program.smbus(true, 0, 3).unwrap();
    assert_eq!(after(&program, 2), lower[0..2]);
    // I2C blocks, of a length that is told and of old.
    program.put(100, &[5]);
    program.smbus(true, 0, 8).unwrap();
    assert_eq!(after(&program, 6)[1..], lower[..5]);
    program.smbus(true, 0, 6).unwrap();
    assert_eq!(after(&program, 33)[0], 32);
    assert_eq!(after(&program, 33)[1..], lower[..32]);
    // Writes: a page is selected as byte, word and block.
    for (size, bytes, page) in [
        (2, &[0x10][..], 0x10),
        (3, &[0x00, 0x11], 0x11),
        (8, &[2, 0x00, 0x10], 0x10),
        (6, &[2, 0x00, 0x11], 0x11),
    ] {
        program.put(100, bytes);
        let command = if size == 2 { 127 } else { 126 };
        program.smbus(false, command, size).unwrap();
        program.smbus(true, 127, 2).unwrap();
        assert_eq!(after(&program, 1), [page], "size {size}");
    }
    // A process call writes a word and reads one.
    program.put(100, &[0x00, 0x10]);
    assert_eq!(program.smbus(false, 126, 4), Ok(0));
    // A block with its length on the wire; lengths out of range; what is not offered.
    program.put(100, &[1, 0]);
    assert_eq!(program.smbus(false, 126, 5), Ok(0));
    for length in [0, 33, 255] {
        program.put(100, &[length]);
        assert_eq!(program.smbus(true, 0, 8), Err(22));
    }
    // A block whose first byte tells its length, as byte 3 happens to.
    let told = usize::from(lower[3]);
    assert!((1..=32).contains(&told));
    program.smbus(true, 3, 5).unwrap();
    assert_eq!(after(&program, 1 + told), lower[3..4 + told]);
    // Behind what is written to 126 and 127 the pointer is at 0 again: 19h bytes.
    program.put(100, &[1, 0x00]);
    assert_eq!(program.smbus(false, 126, 7), Ok(0));
    assert_eq!(after(&program, 26), lower[..26]);
    program.put(100, &[33]);
    assert_eq!(
        program.smbus(false, 126, 7),
        Err(22),
        "a block has 32 bytes"
    );
    assert_eq!(program.smbus(true, 4, 5), Err(71), "a length of 0");
    assert_eq!(program.smbus(true, 0, 9), Err(22));
    program.cage.remove();
    assert_eq!(program.smbus(true, 0, 2), Err(6));
}

#[test]
fn a_list_that_changes_under_the_call_is_an_error() {
    let mut program = Program::new();
    let mut body = program.handle.to_ne_bytes().to_vec();
    body.extend(2_u32.to_ne_bytes());
    body.extend(0x707_u32.to_ne_bytes());
    body.extend(BASE.to_ne_bytes());
    body.extend(34_u32.to_ne_bytes());
    body.extend(0_u32.to_ne_bytes());
    body.extend(BASE.to_ne_bytes());
    body.extend(1_u64.to_ne_bytes());
    // One message that says eight bytes are written; two were fetched.
    for word in [0x50_u16, 0, 8, 0] {
        body.extend(word.to_ne_bytes());
    }
    body.extend([0; 8 + 2]);
    assert_eq!(program.call(39, &body), Err(14));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_in_form(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut device, ..) = device();
        if let Some(answer) = device.answer(&bytes) {
            prop_assert_eq!(u32_at(&answer, 0), u32::try_from(answer.len()).ok());
            prop_assert_eq!(&answer[8..16], &bytes[8..16]);
        }
    }

    #[test]
    fn any_ioctl_is_answered_in_form(
        command in prop::sample::select(vec![0x701_u32, 0x703, 0x705, 0x707, 0x720, 0x7FF]),
        argument in any::<u64>(),
        output in prop::sample::select(vec![0_u32, 1, 2, 8, 34, u32::MAX]),
        small in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 2, 8, 16, 0x50, 255]), 0..120),
    ) {
        let mut program = Program::new();
        let mut body = program.handle.to_ne_bytes().to_vec();
        body.extend(2_u32.to_ne_bytes());
        body.extend(command.to_ne_bytes());
        body.extend(argument.to_ne_bytes());
        body.extend(u32::try_from(small.len()).unwrap().to_ne_bytes());
        body.extend(output.to_ne_bytes());
        body.extend(&small);
        let answered = program.call(39, &body);
        if let Ok(answer) = answered {
            let given = u32::try_from(answer.len()).unwrap() - 16;
            let retried = u32_at(&answer, 4).unwrap() & RETRY != 0;
            prop_assert!(retried || given <= output);
        }
    }
}
