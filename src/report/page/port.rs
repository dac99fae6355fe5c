//! One port in full: what the plan wants beside what is there, then why it is
//! judged as it is, then every value.

use std::time::SystemTime;

use maud::{Markup, html};

use super::{Seen, address, age, bar, dump_link, encoded, findings, lanes, ports};
use crate::class::Classification;
use crate::health::figures::Figures;
use crate::module::{Levels, Reading, Snapshot};
use crate::report::figures_in_words as words;
use crate::report::quantity;
use crate::report::{codes, moment, text};

pub(super) fn body(seen: &Seen<'_>, now: SystemTime) -> Markup {
    let view = &seen.view;
    let module = view.snapshot.as_deref();
    let class = view.class.as_deref();
    html! {
        header {
            p.home { a href="/" { "opticsd" } }
            h1 { (seen.name()) }
            ul.counts { li.(seen.mark.class) {
                span.glyph { (seen.mark.glyph) } " " (view.judgement.verdict.name())
                @if seen.mark.word != view.judgement.verdict.name() { ", " (seen.mark.word) }
            } }
            p.age {
                @match (view.last_read, age(view, now)) {
                    (Some(at), Some(age)) => { "read " b { (age) } ", " (moment::utc(at)) }
                    _ => { "never read" }
                }
                " · " a href=(format!("/api/v1/ports/{}", encoded(seen.name()))) { "JSON" }
                @if module.is_some() {
                    " · " a href=(format!("{}/raw", address(&seen.slot.name))) { "registers" }
                    " · " (dump_link(seen))
                }
            }
        }
        main {
            (trouble(seen))
            (findings::of_port(seen))
            (plan_beside_found(seen))
            div.stack {
                @if let Some(class) = class { (argument(class)) }
                @if let Some(module) = module {
                    (monitors(module))
                    (applications(module))
                }
            }
            (quality(&view.health))
            @if let Some(module) = module {
                (lanes::lanes(module))
                @if let Some(class) = class { (lanes::vdm(module, class)) }
                (problems(module))
            }
        }
    }
}

/// What is wrong, in words; nothing where nothing is.
fn trouble(seen: &Seen<'_>) -> Markup {
    let view = &seen.view;
    html! {
        @if view.trouble.is_some() || !view.judgement.reasons.is_empty() {
            section.trouble.(seen.mark.class) {
                h2 { "Why" }
                ul {
                    @if let Some(trouble) = &view.trouble { li { "last sweep failed: " (trouble) } }
                    @for reason in &view.judgement.reasons { li { (reason) } }
                }
            }
        }
    }
}

/// Error ratios with their margins and trends; nothing where nothing is known.
fn quality(health: &Figures) -> Markup {
    let rows = words::standings(health);
    let lines = words::sentences(health);
    html! {
        @if !rows.is_empty() || !lines.is_empty() {
            section.wide {
                h2 { "Error ratios " small { "before correction" } }
                @if !rows.is_empty() { div.scroll { table {
                    thead { tr { @for head in words::BER_COLUMNS { th { (head) } } } }
                    tbody { @for row in &rows { tr { @for cell in row { td { (cell) } } } } }
                } } }
                @if !lines.is_empty() { ul { @for line in &lines { li { (line) } } } }
            }
        }
    }
}

fn plan_beside_found(seen: &Seen<'_>) -> Markup {
    let view = &seen.view;
    html! {
        section {
            h2 { "Plan" }
            dl {
                dt { "Role" } dd { (ports::role(seen)) }
                @if let Some(planned) = &view.planned {
                    (fact("Peer", planned.peer.as_deref()))
                }
                (fact("Bus", Some(seen.slot.bus.as_str())))
            }
            h2 { "Found" }
            dl {
                (fact("Cage", Some(view.presence.name())))
                @if let Some(class) = &view.class { (fact("Class", Some(class.class.name()))) }
                @if let Some(module) = view.snapshot.as_deref() { (identity(module)) }
            }
        }
    }
}

fn identity(module: &Snapshot) -> Markup {
    let text = |reading: &Reading<String>| reading.as_ref().value().cloned();
    let identity = &module.identity;
    let power = module
        .power
        .max
        .value()
        .map(|max| format!("{:.2} W at most", max.watts()));
    let management = identity.revision.as_ref().value().map_or_else(
        || module.management.name().to_owned(),
        |revision| format!("{} {revision}", module.management.name()),
    );
    let facts = [
        ("Vendor", text(&identity.vendor)),
        ("Part", text(&identity.part_number)),
        ("Revision", text(&identity.revision_number)),
        ("Serial", text(&identity.serial)),
        ("Date code", text(&identity.date_code)),
        ("Form factor", Some(codes::form_factor(module))),
        ("Management", Some(management)),
        ("Connector", codes::connector(module)),
        ("Media", codes::media_type(module)),
        ("Technology", codes::technology(module)),
        ("Power", power),
        ("Firmware", text(&module.firmware.active)),
        (
            "State",
            module.state.value().map(|state| {
                state.name().map_or_else(
                    |code| format!("reserved {code}"),
                    |name| name.replace('_', " "),
                )
            }),
        ),
    ];
    html! { @for (name, value) in &facts { (fact(name, value.as_deref())) } }
}

