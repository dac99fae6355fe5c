//! A port's health as JSON, the member `health` of a port's document.
//!
//! Ratios are numbers above 0. Where no error was seen there is `below` in place of
//! `ratio`: the bound that holds with 95 %.

use serde::Serialize;

use super::moment;
use crate::health::ber::{Ber, Estimate, Vantage};
use crate::health::figures::Figures;
use crate::health::flags::Tally;
use crate::health::lines::Standing;
use crate::names::{Lane, Side};

/// How well a port does.
// Opaque on purpose: its form is the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Health {
    /// Whether the link is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_up: Option<bool>,
    /// For how long it has been, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_seconds: Option<f64>,
    /// Bit error ratios before correction.
    pre_fec_ber: Vec<PreFec>,
    /// How far they are below the limit of the code.
    margin: Vec<Margin>,
    /// Codewords that could not be corrected by all codewords.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_fec_codeword_error_ratio: Option<Ratio>,
    /// Wrong bits by all bits behind the correction, by the host's counters.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_fec_ber: Option<Ratio>,
    /// The same as it follows from the ratio before, if errors fall at random.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_fec_ber_model: Option<f64>,
    /// How many symbols were wrong in the worst codewords.
    #[serde(skip_serializing_if = "Option::is_none")]
    fec_tail: Option<Tail>,
    /// How the ratios stand to the session before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    session_change: Vec<Change>,
    /// What rises or falls from day to day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trend: Vec<Trend>,
    /// Why the host's counters were not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_trouble: Option<&'static str>,
    /// Latched flags since the module came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag>,
}

/// A latched flag of the module or of one lane, and how often it was raised.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "FlagTally"))]
struct Flag {
    /// Its name.
    flag: &'static str,
    /// Of a threshold: `high_alarm`, `low_alarm`, `high_warning` or `low_warning`.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    /// Of a VDM observable: `host` or `media`.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    /// Of a VDM observable: which statistic.
    #[serde(skip_serializing_if = "Option::is_none")]
    statistic: Option<&'static str>,
    /// Left out for the whole module.
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<u16>,
    /// Whether the last sweep found it raised.
    raised: bool,
    /// How often it came, and how many sweeps found it.
    times: u64,
    /// How many sweeps found it raised.
    sweeps: u64,
    /// When it first came, UTC (RFC 3339).
    first: String,
    /// When it was last found raised, UTC (RFC 3339).
    last: String,
}

