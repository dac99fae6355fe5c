//! Error ratios as reasons for a verdict.

use super::ber::Estimate;
use super::course::Course;
use super::lines::Standing;
use super::reason::Reason;
use super::suspect;
use crate::plan::policy::{BerPolicy, WatchPolicy};

/// From this share of codewords on that could not be corrected a link loses frames
/// all the time: at 800G one a second.
const MANY_BAD: f64 = 1e-8;

/// What the ratio of one vantage means: against the lines of its policy, each held
/// against what the last two values are at least; and against its own beginning.
pub(super) fn of_course(
    course: &Course,
    standing: &Standing,
    lines: &BerPolicy,
    watch: &WatchPolicy,
) -> Option<Reason> {
    let steady = course.steady().filter(|steady| !steady.is_bound());
    let beyond = steady.filter(|steady| steady.number() > lines.warn);
    let Some(steady) = beyond else {
        let worse = suspect::worse_than_at_first(course, standing, lines, watch);
        return worse.map(Reason::degraded);
    };
    let lane = standing.ber.lane;
    let lane = lane.map_or_else(String::new, |lane| format!(", lane {lane}"));
    let what = format!("bit error ratio {steady} ({}{lane})", standing.vantage());
    let ratio = steady.number();
    Some(if ratio > lines.limit {
        let limit = lines.limit;
        Reason::bad(format!(
            "{what} is above {limit:.1e}, where correction ends"
        ))
    } else if ratio > lines.error {
        Reason::bad(format!("{what} is above the line of {:.1e}", lines.error))
    } else {
        Reason::degraded(format!("{what} is above the line of {:.1e}", lines.warn))
    })
}

/// What codewords mean that could not be corrected since the step before.
pub(super) fn of_codewords(uncorrectable: u64, ratio: Option<Estimate>) -> Option<Reason> {
    if uncorrectable == 0 {
        return None;
    }
    let share = ratio.filter(|ratio| !ratio.is_bound());
    let often = share.is_some_and(|share| share.number() > MANY_BAD);
    let words = match uncorrectable {
        1 => "a codeword".to_owned(),
        n => format!("{n} codewords"),
    };
    let text = format!("{words} could not be corrected by the host");
    Some(if often {
        Reason::bad(text)
    } else {
        Reason::degraded(text)
    })
}

/// What a host means that is asked and tells nothing; `is_silent` where it told once
/// and nobody else counts the errors of the link.
pub(super) fn of_host(trouble: Option<&'static str>, is_silent: bool) -> Option<Reason> {
    if is_silent {
        let text = "no-ber-source: the host's FEC counters fell silent, and the module counts none";
        return Some(Reason::degraded(text));
    }
    trouble.map(Reason::unknown)
}
