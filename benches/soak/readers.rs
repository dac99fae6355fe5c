//! Who reads what is published: scrapers, browsers, programs, and clients that keep
//! what they got for long.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use opticsd::report::metrics::Exporter;
use opticsd::report::page::Sort;
use opticsd::report::page::past::{Past, Range};
use opticsd::report::{Fleet, PortView, api, console, page, raw};

/// More than any port can have.
const MOST_SERIES_OF_A_PORT: usize = 1200;
/// How many views slow clients hold.
const HELD: usize = 16;

/// All of them.
pub struct Readers {
    exporter: Exporter,
    held: VecDeque<Arc<PortView>>,
    /// The most series that a scrape had.
    pub most_series: usize,
}

impl Readers {
    pub fn new(fleet: &Arc<Fleet>) -> Self {
        Self {
            exporter: Exporter::new(Arc::clone(fleet)).unwrap(),
            held: VecDeque::new(),
            most_series: 0,
        }
    }

    /// Reads everything of the fleet and of one port; returns what is wrong with it.
    pub fn read(&mut self, fleet: &Fleet, port: usize, now: SystemTime) -> Result<(), String> {
        let text = self.exporter.render().map_err(|error| error.to_string())?;
        let slots = fleet.ports.load_full();
        let series = names(&text)?;
        self.most_series = self.most_series.max(series);
        if series > MOST_SERIES_OF_A_PORT * slots.len().max(1) {
            return Err(format!("{series} series"));
        }
        let slot = &slots[port % slots.len()];
        self.held.push_back(slot.view.load_full());
        if self.held.len() > HELD {
            self.held.pop_front();
        }
        let of_all = serde_json::to_string(&api::ports(fleet, now));
        let of_port = serde_json::to_string(&api::port(fleet, slot, now));
        for text in [of_all, of_port] {
            let text = text.map_err(|error| error.to_string())?;
            let back: Result<serde_json::Value, _> = serde_json::from_str(&text);
            back.map_err(|error| error.to_string())?;
        }
        let view = slot.view.load_full();
        if let Some(module) = &view.snapshot {
            let dump = raw::capture_file(slot.name.as_str(), module, now);
            opticsd::bus::dump::parse(&dump, "capture").map_err(|error| error.to_string())?;
        }
        console::port(fleet, slot);
        let past = Past {
            range: Range::Hour,
            found: Err("nobody was asked".to_owned()),
        };
        let pages = [
            page::overview(fleet, Sort::ALL[port % Sort::ALL.len()], now),
            page::port(fleet, slot, &past, now),
            page::raw(fleet, slot, now),
        ];
        for page in pages {
            if !page.ends_with("</html>") || page.contains("<b>'") {
                return Err(format!("a page of {} bytes is no page", page.len()));
            }
        }
        Ok(())
    }
}

/// The number of series in a scrape, each of which has a name of its own that
/// Prometheus takes.
fn names(text: &str) -> Result<usize, String> {
    let mut seen = HashSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').ok_or(line)?;
        let family = name.split('{').next().unwrap_or_default();
        let is_name = family
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let is_number = value.parse::<f64>().is_ok_and(|value| !value.is_nan());
        if !is_name || family.is_empty() || !is_number || !seen.insert(name) {
            return Err(format!("no series, or twice: {line}"));
        }
    }
    Ok(seen.len())
}
