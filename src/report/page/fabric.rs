//! The fabric that the plan is part of: its planes on this box beside each other,
//! what the modules of each role draw, and what the whole comes to.

use std::time::SystemTime;

use maud::{Markup, PreEscaped, html};

use super::bringup::planes_of;
use super::{NONE, Seen, address, head, shown};
use crate::health::verdict::Verdict;
use crate::plan::fabric::{self, Sizing, grouped};
use crate::plan::finding::Severity;
use crate::plan::role::Role;
use crate::plan::{Assignment, Plan};
use crate::report::Fleet;

/// The rule that holds planes against each other.
const IMBALANCE: &str = "plane-imbalance";

/// The body of the page. `now` is what ages count to.
pub(super) fn body(
    seen: &[Seen<'_>],
    fleet: &Fleet,
    plan: Option<&Plan>,
    now: SystemTime,
) -> Markup {
    html! {
        (head::head("Fabric", seen, fleet, now))
        main { @match plan {
            None => section.wide { p { "No plan is configured: name one with `plan` in the configuration." } },
            Some(plan) => {
                (planes(seen, plan))
                (powers(seen))
                (differences(fleet))
                (sized(plan))
            }
        } }
    }
}

/// The ports of one plane on this box.
#[derive(Default)]
struct Plane<'a, 'b> {
    /// How many the plan names; not all of them need be ports of the box.
    planned: usize,
    ports: Vec<&'b Seen<'a>>,
}

impl<'a, 'b> Plane<'a, 'b> {
    fn of(seen: &'b [Seen<'a>], plan: &Plan, belongs: impl Fn(&Assignment) -> bool) -> Self {
        let is_on = |seen: &&Seen<'_>| plan.assignment(&seen.slot.name).is_some_and(&belongs);
        Self {
            planned: plan.assignments().iter().filter(|a| belongs(a)).count(),
            ports: seen.iter().filter(is_on).collect(),
        }
    }

    fn count(&self, is_so: impl Fn(&Seen<'_>) -> bool) -> usize {
        self.ports.iter().filter(|seen| is_so(seen)).count()
    }

    fn watts(&self) -> Option<f64> {
        sum(self.ports.iter().copied())
    }

    /// The port that is first by a number, with the number in words.
    fn least(&self, number: impl Fn(&Seen<'_>) -> Option<f64>) -> Option<&'b Seen<'a>> {
        let known = self
            .ports
            .iter()
            .filter_map(|seen| Some((number(seen)?, *seen)));
        known
            .min_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, seen)| seen)
    }
}

/// What modules draw together at most, in watts; `None` where none says.
fn sum<'s, 'a: 's>(seen: impl Iterator<Item = &'s Seen<'a>>) -> Option<f64> {
    let known = seen.filter_map(|seen| seen.headline.power);
    known
        .map(|power| power.watts())
        .reduce(|sum, watts| sum + watts)
}

fn in_watts(watts: Option<f64>) -> String {
    watts.map_or_else(|| NONE.to_owned(), |watts| format!("{watts:.1}"))
}

