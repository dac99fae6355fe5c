//! Names for bytes: a field is a run of registers, what it is called, and how
//! its bytes read.
//!
//! Each page declares its fields beside its decoders, from the same offsets.
//! They are for people who look at raw registers; nothing is decoded from them.

/// How the bytes of a field, or of one element of it, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Bytes that mean nothing by themselves, or too much for one line.
    Bytes,
    /// Text in ASCII.
    Text,
    /// A big-endian unsigned integer.
    Unsigned,
    /// A big-endian signed integer.
    Signed,
    /// Big-endian unsigned words.
    Words,
    /// Two bytes, major and minor.
    Version,
    /// A temperature: signed word, 1/256 degree Celsius.
    Temperature,
    /// A supply voltage: unsigned word, 100 microvolts.
    Supply,
    /// An optical power: unsigned word, 0.1 microwatt.
    OpticalPower,
    /// A laser bias without multiplier: unsigned word, 2 microamperes.
    Bias,
    /// A bit for each lane, lane 1 in bit 0.
    Lanes,
    /// Half bytes, the low one first.
    HalfBytes,
    /// Bits with names of their own.
    Bits(&'static [Bits]),
    /// Nothing, or nothing that the specification says.
    Reserved,
}

/// Some bits of a field, counted from the lowest bit of its last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    /// The highest of them.
    pub high: u8,
    /// The lowest of them.
    pub low: u8,
    /// What they are called.
    pub name: &'static str,
}

/// One bit of a field.
pub const fn bit(number: u8, name: &'static str) -> Bits {
    bits(number, number, name)
}

/// The bits `high` to `low` of a field, which are a number together.
pub const fn bits(high: u8, low: u8, name: &'static str) -> Bits {
    Bits { high, low, name }
}

/// What tells the elements of a field apart, behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbering {
    /// There is one element only.
    Single,
    /// Numbers from this one on.
    From(u16),
    /// Runs of some numbers from this one on.
    Runs { from: u16, of: u16 },
    /// The four levels, in register order.
    Levels,
}

/// The four levels in register order.
const LEVELS: [&str; 4] = ["high alarm", "low alarm", "high warning", "low warning"];

/// A run of registers with a name: one element, or several of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// First absolute offset.
    pub first: u8,
    /// Last absolute offset.
    pub last: u8,
    /// What it is called; elements have more behind it.
    pub name: &'static str,
    /// How an element reads.
    pub form: Form,
    length: u8,
    numbering: Numbering,
}

/// One element of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// First absolute offset.
    pub first: u8,
    /// How many bytes.
    pub length: u8,
    /// What it is called.
    pub name: String,
    /// How it reads.
    pub form: Form,
}

impl Field {
    /// The bytes `first` to `last`.
    pub const fn new(first: u8, last: u8, name: &'static str, form: Form) -> Self {
        Self {
            first,
            last,
            name,
            form,
            length: last - first + 1,
            numbering: Numbering::Single,
        }
    }

    /// One byte that is a number.
    pub const fn byte(at: u8, name: &'static str) -> Self {
        Self::new(at, at, name, Form::Unsigned)
    }

    /// One byte of named bits.
    pub const fn bits(at: u8, name: &'static str, bits: &'static [Bits]) -> Self {
        Self::new(at, at, name, Form::Bits(bits))
    }

    /// One byte with a bit for each lane.
    pub const fn lanes(at: u8, name: &'static str) -> Self {
        Self::new(at, at, name, Form::Lanes)
    }

    /// One word.
    pub const fn word(at: u8, name: &'static str, form: Form) -> Self {
        Self::new(at, at + 1, name, form)
    }

    /// Bytes that the specification keeps for itself.
    pub const fn reserved(first: u8, last: u8) -> Self {
        Self::new(first, last, "reserved", Form::Reserved)
    }

    /// Bytes that are the vendor's own.
    pub const fn vendor(first: u8, last: u8) -> Self {
        Self::new(first, last, "vendor's own", Form::Reserved)
    }

    /// Elements of `length` bytes each, numbered from 1 on.
    pub const fn each(self, length: u8) -> Self {
        self.each_from(length, 1)
    }