fn fact(name: &str, value: Option<&str>) -> Markup {
    html! { @if let Some(value) = value { dt { (name) } dd { (value) } } }
}

fn argument(class: &Classification) -> Markup {
    html! {
        section {
            h2 { "Class " small { (class.source.name()) } }
            p {
                b.big { (class.class.name()) } " "
                (class.form.name()) ", " (text::retiming(class.retiming)) ", "
                (format!("{:.0} % sure", class.confidence * 100.0))
            }
            div.scroll { table {
                tbody { @for evidence in &class.evidence {
                    tr {
                        td.n { (format!("{:+.2}", evidence.weight)) }
                        td { (evidence.signal) }
                        td.says {
                            (evidence.says)
                            div.proof { (evidence.place) " = " (evidence.value) }
                        }
                    }
                } }
            } }
            (list("Against it", &class.conflicts))
            (list("Missing", &class.missing))
        }
    }
}

fn monitors(module: &Snapshot) -> Markup {
    let monitors = &module.monitors;
    let thresholds = &module.thresholds;
    let temperature = thresholds.temperature.map(|l| l.map(|t| t.celsius()));
    let supply = thresholds.supply.map(|l| l.map(|v| v.volts()));
    let alone = Reading::NOT_ADVERTISED;
    let raised = text::raised_module_flags(module);
    html! {
        section {
            h2 { "Monitors" }
            div.scroll { table { tbody {
                (monitor("Temperature", "°C", monitors.temperature.map(|t| t.celsius()), temperature))
                (monitor("Supply", "V", monitors.supply.map(|v| v.volts()), supply))
                (monitor("Laser temperature", "°C", monitors.laser_temperature.map(|t| t.celsius()), alone))
                (monitor("TEC current", "%", monitors.tec_current.map(|s| s.ratio() * 100.0), alone))
                (monitor("Second supply", "V", monitors.supply_2.map(|v| v.volts()), alone))
            } } }
            @if !raised.is_empty() { p.flags { "Flags raised: " (raised.join(", ")) } }
        }
    }
}

fn monitor(name: &str, unit: &str, value: Reading<f64>, levels: Reading<Levels<f64>>) -> Markup {
    let both = value.value().zip(levels.value());
    let show = |value: f64| {
        if unit == "V" {
            format!("{value:.3}")
        } else {
            format!("{value:.1}")
        }
    };
    let margin = both.and_then(|(value, levels)| quantity::margin(value, levels));
    html! {
        @if let Some(value) = value.value() {
            tr {
                td { (name) }
                td.n { (show(value)) } td.quiet { (unit) }
                td { @if let Some(bar) = both.and_then(|(v, l)| bar::bar(v, l)) { (bar) } }
                td.quiet { @if let Some(margin) = margin {
                    (show(margin.amount)) " to " (margin.towards())
                } }
            }
        }
    }
}

fn applications(module: &Snapshot) -> Markup {
    html! {
        @if !module.applications.is_empty() {
            section {
                h2 { "Applications" }
                div.scroll { table {
                    thead { tr { th { "" } th.n { "App" } th { "Host" } th { "Media" } th.n { "Lanes" } } }
                    tbody { @for application in &module.applications {
                        @let names = codes::application(module, application);
                        @let in_use = text::is_in_use(module, application);
                        tr.active[in_use] {
                            td { @if in_use { span title="in use" { "▸" } } }
                            td.n { (application.number) }
                            td { (codes::name_or_code(application.host_code, names.host)) }
                            td { (codes::name_or_code(application.media_code, names.media)) }
                            td.n { (application.host_lanes) ":" (application.media_lanes) }
                        }
                    } }
                } }
            }
        }
    }
}

fn problems(module: &Snapshot) -> Markup {
    let problems = crate::report::problems(module);
    html! {
        @if !problems.is_empty() {
            section.wide { h2 { "Problems" } ul { @for problem in &problems { li { (problem) } } } }
        }
    }
}

fn list(title: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { (title) }
            ul.quiet { @for line in lines { li { (line) } } }
        }
    }
}
