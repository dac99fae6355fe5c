//! The `[[exception]]` tables: rules that ports may break for a while.

use crate::names::PortName;
use crate::plan::date::Date;
use crate::plan::exception::Exception;
use crate::plan::rules::{NAMES, exception_expired};
use crate::plan::watched;
use crate::plan::{Assignment, Plan};
use crate::tomlfile::{At, Table, nearest};

/// Reads every exception and gives it to the assignments that it names.
pub(super) fn read(root: &mut Table<'_>, plan: &mut Plan) {
    for table in root.key("exception").tables() {
        let Some((ports, exception)) = exception(table, plan) else {
            continue;
        };
        for port in ports {
            let index = plan.by_port.get(&port.value);
            let assignment: Option<&mut Assignment> =
                index.and_then(|index| plan.assignments.get_mut(*index));
            if let Some(assignment) = assignment {
                assignment.exceptions.push(exception.clone());
            }
        }
    }
}

/// One `[[exception]]`, and its ports.
fn exception(mut table: Table<'_>, plan: &Plan) -> Option<(Vec<At<PortName>>, Exception)> {
    let ports = table
        .required("ports", "the ports that may break the rule")
        .names("a port's name, without spaces", PortName::new);
    let rules: Vec<_> = NAMES
        .into_iter()
        .chain(watched::NAMES)
        .filter(|name| *name != exception_expired::ID)
        .map(|name| (name, name))
        .collect();
    let rule = table
        .required(
            "rule",
            "the rule that may be broken, such as \"class-denied\"",
        )
        .word(&rules);
    let reason = table
        .required("reason", "why, for whoever reads the finding")
        .text();
    let expires = table
        .required("expires", "the last day of it, such as \"2027-03-01\"")
        .text();
    let date = expires.and_then(|text| {
        let date = Date::parse(text.value);
        if date.is_none() {
            let message = format!(
                "`expires` cannot be {:?}; expected a day such as \"2027-03-01\"",
                text.value
            );
            table.mistake(text.spot, message);
        }
        date
    });
    table.finish();
    let ports = ports?;
    refuse_unassigned(&table, &ports, plan);
    let exception = Exception {
        rule: rule?.value,
        reason: reason?.value.to_owned(),
        expires: date?,
        lapsed: false,
        at: table.spot(),
    };
    Some((ports, exception))
}

/// An exception for a port that nobody assigned is a slip of the pen: told once
/// for each place.
fn refuse_unassigned(table: &Table<'_>, ports: &[At<PortName>], plan: &Plan) {
    for of_one_place in ports.chunk_by(|one, other| one.spot == other.spot) {
        let is_unassigned = |port: &&At<PortName>| plan.assignment(&port.value).is_none();
        let Some(port) = of_one_place.iter().find(is_unassigned) else {
            continue;
        };
        let names = plan.assignments().iter().map(|a| a.port.as_str());
        let advice = match nearest(port.value.as_str(), names) {
            Some(near) => format!("the nearest port is `{near}`"),
            None => "assign it first".to_owned(),
        };
        let message = format!("`{}` is not assigned; {advice}", port.value);
        table.mistake(port.spot, message);
    }
}