fn planes(seen: &[Seen<'_>], plan: &Plan) -> Markup {
    let mut columns: Vec<(String, Plane<'_, '_>)> = (1..=plan.fabric.planes)
        .map(|number| {
            let belongs = |assignment: &Assignment| planes_of(assignment).contains(&number);
            (format!("Plane {number}"), Plane::of(seen, plan, belongs))
        })
        .collect();
    let without = Plane::of(seen, plan, |assignment| planes_of(assignment).is_empty());
    columns.push(("No plane".to_owned(), without));
    columns.retain(|(name, plane)| plane.planned > 0 || name != "No plane");
    html! {
        section.wide {
            h2 #planes { "Planes of " (plan.fabric.name) " " small { "ports of this box" } }
            div.scroll tabindex="0" role="region" aria-labelledby="planes" { table.planes {
                thead { tr {
                    th scope="col" { "Ports" }
                    @for (name, _) in &columns { th.n scope="col" { (name) } }
                } }
                tbody {
                    (line("planned", &columns, &|plane| html! { (plane.planned) }))
                    (line("present", &columns, &|plane| html! {
                        (plane.count(|seen| seen.view.presence.is_module()))
                    }))
                    @for verdict in [Verdict::Ok, Verdict::Degraded, Verdict::Bad, Verdict::Unknown] {
                        (line(verdict.name(), &columns, &|plane| tally(plane, verdict)))
                    }
                    (line("watts at most", &columns, &|plane| html! { (in_watts(plane.watts())) }))
                    (line("least margin of light, dB", &columns, &|plane| {
                        let rank = |seen: &Seen<'_>| seen.headline.light.map(|light| light.rank()).filter(|rank| *rank < f64::INFINITY);
                        at(plane.least(rank), |seen| {
                            let dark = seen.headline.light.is_some_and(|light| light.is_dark());
                            if dark { "dark".to_owned() } else { shown::margin(&seen.headline) }
                        })
                    }))
                    (line("fewest decades to the error limit", &columns, &|plane| {
                        let margin = |seen: &Seen<'_>| seen.headline.ber.map(|ber| ber.margin);
                        at(plane.least(margin), |seen| shown::ber_margin(&seen.headline))
                    }))
                    (line("worse than its sisters", &columns, &imbalanced))
                }
            } }
        }
    }
}

/// One line of the table of planes.
fn line(
    name: &str,
    columns: &[(String, Plane<'_, '_>)],
    cell: &dyn Fn(&Plane<'_, '_>) -> Markup,
) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for (_, plane) in columns { td.n { (cell(plane)) } }
        }
    }
}

fn tally(plane: &Plane<'_, '_>, verdict: Verdict) -> Markup {
    let number = plane.count(|seen| seen.view.judgement.verdict == verdict);
    html! {
        @if number == 0 { span.quiet { "0" } }
        @else { span.sign.(verdict.name()) { (super::mark::glyph(verdict)) } " " (number) }
    }
}

/// A number with the port that it is of.
fn at(seen: Option<&Seen<'_>>, number: impl Fn(&Seen<'_>) -> String) -> Markup {
    html! {
        @match seen {
            None => (NONE),
            Some(seen) => { (number(seen)) br; a href=(address(&seen.slot.name)) { (seen.name()) } }
        }
    }
}

/// The ports of a plane that are worse than those of the other planes.
fn imbalanced(plane: &Plane<'_, '_>) -> Markup {
    let is_worse = |seen: &Seen<'_>| {
        let mut findings = seen.findings.iter();
        findings.any(|f| f.rule == IMBALANCE && f.severity > Severity::Notice)
    };
    let worse: Vec<_> = plane.ports.iter().filter(|seen| is_worse(seen)).collect();
    html! {
        @if worse.is_empty() { span.quiet { "none" } }
        @for seen in worse { a href=(address(&seen.slot.name)) { (seen.name()) } br; }
    }
}

/// How far the planes of each role are from each other.
fn differences(fleet: &Fleet) -> Markup {
    let found = fleet.imbalance.load();
    html! {
        @if !found.is_empty() {
            section {
                h2 #imbalance { "Imbalance of planes " small { "share of what is tolerated" } }
                div.scroll tabindex="0" role="region" aria-labelledby="imbalance" { table {
                    thead { tr {
                        th scope="col" { "Role" } th scope="col" { "Compared" } th.n scope="col" { "Worst plane" } th scope="col" { "Judged" }
                    } }
                    tbody { @for one in found.iter() {
                        tr {
                            th scope="row" { (one.role.name()) }
                            td { (one.quantity.name().replace('_', " ")) }
                            td.n { (format!("{:.0} %", one.ratio * 100.0)) }
                            td { @if one.ratio > 1.0 { span.sign.degraded { "!" } " beyond" } @else { span.quiet { "within" } } }
                        }
                    } }
                } }
            }
        }
    }
}

