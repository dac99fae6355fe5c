//! Module memory through the driver of a network interface (ethtool netlink).
//!
//! `MODULE_EEPROM_GET` reads up to 128 bytes by page, bank, offset and I2C
//! address; driver or firmware selects the page, which cannot be verified from
//! here. A read must not cross offset 128, and lower offsets exist on page 0 only
//! (Documentation/networking/ethtool-netlink.rst). It needs CAP_NET_ADMIN.

use netlink_packet_core::{DefaultNla, NLA_F_NESTED};
use tracing::trace;

use super::BusErrorKind;
use super::address::{Bank, Half, Page};
use super::cost::AccessPath;
use super::driven::Driver;
use super::generic_netlink::{Client, KernelLine, Line, Message, NetlinkError, number};

/// The family and its version (linux/ethtool_netlink_generated.h).
const FAMILY: &str = "ethtool";
const VERSION: u8 = 1;
/// ETHTOOL_MSG_MODULE_EEPROM_GET and its reply.
const EEPROM_GET: u8 = 31;
const EEPROM_GET_REPLY: u8 = 32;
/// ETHTOOL_A_MODULE_EEPROM_*.
const HEADER: u16 = 1;
const OFFSET: u16 = 2;
const LENGTH: u16 = 3;
const PAGE: u16 = 4;
const BANK: u16 = 5;
const I2C_ADDRESS: u16 = 6;
const DATA: u16 = 7;
/// ETHTOOL_A_HEADER_DEV_NAME.
const DEVICE_NAME: u16 = 2;

const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EAGAIN: i32 = 11;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const EOPNOTSUPP: i32 = 95;
const EAFNOSUPPORT: i32 = 97;
const ENETDOWN: i32 = 100;
const ETIMEDOUT: i32 = 110;
const EREMOTEIO: i32 = 121;

/// The module of a network interface.
pub struct Ethtool<L> {
    client: Client<L>,
    family: u16,
    interface: String,
}

impl Ethtool<KernelLine> {
    /// The module of an interface of this machine.
    ///
    /// # Errors
    /// What is wrong and what to do about it: no netlink, or no ethtool in it.
    /// Whether the interface is there shows at the first read.
    pub fn open(interface: &str) -> Result<Self, String> {
        let line = KernelLine::open().map_err(|error| explain(interface, &error.into()))?;
        Self::new(line, interface)
    }
}

impl<L: Line> Ethtool<L> {
    /// The module of an interface at the other end of a line.
    ///
    /// # Errors
    /// As [`Ethtool::open`].
    pub fn new(line: L, interface: &str) -> Result<Self, String> {
        let mut client = Client::new(line);
        let family = client
            .family(FAMILY)
            .map_err(|error| explain(interface, &error))?;
        Ok(Self {
            client,
            family,
            interface: interface.to_owned(),
        })
    }

    /// The question for bytes of a half.
    fn question(&self, half: Half, first: u8, length: u32) -> Message {
        let (Page(page), bank) = half.upper().unwrap_or((Page(0), Bank::ZERO));
        let mut name = self.interface.as_bytes().to_vec();
        name.push(0);
        Message {
            family: self.family,
            command: EEPROM_GET,
            version: VERSION,
            attributes: vec![
                nested(HEADER, &DefaultNla::new(DEVICE_NAME, name)),
                DefaultNla::new(OFFSET, u32::from(first).to_ne_bytes().to_vec()),
                DefaultNla::new(LENGTH, length.to_ne_bytes().to_vec()),
                DefaultNla::new(PAGE, vec![page]),
                DefaultNla::new(BANK, vec![bank.number()]),
                DefaultNla::new(I2C_ADDRESS, vec![half.device().address()]),
            ],
        }
    }

    /// The bytes in the kernel's answers.
    fn bytes(&self, answers: &[Message]) -> Option<Vec<u8>> {
        let ours =
            |answer: &&Message| (answer.family, answer.command) == (self.family, EEPROM_GET_REPLY);
        let answer = answers.iter().find(ours)?;
        for attribute in &answer.attributes {
            if !matches!(number(attribute), HEADER | DATA) {
                trace!(interface = %self.interface, ?attribute, "unknown attribute");
            }
        }
        answer.attribute(DATA)
    }

