//! The budget for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::load::{Load, Port};
use super::price::{Kind, Price, Row};
use super::{PathName, Report};
use crate::bus::Part;
use crate::bus::read_plan::Visit;
use crate::cli::error::CliError;
use crate::report::text::grid::{Align, Grid};

/// For people: for each module the plan of a steady sweep and a table, then the
/// adapters, then what does not fit.
pub(super) fn text(report: &Report, ports: &[Port]) -> String {
    let mut out = String::new();
    for port in firsts(ports) {
        let title = match &port.adapter {
            Some(adapter) => format!("{} on {adapter}: {}", names_like(port, ports), port.module),
            None => port.name.clone(),
        };
        let _ = writeln!(out, "{title}\n");
        for kind in [Kind::Steady, Kind::Worst] {
            let account = kind.of(&port.rehearsal);
            let _ = writeln!(
                out,
                "  {} sweep over {} reads",
                kind.name(),
                port.path.name()
            );
            for visit in &account.visits {
                let _ = writeln!(out, "    {}", visit_line(visit));
            }
        }
        out.push('\n');
        table(report, port).write(2, &mut out);
        out.push('\n');
        if port.adapter.is_none() {
            let period = port.period.as_secs_f64();
            let _ = writeln!(
                out,
                "  such modules on one adapter, each swept every {period} s, at most\n"
            );
            fitting(report, port).write(2, &mut out);
            out.push('\n');
        }
    }
    if ports.iter().any(|port| port.adapter.is_some()) {
        adapters(report).write(0, &mut out);
    }
    for warning in report.loads.iter().filter_map(Load::warning) {
        let _ = writeln!(out, "\nwarning: {warning}");
    }
    out
}

/// One port of each kind that looks the same: a module on an adapter in its ways.
fn firsts(ports: &[Port]) -> Vec<&Port> {
    let mut firsts: Vec<&Port> = Vec::new();
    for port in ports {
        if !firsts.iter().any(|first| is_like(first, port)) {
            firsts.push(port);
        }
    }
    firsts
}

fn is_like(a: &Port, b: &Port) -> bool {
    let is_same_file = a.adapter.is_some() || a.name == b.name;
    a.adapter == b.adapter && a.module == b.module && is_same_file
}

/// The names of all ports like this one: the first, and how many more.
fn names_like(port: &Port, ports: &[Port]) -> String {
    let mut names: Vec<&str> = ports
        .iter()
        .filter(|other| is_like(port, other))
        .map(|other| other.name.as_str())
        .collect();
    names.dedup();
    match names.len() {
        0 | 1 => port.name.clone(),
        n => format!("{} and {} more", port.name, n - 1),
    }
}

/// A visit: `page 11  128-133 154-201`.
fn visit_line(visit: &Visit) -> String {
    let run = |part: &Part| match part.length {
        1 => part.first.to_string(),
        length => format!("{}-{}", part.first, part.first.saturating_add(length - 1)),
    };
    let parts: Vec<String> = visit.parts.iter().map(run).collect();
    format!("{:<16} {}", visit.half.to_string(), parts.join(" "))
}

/// What the sweeps of a port cost, a line for each sweep and way.
fn table(report: &Report, port: &Port) -> Grid {
    let mut grid = Grid::new(&[Align::Left, Align::Left]);
    let mut head = vec!["sweep".to_owned(), "path".to_owned()];
    head.extend(["transactions", "ideal", "naive", "bytes", "ideal", "naive"].map(str::to_owned));
    for rate in &report.rates {
        head.push(format!("ms at {}", rate.name()));
    }
    head.extend(["of ideal", "of naive"].map(str::to_owned));
    grid.row(head);
    let of_port = |row: &&Row| row.name == port.name && row.adapter == port.adapter;
    let rows: Vec<&Row> = report.rows.iter().filter(of_port).collect();
    for kind in Kind::ALL {
        for path in PathName::ALL {
            let here = rows
                .iter()
                .filter(|row| row.kind == kind && row.path == path);
            let here: Vec<&&Row> = here.collect();
            let Some(row) = here.first() else { continue };
            let mut cells = vec![kind.name().to_owned(), path.name().to_owned()];
            let prices = [&row.plan, &row.ideal, &row.naive];
            cells.extend(prices.map(|price| price.cost.transactions.to_string()));
            cells.extend(prices.map(|price| price.cost.bytes.to_string()));
            cells.extend(
                here.iter()
                    .map(|row| format!("{:.2}", row.plan.milliseconds())),
            );
            let most = |of: fn(&Row) -> &Price| {
                let ratios = here.iter().map(|row| ratio(&row.plan, of(row)));
                ratios.fold(0.0, f64::max)
            };
            cells.push(format!("{:.3}", most(|row| &row.ideal)));
            cells.push(format!("{:.3}", most(|row| &row.naive)));
            grid.row(cells);
        }
    }
    grid
}

