//! How many bits a second pass through a module as it is configured, coding
//! included: what error counts are to be divided by.

use crate::cmis::sff8024;
use crate::module::{Application, Snapshot};

/// Bits a second of the applications in use, coding included.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LineRate {
    /// Of one host lane.
    pub host_lane: Option<f64>,
    /// Of one media lane.
    pub media_lane: Option<f64>,
    /// Of all host lanes that are in use.
    pub host: Option<f64>,
}

impl LineRate {
    /// Whether the media lanes carry a code of their own around the host's: the
    /// 113.4375 GBd of IEEE 802.3dj.
    pub fn has_inner_code(&self) -> bool {
        const INNER_CODED: std::ops::RangeInclusive<f64> = 226e9..=228e9;
        self.media_lane
            .is_some_and(|rate| INNER_CODED.contains(&rate))
    }
}

/// The rates of the applications that the module's lanes run; `None` where no lane
/// tells its application, or the interface codes do not fix a rate.
///
/// Of several applications the fastest lane counts.
pub fn line_rate(snapshot: &Snapshot) -> LineRate {
    let media_type = snapshot.media_type.value().unwrap_or_default();
    let mut rate = LineRate::default();
    let mut host = 0.0;
    for lane in &snapshot.lanes {
        let in_use = |application: &&Application| {
            lane.active_application.value() == Some(application.number)
        };
        let Some(application) = snapshot.applications.iter().find(in_use) else {
            continue;
        };
        let [of_host, of_media] = lane_rates(application, media_type);
        rate.host_lane = larger(rate.host_lane, of_host);
        rate.media_lane = larger(rate.media_lane, of_media);
        host += of_host.unwrap_or_default();
    }
    rate.host = (host > 0.0).then_some(host);
    rate
}

/// What a host lane and a media lane of an application carry. Where only one of
/// the two is known the other follows from the numbers of lanes: modules that add
/// a code of their own have one of their own in the tables.
fn lane_rates(application: &Application, media_type: u8) -> [Option<f64>; 2] {
    let host = sff8024::host_interface(application.host_code);
    let media = sff8024::media_interface(media_type, application.media_code);
    let of = |row: Option<&sff8024::Interface>| {
        let row = row?;
        let shared = || Some(row.total_gbps? / f64::from(row.lanes?));
        let gbps = row.lane_gbps.or_else(shared)?;
        (gbps > 0.0).then_some(gbps * 1e9)
    };
    let (host, media) = (of(host), of(media));
    let lanes = |number: u8| (number > 0).then(|| f64::from(number));
    let by_lanes = lanes(application.host_lanes).zip(lanes(application.media_lanes));
    let across = |rate: Option<f64>, up: bool| {
        let (host_lanes, media_lanes) = by_lanes?;
        let ratio = host_lanes / media_lanes;
        Some(rate? * if up { ratio } else { 1.0 / ratio })
    };
    [
        host.or_else(|| across(media, false)),
        media.or_else(|| across(host, true)),
    ]
}

fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::assemble::{self, Registers};
    use crate::module::{LaneReadings, Reading};
    use crate::names::Lane;

    #[test]
    fn the_application_in_use_tells_the_rate() {
        let mut module = assemble::snapshot(Registers {
            image: Default::default(),
            failures: Vec::new(),
            started: Default::default(),
            finished: Default::default(),
        });
        assert_eq!(line_rate(&module), LineRate::default());
        // 400GAUI-4-L C2M onto 400GBASE-FR4.
        module.media_type = Reading::Value(2);
        module.applications = vec![Application {
            number: 1,
            host_code: 0x50,
            media_code: 0x1D,
            host_lanes: 4,
            media_lanes: 4,
            host_starts: 1,
            media_starts: Reading::Value(1),
        }];
        module.lanes = (0..4)
            .map(|index| {
                let mut lane = LaneReadings::unknown(Lane::from_index(index), Default::default());
                lane.active_application = Reading::Value(1);
                lane
            })
            .collect();
        let rate = line_rate(&module);
        assert_eq!(rate.host_lane, Some(106.25e9));
        assert_eq!(rate.host, Some(425e9));
        assert!(rate.media_lane.is_some_and(|rate| rate > 100e9));
        module.lanes[3].active_application = Reading::Value(0);
        assert_eq!(line_rate(&module).host, Some(318.75e9));
    }
}
