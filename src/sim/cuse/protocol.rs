//! Messages of the kernel as calls, and answers as messages
//! (include/uapi/linux/fuse.h, protocol 7.31 and later).
//!
//! A request is a `fuse_in_header` and a body, a reply a `fuse_out_header` and a
//! body, all in the byte order of the machine. Whatever bytes come, reading them
//! does not fail worse than to [`Call::Malformed`].

use super::Errno;

/// The longest read or write that one request may carry, in bytes. The I2C
/// device of the kernel takes 8192.
pub const LONGEST_TRANSFER: u32 = 131_072;

/// `sizeof(struct fuse_in_header)`; the body begins behind it.
const REQUEST_HEADER: usize = 40;
/// `sizeof(struct fuse_out_header)`.
const REPLY_HEADER: u32 = 16;
/// `sizeof(struct fuse_ioctl_in)`; what was fetched begins behind it.
const IOCTL_HEADER: usize = 32;
/// `sizeof(struct fuse_write_in)`; the bytes to write begin behind it.
const WRITE_HEADER: usize = 40;

// enum fuse_opcode
const OPEN: u32 = 14;
const READ: u32 = 15;
const WRITE: u32 = 16;
const RELEASE: u32 = 18;
const FLUSH: u32 = 25;
const INTERRUPT: u32 = 36;
const IOCTL: u32 = 39;
const CUSE_INIT: u32 = 4096;

/// The version of the protocol that is spoken: 7, and a minor that every kernel
/// of the last years has. The reply may name a lower one than the request.
const MAJOR: u32 = 7;
const MINOR: u32 = 31;

/// `CUSE_UNRESTRICTED_IOCTL`: ioctls whose numbers do not tell their sizes.
const UNRESTRICTED: u32 = 1;
/// `FOPEN_DIRECT_IO`: every read and write comes here.
const DIRECT: u32 = 1;
/// `FUSE_IOCTL_RETRY`: call again, with these places of the caller's memory.
const RETRY: u32 = 4;

/// One message of the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// The number that the reply must bear.
    pub unique: u64,
    /// What is asked.
    pub call: Call<'a>,
}

/// What a program did, as the kernel tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call<'a> {
    /// The kernel asks what device this is.
    Init,
    /// A program opened the device.
    Open,
    /// It reads this many bytes.
    Read {
        /// Which of the open files.
        handle: u64,
        /// How many.
        length: u32,
    },
    /// It writes bytes.
    Write {
        /// Which of the open files.
        handle: u64,
        /// What.
        bytes: &'a [u8],
    },
    /// It closed one of its descriptors; others of the same file may be open.
    Flush,
    /// The last descriptor is closed.
    Release {
        /// Which of the open files.
        handle: u64,
    },
    /// A signal came for a program that waits. Bus transfers are not broken off.
    Interrupt,
    /// It called `ioctl`.
    Ioctl(Ioctl<'a>),
    /// Anything else, by its number.
    Other(u32),
    /// A known number with a body that is too short.
    Malformed,
}

/// One `ioctl`, or the repetition of one with what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ioctl<'a> {
    /// Which of the open files.
    pub handle: u64,
    /// `FUSE_IOCTL_…` flags.
    pub flags: u32,
    /// The number of the command.
    pub command: u32,
    /// Its argument, a number or a place in the caller's memory.
    pub argument: u64,
    /// What was fetched from the caller's memory.
    pub input: &'a [u8],
    /// How many bytes can be put into the caller's memory.
    pub output: usize,
}

/// A place in the memory of the calling program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Its address.
    pub address: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// The answer to a call, before it is a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The kernel expects none.
    None,
    /// It failed.
    Failed(Errno),
    /// Done; what the caller gets.
    Bytes(Vec<u8>),
    /// Opened, under this handle.
    Opened(u64),
    /// This many bytes are written.
    Written(u32),
    /// The ioctl is done: its result, and bytes for the regions that were named
    /// as output, one after the other.
    Done(u32, Vec<u8>),
    /// The ioctl is to be called again with these regions of the caller's memory
    /// fetched, and with those ready for output.
    Fetch {
        /// To be fetched.
        input: Vec<Region>,
        /// To be filled at the end.
        output: Vec<Region>,
    },
}

impl<'a> Request<'a> {
    /// Reads a message; `None` if it is too short to be answered.
    pub fn parse(message: &'a [u8]) -> Option<Self> {
        let opcode = u32_at(message, 4)?;
        let unique = u64_at(message, 8)?;
        let body = message.get(REQUEST_HEADER..)?;
        let call = call(opcode, body).unwrap_or(Call::Malformed);
        Some(Self { unique, call })
    }
}

fn call(opcode: u32, body: &[u8]) -> Option<Call<'_>> {
    Some(match opcode {
        CUSE_INIT => Call::Init,
        OPEN => Call::Open,
        READ => Call::Read {
            handle: u64_at(body, 0)?,
            length: u32_at(body, 16)?,
        },
        WRITE => {
            let length = usize::try_from(u32_at(body, 16)?).ok()?;
            Call::Write {
                handle: u64_at(body, 0)?,
                bytes: body.get(WRITE_HEADER..)?.get(..length)?,
            }
        }
        FLUSH => Call::Flush,
        RELEASE => Call::Release {
            handle: u64_at(body, 0)?,
        },
        INTERRUPT => Call::Interrupt,
        IOCTL => {
            let length = usize::try_from(u32_at(body, 24)?).ok()?;
            Call::Ioctl(Ioctl {
                handle: u64_at(body, 0)?,
                flags: u32_at(body, 8)?,
                command: u32_at(body, 12)?,
                argument: u64_at(body, 16)?,
                input: body.get(IOCTL_HEADER..)?.get(..length)?,
                output: usize::try_from(u32_at(body, 28)?).ok()?,
            })
        }
        other => Call::Other(other),
    })
}