/// How many times as long one takes as another.
fn ratio(price: &Price, other: &Price) -> f64 {
    if other.time.is_zero() {
        return 1.0;
    }
    price.time.as_secs_f64() / other.time.as_secs_f64()
}

/// How many modules like that of a port an adapter has time for.
fn fitting(report: &Report, port: &Port) -> Grid {
    let mut grid = Grid::new(&[Align::Left]);
    let head = std::iter::once("path".to_owned());
    grid.row(head.chain(report.rates.iter().map(|rate| rate.name().to_owned())));
    for path in PathName::ALL {
        let is_here = |load: &&Load| load.adapter == port.name && load.path == Some(path);
        let counts: Vec<String> = report
            .loads
            .iter()
            .filter(is_here)
            .map(|load| load.fitting().to_string())
            .collect();
        if !counts.is_empty() {
            grid.row(std::iter::once(path.name().to_owned()).chain(counts));
        }
    }
    grid
}

/// What the rounds of all adapters take.
fn adapters(report: &Report) -> Grid {
    let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Left]);
    grid.row([
        "adapter",
        "path",
        "clock",
        "modules",
        "steady ms",
        "mean ms",
        "worst ms",
        "period s",
        "of it",
    ]);
    for load in &report.loads {
        let ms = |time: std::time::Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
        grid.row([
            load.adapter.clone(),
            load.path.map_or("several", PathName::name).to_owned(),
            load.rate.name().to_owned(),
            load.ports.to_string(),
            ms(load.steady),
            ms(load.mean),
            ms(load.worst),
            load.period.as_secs_f64().to_string(),
            format!("{:.2} %", load.share() * 100.0),
        ]);
    }
    grid
}

/// For programs: one document.
pub(super) fn json(report: &Report, ports: &[Port]) -> Result<String, CliError> {
    let rows: Vec<Value> = report.rows.iter().map(row).collect();
    let plans: Vec<Value> = ports.iter().map(plan).collect();
    let adapters: Vec<Value> = report.loads.iter().map(adapter).collect();
    let warnings: Vec<String> = report.loads.iter().filter_map(Load::warning).collect();
    let document = json!({
        "period_seconds": report.period.map(|period| period.as_secs_f64()),
        "overhead_seconds": report.overhead.as_secs_f64(),
        "rows": rows,
        "plans": plans,
        "adapters": adapters,
        "warnings": warnings,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn row(row: &Row) -> Value {
    json!({
        "name": row.name,
        "adapter": row.adapter,
        "module": row.module,
        "sweep": row.kind.name(),
        "path": row.path.name(),
        "clock_hertz": row.rate.hertz(),
        "transactions": row.plan.cost.transactions,
        "wire_bytes": row.plan.cost.bytes,
        "wire_ms": row.plan.milliseconds(),
        "ideal_transactions": row.ideal.cost.transactions,
        "ideal_wire_bytes": row.ideal.cost.bytes,
        "ideal_wire_ms": row.ideal.milliseconds(),
        "naive_transactions": row.naive.cost.transactions,
        "naive_wire_bytes": row.naive.cost.bytes,
        "naive_wire_ms": row.naive.milliseconds(),
    })
}

/// What each sweep of a port reads.
fn plan(port: &Port) -> Value {
    let visits = |kind: Kind| -> Vec<Value> {
        let visits = kind.of(&port.rehearsal).visits.iter();
        let value = |visit: &Visit| {
            let parts = visit.parts.iter();
            json!({
                "half": visit.half.to_string(),
                "parts": parts.map(|part| json!({
                    "first": part.first,
                    "length": part.length,
                })).collect::<Vec<_>>(),
            })
        };
        visits.map(value).collect()
    };
    json!({
        "name": port.name,
        "adapter": port.adapter,
        "module": port.module,
        "path": port.path.name(),
        "steady": visits(Kind::Steady),
        "worst": visits(Kind::Worst),
        "insertion": visits(Kind::Insertion),
    })
}

fn adapter(load: &Load) -> Value {
    json!({
        "adapter": load.adapter,
        "path": load.path.map(PathName::name),
        "clock_hertz": load.rate.hertz(),
        "modules": load.ports,
        "steady_ms": load.steady.as_secs_f64() * 1e3,
        "mean_ms": load.mean.as_secs_f64() * 1e3,
        "worst_ms": load.worst.as_secs_f64() * 1e3,
        "period_seconds": load.period.as_secs_f64(),
        "busy_ratio": load.share(),
        "modules_that_fit": u64::try_from(load.fitting()).ok(),
        "cadence_met": load.warning().is_none(),
    })
}
