//! Decoders that answer by themselves: those of simulated hosts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Silence, SilenceKind, Teller};
use crate::clock::Clock;
use crate::health::host_fec::HostFec;

/// Tells what one decoder shows at a moment; `None` while it gives no answer.
pub type Decoder = Arc<dyn Fn(Duration) -> Option<HostFec> + Send + Sync>;

/// The decoders by the names of their ports.
#[derive(Default)]
pub struct OwnDecoders(pub BTreeMap<String, Decoder>);

impl Teller for OwnDecoders {
    fn tell(&mut self, ports: &[String], clock: &dyn Clock) -> Vec<Result<HostFec, Silence>> {
        let of_port = |port: &String| match self.0.get(port) {
            Some(decoder) => decoder(clock.now())
                .ok_or_else(|| Silence::new(SilenceKind::Unreachable, "the host gives no answer")),
            None => Err(Silence::new(
                SilenceKind::NoSuchPort,
                format!("no decoder counts for {port}"),
            )),
        };
        ports.iter().map(of_port).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::health::host_fec::FecSource;

    #[test]
    fn each_port_has_its_decoder_and_may_be_silent() {
        let second = Duration::from_secs(1);
        let mut decoders = OwnDecoders::default();
        let told: Decoder = Arc::new(|now| Some(HostFec::empty(now, FecSource::Simulated)));
        decoders.0.insert("a".to_owned(), told);
        decoders.0.insert("b".to_owned(), Arc::new(|_| None));
        let names = ["b", "a", "c"].map(str::to_owned);
        let clock = ManualClock::new();
        clock.advance(second);
        let answers = decoders.tell(&names, &clock);
        let kind = |answer: &Result<HostFec, Silence>| answer.as_ref().err().map(|e| e.kind);
        let kinds: Vec<_> = answers.iter().map(kind).collect();
        let (gone, unknown) = (SilenceKind::Unreachable, SilenceKind::NoSuchPort);
        assert_eq!(kinds, [Some(gone), None, Some(unknown)]);
        assert_eq!(answers[1].as_ref().unwrap().at, second);
    }
}
