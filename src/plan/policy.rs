//! The parts of a role's policy beside classes and power: lane rates, reach,
//! peers, error ratios, planes. All numbers are defaults that a plan overrides.

use super::finding::Severity;
use super::role::Role;
use crate::class::Class;

/// The rate of one host lane, by the name that people give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LaneRate {
    /// Up to 28 Gb/s.
    G28,
    /// 50 Gb/s of payload: 53.125 Gb/s.
    G56,
    /// 100 Gb/s of payload: 106.25 Gb/s.
    G112,
    /// 200 Gb/s of payload: 212.5 Gb/s.
    G224,
}

impl LaneRate {
    /// Every rate, the slowest first.
    pub const ALL: [Self; 4] = [Self::G28, Self::G56, Self::G112, Self::G224];

    /// The word used in plans and findings.
    pub fn name(self) -> &'static str {
        match self {
            Self::G28 => "28G",
            Self::G56 => "56G",
            Self::G112 => "112G",
            Self::G224 => "224G",
        }
    }

    /// The name for a rate in Gb/s, coding included: of the class of SerDes that
    /// it takes. `None` above them all.
    pub fn of_gbps(gbps: f64) -> Option<Self> {
        let classes = [
            (29.0, Self::G28),
            (60.0, Self::G56),
            (120.0, Self::G112),
            (240.0, Self::G224),
        ];
        let class = classes.into_iter().find(|(top, _)| gbps <= *top);
        class.map(|(_, rate)| rate)
    }
}

/// How far light must and may reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReachWindow {
    /// What the media interface must reach, in metres.
    pub min_meters: f64,
    /// What is more than the role needs, in metres; infinite where nothing is.
    pub max_meters: f64,
    /// The longest fibre that the role is planned with, in metres; infinite
    /// where any will do.
    pub fiber_meters: f64,
}

/// What must be true of the two ends of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerRule {
    /// Both are of one class.
    SameClass,
    /// Classes may differ where both speak standard interfaces; linear modules
    /// face linear ones and coherent ones face coherent ones.
    Standard,
    /// Nothing.
    Any,
}

impl PeerRule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::SameClass, Self::Standard, Self::Any];

    /// The word used in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::SameClass => "same-class",
            Self::Standard => "standard",
            Self::Any => "any",
        }
    }

    /// What a class must face and does not, in words; `None` where the two ends
    /// go together, or where one of them is not known.
    pub fn broken(self, own: Class, peer: Class) -> Option<String> {
        if own == peer || own == Class::Unknown || peer == Class::Unknown {
            return None;
        }
        let alone = |class| matches!(class, Class::Lpo | Class::Coherent);
        let breaks = match self {
            Self::SameClass => true,
            Self::Standard => alone(own) || alone(peer),
            Self::Any => false,
        };
        breaks.then(|| match self {
            Self::SameClass => format!("{} at both ends", own.name()),
            Self::Standard | Self::Any => {
                let strict = if alone(own) { own } else { peer };
                format!("{0} facing {0}", strict.name())
            }
        })
    }
}

/// Who must be able to tell the error ratio of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BerSource {
    /// The FEC counters of switch chip or NIC.
    Host,
    /// The module's own decoder.
    Module,
    /// One of the two.
    Either,
    /// Nobody.
    None,
}

impl BerSource {
    /// Every source.
    pub const ALL: [Self; 4] = [Self::Host, Self::Module, Self::Either, Self::None];

    /// The word used in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Module => "module",
            Self::Either => "either",
            Self::None => "none",
        }
    }
}

/// What corrects the errors of one side of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// KP4 or its like alone.
    Kp4,
    /// The inner code of IEEE 802.3dj, then KP4.
    Inner,
    /// A soft code of coherent modules.
    Soft,
}

/// Lines for the pre-FEC bit error ratio, and where it must come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BerPolicy {
    /// Above this, warn.
    pub warn: f64,
    /// Above this, something must be done.
    pub error: f64,
    /// Above this, the code no longer corrects.
    pub limit: f64,
    /// Who must be able to tell it.
    pub from: BerSource,
    /// How grave it is if nobody can; `None` for not at all.
    pub severity_without: Option<Severity>,
}

