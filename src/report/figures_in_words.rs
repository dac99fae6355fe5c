//! A port's health in words, for the text and the page.

use std::time::Duration;

use super::moment;
use crate::health::figures::{Figures, Trending};
use crate::health::levels::{LevelTrend, Quantity};
use crate::health::lines::Standing;

/// The head of what [`standings`] returns.
pub(super) const BER_COLUMNS: [&str; 8] = [
    "Side",
    "Counted by",
    "Lane",
    "BER",
    "Decades to limit",
    "Margin dB",
    "Of last session",
    "Trend",
];

/// A row for each vantage: side, source, worst lane, its ratio or bound, how far
/// from the limit that is in decades and electrical dB, how it stands to the session
/// before, and where it goes.
pub(super) fn standings(health: &Figures) -> Vec<[String; 8]> {
    health
        .standings
        .iter()
        .map(|s| standing(health, s))
        .collect()
}

fn standing(health: &Figures, standing: &Standing) -> [String; 8] {
    let ber = &standing.ber;
    let vantage = standing.vantage();
    // No error at all: it is further away than the bound.
    let least = if ber.estimate.is_bound() { "≥ " } else { "" };
    let margin = standing.margin;
    let decades = margin.map(|margin| format!("{least}{:.1}", margin.decades));
    let decibels = margin.and_then(|margin| margin.electrical_db);
    let change = health
        .changes
        .iter()
        .find(|change| change.vantage == vantage);
    let trend = health.trends.iter().find(|trend| trend.vantage == vantage);
    [
        ber.side.name().to_owned(),
        ber.source.name().to_owned(),
        ber.lane
            .map_or_else(|| "all".to_owned(), |lane| lane.to_string()),
        ber.estimate.to_string(),
        decades.unwrap_or_default(),
        decibels.map_or_else(String::new, |db| format!("{least}{db:.1}")),
        change.map_or_else(String::new, |change| times(change.times)),
        trend.map_or_else(String::new, trending),
    ]
}

fn times(times: f64) -> String {
    if (0.1..1000.0).contains(&times) {
        format!("{times:.1} x")
    } else {
        format!("{times:.0e} x")
    }
}

fn trending(trending: &Trending) -> String {
    let per_day = trending.trend.per_day;
    let until = trending
        .days_to_limit
        .map_or_else(String::new, |[days, _]| {
            format!(", limit in {}", duration(days * 86_400.0))
        });
    format!("{per_day:+.2} decades a day{until}")
}

/// What else is known, a sentence each.
pub(super) fn sentences(health: &Figures) -> Vec<String> {
    let mut lines = Vec::new();
    match (health.link_is_up, &health.session) {
        (_, Some(session)) => {
            let before = if session.has_last {
                ""
            } else {
                ", with no session before to compare with"
            };
            let time = duration(session.seconds);
            lines.push(format!("link up for {time} while watched{before}"));
        }
        (Some(false), None) => lines.push("link down".to_owned()),
        (Some(true) | None, None) => {}
    }
    if let Some(ratio) = health.codeword_error_ratio {
        lines.push(format!(
            "codewords that the host could not correct: {ratio}"
        ));
    }
    if let Some(ratio) = health.post_fec_ber {
        lines.push(format!(
            "BER behind the correction, counted by the host: {ratio}"
        ));
    }
    if let Some(ratio) = health.modelled_post_fec_ber {
        lines.push(format!(
            "BER behind the correction, if errors fall at random: {ratio:.0e}"
        ));
    }
    if let Some(tail) = health.tail {
        lines.push(format!(
            "worst codeword: {} wrong symbols, {} by chance{}",
            tail.seen,
            tail.expected,
            if tail.is_burst {
                "; errors come in bursts"
            } else {
                ""
            }
        ));
    }
    lines.extend(health.host_trouble.map(str::to_owned));
    lines.extend(health.level_trends.iter().map(level_trend));
    lines
}

fn level_trend(level: &LevelTrend) -> String {
    let per_day = level.trend.per_day;
    let lane = level
        .lane
        .map_or_else(String::new, |lane| format!("lane {lane} "));
    let time = duration(level.trend.days * 86_400.0);
    match level.quantity {
        Quantity::RxPower => format!("{lane}receive power {per_day:+.2} dB a day, for {time}"),
        Quantity::TxBias => {
            format!(
                "{lane}laser bias {:+.2} % a day, for {time}",
                per_day.exp_m1() * 100.0
            )
        }
        Quantity::Temperature => format!("temperature {per_day:+.1} °C a day, for {time}"),
    }
}

/// Seconds in words; what is no time is none.
fn duration(seconds: f64) -> String {
    moment::span(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn bounds_margins_and_the_last_session_are_told() {
        let view = sample::counted();
        let rows = standings(&view.health);
        let media = rows.iter().find(|row| row[0] == "media").unwrap();
        assert_eq!(media[2..5], ["1", "4.9e-8", "3.7"]);
        assert_eq!(media[6], "12.0 x");
        assert_eq!(media[7], "+0.50 decades a day, limit in 7 d");
        let host = rows.iter().find(|row| row[0] == "host").unwrap();
        assert_eq!(host[3..5], ["< 4e-12", "≥ 7.8"]);
        let lines = sentences(&view.health);
        assert_eq!(lines[0], "link up for 26 h while watched");
        assert!(
            lines
                .iter()
                .any(|l| l.starts_with("codewords that the host could not correct: 3.0e-12"))
        );
        assert!(
            lines
                .iter()
                .any(|l| l == "lane 1 laser bias +1.01 % a day, for 8 d")
        );
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        assert!(standings(&Figures::default()).is_empty());
        assert!(sentences(&Figures::default()).is_empty());
    }
}
