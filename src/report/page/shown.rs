//! Headline numbers as pages of the fleet show them. `page.js` writes the same
//! forms when it renews them.

use super::NONE;
use crate::report::PortView;
use crate::report::headline::Headline;
use crate::report::quantity;

/// `46.5`, in °C.
pub(super) fn temperature(headline: &Headline) -> String {
    or_none(headline.temperature.map(quantity::celsius))
}

/// The worst lane's number.
pub(super) fn lane(headline: &Headline) -> String {
    or_none(headline.light.map(|light| light.lane.to_string()))
}

/// What the worst lane receives, `-4.09`, in dBm; `dark` without light.
pub(super) fn rx(headline: &Headline) -> String {
    or_none(headline.light.map(|light| {
        if light.is_dark() {
            "dark".to_owned()
        } else {
            quantity::dbm(light.power)
        }
    }))
}

/// How far that is from the nearer warning threshold, `+2.9`, in dB.
pub(super) fn margin(headline: &Headline) -> String {
    let margin = headline.light.and_then(|light| light.margin);
    or_none(margin.map(|margin| format!("{margin:+.1}")))
}

/// The error ratio nearest to its limit, `4.9e-8`, or `<1.0e-15` where none was
/// seen.
pub(super) fn ber(headline: &Headline) -> String {
    or_none(headline.ber.map(|ber| {
        let below = if ber.estimate.is_bound() { "<" } else { "" };
        format!("{below}{:.1e}", ber.estimate.number())
    }))
}

/// How many decades that is below its limit, `+3.7`.
pub(super) fn ber_margin(headline: &Headline) -> String {
    or_none(headline.ber.map(|ber| format!("{:+.1}", ber.margin)))
}

/// By how many decades a day the fastest error ratio grows, `+0.50`.
pub(super) fn growth(headline: &Headline) -> String {
    or_none(headline.growth.map(|growth| format!("{growth:+.2}")))
}

/// The module's most, `14.5`, in watts.
pub(super) fn power(headline: &Headline) -> String {
    or_none(headline.power.map(|power| format!("{:.1}", power.watts())))
}

/// The serial number.
pub(super) fn serial(view: &PortView) -> &str {
    let identity = view.snapshot.as_deref().map(|module| &module.identity);
    let serial = identity.and_then(|identity| identity.serial.as_ref().value());
    serial.map_or(NONE, String::as_str)
}

fn or_none(shown: Option<String>) -> String {
    shown.unwrap_or_else(|| NONE.to_owned())
}
