//! One port in short: an element of `/api/v1/ports`, and a row of every table for
//! a terminal. It reads back what it writes, so that a table made from a daemon's
//! answer is the same as one made in the daemon.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::headline::{self, Headline};
use super::{Fleet, PortSlot, PortView, moment};
use crate::plan::finding;

/// A word of ours, or the same word read from JSON.
pub type Word = Cow<'static, str>;

/// One port in short. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PortSummary {
    /// Name of the port, as configured.
    pub port: String,
    /// The root adapter that leads to the cage.
    pub bus: String,
    /// `unread`, `empty`, `settling`, `active`, `failing` or `dormant`.
    pub presence: Word,
    /// The judgement: `ok`, `degraded`, `bad` or `unknown`.
    pub verdict: Word,
    /// Why the verdict is what it is, in words.
    pub reasons: Vec<String>,
    /// What the plan uses the port for: `scale-up`, `scale-out` or `scale-across`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Word>,
    /// The plane of the fabric, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plane: Option<String>,
    /// Class of the module: `lpo`, `dsp` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word>,
    /// Who made the module, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Part number, as the module says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_number: Option<String>,
    /// Serial number, as the module says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Case temperature of the module, in degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_celsius: Option<f64>,
    /// The worst lane for received light: dark, or nearest to one of its warning
    /// thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_rx_power: Option<Light>,
    /// The vantage whose error ratio is nearest to its limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<Margin>,
    /// Where the port differs from its plan.
    pub findings: Vec<Finding>,
    /// How old the values are, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<f64>,
    /// Why the last sweep failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// Light of one lane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Light {
    /// The lane, from 1.
    pub lane: u16,
    /// How much, in watts; 0 without light.
    pub watts: f64,
    /// How far that is from the nearer warning threshold, in decibels, negative beyond
    /// it; left out without light, and where the module tells no thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_db: Option<f64>,
}

impl From<headline::Light> for Light {
    fn from(light: headline::Light) -> Self {
        Self {
            lane: light.lane.number(),
            watts: light.power.watts(),
            margin_db: light.margin,
        }
    }
}

/// How far the pre-FEC error ratio of one vantage is from its limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "LeastMargin"))]
pub struct Margin {
    /// `host` or `media`.
    pub side: Word,
    /// Who counted: `module` or `host`.
    pub source: Word,
    /// The worst lane; left out for the whole path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<u16>,
    /// The error ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// The bound in its place, where no error was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// How many decades below the limit it is; negative beyond it.
    pub decades: f64,
    /// Whether it is at least so much, because no error was seen.
    pub at_least: bool,
}

impl From<headline::Ratio> for Margin {
    fn from(ratio: headline::Ratio) -> Self {
        let estimate = ratio.estimate;
        let number = Some(estimate.number()).filter(|number| number.is_finite());
        Self {
            side: ratio.side.name().into(),
            source: ratio.source.name().into(),
            lane: ratio.lane,
            ratio: number.filter(|_| !estimate.is_bound()),
            below: number.filter(|_| estimate.is_bound()),
            decades: ratio.margin,
            at_least: estimate.is_bound(),
        }
    }
}

/// How a port differs from its plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule, such as `class-denied`.
    pub rule: Word,
    /// How grave it is: `notice`, `warning` or `error`.
    pub severity: Word,
    /// What was seen.
    pub saw: String,
    /// What was planned.
    pub planned: String,
    /// What to do.
    pub advice: String,
}

impl PortSummary {
    /// The gravest thing to know of the port in one line, and how many more there
    /// are: bus trouble, the reasons of the verdict, what else differs from the
    /// plan, or what the cage holds if that is no module at work. Empty where all
    /// is well.
    pub fn reason(&self) -> String {
        // Warnings and errors of the port's own are among the reasons already.
        let is_told = |finding: &&Finding| {
            let start = format!("{}:", finding.rule);
            !self.reasons.iter().any(|reason| reason.starts_with(&start))
        };
        let told = |finding: &Finding| {
            format!(
                "{}: saw {}; planned {}",
                finding.rule, finding.saw, finding.planned
            )
        };
        let findings = self.findings.iter().filter(is_told).map(told);
        let reasons = self.trouble.iter().chain(&self.reasons).cloned();
        let mut all = reasons.chain(findings);
        match (all.next(), all.count()) {
            (None, _) if self.presence == "active" => String::new(),
            (None, _) => self.presence.to_string(),
            (Some(reason), 0) => reason,
            (Some(reason), more) => format!("{reason} (+{more})"),
        }
    }

