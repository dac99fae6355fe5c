//! The keys of an assignment that speak of the very module.

use super::MOST_PLANES;
use crate::class::Class;
use crate::plan::expected::{Breakout, Expected, Media, Patterns, Wish, interface_names};
use crate::plan::{Fabric, overrides};
use crate::tomlfile::{At, Field, Table, nearest};

/// The most host lanes that a module has, over all its banks.
const MOST_LANES: u16 = 256;
/// The longest link, in metres.
const LONGEST_METERS: f64 = 40e6;

/// Asks the table for every key about the module. `has_plane` tells whether the
/// assignment has a plane, which a port split over planes must not have.
pub(super) fn read(table: &mut Table<'_>, fabric: &Fabric, has_plane: bool) -> Expected {
    let classes: Vec<_> = Class::ALL
        .into_iter()
        .filter(|class| *class != Class::Unknown)
        .map(|class| (class.name(), class))
        .collect();
    let forms: Vec<_> = overrides::form_words()
        .into_iter()
        .map(|f| (f, f))
        .collect();
    let media = Media::ALL.map(|media| (media.name(), media));
    let length = 0.0..=LONGEST_METERS;
    Expected {
        peer_class: value(table.key("peer_class").word(&classes)),
        application: application(&table.key("application"), table),
        form_factor: value(table.key("form_factor").word(&forms)),
        media: value(table.key("media").word(&media)),
        host_lanes: value(table.key("host_lanes").whole_in(1..=MOST_LANES)),
        part_numbers: patterns(&table.key("part_numbers")),
        vendors: patterns(&table.key("vendors")),
        firmware: patterns(&table.key("firmware")),
        length_meters: value(table.key("length_meters").number_in(length, "metres")),
        breakout: breakout(table, fabric, has_plane),
    }
}

fn value<T>(written: Option<At<T>>) -> Option<T> {
    written.map(|written| written.value)
}

fn patterns(field: &Field<'_>) -> Patterns {
    let texts = field.texts().unwrap_or_default();
    Patterns(
        texts
            .into_iter()
            .map(|text| text.value.to_owned())
            .collect(),
    )
}

fn application(field: &Field<'_>, table: &Table<'_>) -> Option<Wish> {
    let text = field.text()?;
    let wish = Wish::parse(text.value);
    if wish.is_none() {
        let advice = match nearest(text.value, interface_names()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "expected an interface as SFF-8024 calls it, such as \"800GBASE-DR8\", or a \
                     rate such as \"800G\""
                .to_owned(),
        };
        let message = format!("`application` cannot be {:?}; {advice}", text.value);
        table.mistake(text.spot, message);
    }
    wish
}

/// `breakout` and the `planes` of its data paths.
fn breakout(table: &mut Table<'_>, fabric: &Fabric, has_plane: bool) -> Option<Breakout> {
    let text = table.key("breakout").text();
    let field = table.key("planes");
    let plane = |text: &str| text.parse().ok().filter(|n| (1..=MOST_PLANES).contains(n));
    let planes = field.names("a plane, such as \"{1..4}\"", plane);
    let Some(text) = text else {
        field.refuse("is for ports that are split; set `breakout` too, or give one `plane`");
        return None;
    };
    let Some(mut split) = Breakout::parse(text.value) else {
        let message = format!(
            "`breakout` cannot be {:?}; expected data paths and rate, such as \"4x200G\"",
            text.value
        );
        table.mistake(text.spot, message);
        return None;
    };
    let planes = planes.unwrap_or_default();
    if let Some(first) = planes.first() {
        if has_plane {
            field.refuse("and `plane` exclude each other");
        }
        if planes.len() != usize::from(split.paths) {
            let message = format!(
                "{} planes for {} data paths; each path has one of its own",
                planes.len(),
                split.paths
            );
            table.mistake(first.spot, message);
        }
        if let Some(over) = planes.iter().find(|plane| plane.value > fabric.planes) {
            let message = format!(
                "`planes` has {}, but [fabric] has `planes` = {}",
                over.value, fabric.planes
            );
            table.mistake(over.spot, message);
        }
    }
    split.planes = planes.into_iter().map(|plane| plane.value).collect();
    Some(split)
}
