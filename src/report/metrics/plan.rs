//! Families about what is wrong: findings against the plan, and the verdict.

use super::Port;
use super::family::{Family, Once, Spec};
use crate::health::verdict::Verdict;
use crate::report::Fleet;

const FINDING: Spec = Spec::gauge(
    "opticsd_finding",
    "A rule by which the port differs from its plan, as of the last sweep; 1 while it does, absent otherwise.",
);
const VERDICT: Spec = Spec::gauge(
    "opticsd_verdict",
    "Whether this is the judgement of the port (1) or not (0), as of the last sweep.",
);

const IMBALANCE: Spec = Spec::gauge(
    "opticsd_plane_imbalance_ratio",
    "How much worse than its sisters the worst plane of the role is, by what the plan tolerates: above 1 there is a finding.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 3] = [&FINDING, &VERDICT, &IMBALANCE];

pub(super) fn collect(fleet: &Fleet, ports: &[Port<'_>]) -> Vec<Family> {
    vec![
        FINDING.by_port(ports, |port, series| {
            let mut once = Once::new();
            for finding in &port.findings {
                if once.first((finding.rule, finding.severity)) {
                    let labels = [
                        ("rule", finding.rule),
                        ("severity", finding.severity.name()),
                    ];
                    series.add(&labels, 1.0);
                }
            }
        }),
        VERDICT.by_port(ports, |port, series| {
            let present = port.view.judgement.verdict.name();
            series.add_states(Verdict::ALL.map(Verdict::name), Some(present));
        }),
        IMBALANCE.filled(|series| {
            for one in fleet.imbalance.load().iter() {
                let labels = [("role", one.role.name()), ("quantity", one.quantity.name())];
                series.add(&labels, one.ratio);
            }
        }),
    ]
}
