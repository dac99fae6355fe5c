//! Questions to a generic netlink family of the kernel, and its answers.
//!
//! A message is a netlink header, four bytes of generic netlink header and
//! attributes (linux/genetlink.h). The netlink part is the `netlink-packet-core`
//! crate's; families are found by name with the controller family.

use std::io;

use netlink_packet_core::{
    DecodeError, DefaultNla, Emitable, NLM_F_ACK, NLM_F_REQUEST, NetlinkDeserializable,
    NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable, Nla, NlasIterator,
    Parseable,
};
use netlink_sys::{Socket, SocketAddr};

/// The netlink protocol (NETLINK_GENERIC).
const GENERIC: isize = 16;
/// The controller family and its question for a family (linux/genetlink.h).
const CONTROLLER: u16 = 0x10;
const GET_FAMILY: u8 = 3;
const CONTROLLER_VERSION: u8 = 2;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;

/// The generic netlink header: command, version, two bytes reserved.
const HEADER: usize = 4;
/// Every netlink message begins at a multiple of this in a datagram.
const ALIGNMENT: usize = 4;
/// An error carries attributes behind the header of the request
/// (NLM_F_ACK_TLVS), one of them in words (NLMSGERR_ATTR_MSG).
const ACK_ATTRIBUTES: u16 = 0x200;
const NETLINK_HEADER: usize = 16;
const ERROR_TEXT: u16 = 1;

const ENOENT: i32 = 2;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetlinkError {
    /// The kernel refused.
    #[error("{}{}", io::Error::from_raw_os_error(*errno), in_words(said))]
    Refused {
        /// The error number.
        errno: i32,
        /// Its words, if it had any.
        said: Option<String>,
    },
    /// The answer is not what the protocol says.
    #[error("malformed answer: {0}")]
    Malformed(String),
}

fn in_words(said: &Option<String>) -> String {
    said.as_ref()
        .map_or_else(String::new, |said| format!(" ({said})"))
}

impl From<io::Error> for NetlinkError {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(errno) => Self::Refused { errno, said: None },
            None => Self::Malformed(error.to_string()),
        }
    }
}

impl From<DecodeError> for NetlinkError {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// One generic netlink message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which family it is for, or from.
    pub family: u16,
    /// What is asked, or answered.
    pub command: u8,
    /// The version of the family's interface.
    pub version: u8,
    /// The attributes in their order, those that nobody knows included.
    pub attributes: Vec<DefaultNla>,
}

impl Message {
    /// The value of an attribute; flags beside its number do not matter.
    pub fn attribute(&self, kind: u16) -> Option<Vec<u8>> {
        let found = self.attributes.iter().find(|a| number(a) == kind)?;
        let mut value = vec![0; found.value_len()];
        found.emit_value(&mut value);
        Some(value)
    }
}

/// The number of an attribute without its flags.
pub fn number(attribute: &DefaultNla) -> u16 {
    attribute.kind() & netlink_packet_core::NLA_TYPE_MASK
}

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        self.family
    }

    fn buffer_len(&self) -> usize {
        HEADER + self.attributes.as_slice().buffer_len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        if let Some((header, attributes)) = buffer.split_at_mut_checked(HEADER) {
            header.copy_from_slice(&[self.command, self.version, 0, 0]);
            self.attributes.as_slice().emit(attributes);
        }
    }
}

impl NetlinkDeserializable for Message {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, Self::Error> {
        let Some((&[command, version, _, _], attributes)) = payload.split_first_chunk() else {
            return Err(DecodeError::from("no generic netlink header"));
        };
        Ok(Self {
            family: header.message_type,
            command,
            version,
            attributes: attributes_of(attributes)?,
        })
    }
}

/// The attributes in a run of bytes.
///
/// # Errors
/// If the bytes are no attributes.
pub fn attributes_of(bytes: &[u8]) -> Result<Vec<DefaultNla>, DecodeError> {
    NlasIterator::new(bytes)
        .map(|found| DefaultNla::parse(&found?))
        .collect()
}

/// Where questions go and answers come from.
pub trait Line: Send {
    /// Sends a question.
    ///
    /// # Errors
    /// What the operating system said.
    fn send(&mut self, question: &[u8]) -> io::Result<()>;

    /// The next datagram. The kernel has answered before `send` returns, so that
    /// there is nothing to wait for.
    ///
    /// # Errors
    /// What the operating system said; would-block if there is no other.
    fn receive(&mut self) -> io::Result<Vec<u8>>;
}

