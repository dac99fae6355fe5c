//! The applications that a CMIS module offers, and the lanes that they use.

use super::from_cmis::Source;
use super::{Application, LaneCount, Reading};
use crate::bus::address::Bank;
use crate::cmis::lower::{self, Descriptor};
use crate::cmis::{page00, page01, page11, sff8024};

/// A slot that is not in use but does not end the list.
const UNDEFINED_HOST_CODE: u8 = 0;
/// Where an application starts that gives no place to start: on lane 1.
const FIRST_LANE: u8 = 1;

/// The advertised applications in slot order, up to the first slot that ends
/// the list.
pub(super) fn applications(source: &Source) -> Vec<Application> {
    let page = source.group(&page01::ADVERTISEMENT, Bank::ZERO);
    let media_starts = page.map(page01::media_starts);
    let first = source
        .group(&lower::APPLICATIONS, Bank::ZERO)
        .map(lower::applications)
        .value();
    let more = page.map(page01::applications).value();
    let slots = first
        .into_iter()
        .flatten()
        .chain(more.into_iter().flatten());
    (0..)
        .zip(slots)
        .take_while(|(_, slot)| slot.host_code != Descriptor::END)
        .filter(|(_, slot)| slot.host_code != UNDEFINED_HOST_CODE)
        .map(|(index, slot)| Application {
            number: index + 1,
            host_code: slot.host_code,
            media_code: slot.media_code,
            host_lanes: slot.host_lanes,
            media_lanes: slot.media_lanes,
            host_starts: slot.host_starts,
            media_starts: media_starts
                .and_then(|starts| starts.get(usize::from(index)).copied().into()),
        })
        .collect()
}

/// The lanes in use on each side of every bank: bit k is lane k + 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaneSets {
    /// Host lanes.
    pub(super) host: u8,
    /// Media lanes.
    pub(super) media: u8,
}

impl LaneSets {
    /// How many lanes that makes over this many banks.
    pub(super) fn count(self, banks: u8) -> LaneCount {
        let over_banks = |set: u8| {
            let in_bank: u16 = (0..page11::LANES).map(|k| u16::from(set >> k & 1)).sum();
            in_bank * u16::from(banks)
        };
        LaneCount {
            host: over_banks(self.host),
            media: over_banks(self.media),
        }
    }
}

/// All lanes that some application may use, without the media lanes that the
/// module says it does not have (00h:210).
pub(super) fn lane_sets(
    applications: &[Application],
    media_type: Reading<u8>,
    identity: Reading<page00::Identity>,
) -> LaneSets {
    let unsupported = identity
        .value()
        .map_or(0, |page| page.media_lanes_unsupported);
    let mut sets = LaneSets { host: 0, media: 0 };
    for application in applications {
        let host = sff8024::host_interface(application.host_code);
        let media = media_type
            .value()
            .and_then(|table| sff8024::media_interface(table, application.media_code));
        let host_lanes = lanes(application.host_lanes, host);
        let media_lanes = lanes(application.media_lanes, media);
        sets.host |= covered(application.host_starts, host_lanes);
        sets.media |= covered(application.media_starts.value().unwrap_or(0), media_lanes);
    }
    sets.media &= !unsupported;
    sets
}

/// Lanes of one side of an application: 0 stands for as many as the code fixes.
fn lanes(descriptor: u8, interface: Option<&sff8024::Interface>) -> u8 {
    match descriptor {
        0 => interface.and_then(|interface| interface.lanes).unwrap_or(0),
        lanes => lanes,
    }
}

/// The lanes of a bank that an application of `lanes` lanes may use.
fn covered(starts: u8, lanes: u8) -> u8 {
    let run = (1_u16 << lanes.min(page11::LANES)) - 1;
    let starts = if starts == 0 { FIRST_LANE } else { starts };
    let all = (0..page11::LANES)
        .filter(|start| starts >> start & 1 == 1)
        .fold(0, |set, start| set | run << start);
    let [_, in_bank] = all.to_be_bytes();
    in_bank
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::sheet::Sheet;

    fn application(lanes: (u8, u8), host_starts: u8, media_starts: Reading<u8>) -> Application {
        Application {
            number: 1,
            host_code: 0x11,
            media_code: 0x1C,
            host_lanes: lanes.0,
            media_lanes: lanes.1,
            host_starts,
            media_starts,
        }
    }

    fn sets(applications: &[Application]) -> LaneSets {
        lane_sets(applications, Reading::Value(2), Reading::NOT_ADVERTISED)
    }

    #[test]
    fn lanes_are_the_union_over_start_options() {
        let two_by_four = application((4, 4), 0x11, Reading::Value(0x11));
        let all = LaneSets {
            host: 0xFF,
            media: 0xFF,
        };
        assert_eq!(sets(&[two_by_four]), all);
        let eight_to_four = application((8, 4), 0x01, Reading::Value(0x01));
        let split = application((2, 1), 0x55, Reading::Value(0x0F));
        let expected = LaneSets {
            host: 0xFF,
            media: 0x0F,
        };
        assert_eq!(sets(&[eight_to_four]), expected);
        assert_eq!(sets(&[split]), expected);
        assert_eq!(
            expected.count(4),
            LaneCount {
                host: 32,
                media: 16
            }
        );
    }

    #[test]
    fn what_runs_over_the_bank_is_cut_off() {
        assert_eq!(covered(0x80, 4), 0x80);
        assert_eq!(covered(0x01, 15), 0xFF);
        assert_eq!(covered(0x01, 0), 0);
        assert_eq!(covered(0x00, 2), 0x03);
    }

    #[test]
    fn no_application_means_no_lanes() {
        let none = sets(&[]);
        assert_eq!(none, LaneSets { host: 0, media: 0 });
        assert_eq!(none.count(4), LaneCount { host: 0, media: 0 });
    }

    #[test]
    fn media_lanes_that_the_module_lacks_are_left_out() {
        let mut page = Sheet::full([0; 128]);
        page.put(210, &[0xFC]);
        let lacks_six = Reading::Value(page00::identity(&page));
        let eight = application((8, 8), 0x01, Reading::Value(0x01));
        let sets = lane_sets(&[eight], Reading::Value(2), lacks_six);
        assert_eq!((sets.host, sets.media), (0xFF, 0x03));
    }

    #[test]
    fn unknown_media_starts_leave_the_first_place() {
        let flat = application((8, 8), 0x01, Reading::NOT_ADVERTISED);
        assert_eq!(sets(&[flat]).media, 0xFF);
    }
}
