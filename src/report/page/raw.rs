//! The registers of one port as they stand, each byte beside its name.

use std::time::SystemTime;

use maud::{Markup, html};

use super::{COPY_SCRIPT_ADDRESS, Seen, address, age, encoded, part};
use crate::bus::address::Half;
use crate::bus::sheet::Sheet;
use crate::module::Management;
use crate::report::raw;

/// What stands above the bytes.
const HEAD: &str = "   byte  +0 +1 +2 +3 +4 +5 +6 +7 +8 +9 +a +b +c +d +e +f  text";

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
                @if module.is_some() { " · " (super::dump_link(seen)) " " (copy_button(seen)) }
            }
            @if let Some(module) = module {
                nav.jump aria-label="Pages of the module" { ul {
                    li { a href=(address(&seen.slot.name)) { "← port" } }
                    @for (half, _) in module.image.halves() {
                        li { a href=(format!("#{}", anchor(half))) { (half) } }
                    }
                } }
            }
        }
        main {
            @match module {
                Some(module) => {
                    (how_to_read())
                    @for (half, sheet) in module.image.halves() { (page(half, sheet, module.management)) }
                }
                None => { section.wide { p { "No registers were read: the cage is " (seen.view.presence.name()) "." } } }
            }
        }
    }
}

/// A button that copies the dump file, for `copy.js` to bring to life: without
/// scripts it is not there, and the link beside it leads to the file.
fn copy_button(seen: &Seen<'_>) -> Markup {
    let from = format!("/api/v1/ports/{}/dump", encoded(seen.name()));
    html! {
        button.copy type="button" data-copy=(from) hidden { "copy dump" }
        span.hidden role="status" {}
        script src=(COPY_SCRIPT_ADDRESS) defer {}
    }
}

fn how_to_read() -> Markup {
    html! {
        section.wide {
            p { code { ".." } " is a byte that no sweep reads, which is not the same as 00. Nothing is read
                for this page: it shows what the sweeps brought, and flags as the last look found them." }
        }
    }
}

/// Where a half of the memory is on the page: `page-11-bank-1`.
fn anchor(half: Half) -> String {
    let words = half.to_string();
    words.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}

fn page(half: Half, sheet: &Sheet, management: Management) -> Markup {
    let rows = raw::rows(sheet, half, management);
    let unknown = raw::unknown(sheet, half);
    let id = anchor(half);
    let dump = html! { pre { (HEAD) "\n" (raw::hex_dump(sheet, half)) } };
    let table = html! { table {
        thead { tr {
            th.n scope="col" { "Byte" } th scope="col" { "Hex" } th scope="col" { "Register" }
            th scope="col" { "Says" }
        } }
        tbody { @for row in &rows {
            tr.quiet[row.value == raw::SAYS_NOT_KNOWN] {
                td.n { (row.offsets) }
                td.mono { (row.bytes) }
                td { (row.name) }
                td { (row.value) }
            }
        } }
    } };
    html! {
        section.wide id=(id) {
            h2 { (half) " " small { a href=(format!("#{id}")) aria-label=(format!("link to {half}")) { "#" } } }
            (part::scroll(&format!("{half} in hexadecimal"), &dump))
            @if rows.is_empty() { p.quiet { "No names are known for the bytes of this page." } }
            @else {
                details open {
                    summary { "Registers of " (half) }
                    (part::scroll(&format!("registers of {half}"), &table))
                }
            }
            @if !unknown.is_empty() { p.quiet { "Not known: " (unknown.join(", ")) } }
        }
    }
}
