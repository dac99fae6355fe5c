//! Families about what the host counts for a link.

use super::Port;
use super::family::{Family, Spec, count, truth};
use crate::health::host_ber::Totals;

const UP: Spec = Spec::gauge(
    "opticsd_host_fec_up",
    "Whether the source of the host's error counters answered when last asked (1) or not (0).",
);
const READS: Spec = Spec::counter(
    "opticsd_host_fec_reads_total",
    "Questions for the host's error counters of the port since the daemon started.",
);
const FAILURES: Spec = Spec::counter(
    "opticsd_host_fec_read_failures_total",
    "Questions for the host's error counters that had no answer since the daemon started, by kind of trouble.",
);
const CORRECTED: Spec = Spec::counter(
    "opticsd_fec_corrected_codewords_total",
    "Codewords that the host's decoder corrected since the daemon started; resets of the host's own counter are taken out.",
);
const UNCORRECTABLE: Spec = Spec::counter(
    "opticsd_fec_uncorrectable_codewords_total",
    "Codewords that the host's decoder could not correct since the daemon started; resets of the host's own counter are taken out.",
);
const BITS: Spec = Spec::counter(
    "opticsd_fec_corrected_bit_errors_total",
    "Bits that the host's decoder corrected since the daemon started; resets of the host's own counter are taken out.",
);

/// The families of this file.
pub(super) const SPECS: [&Spec; 6] = [&UP, &READS, &FAILURES, &CORRECTED, &UNCORRECTABLE, &BITS];

pub(super) fn collect(ports: &[Port<'_>]) -> Vec<Family> {
    vec![
        UP.one_by_port(ports, |port| {
            let status = port.slot.host.load();
            let asked = status.as_ref().filter(|status| status.reads > 0);
            asked.map(|status| truth(status.trouble.is_none()))
        }),
        READS.one_by_port(ports, |port| {
            let status = port.slot.host.load();
            status.as_ref().map(|status| count(status.reads))
        }),
        FAILURES.by_port(ports, |port, series| {
            if let Some(status) = port.slot.host.load().as_ref() {
                for (kind, number) in &status.failures {
                    series.add(&[("kind", kind)], count(*number));
                }
            }
        }),
        counted(&CORRECTED, ports, |totals| totals.corrected_codewords),
        counted(&UNCORRECTABLE, ports, |totals| {
            totals.uncorrectable_codewords
        }),
        counted(&BITS, ports, |totals| totals.corrected_bits),
    ]
}

/// A counter of the host; absent where it does not count it.
fn counted(
    spec: &'static Spec,
    ports: &[Port<'_>],
    counter: impl Fn(&Totals) -> Option<u64>,
) -> Family {
    spec.one_by_port(ports, |port| counter(&port.view.health.totals).map(count))
}