/// A ratio, or the bound that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Ratio {
    /// The ratio; left out where no error was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// In its place: the bound that holds with 95 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<f64>,
    /// Between which the true ratio lies with 95 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<[f64; 2]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Place {
    /// Whose receiver: `host` or `media`.
    side: &'static str,
    /// Who counts: `module` or `host`.
    source: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PreFec {
    #[serde(flatten)]
    place: Place,
    /// Left out for the whole path.
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<u16>,
    /// `current`, `minimum`, `maximum`, `average` and so on.
    statistic: &'static str,
    #[serde(flatten)]
    ratio: Ratio,
    /// Bits that were looked at, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Margin {
    #[serde(flatten)]
    place: Place,
    /// The worst lane, whose margin it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<u16>,
    /// The ratio that the code still corrects.
    limit: f64,
    /// How many decades below that the ratio is.
    decades: f64,
    /// The same as a margin in decibels of the electrical signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    electrical_db: Option<f64>,
    /// The same in decibels of light.
    #[serde(skip_serializing_if = "Option::is_none")]
    optical_db: Option<f64>,
    /// Whether it is at least so much, because no error was seen.
    at_least: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tail {
    /// Wrong symbols in the worst codewords seen.
    wrong_symbols: u16,
    /// How many there would be if errors fell at random.
    by_chance: u16,
    /// Whether that is too many for chance.
    bursts: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Change {
    #[serde(flatten)]
    place: Place,
    /// By how much the ratio grew, as a factor.
    times: f64,
    /// In the session before.
    before: Ratio,
    /// Now.
    now: Ratio,
    /// That it is worse, 0 to 1.
    confidence: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Trend {
    /// What changes.
    quantity: &'static str,
    /// Its unit.
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    place: Option<Place>,
    /// The lane over all banks, from 1; left out for the whole module or path.
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<u16>,
    /// How fast, in `unit` a day.
    per_day: f64,
    /// Between which that lies with 95 %.
    interval: [f64; 2],
    /// For how long it was watched, in days.
    watched_days: f64,
    /// Days until it is at its limit, at this pace.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_to_limit: Option<f64>,
    /// The same at the fastest pace that fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_to_limit_at_the_soonest: Option<f64>,
}

/// The health of a port, and the flags of its module.
pub(super) fn health(figures: &Figures, flags: &[Tally]) -> Health {
    let of_ratios = figures.trends.iter().map(|trending| Trend {
        quantity: "pre_fec_ber",
        unit: "decades",
        place: Some(place(trending.vantage)),
        lane: None,
        per_day: trending.trend.per_day,
        interval: trending.trend.interval,
        watched_days: trending.trend.days,
        days_to_limit: trending.days_to_limit.map(|[days, _]| days),
        days_to_limit_at_the_soonest: trending.days_to_limit.map(|[_, days]| days),
    });
    let of_levels = figures.level_trends.iter().map(|level| {
        let (per_day, interval) = level.per_day();
        Trend {
            quantity: level.quantity.name(),
            unit: level.quantity.unit(),
            place: None,
            lane: level.lane,
            per_day,
            interval,
            watched_days: level.trend.days,
            days_to_limit: None,
            days_to_limit_at_the_soonest: None,
        }
    });
    Health {
        link_up: figures.link_is_up,
        session_seconds: figures.session.map(|session| session.seconds),
        pre_fec_ber: figures.bers.iter().map(pre_fec).collect(),
        margin: figures.standings.iter().filter_map(margin).collect(),
        post_fec_codeword_error_ratio: figures.codeword_error_ratio.map(ratio),
        post_fec_ber: figures.post_fec_ber.map(ratio),
        post_fec_ber_model: figures.modelled_post_fec_ber,
        fec_tail: figures.tail.map(|tail| Tail {
            wrong_symbols: tail.seen,
            by_chance: tail.expected,
            bursts: tail.is_burst,
        }),
        session_change: figures
            .changes
            .iter()
            .map(|change| Change {
                place: place(change.vantage),
                times: change.times,
                before: ratio(change.before),
                now: ratio(change.now),
                confidence: change.confidence,
            })
            .collect(),
        trend: of_ratios.chain(of_levels).collect(),
        host_trouble: figures.host_trouble,
        flags: flags.iter().map(flag).collect(),
    }
}

fn flag(tally: &Tally) -> Flag {
    let of = tally.flag.observable;
    Flag {
        flag: tally.flag.name,
        level: tally.flag.level,
        side: of.and_then(|of| of.side).map(Side::name),
        statistic: of.map(|of| of.statistic.name()),
        lane: tally.lane.map(Lane::number),
        raised: tally.is_raised,
        times: tally.times,
        sweeps: tally.sweeps,
        first: moment::utc_millis(tally.first),
        last: moment::utc_millis(tally.last),
    }
}

fn place(vantage: Vantage) -> Place {
    Place {
        side: vantage.side.name(),
        source: vantage.source.name(),
    }
}

fn ratio(estimate: Estimate) -> Ratio {
    let is_bound = estimate.is_bound();
    let number = estimate.number();
    Ratio {
        ratio: (!is_bound).then_some(number),
        below: is_bound.then_some(number),
        interval: estimate.interval().filter(|_| !is_bound),
    }
}

fn pre_fec(ber: &Ber) -> PreFec {
    PreFec {
        place: place(ber.vantage()),
        lane: ber.lane,
        statistic: ber.statistic.name(),
        ratio: ratio(ber.estimate),
        bits: ber.bits,
    }
}

fn margin(standing: &Standing) -> Option<Margin> {
    let margin = standing.margin?;
    Some(Margin {
        place: place(standing.vantage()),
        lane: standing.ber.lane,
        limit: standing.limit,
        decades: margin.decades,
        electrical_db: margin.electrical_db,
        optical_db: margin.optical_db(),
        at_least: standing.ber.estimate.is_bound(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::sample;

    #[test]
    fn ratios_bounds_and_their_places_are_members() {
        let view = sample::counted();
        let health = serde_json::to_value(health(&view.health, &view.flags)).unwrap();
        assert_eq!(health["link_up"], true);
        let ratios = health["pre_fec_ber"].as_array().unwrap();
        let media = ratios.iter().find(|r| r["side"] == "media").unwrap();
        assert_eq!(media["ratio"], 4.95e-8);
        assert_eq!(
            (&media["source"], &media["lane"]),
            (&json!("module"), &json!(1))
        );
        let host = ratios.iter().find(|r| r["side"] == "host").unwrap();
        assert!(host["below"].as_f64().unwrap() < 4e-12 && host.get("ratio").is_none());
        assert_eq!(health["session_change"][0]["times"], 12.0);
        assert_eq!(health["trend"][0]["quantity"], "pre_fec_ber");
        assert_eq!(health["trend"][1]["lane"], 1);
        assert_eq!(health["margin"][0]["at_least"], false);
        assert_eq!(
            health["flags"][1],
            json!({"flag": "rx_power", "level": "low_warning", "lane": 8, "raised": false,
                   "times": 4, "sweeps": 40, "first": "2027-01-15T06:00:00.000Z",
                   "last": "2027-01-15T07:50:00.000Z"})
        );
    }

    #[test]
    fn nothing_known_is_two_empty_lists() {
        let health = serde_json::to_value(health(&Figures::default(), &[])).unwrap();
        assert_eq!(health, json!({"pre_fec_ber": [], "margin": []}));
    }
}