/// A socket to the kernel.
pub struct KernelLine(Socket);

impl KernelLine {
    /// Opens a generic netlink socket.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn open() -> io::Result<Self> {
        let mut socket = Socket::new(GENERIC)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        socket.set_non_blocking(true)?;
        // Errors in words, and short: older kernels do without.
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        Ok(Self(socket))
    }
}

impl Line for KernelLine {
    fn send(&mut self, question: &[u8]) -> io::Result<()> {
        self.0.send(question, 0).map(drop)
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        self.0.recv_from_full().map(|(datagram, _)| datagram)
    }
}

/// One end of a line: asks, and gathers the answers that belong to the question.
pub struct Client<L> {
    line: L,
    sequence: u32,
}

impl<L: Line> Client<L> {
    /// A client on a line of its own.
    pub fn new(line: L) -> Self {
        Self { line, sequence: 0 }
    }

    /// The other end, for tests that speak for it.
    #[cfg(test)]
    pub(super) fn line_mut(&mut self) -> &mut L {
        &mut self.line
    }

    /// The number of the family with that name.
    ///
    /// # Errors
    /// As [`Client::ask`]; ENOENT if the kernel has no such family.
    pub fn family(&mut self, name: &str) -> Result<u16, NetlinkError> {
        let mut text = name.as_bytes().to_vec();
        text.push(0);
        let answers = self.ask(Message {
            family: CONTROLLER,
            command: GET_FAMILY,
            version: CONTROLLER_VERSION,
            attributes: vec![DefaultNla::new(FAMILY_NAME, text)],
        })?;
        let mut numbers = answers.iter().filter_map(|answer| {
            let bytes = answer.attribute(FAMILY_ID)?;
            Some(u16::from_ne_bytes(bytes.try_into().ok()?))
        });
        numbers.next().ok_or(NetlinkError::Refused {
            errno: ENOENT,
            said: Some(format!("no family {name}")),
        })
    }

    /// The kernel's answers to a question.
    ///
    /// # Errors
    /// What the kernel refused with, or what is wrong with its answer.
    pub fn ask(&mut self, question: Message) -> Result<Vec<Message>, NetlinkError> {
        self.sequence = self.sequence.wrapping_add(1);
        let payload = NetlinkPayload::InnerMessage(question);
        let mut message = NetlinkMessage::new(NetlinkHeader::default(), payload);
        message.header.flags = NLM_F_REQUEST | NLM_F_ACK;
        message.header.sequence_number = self.sequence;
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.line.send(&bytes)?;
        let mut answers = Vec::new();
        loop {
            let datagram = self.line.receive()?;
            for message in messages(&datagram) {
                let (header, payload) = message?.into_parts();
                // An answer to a question that was given up.
                if header.sequence_number != self.sequence {
                    continue;
                }
                match payload {
                    NetlinkPayload::InnerMessage(answer) => answers.push(answer),
                    NetlinkPayload::Error(error) => match error.code {
                        None => return Ok(answers),
                        Some(code) => {
                            return Err(NetlinkError::Refused {
                                errno: code.get().checked_neg().unwrap_or_default(),
                                said: words(header.flags, &error.header),
                            });
                        }
                    },
                    NetlinkPayload::Done(_) => return Ok(answers),
                    _ => {}
                }
            }
        }
    }
}

/// The messages in a datagram, up to the first that is malformed.
fn messages(
    datagram: &[u8],
) -> impl Iterator<Item = Result<NetlinkMessage<Message>, DecodeError>> + '_ {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let (length, _) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_ne_bytes(*length)).unwrap_or(usize::MAX);
        let Some(bytes) = rest.get(..length).filter(|b| b.len() >= NETLINK_HEADER) else {
            rest = &[];
            return Some(Err(DecodeError::from("length beyond the datagram")));
        };
        let next = length.next_multiple_of(ALIGNMENT);
        rest = rest.get(next..).unwrap_or_default();
        Some(NetlinkMessage::deserialize(bytes))
    })
}