/// How much worse than its sisters a plane may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneTolerance {
    /// Median received light, in dB below the other planes.
    pub rx_power_db: f64,
    /// Case temperature, in °C above the other planes.
    pub temperature_celsius: f64,
    /// Pre-FEC bit error ratio, in decades above the other planes.
    pub ber_decades: f64,
}

/// Lines for what only watching over time shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WatchPolicy {
    /// How many times the error ratio of the session before a new one may have.
    pub flap_ratio: f64,
    /// Wrong symbols in one codeword above which to warn.
    pub fec_tail_warn: u16,
    /// Wrong symbols in one codeword above which something must be done.
    pub fec_tail_error: u16,
    /// How much less light may be received than when the link came up, and how
    /// much more one lane may lose than its sisters, in dB.
    pub rx_drop_db: f64,
    /// How much worse than that of its sisters the error ratio of a lane may be, in
    /// decades.
    pub lane_ber_decades: f64,
    /// By which share the bias of a laser may rise at constant light.
    pub bias_rise: f64,
    /// How much warmer most modules of a box may become, in °C.
    pub warming_celsius: f64,
    /// How far ahead a trend is worth telling, in days.
    pub horizon_days: f64,
}

impl Default for WatchPolicy {
    /// Ten times is the rule by which operators of linear links judge a flap; 8 and
    /// 12 wrong symbols are the lines of a public switch command line. The others
    /// are wider than what healthy modules do in a day, and narrower than what
    /// uses up a link's margin.
    fn default() -> Self {
        Self {
            flap_ratio: 10.0,
            fec_tail_warn: 8,
            fec_tail_error: 12,
            rx_drop_db: 2.0,
            lane_ber_decades: 2.0,
            bias_rise: 0.1,
            warming_celsius: 10.0,
            horizon_days: 30.0,
        }
    }
}

impl ReachWindow {
    /// The window of a role.
    pub fn of_role(role: Role) -> Self {
        match role {
            // Where linear modules end (LPO MSA, 500 m); the links themselves
            // stay in a row of racks.
            Role::ScaleUp => Self {
                min_meters: 0.0,
                max_meters: 500.0,
                fiber_meters: 100.0,
            },
            // SR to FR.
            Role::ScaleOut => Self {
                min_meters: 50.0,
                max_meters: 2e3,
                fiber_meters: 2e3,
            },
            // LR and beyond.
            Role::ScaleAcross => Self {
                min_meters: 10e3,
                max_meters: f64::INFINITY,
                fiber_meters: f64::INFINITY,
            },
        }
    }
}

/// The random-error limit of RS(544,514), KP4.
const KP4_LIMIT: f64 = 2.4e-4;
/// About where the inner code of 802.3dj hands on what KP4 can still correct: no
/// published number was at hand.
const INNER_LIMIT: f64 = 4e-3;
/// The limit of oFEC where a coherent mode states none of its own.
const OFEC_LIMIT: f64 = 2e-2;

impl BerPolicy {
    /// The lines of a role.
    ///
    /// A link of linear modules is one analog channel, where noise adds up and
    /// not only errors: its error line lies a decade lower. Both lie far below
    /// the limit, since between a comfortable ratio and a failing one there is
    /// less than a decibel.
    pub fn of_role(role: Role) -> Self {
        let kp4 = Self {
            warn: 1e-7,
            error: 1e-5,
            limit: KP4_LIMIT,
            from: BerSource::Either,
            severity_without: Some(Severity::Notice),
        };
        match role {
            Role::ScaleUp => Self {
                error: 1e-6,
                from: BerSource::Host,
                ..kp4
            },
            Role::ScaleOut => kp4,
            Role::ScaleAcross => Self {
                warn: OFEC_LIMIT / 10.0,
                error: OFEC_LIMIT / 3.0,
                limit: OFEC_LIMIT,
                from: BerSource::Module,
                ..kp4
            },
        }
    }
}