    /// What a refusal means for a read. Some drivers say EINVAL and others
    /// EOPNOTSUPP to a page that they do not serve; page 00h and lower memory are
    /// served by all that can read modules at all.
    fn kind(&self, half: Half, error: &NetlinkError) -> BusErrorKind {
        let beyond = half.upper().is_some_and(|(page, _)| page.0 != 0);
        match error {
            NetlinkError::Refused { errno, .. } => match *errno {
                ENXIO | EREMOTEIO => BusErrorKind::NoAnswer,
                EIO => BusErrorKind::BusFault,
                EAGAIN | EBUSY => BusErrorKind::ArbitrationLost,
                ETIMEDOUT => BusErrorKind::TimedOut,
                EINVAL | EOPNOTSUPP if beyond => BusErrorKind::NoSuchPage,
                _ => BusErrorKind::Other(explain(&self.interface, error)),
            },
            NetlinkError::Malformed(_) => BusErrorKind::Other(explain(&self.interface, error)),
        }
    }
}

impl<L: Line> Driver for Ethtool<L> {
    fn read(&mut self, half: Half, first: u8, buffer: &mut [u8]) -> Result<(), BusErrorKind> {
        let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        let question = self.question(half, first, length);
        let answers = self
            .client
            .ask(question)
            .map_err(|error| self.kind(half, &error))?;
        match self.bytes(&answers) {
            Some(bytes) if bytes.len() == buffer.len() => {
                buffer.copy_from_slice(&bytes);
                Ok(())
            }
            bytes => {
                let count = bytes.map_or(0, |bytes| bytes.len());
                let said = format!("asked for {length} bytes, got {count}");
                let error = NetlinkError::Malformed(said);
                Err(BusErrorKind::Other(explain(&self.interface, &error)))
            }
        }
    }

    fn path(&self) -> AccessPath {
        AccessPath::Ethtool
    }
}

/// An attribute with another one in it.
fn nested(kind: u16, inner: &DefaultNla) -> DefaultNla {
    use netlink_packet_core::Emitable;
    let mut bytes = vec![0; inner.buffer_len()];
    inner.emit(&mut bytes);
    DefaultNla::new(kind | NLA_F_NESTED, bytes)
}

