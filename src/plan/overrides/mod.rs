//! The plan's own words on what a role asks for, put over the defaults.
//!
//! The keys are the same for a role and for an assignment. Classes and power
//! stand here, the other parts of a policy in [`parts`].

mod parts;

use super::role::{Policy, PowerLines};
use crate::class::Class;
use crate::cmis::sff8024;
use crate::tomlfile::{At, Field, Table};

/// The range of every power line, in watts per 100 Gb/s: no module of any class
/// comes near the upper end.
const WATTS_PER_100G: std::ops::RangeInclusive<f64> = 0.0..=100.0;

/// The unit of the power lines, in mistakes.
const UNIT: &str = "watts per 100 Gb/s";

/// Asks a table for every key of a policy and puts what it says into `policy`.
///
/// A class written into one list leaves the lists that the table does not
/// write: a plan that allows `lpo` need not repeat what is denied.
pub(super) fn apply(table: &mut Table<'_>, policy: &mut Policy) {
    lists(table, policy);
    power(table, policy);
    parts::lane_rates(table, policy);
    parts::reach(table, policy);
    parts::interfaces(table, policy);
    parts::ber(table, policy);
    parts::planes(table, policy);
    parts::watch(table, policy);
}

fn power(table: &mut Table<'_>, policy: &mut Policy) {
    let warn = line(&table.key("watts_per_100g_warn"));
    let limit = line(&table.key("watts_per_100g_limit"));
    let mut lines = PowerLines {
        warn: policy.watts_per_100g_warn,
        limit: policy.watts_per_100g_limit,
    };
    if draw(table, &mut lines, warn, limit) {
        policy.watts_per_100g_warn = lines.warn;
        policy.watts_per_100g_limit = lines.limit;
    }
    let warn = line(&table.key("watts_per_100g_warn_upto_400g"));
    let limit = line(&table.key("watts_per_100g_limit_upto_400g"));
    let mut small = policy.upto_400g.unwrap_or(lines);
    if draw(table, &mut small, warn, limit) {
        policy.upto_400g = Some(small);
    }
    let by_form = table.key("watts_per_100g_by_form").table();
    for (form, mut own) in by_form.into_iter().flat_map(forms) {
        let warn = line(&own.key("warn"));
        let limit = line(&own.key("limit"));
        own.finish();
        let known = policy.by_form.iter_mut().find(|(name, _)| *name == form);
        let mut drawn = known.as_ref().map_or(lines, |(_, lines)| *lines);
        if draw(&own, &mut drawn, warn, limit) {
            match known {
                Some((_, lines)) => *lines = drawn,
                None => policy.by_form.push((form, drawn)),
            }
        }
    }
}

/// The tables of a table by form, each with the form's word.
fn forms(mut table: Table<'_>) -> Vec<(&'static str, Table<'_>)> {
    let words = form_words();
    let tables = words
        .into_iter()
        .filter_map(|form| Some((form, table.key(form).table()?)))
        .collect();
    table.finish();
    tables
}

/// Every form that an identifier can name, each once.
pub(super) fn form_words() -> Vec<&'static str> {
    let mut words: Vec<_> = (0..=u8::MAX).filter_map(sff8024::form_factor).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn lists(table: &mut Table<'_>, policy: &mut Policy) {
    let valid = Class::ALL.map(|class| (class.name(), class));
    // Unknown is not a class to plan for: it has a rule of its own.
    let valid: Vec<_> = valid
        .into_iter()
        .filter(|(_, class)| *class != Class::Unknown)
        .collect();
    let mut lists = [
        ("allowed", &mut policy.allowed),
        ("conditional", &mut policy.conditional),
        ("warned", &mut policy.warned),
        ("denied", &mut policy.denied),
    ]
    .map(|(key, list)| (key, list, table.key(key).words(&valid)));

    let mut named: Vec<(Class, &str)> = Vec::new();
    for (key, _, written) in &lists {
        for At { value: class, spot } in written.iter().flatten() {
            match named.iter().find(|(other, _)| other == class) {
                Some((_, first)) => {
                    let name = class.name();
                    let message = format!("`{key}` has \"{name}\", but so has `{first}`");
                    table.mistake(*spot, message);
                }
                None => named.push((*class, key)),
            }
        }
    }
    for (_, list, written) in &mut lists {
        match written {
            Some(written) => **list = written.iter().map(|class| class.value).collect(),
            None => list.retain(|class| !named.iter().any(|(other, _)| other == class)),
        }
    }
}

fn line(field: &Field<'_>) -> Option<At<f64>> {
    field.number_in(WATTS_PER_100G, UNIT)
}

/// Moves the power lines to what is written; says whether anything was. To warn
/// above the limit makes no sense.
fn draw(
    table: &Table<'_>,
    lines: &mut PowerLines,
    warn: Option<At<f64>>,
    limit: Option<At<f64>>,
) -> bool {
    lines.warn = warn.map_or(lines.warn, |warn| warn.value);
    lines.limit = limit.map_or(lines.limit, |limit| limit.value);
    if let Some(written) = warn.or(limit)
        && lines.warn > lines.limit
    {
        let message = format!(
            "warns above {} W per 100 Gb/s, but the limit is {} W; set both so that the limit is the higher",
            lines.warn, lines.limit
        );
        table.mistake(written.spot, message);
    }
    warn.or(limit).is_some()
}
