//! The registers of one port as they stand, each byte beside its name.

use std::time::SystemTime;

use maud::{Markup, html};

use super::{Seen, address, age};
use crate::bus::address::Half;
use crate::bus::sheet::Sheet;
use crate::module::Management;
use crate::report::raw;

pub(super) fn body(seen: &Seen<'_>, now: SystemTime) -> Markup {
    let module = seen.view.snapshot.as_deref();
    html! {
        header {
            p.home { a href="/" { "opticsd" } }
            h1 { a href=(address(&seen.slot.name)) { (seen.name()) } " registers" }
            p.age {
                @match age(&seen.view, now) {
                    Some(age) => { "read " b { (age) } }
                    None => { "never read" }
                }
                @if module.is_some() { " · " (super::dump_link(seen)) }
            }
        }
        main {
            @match module {
                Some(module) => { @for (half, sheet) in module.image.halves() {
                    (page(half, sheet, module.management))
                } }
                None => { section.wide { p { "No registers were read: the cage is " (seen.view.presence.name()) "." } } }
            }
        }
    }
}

fn page(half: Half, sheet: &Sheet, management: Management) -> Markup {
    let rows = raw::rows(sheet, half, management);
    let unknown = raw::unknown(sheet, half);
    html! {
        section.wide {
            h2 { (half) }
            div.scroll { pre { (raw::hex_dump(sheet, half)) } }
            @if !rows.is_empty() {
                details {
                    summary { "Registers" }
                    div.scroll { table {
                        thead { tr { th.n { "Byte" } th { "Hex" } th { "Register" } th { "Says" } } }
                        tbody { @for row in &rows {
                            tr {
                                td.n { (row.offsets) }
                                td.mono { (row.bytes) }
                                td { (row.name) }
                                td { (row.value) }
                            }
                        } }
                    } }
                }
            }
            @if !unknown.is_empty() { p.quiet { "Not known: " (unknown.join(", ")) } }
        }
    }
}