/// What is wrong, and what to do about it.
fn explain(interface: &str, error: &NetlinkError) -> String {
    let advice = match error {
        NetlinkError::Refused { errno, .. } => match *errno {
            EPERM | EACCES => {
                "; reading modules needs CAP_NET_ADMIN: run as root, or install the drop-in \
                 systemd/opticsd.service.d-ethtool.conf"
            }
            EAFNOSUPPORT => {
                "; the service may not use netlink: install the drop-in \
                 systemd/opticsd.service.d-ethtool.conf"
            }
            ENODEV => "; no such interface: see `ip link`, and correct the port",
            EOPNOTSUPP => {
                "; the interface's driver cannot read modules: use i2c or optoe for this port"
            }
            ENOENT => "; this kernel has no ethtool netlink (5.13 or newer): use i2c or optoe",
            ENETDOWN => {
                "; some drivers read modules of interfaces that are up only: ip link set up"
            }
            _ => "",
        },
        NetlinkError::Malformed(_) => "",
    };
    format!("ethtool {interface}: {error}{advice}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::driven::Driven;
    use crate::bus::generic_netlink::attributes_of;
    use crate::bus::image::Image;
    use crate::bus::meter::Meter;
    use crate::bus::paging::Paged;
    use crate::clock::ManualClock;
    use crate::module::sweep::Session;
    use crate::sim::builders;
    use crate::sim::cage::Cage;
    use crate::sim::module::SimModule;
    use crate::sim::wire::BusRate;
    use netlink_packet_core::{
        ErrorMessage, NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable as _,
    };
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::io;
    use std::num::NonZeroI32;
    use std::sync::Arc;
    use std::time::Duration;

    const OUR_FAMILY: u16 = 21;

    /// A kernel whose one interface has a module in it.
    struct Kernel {
        image: Image,
        refuses: Option<i32>,
        answers: VecDeque<Vec<u8>>,
    }

    fn kernel(image: Image) -> Kernel {
        Kernel {
            image,
            refuses: None,
            answers: VecDeque::new(),
        }
    }

    impl Kernel {
        /// What `eeprom_parse_request` and the driver behind it would do.
        fn serve(&self, question: &Message) -> Result<Message, i32> {
            let number = |kind| {
                let bytes = question.attribute(kind).unwrap();
                u32::from_ne_bytes(bytes.try_into().unwrap())
            };
            let header = attributes_of(&question.attribute(HEADER).unwrap()).unwrap();
            assert_eq!(header, [DefaultNla::new(DEVICE_NAME, b"eth0\0".to_vec())]);
            if let Some(errno) = self.refuses {
                return Err(errno);
            }
            let (offset, length) = (number(OFFSET), number(LENGTH));
            let page = question.attribute(PAGE).unwrap()[0];
            let bank = question.attribute(BANK).unwrap()[0];
            let address = question.attribute(I2C_ADDRESS).unwrap()[0];
            let crosses = offset < 128 && offset + length > 128;
            if length == 0 || crosses || offset + length > 256 || (page > 0 && offset < 128) {
                return Err(EINVAL);
            }
            let device = match address {
                0x50 => crate::bus::address::Device::A0,
                0x51 => crate::bus::address::Device::A2,
                _ => return Err(EINVAL),
            };
            let half = match (offset, bank) {
                (..128, _) => Half::lower(device),
                (_, 0) => Half::page_of(device, page),
                (_, bank) => Half::banked(page, Bank::new(bank).unwrap()).ok_or(EINVAL)?,
            };
            let sheet = self.image.sheet(half).ok_or(EINVAL)?;
            let byte = |number: u32| u8::try_from(number).unwrap();
            let bytes = sheet.slice(byte(offset), byte(length)).to_vec();
            Ok(Message {
                family: OUR_FAMILY,
                command: EEPROM_GET_REPLY,
                version: VERSION,
                attributes: vec![
                    nested(HEADER, &DefaultNla::new(1, vec![2, 0, 0, 0])),
                    DefaultNla::new(99, vec![1, 2, 3]),
                    DefaultNla::new(DATA, bytes),
                ],
            })
        }

        fn reply(&mut self, sequence: u32, payload: NetlinkPayload<Message>) {
            let mut message = NetlinkMessage::new(NetlinkHeader::default(), payload);
            message.header.sequence_number = sequence;
            message.finalize();
            let mut bytes = vec![0; message.buffer_len()];
            message.serialize(&mut bytes);
            self.answers.push_back(bytes);
        }
    }

    impl Line for Kernel {
        fn send(&mut self, question: &[u8]) -> io::Result<()> {
            let (header, payload) = NetlinkMessage::<Message>::deserialize(question)
                .unwrap()
                .into_parts();
            let NetlinkPayload::InnerMessage(question) = payload else {
                panic!("no question");
            };
            let outcome = if question.message_type() == OUR_FAMILY {
                self.serve(&question)
            } else {
                let number = OUR_FAMILY.to_ne_bytes().to_vec();
                Ok(Message {
                    attributes: vec![DefaultNla::new(1, number)],
                    ..question
                })
            };
            let code = outcome.as_ref().err().and_then(|e| NonZeroI32::new(-e));
            if let Ok(answer) = outcome {
                self.reply(header.sequence_number, NetlinkPayload::InnerMessage(answer));
            }
            let mut end = ErrorMessage::default();
            end.code = code;
            end.header = vec![0; 16];
            self.reply(header.sequence_number, NetlinkPayload::Error(end));
            Ok(())
        }

        fn receive(&mut self) -> io::Result<Vec<u8>> {
            self.answers
                .pop_front()
                .ok_or_else(|| io::ErrorKind::WouldBlock.into())
        }
    }

    #[test]
    fn every_module_reads_the_same_as_over_i2c() {
        for name in builders::NAMES {
            let image = builders::by_name(name).unwrap().registers().image().clone();
            let clock = ManualClock::new();
            let meter = Arc::new(Meter::default());
            let ethtool = Ethtool::new(kernel(image.clone()), "eth0").unwrap();
            let mut driven = Driven::new(ethtool, clock.clone(), Arc::clone(&meter));
            let cage = Cage::new(Arc::new(clock.clone()));
            cage.insert(SimModule::from_image(&image));
            clock.advance(Duration::from_secs(30));
            let mut paged = Paged::new(cage.i2c(BusRate::default()), clock.clone(), meter);
            let [one, other] = [
                Session::new().sweep(&mut driven, &clock),
                Session::new().sweep(&mut paged, &clock),
            ]
            .map(|sweep| {
                let mut seen = sweep.unwrap().snapshot;
                (seen.started, seen.finished) = (Duration::ZERO, Duration::ZERO);
                // Which bytes are read on the way depends on the path.
                seen.image = Arc::default();
                seen
            });
            assert_eq!(one, other, "{name}");
        }
    }

    fn refused(errno: i32, half: Half) -> BusErrorKind {
        let image = builders::by_name("dsp-800g").unwrap();
        let mut line = kernel(image.registers().image().clone());
        line.refuses = Some(errno);
        let mut ethtool = Ethtool::new(line, "eth0").unwrap();
        let mut buffer = [0; 8];
        ethtool.read(half, half.base(), &mut buffer).unwrap_err()
    }

    #[test]
    fn each_refusal_has_its_kind_and_says_what_to_do() {
        assert_eq!(refused(ENXIO, Half::LOWER), BusErrorKind::NoAnswer);
        assert_eq!(refused(EIO, Half::LOWER), BusErrorKind::BusFault);
        assert_eq!(refused(ETIMEDOUT, Half::LOWER), BusErrorKind::TimedOut);
        assert_eq!(refused(EINVAL, Half::page(1)), BusErrorKind::NoSuchPage);
        assert_eq!(refused(EOPNOTSUPP, Half::page(1)), BusErrorKind::NoSuchPage);
        let told = |errno| refused(errno, Half::LOWER).to_string();
        assert!(told(EPERM).contains("CAP_NET_ADMIN"), "{}", told(EPERM));
        assert!(told(ENODEV).contains("ip link"));
        assert!(told(EOPNOTSUPP).contains("i2c or optoe"));
        assert!(told(EPERM).starts_with("ethtool eth0: "));
    }

    #[test]
    fn a_kernel_without_the_family_says_what_to_use() {
        struct Deaf;
        impl Line for Deaf {
            fn send(&mut self, _: &[u8]) -> io::Result<()> {
                Err(io::Error::from_raw_os_error(ENOENT))
            }
            fn receive(&mut self) -> io::Result<Vec<u8>> {
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
        let told = Ethtool::new(Deaf, "eth0").err().unwrap();
        assert!(told.contains("use i2c or optoe"), "{told}");
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
            let mut ethtool = Ethtool::new(kernel(Image::new()), "eth0").unwrap();
            let length = u32::try_from(20 + bytes.len()).unwrap();
            let mut reply = length.to_ne_bytes().to_vec();
            reply.extend(OUR_FAMILY.to_ne_bytes());
            reply.extend([0, 0]);
            // The second question of this client.
            reply.extend(2_u32.to_ne_bytes());
            reply.extend([0, 0, 0, 0, EEPROM_GET_REPLY, 1, 0, 0]);
            reply.extend(&bytes);
            ethtool.client.line_mut().answers.push_front(reply);
            prop_assert!(ethtool.read(Half::LOWER, 0, &mut [0; 8]).is_err());
        }
    }
}