    /// Role and plane as one word, `scale-out/2`.
    pub fn role_and_plane(&self) -> Option<String> {
        let role = self.role.as_deref()?;
        Some(match &self.plane {
            Some(plane) => format!("{role}/{plane}"),
            None => role.to_owned(),
        })
    }
}

/// A port of the fleet in short. `now` is what its age counts to.
pub fn summary(fleet: &Fleet, slot: &PortSlot, now: SystemTime) -> PortSummary {
    let view = slot.view.load();
    let headline = Headline::of(&view);
    let module = view.snapshot.as_deref();
    let identity = module.map(|module| &module.identity);
    let planned = view.planned.as_ref();
    PortSummary {
        port: slot.name.to_string(),
        bus: slot.bus.to_string(),
        presence: view.presence.name().into(),
        verdict: view.judgement.verdict.name().into(),
        reasons: view.judgement.reasons.clone(),
        role: planned.map(|planned| planned.role.into()),
        plane: planned.and_then(|planned| planned.plane.clone()),
        class: view.class.as_ref().map(|class| class.class.name().into()),
        vendor: identity.and_then(|id| id.vendor.clone().value()),
        part_number: identity.and_then(|id| id.part_number.clone().value()),
        serial: identity.and_then(|id| id.serial.clone().value()),
        temperature_celsius: headline.temperature.map(|t| t.celsius()),
        worst_rx_power: headline.light.map(Light::from),
        margin: headline.ber.map(Margin::from),
        findings: findings(fleet, slot, &view),
        age_seconds: age_seconds(&view, now),
        trouble: view.trouble.clone(),
    }
}

pub(super) fn age_seconds(view: &PortView, now: SystemTime) -> Option<f64> {
    view.last_read.map(|at| moment::age(at, now).as_secs_f64())
}

