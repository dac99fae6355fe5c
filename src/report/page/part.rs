//! Small pieces that the sections of a port's page have in common.

use maud::{Markup, html};

use super::NONE;
use crate::module::Absence;
use crate::report::quantity;

/// No value, and why: on hover, and for those who listen.
pub(super) fn absent(why: &str) -> Markup {
    html! { span.absent title=(why) { (NONE) span.hidden { " (" (why) ")" } } }
}

/// The same for a reading; without a reason nothing is said of one.
pub(super) fn absent_because(why: Option<Absence>) -> Markup {
    absent(why.map_or("not told", Absence::reason))
}

/// A text of the module or the program, where `-` and nothing stand for no value.
pub(super) fn or_none(text: &str, why: &str) -> Markup {
    match text {
        "" | quantity::NONE => absent(why),
        text => html! { (text) },
    }
}

/// A box that scrolls by itself where its content is wider than the page, with the
/// keyboard too.
pub(super) fn scroll(label: &str, content: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (content) } }
}

/// A section over the whole width, which a link can lead to.
pub(super) fn wide(id: &str, title: &Markup, content: &Markup) -> Markup {
    html! { section.wide id=(id) { h2 { (title) } (content) } }
}