/// The kernel's words behind an error.
fn words(flags: u16, request: &[u8]) -> Option<String> {
    let behind = request.get(NETLINK_HEADER..)?;
    if flags & ACK_ATTRIBUTES == 0 {
        return None;
    }
    let attributes = attributes_of(behind).ok()?;
    let text = attributes.iter().find(|a| number(a) == ERROR_TEXT)?;
    let mut bytes = vec![0; text.value_len()];
    text.emit_value(&mut bytes);
    let said = String::from_utf8_lossy(&bytes);
    Some(said.trim_end_matches('\0').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// A line that was recorded beforehand; sequence numbers are ours.
    #[derive(Default)]
    struct Tape {
        asked: Vec<Vec<u8>>,
        answers: VecDeque<Vec<u8>>,
    }

    impl Line for Tape {
        fn send(&mut self, question: &[u8]) -> io::Result<()> {
            self.asked.push(question.to_vec());
            Ok(())
        }

        fn receive(&mut self) -> io::Result<Vec<u8>> {
            self.answers
                .pop_front()
                .ok_or_else(|| io::ErrorKind::WouldBlock.into())
        }
    }

    fn client(answers: &[Vec<u8>]) -> Client<Tape> {
        Client::new(Tape {
            asked: Vec::new(),
            answers: answers.iter().cloned().collect(),
        })
    }

    /// A netlink message of this type with this payload.
    fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(16 + payload.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn family_answer(sequence: u32) -> Vec<u8> {
        let mut payload = vec![1, 2, 0, 0];
        payload.extend(attribute(FAMILY_NAME, b"ethtool\0"));
        payload.extend(attribute(FAMILY_ID, &21_u16.to_ne_bytes()));
        payload.extend(attribute(77, b"from a later kernel"));
        message(CONTROLLER, 0, sequence, &payload)
    }

    /// An acknowledgement or an error with the header of the request.
    fn end(code: i32, sequence: u32, flags: u16, behind: &[u8]) -> Vec<u8> {
        let mut payload = code.to_ne_bytes().to_vec();
        payload.extend([0; 16]);
        payload.extend(behind);
        message(2, flags, sequence, &payload)
    }

    #[test]
    fn a_family_is_asked_for_by_name() {
        let mut answer = family_answer(1);
        answer.extend(end(0, 1, 0, &[]));
        let mut client = client(&[answer]);
        assert_eq!(client.family("ethtool"), Ok(21));
        let mut expected = vec![3, 2, 0, 0];
        expected.extend(attribute(FAMILY_NAME, b"ethtool\0"));
        let asked = message(CONTROLLER, NLM_F_REQUEST | NLM_F_ACK, 1, &expected);
        assert_eq!(client.line.asked, [asked]);
    }

    #[test]
    fn attributes_that_nobody_knows_are_kept() {
        let mut client = client(&[family_answer(1), end(0, 1, 0, &[])]);
        let question = Message {
            family: CONTROLLER,
            command: GET_FAMILY,
            version: 2,
            attributes: Vec::new(),
        };
        let answers = client.ask(question).unwrap();
        let last = answers[0].attributes.last().unwrap();
        assert_eq!(number(last), 77);
        assert_eq!(answers[0].attribute(77).unwrap(), b"from a later kernel");
    }

    #[test]
    fn answers_to_other_questions_are_passed_over() {
        let mut client = client(&[end(-5, 9, 0, &[]), family_answer(1), end(0, 1, 0, &[])]);
        assert_eq!(client.family("ethtool"), Ok(21));
    }

    #[test]
    fn a_refusal_brings_its_number_and_its_words() {
        let words = attribute(ERROR_TEXT, b"no such device\0");
        let mut client = client(&[end(-19, 1, ACK_ATTRIBUTES, &words)]);
        let refused = client.family("ethtool").unwrap_err();
        assert_eq!(
            refused,
            NetlinkError::Refused {
                errno: 19,
                said: Some("no such device".to_owned()),
            }
        );
        assert!(refused.to_string().contains("(no such device)"));
    }

    #[test]
    fn silence_and_nonsense_are_errors() {
        assert!(client(&[]).family("ethtool").is_err());
        assert!(client(&[vec![1, 2, 3]]).family("ethtool").is_err());
        assert!(client(&[vec![0; 64]]).family("ethtool").is_err());
        assert!(client(&[end(i32::MIN, 1, 0, &[])]).family("x").is_err());
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = client(std::slice::from_ref(&bytes)).family("ethtool");
            // Behind a right header, so that the payload is looked at too.
            for kind in [2, 3, CONTROLLER] {
                let framed = message(kind, ACK_ATTRIBUTES, 1, &bytes);
                let _ = client(&[framed]).family("ethtool");
            }
        }
    }
}
