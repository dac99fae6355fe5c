//! What is known of a port's health at one moment, in numbers: published with its
//! view.

use super::ber::{Ber, Estimate, Source, Vantage};
use super::burst::Tail;
use super::fec::KP4;
use super::host_ber::{HostCounters, Totals};
use super::levels::LevelTrend;
use super::lines::{self, Standing};
use super::reason::Reason;
use super::session::Change;
use super::trend::Trend;
use super::{ber, module_ber};
use crate::class::rate::line_rate;
use crate::class::{Class, Classification};
use crate::module::{Snapshot, Statistic};
use crate::names::Side;
use crate::plan::policy::BerPolicy;

/// A port's health in numbers. Immutable once published.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// Bit error ratios before correction, from the module and from the host.
    pub bers: Vec<Ber>,
    /// The ratio that stands for each vantage, with its margin.
    pub standings: Vec<Standing>,
    /// Codewords that the host could not correct by all codewords.
    pub codeword_error_ratio: Option<Estimate>,
    /// Wrong bits behind the host's correction by all bits, as counted.
    pub post_fec_ber: Option<Estimate>,
    /// The same as it follows from the ratio before correction, with its source.
    pub modelled_post_fec_ber: Option<f64>,
    /// The worst codeword that the host saw since the link came up, or that the
    /// module tells.
    pub tail: Option<Tail>,
    /// What the host counted since the daemon started.
    pub totals: Totals,
    /// Why a host that is asked tells nothing.
    pub host_trouble: Option<&'static str>,
    /// Whether the link is up; `None` until the module was seen.
    pub link_is_up: Option<bool>,
    /// The session that goes on.
    pub session: Option<SessionFigures>,
    /// How the ratios stand to those of the session before.
    pub changes: Vec<Change>,
    /// Ratios that go one way.
    pub trends: Vec<Trending>,
    /// Levels that go one way.
    pub level_trends: Vec<LevelTrend>,
    /// How much warmer than usual the module is, °C.
    pub warmed: Option<f64>,
    /// What of all this is a reason for a verdict.
    pub reasons: Vec<Reason>,
    /// The media lanes that receive light, where host and media lanes are the same.
    pub lit_lanes: Option<Vec<u16>>,
}

/// A session that goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionFigures {
    /// For how many seconds the link has been up, as far as it was watched.
    pub seconds: f64,
    /// Whether there is a session before it to be compared with.
    pub has_last: bool,
}

/// An error ratio that goes one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trending {
    /// Which side, seen by whom.
    pub vantage: Vantage,
    /// How, in decades.
    pub trend: Trend,
    /// In how many days it reaches its limit, and in how many at the soonest, where
    /// that is in sight.
    pub days_to_limit: Option<[f64; 2]>,
}

impl Figures {
    /// The figures of a module and of its host's counters; `lanes` are those of the
    /// link where there is one, since a dark lane has no ratio.
    pub(super) fn of(
        module: Option<(&Snapshot, &Classification)>,
        lanes: Option<&[u16]>,
        host: &HostCounters,
        policy: &BerPolicy,
    ) -> Self {
        let mut bers =
            module.map_or_else(Vec::new, |(module, class)| module_ber::bers(module, class));
        let told = host.figures();
        bers.extend_from_slice(&told.bers);
        let mut figures = Self {
            codeword_error_ratio: told.codeword_error_ratio,
            post_fec_ber: told.post_fec_ber,
            host_trouble: told.trouble,
            totals: host.totals(),
            tail: host.tail(),
            ..Self::default()
        };
        let class = module.map_or(Class::Unknown, |(_, class)| class.class);
        let has_inner_code = module.is_some_and(|(m, _)| line_rate(m).has_inner_code());
        let before = path_ratio(&bers, class, has_inner_code);
        // Below what a float can hold there is no number to show.
        figures.modelled_post_fec_ber = before
            .map(|ratio| host.code().post_fec_ber(ratio))
            .filter(|ratio| *ratio > 0.0);
        figures.lit_lanes = module.zip(lanes).and_then(|((module, _), lanes)| {
            let same_lanes = module.lane_count.host == module.lane_count.media;
            (same_lanes && !lanes.is_empty()).then(|| lanes.to_vec())
        });
        let lit: Vec<Ber> = bers
            .iter()
            .filter(|ber| figures.is_lit(ber))
            .copied()
            .collect();
        figures.standings = ber::worst(&lit)
            .into_iter()
            .map(|(vantage, ber)| {
                let code = lines::code(vantage, class, has_inner_code);
                lines::standing(ber, code, policy)
            })
            .collect();
        if figures.tail.is_none() && code_is_kp4(class, has_inner_code) {
            figures.tail = module.and_then(|(module, class)| {
                let (wrong, codewords) = module_ber::worst_codeword(module, class)?;
                Some(Tail::of_worst(wrong, codewords, before?, KP4))
            });
        }
        figures.bers = bers;
        figures
    }

    /// Whether a ratio is of a lane that receives light, or of none.
    fn is_lit(&self, ber: &Ber) -> bool {
        let sees_light = ber.source == Source::Module && ber.side == Side::Media;
        let lit = self.lit_lanes.as_ref().filter(|_| sees_light);
        ber.lane
            .zip(lit)
            .is_none_or(|(lane, lit)| lit.contains(&lane))
    }

    /// The present ratio of each lane of a vantage.
    pub(super) fn lanes(&self, vantage: Vantage) -> Vec<(u16, Estimate)> {
        let now = self.bers.iter().filter(|ber| {
            ber.vantage() == vantage && ber.statistic == Statistic::Current && self.is_lit(ber)
        });
        now.filter_map(|ber| Some((ber.lane?, ber.estimate)))
            .collect()
    }

    /// The figures of one look at a module, for which nobody else counts.
    pub fn of_module(module: &Snapshot, class: &Classification) -> Self {
        let host = HostCounters::default();
        Self::of(Some((module, class)), None, &host, &unplanned(class))
    }
}

/// The lines for a module of which no plan speaks.
pub(super) fn unplanned(class: &Classification) -> BerPolicy {
    BerPolicy::unplanned(class.retiming == crate::class::Retiming::None)
}

/// Whether what comes in over the fibre goes to KP4 or its like: behind another code
/// the ratio before that says nothing of KP4.
fn code_is_kp4(class: Class, has_inner_code: bool) -> bool {
    class != Class::Coherent && !has_inner_code
}

/// The error ratio of the bits that reach the KP4 decoder, all lanes together: what
/// the host counts where it does, else what the module sees on its media side.
fn path_ratio(bers: &[Ber], class: Class, has_inner_code: bool) -> Option<f64> {
    let now = |ber: &&Ber| ber.statistic == Statistic::Current;
    let of_host = bers
        .iter()
        .filter(now)
        .find(|ber| ber.source == Source::Host && ber.lane.is_none());
    if let Some(ber) = of_host {
        return Some(ber.estimate.number());
    }
    if !code_is_kp4(class, has_inner_code) {
        return None;
    }
    let media = bers
        .iter()
        .filter(now)
        .filter(|ber| ber.side == Side::Media);
    let (lanes, sum) = media.fold((0.0, 0.0), |(lanes, sum), ber| {
        (lanes + 1.0, sum + ber.estimate.number())
    });
    (lanes > 0.0).then(|| sum / lanes)
}
