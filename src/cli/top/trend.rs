//! A few values as a line of little bars.

use std::collections::VecDeque;

use crate::report::summary::PortSummary;

/// How many values are kept of each port.
pub(super) const KEPT: usize = 16;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What is drawn of a port: how bad its error ratio is, or else how hot it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    /// Decades of the error ratio towards its limit; higher is worse.
    Decades(f64),
    /// Degrees Celsius.
    Celsius(f64),
}

/// The last values of one port; none where it was not known.
#[derive(Debug, Clone, Default)]
pub(super) struct Trend(VecDeque<Option<Value>>);

impl Trend {
    /// Adds what a port is now.
    pub(super) fn push(&mut self, port: &PortSummary) {
        let decades = port
            .margin
            .as_ref()
            .map(|margin| Value::Decades(-margin.decades));
        let celsius = port.temperature_celsius.map(Value::Celsius);
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(decades.or(celsius));
    }

    /// The values as bars, the newest last. Half the height is a decade or five
    /// degrees at least, so that noise does not look like a mountain.
    pub(super) fn bars(&self) -> String {
        let newest = self.0.iter().rev().find_map(|value| *value);
        let (is_decades, least) = match newest {
            Some(Value::Decades(_)) => (true, 2.0),
            Some(Value::Celsius(_)) => (false, 10.0),
            None => return String::new(),
        };
        let number = |value: &Option<Value>| match value {
            Some(Value::Decades(x)) if is_decades => Some(*x),
            Some(Value::Celsius(x)) if !is_decades => Some(*x),
            _ => None,
        };
        let numbers = self.0.iter().filter_map(number);
        let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        let middle = f64::midpoint(low, high);
        let range = (high - low).max(least);
        let bar = |x: f64| {
            let height = (x - (middle - range / 2.0)) / range;
            // The bar below which the value is.
            let steps = (1..=7)
                .filter(|step| height >= f64::from(*step) / 8.0)
                .count();
            BARS.get(steps).copied().unwrap_or(' ')
        };
        let bars = self.0.iter().map(|value| number(value).map_or(' ', bar));
        bars.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(decades: Option<f64>, celsius: Option<f64>) -> PortSummary {
        let mut port: PortSummary = serde_json::from_str(
            r#"{"port": "a", "bus": "b", "presence": "active", "verdict": "ok", "reasons": [],
                "findings": [], "margin": {"side": "media", "source": "module", "decades": 0.0,
                "at_least": false}}"#,
        )
        .unwrap();
        port.temperature_celsius = celsius;
        match decades {
            Some(decades) => port.margin.as_mut().unwrap().decades = decades,
            None => port.margin = None,
        }
        port
    }

    #[test]
    fn worse_is_higher_and_noise_is_flat() {
        let mut trend = Trend::default();
        assert_eq!(trend.bars(), "");
        for decades in [5.0, 5.0, 4.0, 3.0, 1.0] {
            trend.push(&port(Some(decades), Some(40.0)));
        }
        assert_eq!(trend.bars(), "▁▁▃▅█");
        let mut trend = Trend::default();
        for decades in [5.0, 5.1, 4.9] {
            trend.push(&port(Some(decades), None));
        }
        assert_eq!(trend.bars(), "▅▄▅");
    }

    #[test]
    fn what_was_not_known_is_a_gap_and_old_values_go() {
        let mut trend = Trend::default();
        trend.push(&port(None, Some(40.0)));
        trend.push(&port(None, None));
        trend.push(&port(None, Some(60.0)));
        assert_eq!(trend.bars(), "▁ █");
        for _ in 0..KEPT {
            trend.push(&port(None, Some(60.0)));
        }
        assert_eq!(trend.bars().chars().count(), KEPT);
        assert!(!trend.bars().contains(' '));
    }
}
