//! Bringing a box up: each planned port with what was planned beside what was
//! found, and what to do where the two do not meet. For the person with the
//! modules and the fibres in hand; it can be printed.

use std::time::SystemTime;

use maud::{Markup, html};

use super::{NONE, Seen, address, encoded, head, ports};
use crate::health::verdict::Verdict;
use crate::module::Presence;
use crate::plan::role::Role;
use crate::plan::{Assignment, Plan};
use crate::report::{Fleet, hint};

/// Which planned ports are shown; all where nothing is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    role: Option<Role>,
    plane: Option<u16>,
    only_not_ok: bool,
}

impl Filter {
    /// The filter that the words of an address ask for: a role, a plane's number, and
    /// `not-ok`.
    ///
    /// # Errors
    /// What the choices are, where a word is none of them.
    pub fn parse(
        role: Option<&str>,
        plane: Option<&str>,
        show: Option<&str>,
    ) -> Result<Self, String> {
        let of_role = |word: &str| {
            let found = Role::ALL.into_iter().find(|role| role.name() == word);
            let names = Role::ALL.map(Role::name).join(", ");
            found.ok_or_else(|| format!("There is no role called {word}; there are {names}."))
        };
        let of_plane = |word: &str| {
            let number = word.parse::<u16>();
            number.map_err(|_| format!("A plane is a number from 1 on, not {word}."))
        };
        let of_show = |word: &str| match word {
            "not-ok" => Ok(true),
            _ => Err(format!("`show` is not-ok or left out, not {word}.")),
        };
        Ok(Self {
            role: role.map(of_role).transpose()?,
            plane: plane.map(of_plane).transpose()?,
            only_not_ok: show.map(of_show).transpose()?.unwrap_or(false),
        })
    }

    /// The address of the page with this filter.
    fn address(&self) -> String {
        let role = self.role.map(|role| format!("role={}", role.name()));
        let plane = self.plane.map(|plane| format!("plane={plane}"));
        let show = self.only_not_ok.then(|| "show=not-ok".to_owned());
        let words: Vec<String> = [role, plane, show].into_iter().flatten().collect();
        match words.as_slice() {
            [] => "/bringup".to_owned(),
            words => format!("/bringup?{}", words.join("&")),
        }
    }

    fn lets_through(&self, port: &Planned<'_, '_>) -> bool {
        let assignment = port.assignment;
        self.role.is_none_or(|role| role == assignment.role)
            && self
                .plane
                .is_none_or(|plane| planes_of(assignment).contains(&plane))
            && !(self.only_not_ok && port.state != State::NotOk)
    }
}

/// The planes that a port is on: its own, or those of its data paths.
pub(super) fn planes_of(assignment: &Assignment) -> Vec<u16> {
    let split = assignment.expected.breakout.as_ref();
    let split = split.map_or(&[][..], |split| split.planes.as_slice());
    let own = assignment.plane.iter();
    let mut planes: Vec<u16> = own.chain(split).copied().collect();
    planes.sort_unstable();
    planes.dedup();
    planes
}

/// Whether a planned port is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum State {
    /// It is.
    Ok,
    /// Somebody has to do something.
    NotOk,
    /// Nothing is there, and nothing has to be.
    Optional,
}

impl State {
    /// The state of a port with this verdict and presence.
    pub(in crate::report) fn of(verdict: Verdict, presence: Presence, is_required: bool) -> Self {
        if verdict == Verdict::Ok && presence == Presence::Active {
            Self::Ok
        } else if !is_required && presence == Presence::Empty && verdict == Verdict::Unknown {
            Self::Optional
        } else {
            Self::NotOk
        }
    }

    /// The words on the page.
    pub(in crate::report) fn in_words(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::NotOk => "NOT OK",
            Self::Optional => "empty, may be",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotOk => "bad",
            Self::Optional => "empty",
        }
    }
}

/// A port of the box that the plan names.
struct Planned<'a, 'b> {
    seen: &'b Seen<'a>,
    assignment: &'b Assignment,
    state: State,
}

/// The ports of the box that the plan names, in the order of the box.
fn planned<'a, 'b>(seen: &'b [Seen<'a>], plan: &'b Plan) -> Vec<Planned<'a, 'b>> {
    let one = |seen: &'b Seen<'a>| {
        let assignment = plan.assignment(&seen.slot.name)?;
        let (verdict, presence) = (seen.view.judgement.verdict, seen.view.presence);
        Some(Planned {
            seen,
            assignment,
            state: State::of(verdict, presence, assignment.required),
        })
    };
    seen.iter().filter_map(one).collect()
}

