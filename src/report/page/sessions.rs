//! The link sessions of a port, each beside the one before it.

use maud::{Markup, html};

use super::part;
use crate::report::moment;
use crate::report::sessions::{SessionDocument, SessionRatio};

pub(super) fn section(sessions: &[SessionDocument]) -> Markup {
    let title = html! { "Link sessions " small { "from up to down" } };
    let table = html! { table {
        thead { tr {
            th scope="col" { "Link up" } th scope="col" { "Down" } th.n scope="col" { "Watched for" }
            th scope="col" { "Module" } th.n scope="col" { "°C at start" }
            th scope="col" { "BER, and of the session before" }
        } }
        tbody { @for session in sessions { (row(session)) } }
    } };
    let content = html! {
        @if sessions.is_empty() {
            p.quiet { "None is kept yet: a session is kept when its link has been up for some sweeps." }
        } @else { (part::scroll("Link sessions", &table)) }
    };
    part::wide("sessions", &title, &content)
}

fn row(session: &SessionDocument) -> Markup {
    let seconds = session
        .seconds
        .and_then(|s| std::time::Duration::try_from_secs_f64(s).ok());
    html! {
        tr {
            th.time scope="row" { (session.opened) }
            td { @match &session.closed {
                Some(closed) => (closed),
                None => (part::absent("up, or the daemon ended first")),
            } }
            td.n { @match seconds {
                Some(seconds) => (moment::span(seconds)),
                None => (part::absent("the record cannot be read")),
            } }
            td { (part::or_none(&session.serial, "no serial number")) }
            td.n { @match session.temperature_celsius {
                Some(celsius) => (format!("{celsius:.1}")),
                None => (part::absent("not told")),
            } }
            td { @if session.ratios.is_empty() { (part::absent("nobody told one")) }
                ul.plain { @for ratio in &session.ratios { li { (told(ratio)) } } } }
        }
    }
}

/// A ratio and how it stands to the one before; one that is surely worse is marked.
fn told(ratio: &SessionRatio) -> Markup {
    /// From here on a rise counts as one: the rule by which operators judge a flap.
    const RISE: f64 = 10.0;
    const SURE: f64 = 0.95;
    let is_worse = ratio.times.is_some_and(|times| times >= RISE)
        && ratio.confidence.is_some_and(|sure| sure >= SURE);
    html! {
        (ratio.side) ", by the " (ratio.source) ": " b { (ratio.in_words) }
        @if let Some(times) = ratio.times {
            " " span.flags[is_worse] { (format!("× {}", times_in_words(times))) @if is_worse { " ✕ worse" } }
        }
    }
}

fn times_in_words(times: f64) -> String {
    if (0.1..1000.0).contains(&times) {
        format!("{times:.1}")
    } else {
        format!("{times:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample, sessions};

    #[test]
    fn each_session_tells_how_it_stands_to_the_one_before() {
        let kept = [
            sample::session(sample::HOSTILE, 100, -7.0),
            sample::session(sample::HOSTILE, 9000, -9.0),
        ];
        let page = section(&sessions::documents(&kept)).into_string();
        assert!(page.contains("2027-01-15T07:58:20Z"));
        assert!(
            page.contains("media, by the module: <b>1.0e-7</b>"),
            "{page}"
        );
        assert!(page.contains("× 100.0 ✕ worse"), "{page}");
        assert!(page.contains("60 s") && page.contains("45.0"));
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(section(&[]).into_string().contains("None is kept yet"));
    }
}
