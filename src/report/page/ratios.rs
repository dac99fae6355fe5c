//! The error ratios of a port as they stand, each beside its limit.

use maud::{Markup, html};

use super::part;
use crate::health::figures::Figures;
use crate::health::lines::Standing;
use crate::plan::policy::CodeKind;
use crate::report::figures_in_words as words;

pub(super) fn section(health: &Figures) -> Markup {
    let title = html! { "Error ratios " small { "before correction, now" } };
    let told = words::standings(health);
    let lines = words::sentences(health);
    let table = html! { table {
        thead { tr {
            th scope="col" { "Side" } th scope="col" { "Counted by" } th.n scope="col" { "Worst lane" }
            th.n scope="col" { "BER" } th.n scope="col" { "Between (95 %)" }
            th scope="col" { "FEC limit" } th.n scope="col" { "Decades to limit" }
            th.n scope="col" { "Margin dB" } th.n scope="col" { "Of last session" } th scope="col" { "Trend" }
        } }
        tbody { @for (standing, cells) in health.standings.iter().zip(&told) { (row(standing, cells)) } }
    } };
    let content = html! {
        @if told.is_empty() { p.quiet { (why_none(health)) } }
        @else { (part::scroll("Error ratios", &table)) }
        @if !lines.is_empty() { ul { @for line in &lines { li { (line) } } } }
    };
    part::wide("ratios", &title, &content)
}

fn row(standing: &Standing, cells: &[String; 8]) -> Markup {
    let [side, source, lane, ratio, decades, margin, times, trend] = cells;
    let interval = standing.estimate().interval();
    let is_bound = standing.estimate().is_bound();
    let is_beyond = standing.margin.is_some_and(|margin| margin.decades < 0.0);
    html! {
        tr {
            th scope="row" { (side) }
            td { (source) }
            td.n { (lane) }
            td.n { b { (ratio) } @if is_bound { span.hidden { " (no error was seen)" } } }
            td.n { @match interval {
                Some(_) if is_bound => (part::absent("no error was seen: it is below the bound")),
                Some([least, most]) => (format!("{least:.1e} – {most:.1e}")),
                None => (part::absent("nobody tells how many bits were looked at")),
            } }
            td { (format!("{:.1e}", standing.limit)) span.quiet { " " (code(standing.code)) } }
            td.n { span.flags[is_beyond] {
                (part::or_none(decades, "no margin can be told"))
                @if is_beyond { " ✕ beyond" }
            } }
            td.n { (part::or_none(margin, "not defined for this modulation or ratio")) }
            td.n { (part::or_none(times, "no session before, or too few values")) }
            td { (part::or_none(trend, "none is in sight")) }
        }
    }
}

fn code(code: CodeKind) -> &'static str {
    match code {
        CodeKind::Kp4 => "KP4",
        CodeKind::Inner => "inner code",
        CodeKind::Soft => "soft code",
    }
}

/// Why no ratio is shown.
fn why_none(health: &Figures) -> &'static str {
    match (health.host_trouble, health.link_is_up) {
        (_, Some(false)) => "The link is down.",
        (Some(_), _) => "The module tells none, and neither does the host that is asked.",
        (None, _) => "Neither module nor host tells one.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn values_and_bounds_stand_beside_their_limits() {
        let page = section(&sample::counted().health).into_string();
        for wanted in [
            "<b>4.9e-8</b>",
            "2.4e-4<span class=\"quiet\"> KP4</span>",
            "12.0 x",
            "+0.50 decades a day, limit in 7 d",
            "(no error was seen)",
            "≥ ",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
    }

    #[test]
    fn without_a_ratio_the_section_says_why() {
        let mut health = Figures::default();
        assert!(
            section(&health)
                .into_string()
                .contains("Neither module nor host")
        );
        health.link_is_up = Some(false);
        assert!(section(&health).into_string().contains("The link is down."));
        health.link_is_up = Some(true);
        health.host_trouble = Some("silent");
        assert!(
            section(&health)
                .into_string()
                .contains("neither does the host")
        );
    }
}
