//! What an assignment says of the very module that should be in its ports.

use super::glob;
use crate::class::Class;
use crate::cmis::sff8024::{self, Interface};

/// What the plan expects of a module beyond what its role asks for. What it
/// does not say is not held against a module.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expected {
    /// The class of the module at the far end.
    pub peer_class: Option<Class>,
    /// What the link runs.
    pub application: Option<Wish>,
    /// The form, as [`sff8024::form_factor`] calls it.
    pub form_factor: Option<&'static str>,
    /// The medium.
    pub media: Option<Media>,
    /// Electrical lanes over all banks.
    pub host_lanes: Option<u16>,
    /// Part numbers that may be there; none for any.
    pub part_numbers: Patterns,
    /// Vendors that may be there; none for any.
    pub vendors: Patterns,
    /// Firmware that may run; none for any.
    pub firmware: Patterns,
    /// The planned fibre or cable, in metres.
    pub length_meters: Option<f64>,
    /// The data paths that the port is split into.
    pub breakout: Option<Breakout>,
}

/// Texts with `*` for any text; an empty list lets everything through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patterns(pub Vec<String>);

impl Patterns {
    /// Whether a text may be; where there is a list, no text may not.
    pub fn allow(&self, text: Option<&str>) -> bool {
        let Self(patterns) = self;
        patterns.is_empty()
            || text.is_some_and(|text| patterns.iter().any(|one| glob::matches(one, text)))
    }

    /// The patterns in words.
    pub fn in_words(&self) -> String {
        self.0.join(", ")
    }
}

/// An application by the name of its interface, or by its rate.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// A host or media interface as SFF-8024 calls it.
    Named(&'static str),
    /// Gb/s of payload.
    Rate(f64),
}

impl Wish {
    /// The wish that a text names: an interface of SFF-8024, capitals or not,
    /// or a rate such as `800G` or `1.6T`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(" C2M").unwrap_or(text);
        let named = interface_names().find(|name| name.eq_ignore_ascii_case(text));
        named
            .map(Self::Named)
            .or_else(|| gigabits(text).map(Self::Rate))
    }

    /// The wish in words.
    pub fn in_words(&self) -> String {
        match self {
            Self::Named(name) => (*name).to_owned(),
            Self::Rate(gigabits) => rate_in_words(*gigabits),
        }
    }
}

/// A rate as people write it: `800G`, `1.6T`.
pub(super) fn rate_in_words(gigabits: f64) -> String {
    if gigabits >= 1e3 {
        format!("{}T", gigabits / 1e3)
    } else {
        format!("{gigabits}G")
    }
}

/// The rate that a text such as `200G` or `1.6T` names, in Gb/s.
pub(super) fn gigabits(text: &str) -> Option<f64> {
    let (number, scale) = match (text.strip_suffix('G'), text.strip_suffix('T')) {
        (Some(number), _) => (number, 1.0),
        (None, Some(number)) => (number, 1e3),
        (None, None) => return None,
    };
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let number: f64 = number
        .chars()
        .all(digits)
        .then(|| number.parse().ok())
        .flatten()?;
    (number > 0.0).then_some(number * scale)
}

/// Every name of every interface.
pub(super) fn interface_names() -> impl Iterator<Item = &'static str> {
    const MEDIA_TYPES: std::ops::RangeInclusive<u8> = 1..=5;
    let host = (0..=u8::MAX).filter_map(sff8024::host_interface);
    let media = MEDIA_TYPES.flat_map(|media_type| {
        (0..=u8::MAX).filter_map(move |code| sff8024::media_interface(media_type, code))
    });
    host.chain(media).filter(is_something).flat_map(names_of)
}

/// The names of an interface: the table gives some of them two, and says of host
/// interfaces that they go from chip to module, which people leave out.
pub(super) fn names_of(row: &'static Interface) -> impl Iterator<Item = &'static str> {
    let names = row.name.split(" / ");
    names.map(|name| name.strip_suffix(" C2M").unwrap_or(name))
}

/// Whether a row names an interface that a plan can wish for.
fn is_something(row: &&'static Interface) -> bool {
    !matches!(row.kind, sff8024::Kind::None | sff8024::Kind::Vendor)
}

/// A medium, by the media type of CMIS 00h:85.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Media {
    /// Multimode fibre.
    Mmf,
    /// Single mode fibre.
    Smf,
    /// Passive or linear copper.
    Copper,
    /// An active cable, optical or electrical.
    ActiveCable,
    /// Twisted pair.
    BaseT,
}

impl Media {
    /// Every medium, in the order of their codes.
    pub const ALL: [Self; 5] = [
        Self::Mmf,
        Self::Smf,
        Self::Copper,
        Self::ActiveCable,
        Self::BaseT,
    ];

    /// The word used in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mmf => "mmf",
            Self::Smf => "smf",
            Self::Copper => "copper",
            Self::ActiveCable => "active-cable",
            Self::BaseT => "base-t",
        }
    }

    /// The media type code (CMIS 00h:85, Table 8-20 in 5.4).
    pub fn code(self) -> u8 {
        match self {
            Self::Mmf => 1,
            Self::Smf => 2,
            Self::Copper => 3,
            Self::ActiveCable => 4,
            Self::BaseT => 5,
        }
    }
}

/// A port split into data paths, each on a plane of its own where the fabric
/// has planes.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakout {
    /// How many data paths.
    pub paths: u16,
    /// What each carries, in Gb/s of payload.
    pub gigabits: f64,
    /// The plane of each path, in the order of their lanes; empty without planes.
    pub planes: Vec<u16>,
}

impl Breakout {
    /// The split that a text such as `4x200G` names, without planes as yet.
    pub fn parse(text: &str) -> Option<Self> {
        let (paths, rate) = text.split_once('x')?;
        let paths: u16 = paths
            .parse()
            .ok()
            .filter(|paths| (2..=64).contains(paths))?;
        Some(Self {
            paths,
            gigabits: gigabits(rate)?,
            planes: Vec::new(),
        })
    }

    /// The split in words: `4x200G`.
    pub fn in_words(&self) -> String {
        format!("{}x{}", self.paths, rate_in_words(self.gigabits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_go_by_name_or_rate() {
        assert_eq!(
            Wish::parse("lei-800g-pam4-8"),
            Some(Wish::Named("LEI-800G-PAM4-8"))
        );
        assert_eq!(Wish::parse("800G"), Some(Wish::Rate(800.0)));
        assert_eq!(Wish::parse("1.6T"), Some(Wish::Rate(1600.0)));
        assert_eq!(Wish::parse("1.6T").unwrap().in_words(), "1.6T");
        for text in ["", "G", "-1G", "infG", "800", "Reserved", "Vendor specific"] {
            assert_eq!(Wish::parse(text), None, "{text}");
        }
    }

    #[test]
    fn splits_go_by_number_and_rate() {
        let four = Breakout::parse("4x200G").unwrap();
        assert_eq!((four.paths, four.gigabits), (4, 200.0));
        assert_eq!(four.in_words(), "4x200G");
        for text in ["4", "1x800G", "65x10G", "4x", "x200G", "4x200", "4*200G"] {
            assert_eq!(Breakout::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_list_lets_everything_through() {
        assert!(Patterns::default().allow(None));
        let some = Patterns(vec!["SIM-*".to_owned()]);
        assert!(some.allow(Some("sim-1")));
        assert!(!some.allow(Some("X")) && !some.allow(None));
    }
}
