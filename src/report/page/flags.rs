//! Latched flags of a port since its module came.

use std::time::SystemTime;

use maud::{Markup, html};

use super::part;
use crate::health::flags::Tally;
use crate::report::{PortView, moment};

pub(super) fn section(view: &PortView, now: SystemTime) -> Markup {
    let title = html! { "Flags " small { "latched, since the module came" } };
    let mut tallies: Vec<&Tally> = view.flags.iter().collect();
    // What is raised first, then what was raised last.
    tallies.sort_by_key(|tally| (!tally.is_raised, std::cmp::Reverse(tally.last)));
    let table = html! { table {
        thead { tr {
            th scope="col" { "Flag" } th.n scope="col" { "Lane" } th scope="col" { "Now" }
            th.n scope="col" { "Came" } th.n scope="col" { "Sweeps" }
            th scope="col" { "First" } th scope="col" { "Last" }
        } }
        tbody { @for tally in tallies { (row(tally, now)) } }
    } };
    let content = html! {
        @if view.snapshot.is_none() { p.quiet { "No module is read." } }
        @else if view.flags.is_empty() { p.quiet { "None was raised since the module came." } }
        @else {
            (part::scroll("Flags", &table))
            p.quiet { "A flag came as often as it was found raised after it had been clear for three sweeps." }
        }
    };
    part::wide("flags", &title, &content)
}

fn row(tally: &Tally, now: SystemTime) -> Markup {
    let ago = moment::span(moment::age(tally.last, now));
    html! {
        tr {
            th scope="row" { (tally.flag.to_string().replace('_', " ")) }
            td.n { @match tally.lane {
                Some(lane) => (lane),
                None => "module",
            } }
            td { @if tally.is_raised { span.flags { "✕ raised" } } @else { "clear" } }
            td.n { (tally.times) " ×" }
            td.n { (tally.sweeps) }
            td { (moment::utc(tally.first)) }
            td { span.time { (moment::utc(tally.last)) } span.quiet { ", " (ago) " ago" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_raised_stands_first_with_counts_and_times() {
        let mut view = sample::active(sample::module("S1"));
        view.flags.reverse();
        let page = section(&view, sample::now()).into_string();
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        assert!(place("rx lol") < place("rx power low warning"));
        place("✕ raised");
        place("<td class=\"n\">4 ×</td><td class=\"n\">40</td>");
        place("2027-01-15T07:50:00Z</span><span class=\"quiet\">, 10 min ago</span>");
        view.flags.clear();
        let none = section(&view, sample::now()).into_string();
        assert!(none.contains("None was raised"));
    }
}