pub(super) fn findings(fleet: &Fleet, slot: &PortSlot, view: &PortView) -> Vec<Finding> {
    let one = |finding: &finding::Finding| Finding {
        rule: finding.rule.into(),
        severity: finding.severity.name().into(),
        saw: finding.saw.clone(),
        planned: finding.planned.clone(),
        advice: finding.advice.clone(),
    };
    let findings = fleet.findings_of(&slot.name, view);
    findings.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::health::verdict::Verdict;
    use crate::module::{DataPathState, Presence, Reading};
    use crate::report::live::{Listener, News};
    use crate::report::order::Order;
    use crate::report::{page, quantity, sample, text};
    use crate::units::{Celsius, Watts};

    fn of(view: PortView) -> PortSummary {
        let slot = sample::slot("Ethernet0", view);
        summary(&sample::fleet(vec![]), &slot, sample::now())
    }

    #[test]
    fn a_summary_is_read_as_it_was_written() {
        for view in [
            sample::view(),
            sample::counted(),
            sample::active(sample::module(sample::HOSTILE)),
        ] {
            let written = of(view);
            let text = serde_json::to_string(&written).unwrap();
            let read: PortSummary = serde_json::from_str(&text).unwrap();
            assert_eq!(read, written);
        }
    }

    #[test]
    fn the_least_margin_stands_for_the_port() {
        let margin = of(sample::counted()).margin.unwrap();
        assert_eq!((margin.side.as_ref(), margin.lane), ("media", Some(1)));
        assert_eq!((margin.ratio, margin.below), (Some(4.95e-8), None));
        assert!((margin.decades - 3.7).abs() < 0.05, "{margin:?}");
        assert!(!margin.at_least);
    }

    #[test]
    fn the_gravest_comes_first_and_the_rest_is_counted() {
        let mut port = of(sample::active(sample::module("S1")));
        assert_eq!(port.reason(), "lane 8 receives too little light (+1)");
        port.trouble = Some("no answer".to_owned());
        assert_eq!(port.reason(), "no answer (+2)");
        port.trouble = None;
        port.reasons[0] = "class-denied: saw lpo; planned another".to_owned();
        assert_eq!(port.reason(), "class-denied: saw lpo; planned another");
        port.reasons.clear();
        assert_eq!(
            port.reason(),
            "class-denied: saw lpo; planned coherent or dsp with a 10 km interface"
        );
        port.findings.clear();
        assert_eq!(port.reason(), "");
        port.presence = "empty".into();
        assert_eq!(port.reason(), "empty");
    }

    /// A port whose lane 3 is nearest to its warning, above all others, whose lane 8
    /// receives less and whose lane 5 nobody uses.
    fn bright() -> PortView {
        let mut module = sample::module("S1");
        let levels = module.thresholds.rx_power.value().unwrap();
        let high = levels.high_warning.watts();
        for lane in &mut module.lanes {
            lane.rx_power = Reading::Value(Watts::new(high * 0.4));
        }
        module.lanes[2].rx_power = Reading::Value(Watts::new(high * 0.98));
        module.lanes[7].rx_power = Reading::Value(Watts::new(high * 0.35));
        module.lanes[4].rx_power = Reading::Value(Watts::new(0.0));
        module.lanes[4].data_path_state = Reading::Value(DataPathState::Deactivated);
        let mut view = sample::active(module);
        view.health = sample::counted().health;
        view
    }

    /// The names in the table of ports of the overview.
    fn on_page(fleet: &Fleet, sort: page::Sort) -> Vec<String> {
        let page = page::overview(fleet, sort, sample::now());
        let table = page.split("<section class=\"ports\">").nth(1).unwrap();
        let table = table.split("</table>").next().unwrap();
        let rows = table.split("data-port=\"").skip(1);
        rows.map(|row| row.split('"').next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn page_stream_terminal_and_api_tell_the_same_figures() {
        let slot = sample::slot("Ethernet0", bright());
        let fleet = sample::fleet(vec![slot.clone()]);
        let port = summary(&fleet, &slot, sample::now());
        let light = port.worst_rx_power.unwrap();
        assert_eq!(light.lane, 3);
        let (watts, margin) = (Watts::new(light.watts), light.margin_db.unwrap());
        let ber = port.margin.clone().unwrap();

        let page = page::overview(&fleet, page::Sort::default(), sample::now());
        for (field, shown) in [
            ("lane", "3".to_owned()),
            ("rx", quantity::dbm(watts)),
            ("margin", format!("{margin:+.1}")),
            ("ber", format!("{:.1e}", ber.ratio.unwrap())),
            ("ber_margin", format!("{:+.1}", ber.decades)),
        ] {
            let cell = format!("data-field=\"{field}\">{shown}</span>");
            assert!(page.contains(&cell), "{cell} is not on the page");
        }

        let table = text::table(&[port], text::Look::default());
        let received = format!("{} (lane 3)", quantity::dbm(watts));
        assert!(table.contains(&received), "{received} is not in {table}");
        assert!(table.contains(&format!("{:.1} dec", ber.decades)));

        let news = Listener::default().hear(&fleet, None, sample::now());
        let Some(News::Ports(told)) = news else {
            panic!("{news:?}");
        };
        let told = &serde_json::to_value(&told).unwrap()["ports"][0];
        assert_eq!(told["rx_lane"], light.lane);
        assert_eq!(told["rx_power_watts"], light.watts);
        assert_eq!(told["rx_margin_db"], margin);
        assert_eq!(told["pre_fec_ber"], ber.ratio.unwrap());
        assert_eq!(told["ber_margin_decades"], ber.decades);
    }

    #[test]
    fn page_and_terminal_sort_alike() {
        let mut hot = sample::counted();
        let mut module = sample::module("S2");
        module.monitors.temperature = Reading::Value(Celsius::new(70.0));
        hot.snapshot = Some(Arc::new(module));
        let mut unread = sample::view();
        unread.presence = Presence::Unread;
        let mut empty = sample::view();
        empty.presence = Presence::Empty;
        let mut well = bright();
        well.judgement.verdict = Verdict::Ok;
        well.judgement.reasons.clear();
        let views = [empty, well, unread, sample::counted(), hot, bright()];
        let slots = views.into_iter().enumerate();
        let slots = slots.map(|(n, view)| sample::slot(&format!("Ethernet{n}"), view));
        let fleet = sample::fleet(slots.collect());
        for (sort, order) in [
            (page::Sort::State, Order::Verdict),
            (page::Sort::Ber, Order::Margin),
            (page::Sort::Temperature, Order::Temperature),
            (page::Sort::Margin, Order::Light),
        ] {
            let slots = fleet.ports.load();
            let mut ports: Vec<PortSummary> = slots
                .iter()
                .map(|slot| summary(&fleet, slot, sample::now()))
                .collect();
            order.sort(&mut ports);
            let names: Vec<String> = ports.into_iter().map(|port| port.port).collect();
            assert_eq!(on_page(&fleet, sort), names, "{order:?}");
            assert_ne!(
                names,
                [
                    "Ethernet0",
                    "Ethernet1",
                    "Ethernet2",
                    "Ethernet3",
                    "Ethernet4",
                    "Ethernet5"
                ]
            );
        }
    }
}
