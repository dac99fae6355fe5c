//! What the plan wants of a port beside what is found there.

use maud::{Markup, html};

use super::{Seen, part};
use crate::report::planned;

/// Rules of one port among others, which no single want of a module covers.
const PLANE_RULES: [&str; 2] = ["plane-imbalance", "plane-incomplete"];
const PRESENCE_RULES: [&str; 2] = ["missing", "unexpected"];

struct Row {
    what: String,
    planned: Option<String>,
    found: Option<String>,
    /// Why nothing is found.
    why: &'static str,
    differs: bool,
}

pub(super) fn section(seen: &Seen<'_>) -> Markup {
    let rows = rows(seen);
    let table = html! { table.beside {
        thead { tr {
            th scope="col" { span.hidden { "What" } } th scope="col" { "Planned" }
            th scope="col" { "Found" } th scope="col" { span.hidden { "Compared" } }
        } }
        tbody { @for row in &rows {
            tr.differs[row.differs] {
                th scope="row" { (row.what) }
                td.what { @match &row.planned {
                    Some(planned) => (planned),
                    None => (part::absent("the plan does not say")),
                } }
                td.what { @match &row.found {
                    Some(found) => (found),
                    None => (part::absent(row.why)),
                } }
                td.mark { @if row.differs { span.flags { "≠ differs" } } }
            }
        } }
    } };
    html! {
        section id="plan" {
            h2 { "Planned and found" }
            (part::scroll("Planned and found", &table))
            @if seen.view.planned.is_none() { p.quiet { "No plan names this port." } }
        }
    }
}

fn rows(seen: &Seen<'_>) -> Vec<Row> {
    let view = &seen.view;
    let breaks = |rules: &[&str]| seen.findings.iter().any(|f| rules.contains(&f.rule));
    let planned = view.planned.as_ref();
    let module = match view.snapshot {
        Some(_) => "the module does not tell",
        None => "no module is read",
    };
    let mut rows = vec![
        Row {
            what: "Cage".to_owned(),
            planned: None,
            found: Some(view.presence.name().to_owned()),
            why: module,
            differs: breaks(&PRESENCE_RULES),
        },
        Row {
            what: "Role".to_owned(),
            planned: planned.map(|planned| planned.role.to_owned()),
            found: None,
            why: "a module does not tell what it is used for",
            differs: false,
        },
        Row {
            what: "Plane".to_owned(),
            planned: planned.and_then(|planned| planned.plane.clone()),
            found: None,
            why: "a module does not tell; planes are compared with each other",
            differs: breaks(&PLANE_RULES),
        },
        Row {
            what: "Peer".to_owned(),
            planned: planned.and_then(|planned| planned.peer.clone()),
            found: None,
            why: "nothing is read of the far end but what light and errors tell",
            differs: breaks(&["peer-class-mismatch"]),
        },
    ];
    let wants = planned::beside(view, &seen.findings);
    rows.extend(wants.into_iter().map(|row| Row {
        what: title(row.what.name()),
        planned: Some(row.planned.to_owned()),
        found: row.found,
        why: module,
        differs: row.differs,
    }));
    // Without a plan the class is worth a row all the same.
    if planned.is_none() {
        rows.push(Row {
            what: "Class".to_owned(),
            planned: None,
            found: view
                .class
                .as_ref()
                .map(|class| class.class.name().to_owned()),
            why: module,
            differs: false,
        });
    }
    rows
}

/// `host_lanes` as a heading: `Host lanes`.
fn title(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first
        .into_iter()
        .chain(letters)
        .collect::<String>()
        .replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn page(view: crate::report::PortView) -> String {
        let slot = sample::slot("Ethernet0", view);
        section(&Seen::look(&sample::fleet(vec![]), &slot)).into_string()
    }

    #[test]
    fn what_differs_is_marked_and_nothing_else() {
        let page = page(sample::active(sample::module("S1")));
        assert_eq!(page.matches("≠ differs").count(), 1, "{page}");
        let class = page.split("<th scope=\"row\">Class</th>").nth(1).unwrap();
        let class = class.split("</tr>").next().unwrap();
        assert!(
            class.contains("coherent or dsp") && class.contains(">dsp<"),
            "{class}"
        );
        assert!(class.contains("≠ differs"));
        for wanted in [
            "scale-out",
            "leaf7:Ethernet3",
            "Host lanes",
            "16.0 W at most",
        ] {
            assert!(page.contains(wanted), "{wanted}");
        }
    }

    #[test]
    fn a_port_without_plan_or_module_says_so() {
        let page = page(sample::view());
        assert!(page.contains("No plan names this port."));
        assert!(page.contains("title=\"no module is read\"") && page.contains("unread"));
    }
}
