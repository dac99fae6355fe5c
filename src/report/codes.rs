//! Names of the codes that a module gives, for every output alike.

use crate::cmis::sff8024::{self, Interface, Linearity};
use crate::module::{Application, Reading, Snapshot, VdmSample};

/// What the code tables say of one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ApplicationNames {
    /// The host interface.
    pub host: Option<&'static str>,
    /// The media interface.
    pub media: Option<&'static str>,
    /// Which directions are linear: `none`, `rx`, `both`; `None` where neither
    /// code is known.
    pub linear: Option<&'static str>,
}

/// What the code tables say of one application of a module.
pub(super) fn application(snapshot: &Snapshot, application: &Application) -> ApplicationNames {
    let host = sff8024::host_interface(application.host_code);
    let media = snapshot
        .media_type
        .value()
        .and_then(|kind| sff8024::media_interface(kind, application.media_code));
    let known: Vec<&Interface> = host.iter().chain(media.iter()).copied().collect();
    ApplicationNames {
        host: host.map(|row| row.name),
        media: media.map(|row| row.name),
        linear: (!known.is_empty()).then(|| widest(&known)),
    }
}

/// The widest claim of linearity among some interfaces.
fn widest(interfaces: &[&Interface]) -> &'static str {
    let any = |wanted| interfaces.iter().any(|row| row.linear == wanted);
    if any(Linearity::Both) {
        "both"
    } else if any(Linearity::Rx) {
        "rx"
    } else {
        "none"
    }
}

/// The name of a code, or the code as a hexadecimal number: a module newer than
/// the tables is shown, never refused.
pub(super) fn name_or_code(code: u8, name: Option<&'static str>) -> String {
    name.map_or_else(|| format!("{code:02X}h"), str::to_owned)
}

/// The module's form factor.
pub(super) fn form_factor(snapshot: &Snapshot) -> String {
    let code = snapshot.identity.identifier;
    name_or_code(code, sff8024::identifier_name(code))
}

/// The name of a module function type (CMIS 5.4 Table 8-18).
pub(super) fn function_type_name(code: u8) -> Option<&'static str> {
    match code {
        0 => Some("transmission"),
        1 => Some("laser source"),
        128.. => Some("vendor"),
        _ => None,
    }
}

/// The module function type, if the module says which.
pub(super) fn function_type(snapshot: &Snapshot) -> Option<String> {
    named(snapshot.identity.function_type, function_type_name)
}

/// The connector, if the module says which.
pub(super) fn connector(snapshot: &Snapshot) -> Option<String> {
    named(snapshot.identity.connector, sff8024::connector_name)
}

/// The media interface technology, if the module says which.
pub(super) fn technology(snapshot: &Snapshot) -> Option<String> {
    named(
        snapshot.identity.media_technology,
        sff8024::media_technology_name,
    )
}

/// The media type, if the module says which.
pub(super) fn media_type(snapshot: &Snapshot) -> Option<String> {
    named(snapshot.media_type, sff8024::media_type_name)
}

/// What a VDM observable is, in words; one whose code is not known shows it.
pub(super) fn observable(sample: &VdmSample) -> String {
    match sample.name {
        "vendor" | "reserved" => format!("{} {}", sample.name, sample.observable),
        name => name.replace('_', " "),
    }
}

fn named(code: Reading<u8>, name: fn(u8) -> Option<&'static str>) -> Option<String> {
    code.value().map(|code| name_or_code(code, name(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_name_stays_a_number() {
        assert_eq!(name_or_code(0xFE, None), "FEh");
        assert_eq!(name_or_code(0x19, Some("OSFP")), "OSFP");
        assert_eq!(function_type_name(2), None);
        assert_eq!(function_type_name(0x80), Some("vendor"));
    }
}
