use std::sync::Arc;

use super::past::{Found, Past, Range};
use super::{encoded, overview, port, raw};
use crate::bus::address::Half;
use crate::bus::image::Image;
use crate::health::verdict::{Judgement, Verdict};
use crate::module::{Presence, Reading};
use crate::report::{PortSlot, PortView, sample};

fn hostile() -> PortView {
    let mut module = sample::module(sample::HOSTILE);
    module.identity.vendor = Reading::Value(sample::HOSTILE.to_owned());
    module.identity.part_number = Reading::Value(sample::HOSTILE.to_owned());
    module.firmware.active = Reading::Value(sample::HOSTILE.to_owned());
    module.problems = vec![sample::HOSTILE.to_owned()];
    let mut view = sample::active(module);
    view.trouble = Some(sample::HOSTILE.to_owned());
    view.findings[0].saw = sample::HOSTILE.to_owned();
    view.judgement.reasons = vec![sample::HOSTILE.to_owned()];
    let mut class = sample::classification();
    class.missing = vec![sample::HOSTILE.to_owned()];
    class.evidence[0].value = sample::HOSTILE.to_owned();
    view.class = Some(Arc::new(class));
    view
}

/// A store that knows nothing of a port.
fn blank() -> Past {
    Past {
        range: Range::Hour,
        found: Ok(Found::default()),
    }
}

fn overview_of(ports: Vec<Arc<PortSlot>>) -> String {
    overview(&sample::fleet(ports), sample::now())
}

#[test]
fn hostile_text_stays_text() {
    let slot = sample::slot("Ethernet\"><b>1/1", hostile());
    for page in [
        port(&sample::fleet(vec![]), &slot, &blank(), sample::now()),
        overview_of(vec![slot]),
    ] {
        assert!(!page.contains("<script"));
        assert!(!page.contains("Ethernet\"><b>"));
        assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)"));
    }
}

#[test]
fn the_registers_of_a_port_stand_beside_their_names() {
    let mut module = sample::module("S1");
    let mut image = Image::new();
    let bytes = *b"<script>alert(1)";
    image.sheet_mut(Half::page(0x00)).put(129, &bytes);
    module.image = Arc::new(image);
    let slot = sample::slot("Ethernet\"><b>1/1", sample::active(module));
    let page = raw(&sample::fleet(vec![]), &slot, sample::now());
    assert!(page.contains("<td>vendor name</td><td>&quot;&lt;script&gt;alert(1)&quot;</td>"));
    assert!(!page.contains("<script>") && !page.contains("Ethernet\"><b>"));
    assert!(page.contains("href=\"#page-00\"") && page.contains("id=\"page-00\""));
    assert!(page.contains("data-copy=\"/api/v1/ports/Ethernet%22%3E%3Cb%3E1%2F1/dump\" hidden"));
    assert!(page.contains("Not known: 128, 145-255"));
    assert!(page.contains("href=\"/api/v1/ports/Ethernet%22%3E%3Cb%3E1%2F1/dump\""));
    assert!(!page.contains("http-equiv"));
    let empty = raw(
        &sample::fleet(vec![]),
        &sample::slot("Ethernet1", sample::view()),
        sample::now(),
    );
    assert!(empty.contains("No registers were read: the cage is unread."));
}

