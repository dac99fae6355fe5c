//! What is known of a port's health at one moment, in numbers: published with its
//! view.

use super::ber::{Ber, Estimate, Source};
use super::burst::Tail;
use super::fec::KP4;
use super::host_ber::{HostCounters, Totals};
use super::lines::{self, Standing};
use super::{ber, module_ber};
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
    /// The worst codeword that the host saw since the link came up.
    pub tail: Option<Tail>,
    /// What the host counted since the daemon started.
    pub totals: Totals,
    /// Why a host that is asked tells nothing.
    pub host_trouble: Option<&'static str>,
}

impl Figures {
    /// The figures of a module and of its host's counters, where there are any.
    pub(super) fn of(
        module: Option<(&Snapshot, &Classification)>,
        host: Option<&HostCounters>,
        policy: &BerPolicy,
    ) -> Self {
        let mut bers =
            module.map_or_else(Vec::new, |(module, class)| module_ber::bers(module, class));
        let mut figures = Self::default();
        if let Some(host) = host {
            let told = host.figures();
            bers.extend_from_slice(&told.bers);
            figures.codeword_error_ratio = told.codeword_error_ratio;
            figures.post_fec_ber = told.post_fec_ber;
            figures.host_trouble = told.trouble;
            figures.totals = host.totals();
            figures.tail = host.tail();
        }
        let class = module.map_or(Class::Unknown, |(_, class)| class.class);
        let code = host.map_or(KP4, HostCounters::code);
        let before = path_ratio(&bers, class);
        // Below what a float can hold there is no number to show.
        figures.modelled_post_fec_ber = before
            .map(|ratio| code.post_fec_ber(ratio))
            .filter(|ratio| *ratio > 0.0);
        figures.standings = ber::worst(&bers)
            .into_iter()
            .map(|(_, ber)| lines::standing(ber, class, policy))
            .collect();
        figures.bers = bers;
        figures
    }

    /// The figures of one look at a module, for which nobody else counts.
    pub fn of_module(module: &Snapshot, class: &Classification) -> Self {
        Self::of(Some((module, class)), None, &unplanned(class))
    }
}

/// The lines for a module of which no plan speaks.
pub(super) fn unplanned(class: &Classification) -> BerPolicy {
    BerPolicy::unplanned(class.retiming == crate::class::Retiming::None)
}

/// The error ratio of the bits that reach the KP4 decoder, all lanes together: what
/// the host counts where it does, else what the module sees on its media side.
fn path_ratio(bers: &[Ber], class: Class) -> Option<f64> {
    let now = |ber: &&Ber| ber.statistic == Statistic::Current;
    let of_host = bers
        .iter()
        .filter(now)
        .find(|ber| ber.source == Source::Host && ber.lane.is_none());
    if let Some(ber) = of_host {
        return Some(ber.estimate.number());
    }
    // Behind a soft code the ratio before it says nothing of KP4.
    if class == Class::Coherent {
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