impl BerPolicy {
    /// The lines for a port of which no plan speaks.
    ///
    /// `linear` is whether nothing in the module retimes.
    pub fn unplanned(linear: bool) -> Self {
        Self::of_role(if linear {
            Role::ScaleUp
        } else {
            Role::ScaleOut
        })
    }

    /// The lines for errors before this code: these where they are of its kind, else
    /// the usual ones of it. A coherent module has a soft code on its media side and
    /// KP4 on its host side.
    pub fn of_code(&self, code: CodeKind) -> Self {
        let is_soft = self.limit > 2.0 * KP4_LIMIT;
        let (warn, error, limit) = match code {
            CodeKind::Kp4 if is_soft => {
                let usual = Self::of_role(Role::ScaleOut);
                (usual.warn, usual.error, usual.limit)
            }
            CodeKind::Soft if !is_soft => (OFEC_LIMIT / 10.0, OFEC_LIMIT / 3.0, OFEC_LIMIT),
            CodeKind::Kp4 | CodeKind::Soft => return *self,
            CodeKind::Inner => (INNER_LIMIT / 10.0, INNER_LIMIT / 3.0, INNER_LIMIT),
        };
        Self {
            warn,
            error,
            limit,
            ..*self
        }
    }
}

impl Default for PlaneTolerance {
    /// Wider than healthy modules of one type differ, narrower than what makes
    /// one of them fail.
    fn default() -> Self {
        Self {
            rx_power_db: 2.0,
            temperature_celsius: 15.0,
            ber_decades: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lane_rates_have_the_names_of_their_serdes() {
        for (gbps, name) in [
            (10.3125, Some("28G")),
            (25.78125, Some("28G")),
            (53.125, Some("56G")),
            (106.25, Some("112G")),
            (212.5, Some("224G")),
            (425.0, None),
        ] {
            assert_eq!(LaneRate::of_gbps(gbps).map(LaneRate::name), name, "{gbps}");
        }
    }

    #[test]
    fn linear_and_coherent_modules_face_their_own_kind() {
        let broken = |rule: PeerRule, own, peer| rule.broken(own, peer);
        assert_eq!(broken(PeerRule::Standard, Class::Dsp, Class::Lro), None);
        assert_eq!(
            broken(PeerRule::Standard, Class::Dsp, Class::Lpo).unwrap(),
            "lpo facing lpo"
        );
        assert_eq!(
            broken(PeerRule::SameClass, Class::Lpo, Class::Dsp).unwrap(),
            "lpo at both ends"
        );
        assert_eq!(
            broken(PeerRule::SameClass, Class::Lpo, Class::Unknown),
            None
        );
        assert_eq!(broken(PeerRule::Any, Class::Lpo, Class::Dsp), None);
    }

    #[test]
    fn soft_codes_and_kp4_have_lines_of_their_own() {
        let across = BerPolicy::of_role(Role::ScaleAcross);
        assert_eq!(across.of_code(CodeKind::Soft), across);
        assert_eq!(across.of_code(CodeKind::Kp4).limit, KP4_LIMIT);
        let out = BerPolicy::of_role(Role::ScaleOut);
        assert_eq!(out.of_code(CodeKind::Kp4), out);
        assert_eq!(out.of_code(CodeKind::Soft).limit, OFEC_LIMIT);
        assert_eq!(out.of_code(CodeKind::Soft).from, out.from);
        let inner = out.of_code(CodeKind::Inner);
        assert!(inner.warn < inner.error && inner.limit > KP4_LIMIT);
        assert!(BerPolicy::unplanned(true).error < BerPolicy::unplanned(false).error);
    }

    #[test]
    fn the_lines_of_every_role_rise() {
        for role in Role::ALL {
            let ber = BerPolicy::of_role(role);
            assert!(ber.warn < ber.error && ber.error < ber.limit);
            let reach = ReachWindow::of_role(role);
            assert!(reach.min_meters < reach.max_meters);
        }
    }
}
