//! Families about what is wrong: findings against the plan, and the verdict.

use prometheus::proto::MetricFamily;

use super::Port;
use super::family::{Once, Spec};
use crate::health::verdict::Verdict;

const FINDING: Spec = Spec::gauge(
    "opticsd_finding",
    "A rule by which the port differs from its plan, as of the last sweep; 1 while it does, absent otherwise.",
);
const VERDICT: Spec = Spec::gauge(
    "opticsd_verdict",
    "Whether this is the judgement of the port (1) or not (0), as of the last sweep.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 2] = [&FINDING, &VERDICT];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<MetricFamily> {
    vec![
        FINDING.by_port(ports, |port, series| {
            let mut once = Once::new();
            for finding in &port.view.findings {
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
    ]
}