/// What the modules found here draw at most, by role and together.
fn powers(seen: &[Seen<'_>]) -> Markup {
    let role_of = |seen: &Seen<'_>| seen.view.planned.as_ref().map(|planned| planned.role);
    let mut rows: Vec<(&str, Vec<&Seen<'_>>)> = Role::ALL
        .into_iter()
        .map(|role| {
            let of_role = seen
                .iter()
                .filter(|seen| role_of(seen) == Some(role.name()));
            (role.name(), of_role.collect())
        })
        .collect();
    let unplanned = seen.iter().filter(|seen| role_of(seen).is_none());
    rows.push(("unplanned", unplanned.collect()));
    rows.retain(|(_, ports)| !ports.is_empty());
    let with_module = |ports: &[&Seen<'_>]| {
        ports
            .iter()
            .filter(|seen| seen.view.snapshot.is_some())
            .count()
    };
    let all: Vec<&Seen<'_>> = seen.iter().collect();
    let row = |name: &str, ports: &[&Seen<'_>]| {
        html! {
            th scope="row" { @if name != "together" { b.stripe.(name) {} } (name) }
            td.n { (ports.len()) }
            td.n { (with_module(ports)) }
            td.n { (in_watts(sum(ports.iter().copied()))) }
        }
    };
    html! {
        section {
            h2 #watts { "Watts by role " small { "what the modules state at most" } }
            div.scroll tabindex="0" role="region" aria-labelledby="watts" { table {
                thead { tr {
                    th scope="col" { "Role" } th.n scope="col" { "Ports" }
                    th.n scope="col" { "Modules read" } th.n scope="col" { "Watts" }
                } }
                tbody { @for (name, ports) in &rows { tr { (row(name, ports)) } } }
                tfoot { tr { (row("together", &all)) } }
            } }
        }
    }
}

/// What the whole fabric comes to, if the plan says enough.
fn sized(plan: &Plan) -> Markup {
    html! {
        @match fabric::of_plan(plan) {
            Err(lacking) => section.wide { h2 { "The whole fabric" } p { (lacking) } },
            Ok(sizing) => {
                (tiers(&sizing))
                section.wide {
                    h2 #drawing { "The whole fabric " small { "as planned" } }
                    // Made by the program itself; the names in it are escaped there.
                    div.scroll tabindex="0" role="region" aria-labelledby="drawing" { (PreEscaped(fabric::svg(&sizing))) }
                    details { summary { "In words" }
                        pre.scroll tabindex="0" role="region" aria-label="The fabric in words" { (fabric::text(&sizing)) }
                    }
                }
            }
        }
    }
}

/// The tiers over all planes, lowest first.
fn tiers(sizing: &Sizing) -> Markup {
    let links = |tier: u16| {
        let planes = sizing.planes.iter();
        planes.flat_map(move |plane| plane.links.iter().filter(move |link| link.tier == tier))
    };
    let switches = |tier: u16| -> u64 {
        let at = usize::from(tier).saturating_sub(1);
        let planes = sizing.planes.iter();
        planes
            .filter_map(|plane| plane.clos.tiers.get(at))
            .map(|tier| tier.switches())
            .sum()
    };
    html! {
        section.wide {
            h2 #tiers { "Tiers " small { "the whole fabric as planned" } }
            div.scroll tabindex="0" role="region" aria-labelledby="tiers" { table {
                thead { tr {
                    th scope="col" { "Tier" }
                    @for head in ["Switches", "Links to below", "Modules", "Watts"] { th.n scope="col" { (head) } }
                    th scope="col" { "Class" }
                } }
                tbody { @for tier in 1..=sizing.tiers {
                    tr {
                        th scope="row" { (tier) }
                        td.n { (grouped(switches(tier))) }
                        td.n { (grouped(links(tier).map(|link| link.links).sum::<u64>())) }
                        td.n { (grouped(links(tier).map(|link| link.modules()).sum::<u64>())) }
                        td.n { (links(tier).map(|link| link.watts).sum::<Option<f64>>().map_or_else(|| NONE.to_owned(), fabric::watts)) }
                        td { (links(tier).next().map_or(NONE, |link| link.class.name())) }
                    }
                } }
            } }
        }
    }
}

#[cfg(test)]
mod tests;