    /// Elements of `length` bytes each, numbered from `number` on.
    pub const fn each_from(self, length: u8, number: u16) -> Self {
        Self {
            length,
            numbering: Numbering::From(number),
            ..self
        }
    }

    /// Elements of four bytes that hold eight half bytes each, numbered from
    /// `number` on.
    pub const fn eights_from(self, number: u16) -> Self {
        Self {
            length: 4,
            numbering: Numbering::Runs {
                from: number,
                of: 8,
            },
            ..self
        }
    }

    /// Elements of one byte for two lanes each.
    pub const fn pairs(self) -> Self {
        Self {
            length: 1,
            numbering: Numbering::Runs { from: 1, of: 2 },
            ..self
        }
    }

    /// The four words or bytes of a threshold set or of its flags.
    pub const fn levels(self) -> Self {
        Self {
            length: (self.last - self.first + 1) / 4,
            numbering: Numbering::Levels,
            ..self
        }
    }

    /// Whether the specification gives it a meaning.
    pub fn has_meaning(&self) -> bool {
        self.form != Form::Reserved
    }

    /// The elements in order.
    pub fn elements(&self) -> impl Iterator<Item = Element> + use<'_> {
        let starts = (self.first..=self.last).step_by(usize::from(self.length.max(1)));
        (0_u16..).zip(starts).map(|(index, first)| Element {
            first,
            length: self.length,
            name: self.name_of(index),
            form: self.form,
        })
    }

    /// The name of the element at a place from 0.
    fn name_of(&self, index: u16) -> String {
        let name = self.name;
        match self.numbering {
            Numbering::Single => name.to_owned(),
            Numbering::From(number) => format!("{name} {}", number + index),
            Numbering::Runs { from, of } => {
                let number = from + index * of;
                format!("{name} {number}-{}", number + of - 1)
            }
            Numbering::Levels => {
                let level = LEVELS.get(usize::from(index)).unwrap_or(&"");
                format!("{name} {level}")
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::bus::read_plan::Group;

    /// Holds the fields of one page against the groups that are read of it:
    /// every byte of a group has a name, no byte has two, no name stands twice,
    /// and the fields are in order.
    pub(crate) fn hold<'a, A: 'static>(
        fields: &[Field],
        groups: impl IntoIterator<Item = &'a Group<A>>,
    ) {
        for pair in fields.windows(2) {
            let (field, next) = (&pair[0], &pair[1]);
            assert!(field.last < next.first, "{} and {}", field.name, next.name);
        }
        let elements: Vec<Element> = fields.iter().flat_map(Field::elements).collect();
        for group in groups {
            for offset in group.first..=group.last {
                let is_named = fields
                    .iter()
                    .any(|field| (field.first..=field.last).contains(&offset));
                assert!(is_named, "{} of {} has no name", offset, group.name);
            }
        }
        let mut names: Vec<&str> = elements
            .iter()
            .filter(|element| element.form != Form::Reserved)
            .map(|element| element.name.as_str())
            .collect();
        names.sort_unstable();
        let count = names.len();
        for pair in names.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        names.dedup();
        assert_eq!(names.len(), count);
        for field in fields {
            let bytes = field.elements().map(|e| u16::from(e.length)).sum::<u16>();
            let wanted = u16::from(field.last - field.first) + 1;
            assert_eq!(bytes, wanted, "elements do not fill {}", field.name);
            if let Form::Bits(parts) = field.form {
                for part in parts {
                    assert!(part.high >= part.low && part.high < field.length * 8);
                }
            }
        }
    }

    #[test]
    fn elements_are_numbered_after_their_field() {
        let names = |field: Field| field.elements().map(|e| e.name).collect::<Vec<_>>();
        let lanes = Field::new(154, 159, "tx power of lane", Form::OpticalPower).each(2);
        assert_eq!(names(lanes)[2], "tx power of lane 3");
        let levels = Field::new(128, 135, "temperature", Form::Temperature).levels();
        assert_eq!(names(levels)[3], "temperature low warning");
        let flags = Field::new(128, 135, "flags", Form::HalfBytes).eights_from(65);
        assert_eq!(names(flags), ["flags 65-72", "flags 73-80"]);
    }
}
