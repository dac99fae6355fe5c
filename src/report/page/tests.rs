use std::sync::Arc;

use super::past::{Found, Past, Range};
use super::{Sort, encoded, overview, port, raw};
use crate::bus::address::Half;
use crate::bus::image::Image;
use crate::health::verdict::{Judgement, Verdict};
use crate::module::{Presence, Reading, Snapshot};
use crate::report::{PortSlot, PortView, sample};
use crate::units::{Celsius, Watts};

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
    sorted(ports, Sort::State)
}

fn sorted(ports: Vec<Arc<PortSlot>>, sort: Sort) -> String {
    overview(&sample::fleet(ports), sort, sample::now())
}

/// The names in the table of ports, in its order.
fn order(page: &str) -> Vec<&str> {
    let rows = page.split("<th scope=\"row\"><a href=").skip(1);
    let named = rows.filter_map(|row| row.split_once('>')?.1.split_once("</a>"));
    named.map(|(name, _)| name).collect()
}

#[test]
fn hostile_text_stays_text() {
    let slot = sample::slot("Ethernet\"><b>1/1", hostile());
    for page in [
        port(&sample::fleet(vec![]), &slot, &blank(), sample::now()),
        overview_of(vec![slot]),
    ] {
        assert!(!page.contains("<script>"));
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
fn an_overview_of_nothing_says_where_ports_come_from() {
    let page = overview_of(Vec::new());
    assert!(page.contains("No port is configured"));
    assert!(page.contains("opticsd discover") && !page.contains("<table"));
    assert!(
        !overview_of(vec![sample::slot("a", sample::view())]).contains("No port is configured")
    );
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
    assert!(page.contains(r#"<b data-count="bad">1</b> bad"#));
    assert!(page.contains(r#"<b data-count="degraded">0</b> degraded"#));
    assert!(page.contains(r#"<b data-count="modules">2</b> modules in <b>3</b> ports"#));
    assert_eq!(order(&page)[..3], ["Ethernet2", "Ethernet0", "Ethernet1"]);
    let age = page.split("oldest reading <b data-oldest=").nth(1).unwrap();
    assert!(age.split_once('>').unwrap().1.starts_with("2.0 s</b> ago"));
}

#[test]
fn every_verdict_is_told_without_colour() {
    let bad = sample::active(sample::module("S1"));
    let page = overview_of(vec![sample::slot("Ethernet0", bad)]);
    assert!(page.contains(r#"<span class="hidden" data-field="word">not as planned</span>"#));
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

/// A port that differs from [`sample::active`] in what it is sorted by.
fn odd(name: &str, change: impl FnOnce(&mut PortView)) -> Arc<PortSlot> {
    let mut view = sample::active(sample::module(name));
    view.findings.clear();
    change(&mut view);
    sample::slot(name, view)
}

#[test]
fn the_table_is_read_in_the_order_that_is_asked_for() {
    let changed = |view: &mut PortView, change: &dyn Fn(&mut Snapshot)| {
        let mut module = Snapshot::clone(view.snapshot.as_ref().unwrap());
        change(&mut module);
        view.snapshot = Some(Arc::new(module));
    };
    let ports = || {
        vec![
            odd("plain", |_| {}),
            odd("hot", |view| {
                changed(view, &|module| {
                    module.monitors.temperature = Reading::Value(Celsius::new(71.0));
                });
            }),
            odd("dim", |view| {
                changed(view, &|module| {
                    module.lanes[0].rx_power = Reading::Value(Watts::new(0.21e-3));
                });
            }),
            odd("dark", |view| {
                changed(view, &|module| {
                    module.lanes[4].rx_power = Reading::Value(Watts::new(0.0));
                });
            }),
            odd("swapped", |view| view.counts.insertions = 7),
            odd("growing", |view| {
                view.health = Arc::clone(&sample::counted().health)
            }),
            odd("wrong", |view| view.findings.push(sample::finding())),
            sample::slot("empty", sample::view()),
        ]
    };
    for (sort, first) in [
        (Sort::Port, &["plain", "hot", "dim"][..]),
        (Sort::Margin, &["dark", "dim"]),
        (Sort::Temperature, &["hot"]),
        (Sort::Growth, &["growing"]),
        (Sort::Inserted, &["swapped"]),
        (Sort::Findings, &["wrong"]),
    ] {
        let page = sorted(ports(), sort);
        let order = order(&page);
        assert_eq!(&order[..first.len()], first, "{}", sort.name());
        let chosen = format!(r#"aria-sort="{}""#, sort.direction());
        assert_eq!(page.matches("aria-sort").count(), 1, "{}", sort.name());
        let head = page.split(&chosen).nth(1).unwrap();
        let link = format!("href=\"/?sort={}\"", sort.name());
        assert!(head.split("</th>").next().unwrap().contains(&link));
    }
    // What is not known comes last, and is said as such.
    let page = sorted(ports(), Sort::Temperature);
    assert_eq!(order(&page)[7], "empty");
    let row = page.split("data-port=\"empty\"").last().unwrap();
    assert!(row.contains(r#"<span data-field="temperature">–</span>"#));
    assert!(row.contains(r#"<span data-field="margin">–</span>"#));
}

#[test]
fn the_column_that_is_sorted_by_stands_beside_the_port() {
    let page = sorted(vec![odd("a", |_| {})], Sort::Growth);
    let heads = page.split("<thead>").nth(1).unwrap();
    let second = heads.split("<th").nth(3).unwrap();
    assert!(second.contains("Decades/day"), "{second}");
}

#[test]
fn an_order_that_is_none_is_answered_with_those_that_are() {
    assert_eq!(Sort::parse("margin"), Ok(Sort::Margin));
    let said = Sort::parse("<b>").unwrap_err();
    assert!(said.starts_with("There is no order called <b>; there are state, port, margin"));
}

#[test]
fn a_cage_tells_its_module_to_pointer_and_screen_reader() {
    let page = overview_of(vec![sample::slot(
        "Ethernet0",
        sample::active(sample::module("S1")),
    )]);
    assert!(page.contains(r#"aria-describedby="tip-0""#));
    let tip = page.split(r#"<div class="tip" id="tip-0" role="tooltip">"#);
    let tip = tip.last().unwrap().split("</div>").next().unwrap();
    for told in [
        "<b>Ethernet0</b>",
        "not as planned",
        "scale-out plane 2",
        r#"data-field="serial">S1<"#,
        r#"data-field="class">dsp<"#,
        r#"data-field="temperature">46.5</span> °C"#,
        r#"worst lane <span data-field="lane">8</span>"#,
        "class-denied: saw lpo",
    ] {
        assert!(tip.contains(told), "{told} in {tip}");
    }
}

#[test]
fn tables_have_heads_and_can_be_scrolled_by_keyboard() {
    let page = overview_of(vec![sample::slot("Ethernet0", hostile())]);
    assert!(!page.contains("<th>"), "every head says of what it is one");
    let boxes = page.matches(r#"class="scroll""#).count();
    let reachable = r#"<div class="scroll" tabindex="0" role="region" aria-labelledby="#;
    assert_eq!(page.matches(reachable).count(), boxes);
    for landmark in [
        "<header>",
        "<main>",
        r#"<nav aria-label="Pages">"#,
        "<h1>Overview</h1>",
    ] {
        assert_eq!(page.matches(landmark).count(), 1, "{landmark}");
    }
}

#[test]
fn pages_reload_as_a_whole_only_where_scripts_do_not_run() {
    let page = overview_of(vec![]);
    assert!(page.contains(r#"<noscript><meta http-equiv="refresh" content="5"></noscript>"#));
    assert_eq!(page.matches("http-equiv").count(), 1);
    let slot = sample::slot("Ethernet0", hostile());
    let past = |range| Past {
        range,
        found: Err("none".to_owned()),
    };
    let fleet = sample::fleet(vec![]);
    let page = super::port(&fleet, &slot, &past(Range::Hour), sample::now());
    assert!(page.contains(r#"content="5"></noscript><script src="/renew.js" defer>"#));
    assert_eq!(page.matches("http-equiv").count(), 1);
    // The script says there whether it gets an answer.
    assert!(page.contains(r#"<p class="age"><span data-live=""></span>"#));
    let page = super::port(&fleet, &slot, &past(Range::Week), sample::now());
    assert_eq!(page.matches("http-equiv").count(), 0);
}

#[test]
fn the_script_that_asks_anew_makes_no_markup_of_text() {
    let script = super::RENEW_SCRIPT;
    assert_eq!(script.matches("fetch(location.href").count(), 1);
    assert_eq!(script.matches("fetch(").count(), 1);
    for other in ["innerHTML", "outerHTML", "insertAdjacent", "eval", "http"] {
        assert!(!script.contains(other), "{other}");
    }
}

#[test]
fn the_script_asks_the_stream_alone_and_writes_no_markup() {
    let script = super::SCRIPT;
    assert_eq!(
        script
            .matches("new EventSource(\"/api/v1/stream\")")
            .count(),
        1
    );
    for other in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        "fetch(",
        "XMLHttpRequest",
        "import",
        "http:",
        "https:",
        "setAttribute",
    ] {
        assert!(!script.contains(other), "{other}");
    }
}

#[test]
fn the_page_needs_nothing_from_outside() {
    let page = overview_of(vec![sample::slot("Ethernet0", hostile())]);
    for outside in ["http://", "https://", "@import", "url(", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // One script, from this server.
    assert_eq!(page.matches("src=").count(), 1);
    assert!(page.contains(r#"<script src="/page.js" defer></script>"#));
}
