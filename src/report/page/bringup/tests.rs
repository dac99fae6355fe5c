use std::path::Path;
use std::sync::Arc;

use super::{Filter, State};
use crate::health::verdict::{Judgement, Verdict};
use crate::module::Presence;
use crate::plan::Plan;
use crate::report::page::bringup;
use crate::report::{PortSlot, PortView, sample};

fn plan() -> Plan {
    let text = "[fabric]\nname = 'x'\nplanes = 2\n\
        [[assign]]\nports = 'a'\nrole = 'scale-out'\nplane = 1\npeer = 'leaf7:<b>1'\n\
        [[assign]]\nports = 'b'\nrole = 'scale-out'\nplane = 2\n\
        [[assign]]\nports = 'c'\nrole = 'scale-up'\n\
        [[assign]]\nports = 'd'\nrole = 'scale-up'\nrequired = false\n";
    Plan::parse(text, Path::new("plan.toml")).unwrap()
}

fn well() -> PortView {
    let mut view = sample::active(sample::module("S1"));
    view.findings.clear();
    view.judgement = Judgement {
        verdict: Verdict::Ok,
        reasons: Vec::new(),
    };
    view
}

/// A port well, one with a wrong module, one silent, one empty that may be, and one
/// that no plan names.
fn ports() -> Vec<Arc<PortSlot>> {
    let mut silent = sample::view();
    silent.presence = Presence::Failing;
    silent.judgement.verdict = Verdict::Bad;
    let mut empty = sample::view();
    empty.presence = Presence::Empty;
    vec![
        sample::slot("a", well()),
        sample::slot("b", sample::active(sample::module(sample::HOSTILE))),
        sample::slot("c", silent),
        sample::slot("d", empty),
        sample::slot("unplanned", well()),
    ]
}

fn page(filter: &Filter) -> String {
    bringup(
        &sample::fleet(ports()),
        Some(&plan()),
        filter,
        sample::now(),
    )
}

fn shown(filter: &Filter) -> Vec<&'static str> {
    let page = page(filter);
    let all = ["a", "b", "c", "d", "unplanned"];
    let is_shown = |name: &&str| page.contains(&format!("data-port=\"{name}\""));
    all.into_iter().filter(is_shown).collect()
}

fn filter(role: Option<&str>, plane: Option<&str>, show: Option<&str>) -> Filter {
    Filter::parse(role, plane, show).unwrap()
}

#[test]
fn planned_ports_are_counted_and_say_what_to_do() {
    let page = page(&Filter::default());
    let tally = page.split("class=\"tally\">").nth(1).unwrap();
    assert!(tally.starts_with(
        "<b data-bringup=\"ok\">1</b> of <b data-bringup=\"wanted\">3</b> planned ports OK\
         <small> and 1 empty that may be</small>"
    ));
    let row = |name: &str| {
        let row = page.split(&format!("data-port=\"{name}\"")).nth(1).unwrap();
        row.split("</tr>").next().unwrap().to_owned()
    };
    assert!(row("a").contains(">OK</span>") && row("a").contains("far end leaf7:&lt;b&gt;1"));
    assert!(row("a").contains("dsp, dac, aec"));
    assert!(row("b").contains(">NOT OK</span>"));
    assert!(row("b").contains("<p>wrong class: put a coherent module here</p>"));
    assert!(row("b").contains("&lt;script&gt;") && !row("b").contains("<script"));
    assert!(row("c").contains("<p>module silent: reseat it"));
    assert!(row("d").contains("empty, may be") && !row("d").contains("<p>"));
    assert!(!page.contains("data-port=\"unplanned\""));
}

#[test]
fn filters_go_by_role_plane_and_state_and_keep_each_other() {
    assert_eq!(shown(&Filter::default()), ["a", "b", "c", "d"]);
    assert_eq!(shown(&filter(Some("scale-up"), None, None)), ["c", "d"]);
    assert_eq!(shown(&filter(None, Some("2"), None)), ["b"]);
    assert_eq!(shown(&filter(None, None, Some("not-ok"))), ["b", "c"]);
    let both = filter(Some("scale-out"), None, Some("not-ok"));
    assert_eq!(shown(&both), ["b"]);
    let page = page(&both);
    assert!(page.contains("href=\"/bringup?role=scale-out&amp;plane=1&amp;show=not-ok\""));
    assert!(page.contains("href=\"/bringup?role=scale-out\""));
}

#[test]
fn a_filter_that_is_none_is_told_what_there_is() {
    for (said, begins) in [
        (
            Filter::parse(Some("x"), None, None),
            "There is no role called x; there are scale-up",
        ),
        (Filter::parse(None, Some("-1"), None), "A plane is a number"),
        (Filter::parse(None, None, Some("x")), "`show` is not-ok"),
    ] {
        assert!(said.unwrap_err().starts_with(begins), "{begins}");
    }
}

#[test]
fn a_port_is_ok_only_with_a_module_that_is() {
    let of = State::of;
    assert_eq!(of(Verdict::Ok, Presence::Active, true), State::Ok);
    assert_eq!(of(Verdict::Degraded, Presence::Active, true), State::NotOk);
    assert_eq!(
        of(Verdict::Unknown, Presence::Settling, false),
        State::NotOk
    );
    assert_eq!(of(Verdict::Bad, Presence::Empty, true), State::NotOk);
    assert_eq!(
        of(Verdict::Unknown, Presence::Empty, false),
        State::Optional
    );
}

#[test]
fn without_a_plan_the_page_says_what_to_write() {
    let page = bringup(
        &sample::fleet(ports()),
        None,
        &Filter::default(),
        sample::now(),
    );
    assert!(page.contains("No plan is configured"));
}
