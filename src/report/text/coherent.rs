//! Coherent media lanes: error counters and link quality of the last interval.

use super::grid::{Align, Grid};
use super::{heading, line};
use crate::module::{CoherentLane, Fec, Reading, Snapshot};
use crate::report::quantity::{self, NONE};

/// Writes a section for each coherent lane.
pub(super) fn write(snapshot: &Snapshot, out: &mut String) {
    for lane in &snapshot.coherent {
        let title = match snapshot.coherent.len() {
            1 => "Coherent link".to_owned(),
            _ => format!("Coherent link of media lane {}", lane.lane),
        };
        heading(&title, out);
        write_lane(lane, out);
    }
}

fn write_lane(lane: &CoherentLane, out: &mut String) {
    match lane.fec {
        Reading::Value(fec) => write_fec(&fec, out),
        Reading::Absent(why) => line(&format!("error counters: {}", why.reason()), out),
    }
    let link = match &lane.link {
        Reading::Value(link) => link,
        Reading::Absent(why) => return line(&format!("link: {}", why.reason()), out),
    };
    let (left, right) = (Align::Left, Align::Right);
    let mut grid = Grid::new(&[left, right, right, right, left]);
    grid.row(["Quantity", "Average", "Least", "Most", "Unit"]);
    for interval in link {
        let unit = interval.quantity.unit;
        let [average, least, most] = [interval.average, interval.minimum, interval.maximum]
            .map(|value| quantity::in_unit(value, unit));
        let name = interval.quantity.name.replace('_', " ");
        grid.row([&name, &average, &least, &most, unit]);
    }
    grid.write(2, out);
}

fn write_fec(fec: &Fec, out: &mut String) {
    let ratio = |ratio: Option<f64>| {
        ratio.map_or_else(
            || NONE.to_owned(),
            |ratio| quantity::in_unit(ratio, "ratio"),
        )
    };
    let bits = format!(
        "pre-FEC bit error ratio {} (least {}, most {}): {} of {} bits corrected",
        ratio(fec.pre_fec_ber()),
        ratio(fec.pre_fec_ber_min()),
        ratio(fec.pre_fec_ber_max()),
        fec.corrected_bits,
        fec.bits,
    );
    line(&bits, out);
    let frames = format!(
        "{} of {} frames could not be corrected",
        fec.uncorrectable_frames, fec.frames
    );
    line(&frames, out);
}