#[test]
fn a_name_is_one_segment_of_an_address() {
    assert_eq!(encoded("Ethernet1/1"), "Ethernet1%2F1");
    assert_eq!(encoded("a?b#c%é"), "a%3Fb%23c%25%C3%A9");
    let page = overview_of(vec![sample::slot("Ethernet1/1", sample::view())]);
    assert!(page.contains(r#"href="/ports/Ethernet1%2F1""#));
}

#[test]
fn the_overview_counts_verdicts_and_lists_the_worst_first() {
    let mut well = sample::active(sample::module("S1"));
    well.findings.clear();
    well.judgement = Judgement {
        verdict: Verdict::Ok,
        reasons: Vec::new(),
    };
    let mut empty = sample::view();
    empty.presence = Presence::Empty;
    let page = overview_of(vec![
        sample::slot("Ethernet0", well),
        sample::slot("Ethernet1", empty),
        sample::slot("Ethernet2", sample::active(sample::module("S2"))),
    ]);
    assert!(page.contains("<b>1</b> bad"));
    assert!(page.contains("<b>0</b> degraded"));
    assert!(page.contains("<b>2</b> modules in <b>3</b> ports"));
    let rows = page.split("worst first").nth(1).unwrap();
    let place = |name: &str| rows.find(&format!(">{name}</a>")).unwrap();
    assert!(place("Ethernet2") < place("Ethernet0"));
    assert!(place("Ethernet0") < place("Ethernet1"));
    assert!(page.contains("oldest reading <b>2.0 s</b> ago"));
}

#[test]
fn every_verdict_is_told_without_colour() {
    let bad = sample::active(sample::module("S1"));
    let page = overview_of(vec![sample::slot("Ethernet0", bad)]);
    assert!(page.contains(r#"<span class="hidden">not as planned</span>"#));
    assert!(page.contains('≠'));
}

#[test]
fn a_port_page_has_plan_class_lanes_and_problems() {
    let slot = sample::slot("Ethernet0", sample::active(sample::module("S1")));
    let page = port(&sample::fleet(vec![]), &slot, &blank(), sample::now());
    for wanted in [
        "leaf7:Ethernet3",
        "transmit CDR implemented",
        "<td class=\"n\">0.3900</td><td class=\"n\">-4.09</td>",
        "rx lol, rx power low warning",
        "page 02h: checksum does not fit",
        "lane 8 receives too little light",
        "4.95e-8!",
        "read <b>2.0 s ago</b>, 2027-01-15T07:59:58Z",
        r#"href="/api/v1/ports/Ethernet0""#,
        r#"href="/api/v1/ports/Ethernet0/dump""#,
        r#"href="/ports/Ethernet0/raw""#,
        "id=\"flags\"",
        "id=\"sessions\"",
        "id=\"events\"",
        "id=\"captures\"",
        "href=\"#history\"",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn a_store_that_does_not_answer_takes_nothing_else_from_a_page() {
    let slot = sample::slot("Ethernet0", sample::active(sample::module("S1")));
    let past = Past {
        range: Range::Day,
        found: Err(sample::HOSTILE.to_owned()),
    };
    let page = port(&sample::fleet(vec![]), &slot, &past, sample::now());
    assert!(page.contains("History is not available: &lt;script&gt;"));
    assert!(page.contains("id=\"lanes\"") && !page.contains("href=\"#sessions\""));
    assert!(!page.contains("http-equiv"), "a long chart stands still");
}

#[test]
fn every_box_that_scrolls_on_a_port_page_can_be_reached_by_keyboard() {
    let slot = sample::slot("Ethernet0", sample::counted());
    for page in [
        port(&sample::fleet(vec![]), &slot, &blank(), sample::now()),
        raw(&sample::fleet(vec![]), &slot, sample::now()),
    ] {
        let boxes = page.matches("class=\"scroll\"").count();
        let reachable = page
            .matches("class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=")
            .count();
        assert_eq!(boxes, reachable);
        let heads = page.matches("<th").count() - page.matches("<thead").count();
        assert_eq!(
            heads,
            page.matches("scope=").count(),
            "each head says of what"
        );
    }
}

#[test]
fn a_port_without_module_still_has_a_page() {
    let page = port(
        &sample::fleet(vec![]),
        &sample::slot("Ethernet0", sample::view()),
        &blank(),
        sample::now(),
    );
    assert!(page.contains("never read") && page.contains("the cage is unread"));
    assert!(!page.contains("Lanes") && !page.contains("href=\"#lanes\""));
}

#[test]
fn the_page_needs_nothing_from_outside() {
    let page = overview_of(vec![sample::slot("Ethernet0", hostile())]);
    for outside in ["src=", "http://", "https://", "@import", "url(", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
}