/// The body of the page. `now` is what ages count to.
pub(super) fn body(
    seen: &[Seen<'_>],
    fleet: &Fleet,
    plan: Option<&Plan>,
    filter: &Filter,
    now: SystemTime,
) -> Markup {
    html! {
        (head::head("Bring-up", seen, fleet, now))
        main.bringup { section.wide { @match plan {
            None => p { "No plan is configured, so nothing can be held against it: name one with `plan` in the configuration." },
            Some(plan) => (checklist(&planned(seen, plan), plan, filter)),
        } } }
    }
}

fn checklist(all: &[Planned<'_, '_>], plan: &Plan, filter: &Filter) -> Markup {
    let of = |state| all.iter().filter(|port| port.state == state).count();
    let (ok, optional) = (of(State::Ok), of(State::Optional));
    let shown: Vec<_> = all
        .iter()
        .filter(|port| filter.lets_through(port))
        .collect();
    html! {
        h2.tally {
            b data-bringup="ok" { (ok) } " of " b data-bringup="wanted" { (all.len() - optional) } " planned ports OK"
            @if optional > 0 { small { " and " (optional) " empty that may be" } }
        }
        (filters(plan, filter))
        @if shown.is_empty() {
            p.quiet { "No planned port is like that." }
        } @else {
            h3 #checklist { (shown.len()) " ports shown" }
            div.scroll tabindex="0" role="region" aria-labelledby="checklist" { table.checklist {
                thead { tr {
                    @for head in ["State", "Port", "What to do", "Planned", "Found"] {
                        th scope="col" { (head) }
                    }
                } }
                tbody { @for port in shown { (row(port)) } }
            } }
        }
    }
}

fn filters(plan: &Plan, filter: &Filter) -> Markup {
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut other = filter.clone();
        change(&mut other);
        other
    };
    let mut roles: Vec<Role> = Vec::new();
    let mut planes: Vec<u16> = Vec::new();
    for assignment in plan.assignments() {
        if !roles.contains(&assignment.role) {
            roles.push(assignment.role);
        }
        planes.extend(planes_of(assignment));
    }
    planes.sort_unstable();
    planes.dedup();
    html! {
        nav.filters aria-label="Filters" {
            ul {
                (choice("all states", filter, &with(&|f| f.only_not_ok = false)))
                (choice("not OK", filter, &with(&|f| f.only_not_ok = true)))
            }
            ul {
                (choice("all roles", filter, &with(&|f| f.role = None)))
                @for role in roles { (choice(role.name(), filter, &with(&|f| f.role = Some(role)))) }
            }
            @if !planes.is_empty() { ul {
                (choice("all planes", filter, &with(&|f| f.plane = None)))
                @for plane in planes {
                    (choice(&format!("plane {plane}"), filter, &with(&|f| f.plane = Some(plane))))
                }
            } }
        }
    }
}

fn choice(name: &str, now: &Filter, then: &Filter) -> Markup {
    let current = (now == then).then_some("true");
    html! { li { a href=(then.address()) aria-current=[current] { (name) } } }
}

fn row(port: &Planned<'_, '_>) -> Markup {
    let seen = port.seen;
    let hints = match port.state {
        State::NotOk => hint::hints(&seen.view, &seen.findings),
        State::Ok | State::Optional => Vec::new(),
    };
    html! {
        tr #(format!("port-{}", encoded(seen.name()))) data-port=(seen.name()) data-required=(port.assignment.required) {
            td { span.state.(port.state.class()) data-field="bringup" { (port.state.in_words()) } }
            th scope="row" { a href=(address(&seen.slot.name)) { (seen.name()) } }
            td.what data-field="hints" { @for hint in &hints { p { (hint) } } }
            td.planned { (ports::role(seen)) br; (wanted(port.assignment)) }
            td.found { (found(seen)) }
        }
    }
}

/// What the plan wants in a port: classes, what it names of the module, far end.
fn wanted(assignment: &Assignment) -> Markup {
    let classes: Vec<&str> = assignment
        .policy
        .allowed
        .iter()
        .map(|class| class.name())
        .collect();
    let expected = &assignment.expected;
    let application = expected.application.as_ref().map(|wish| wish.in_words());
    let parts = Some(expected.part_numbers.in_words()).filter(|parts| !parts.is_empty());
    html! {
        @if classes.is_empty() { "no class by itself" } @else { (classes.join(", ")) }
        @if let Some(application) = application { ", " (application) }
        @if let Some(form) = expected.form_factor { ", " (form) }
        @if let Some(parts) = parts { ", part " (parts) }
        @if !assignment.required { span.quiet { ", may be empty" } }
        br;
        span.quiet { "far end " (assignment.peer.as_deref().unwrap_or(NONE)) }
    }
}

fn found(seen: &Seen<'_>) -> Markup {
    let view = &seen.view;
    html! {
        @match (&view.snapshot, &view.class) {
            (Some(_), Some(class)) => {
                (class.class.name()) " · " (ports::sold_as(seen))
                br;
                span.quiet { "serial " (super::shown::serial(view)) }
            }
            _ => span.quiet { (view.presence.name()) },
        }
    }
}

#[cfg(test)]
mod tests;
