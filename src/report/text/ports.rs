//! The table of all ports for `show`.

use std::sync::Arc;

use super::grid::{Align, Grid};
use crate::report::PortSlot;
use crate::report::quantity::{self, NONE};

/// The ports in configured order, one a line: verdict, role, class, vendor,
/// part, temperature, least received light, and the gravest thing to know.
pub fn table(ports: &[Arc<PortSlot>]) -> String {
    use Align::{Left, Right};
    let mut grid = Grid::new(&[Left, Left, Left, Left, Left, Left, Right, Right, Left]);
    grid.row([
        "Port",
        "Verdict",
        "Role",
        "Class",
        "Vendor",
        "Part",
        "°C",
        "Worst rx dBm",
        "Finding",
    ]);
    for slot in ports {
        grid.row(row(slot));
    }
    let mut out = String::new();
    grid.write(0, &mut out);
    out
}

fn row(slot: &PortSlot) -> [String; 9] {
    let view = slot.view.load();
    let module = view.snapshot.as_deref();
    let word = |word: Option<&str>| word.unwrap_or(NONE).to_owned();
    let identity = module.map(|module| &module.identity);
    let role = view.planned.as_ref().map(|planned| match &planned.plane {
        Some(plane) => format!("{}/{plane}", planned.role),
        None => planned.role.to_owned(),
    });
    [
        slot.name.to_string(),
        view.judgement.verdict.name().to_owned(),
        word(role.as_deref()),
        word(view.class.as_ref().map(|class| class.class.name())),
        word(
            identity
                .and_then(|id| id.vendor.as_ref().value())
                .map(String::as_str),
        ),
        word(
            identity
                .and_then(|id| id.part_number.as_ref().value())
                .map(String::as_str),
        ),
        module
            .and_then(|module| module.monitors.temperature.value())
            .map_or_else(|| NONE.to_owned(), quantity::celsius),
        module.and_then(quantity::worst_rx).map_or_else(
            || NONE.to_owned(),
            |(lane, power)| format!("{} (lane {lane})", quantity::dbm(power)),
        ),
        view.gravest().unwrap_or_default(),
    ]
}