/// The reply to [`Call::Init`]: a device of this name, on a major number that
/// the kernel chooses.
pub fn introduction(name: &str) -> Reply {
    const SPARE: [u32; 10] = [0; 10];
    let (major, minor) = (0_u32, 0_u32);
    let mut body = numbers(&[MAJOR, MINOR, 0, UNRESTRICTED]);
    body.extend(numbers(&[LONGEST_TRANSFER, LONGEST_TRANSFER, major, minor]));
    body.extend(numbers(&SPARE));
    body.extend(b"DEVNAME=");
    body.extend(name.as_bytes());
    body.push(0);
    Reply::Bytes(body)
}

/// A reply as the message with that number; `None` where none is expected.
pub fn message(unique: u64, reply: &Reply) -> Option<Vec<u8>> {
    let (error, body) = match reply {
        Reply::None => return None,
        Reply::Failed(errno) => (-i32::from(errno.0), Vec::new()),
        Reply::Bytes(bytes) => (0, bytes.clone()),
        Reply::Opened(handle) => {
            let mut body = handle.to_ne_bytes().to_vec();
            body.extend(numbers(&[DIRECT, 0]));
            (0, body)
        }
        Reply::Written(length) => (0, numbers(&[*length, 0])),
        Reply::Done(result, output) => {
            let mut body = numbers(&[*result, 0, 0, 0]);
            body.extend(output);
            (0, body)
        }
        Reply::Fetch { input, output } => (0, fetch(input, output)?),
    };
    let length = REPLY_HEADER.checked_add(u32::try_from(body.len()).ok()?)?;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(error.to_ne_bytes());
    message.extend(unique.to_ne_bytes());
    message.extend(body);
    Some(message)
}

/// `fuse_ioctl_out` with the regions behind it, those to be fetched first.
fn fetch(input: &[Region], output: &[Region]) -> Option<Vec<u8>> {
    let counts = [input.len(), output.len()].map(u32::try_from);
    let [Ok(inputs), Ok(outputs)] = counts else {
        return None;
    };
    let mut body = numbers(&[0, RETRY, inputs, outputs]);
    for region in input.iter().chain(output) {
        body.extend(region.address.to_ne_bytes());
        body.extend(region.length.to_ne_bytes());
    }
    Some(body)
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|n| n.to_ne_bytes()).collect()
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The two-byte number at this place.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_ne_bytes)
}

/// The four-byte number at this place.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_ne_bytes)
}

/// The eight-byte number at this place.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes_at(bytes, at).map(u64::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request of the kernel with this body.
    fn request(opcode: u32, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(REQUEST_HEADER + body.len()).unwrap();
        let mut message = numbers(&[length, opcode]);
        message.extend(77_u64.to_ne_bytes());
        message.resize(REQUEST_HEADER, 0);
        message.extend(body);
        message
    }

    #[test]
    fn a_write_carries_its_bytes_and_no_more() {
        let mut body = 3_u64.to_ne_bytes().to_vec();
        body.extend([0; 8]);
        body.extend(numbers(&[2]));
        body.resize(WRITE_HEADER, 0);
        body.extend([0x7F, 0x11, 0xEE]);
        let message = request(WRITE, &body);
        let parsed = Request::parse(&message).unwrap();
        assert_eq!(parsed.unique, 77);
        let bytes: &[u8] = &[0x7F, 0x11];
        assert_eq!(parsed.call, Call::Write { handle: 3, bytes });
        let cut = Request::parse(&message[..message.len() - 2]).unwrap();
        assert_eq!(cut.call, Call::Malformed);
    }

    #[test]
    fn a_header_cut_short_has_no_answer_and_a_body_cut_short_is_malformed() {
        let message = request(IOCTL, &[0; IOCTL_HEADER]);
        for length in 0..REQUEST_HEADER {
            assert_eq!(Request::parse(&message[..length]), None);
        }
        for length in REQUEST_HEADER..message.len() {
            let parsed = Request::parse(&message[..length]).unwrap();
            assert_eq!(parsed.call, Call::Malformed, "{length}");
        }
        assert_eq!(
            Request::parse(&request(99, &[])).unwrap().call,
            Call::Other(99)
        );
    }

    #[test]
    fn replies_have_the_form_of_the_kernel() {
        let failed = message(5, &Reply::Failed(Errno::NO_SUCH_ADDRESS)).unwrap();
        assert_eq!(u32_at(&failed, 0), Some(16));
        assert_eq!(failed[4..8], (-6_i32).to_ne_bytes());
        assert_eq!(u64_at(&failed, 8), Some(5));
        let region = |address, length| Region { address, length };
        let fetch = Reply::Fetch {
            input: vec![region(1, 16)],
            output: vec![region(2, 8)],
        };
        let fetch = message(6, &fetch).unwrap();
        let words: Vec<_> = (16..32)
            .step_by(4)
            .filter_map(|at| u32_at(&fetch, at))
            .collect();
        assert_eq!(words, [0, RETRY, 1, 1]);
        assert_eq!((u64_at(&fetch, 48), u64_at(&fetch, 56)), (Some(2), Some(8)));
        assert_eq!(message(7, &Reply::None), None);
        let named = message(8, &introduction("i2c-90")).unwrap();
        assert_eq!(&named[16 + 72..], b"DEVNAME=i2c-90\0");
    }
}
