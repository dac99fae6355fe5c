//! What is assumed of a class of module unless the plan knows better: power and
//! latency. Where no figure can be had there is none.
//!
//! The sources are what modules state in their registers, and trade figures:
//! about 15 W for a retimed and 6 W for a linear module at 800 Gb/s. Linear
//! modules in the field state up to 9 W; a plan that knows its parts says so.

use crate::class::{Class, Form};

/// Worst-case watts for each 100 Gb/s of a module, by class.
const WATTS_PER_100G: [(Class, f64); 8] = [
    (Class::Dsp, 15.0 / 8.0),
    (Class::Lpo, 6.0 / 8.0),
    (Class::Lro, 1.3),
    (Class::Coherent, 3.75),
    (Class::Cpo, 0.75),
    (Class::Npo, 0.75),
    (Class::Aec, 1.5),
    (Class::Dac, 0.06),
];

/// Nanoseconds that the modules at both ends of a link together add, one way,
/// by class.
const LATENCY_NS: [(Class, f64); 5] = [
    (Class::Dsp, 100.0),
    (Class::Lpo, 10.0),
    (Class::Cpo, 10.0),
    (Class::Npo, 10.0),
    (Class::Dac, 0.0),
];

/// Light in glass: nanoseconds for each metre (index of refraction near 1.5).
pub(super) const FIBER_NS_PER_METER: f64 = 5.0;

/// The lengths of links unless the plan says otherwise, in metres: to the rack,
/// along the row, across the hall.
pub(super) const METERS: [f64; 3] = [20.0, 50.0, 200.0];

/// Classes that links are made of. The others carry no data of a fabric, or
/// nobody would plan with them.
pub(super) const OF_LINKS: [Class; 11] = [
    Class::Dsp,
    Class::Lpo,
    Class::Lro,
    Class::Coherent,
    Class::Cpo,
    Class::Npo,
    Class::Aoc,
    Class::Aec,
    Class::Acc,
    Class::Lacc,
    Class::Dac,
];

/// What is assumed of each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Usual {
    watts_per_100g: Vec<(Class, f64)>,
    latency_ns: Vec<(Class, f64)>,
}

impl Default for Usual {
    /// The built-in figures.
    fn default() -> Self {
        Self {
            watts_per_100g: WATTS_PER_100G.to_vec(),
            latency_ns: LATENCY_NS.to_vec(),
        }
    }
}

impl Usual {
    /// Worst-case watts for each 100 Gb/s of a module, if known.
    pub fn watts_per_100g(&self, class: Class) -> Option<f64> {
        find(&self.watts_per_100g, class)
    }

    /// Nanoseconds that the modules at both ends of a link together add, one
    /// way, if known.
    pub fn latency_ns(&self, class: Class) -> Option<f64> {
        find(&self.latency_ns, class)
    }

    /// Puts the plan's own figure in place of the built-in one.
    pub fn set_watts_per_100g(&mut self, class: Class, watts: f64) {
        set(&mut self.watts_per_100g, class, watts);
    }

    /// Puts the plan's own figure in place of the built-in one.
    pub fn set_latency_ns(&mut self, class: Class, nanoseconds: f64) {
        set(&mut self.latency_ns, class, nanoseconds);
    }
}

/// Whether fibre is laid for modules of this class; a cable brings its own.
pub(super) fn needs_fiber(class: Class) -> bool {
    matches!(class.form(), Form::Pluggable | Form::CoPackaged)
}

/// Whether a module is one of those among which linear and retimed compete.
pub(super) fn may_be_linear(class: Class) -> bool {
    matches!(class, Class::Dsp | Class::Lro | Class::Lpo)
}

fn find(figures: &[(Class, f64)], class: Class) -> Option<f64> {
    let (_, figure) = figures.iter().find(|(of, _)| *of == class)?;
    Some(*figure)
}

fn set(figures: &mut Vec<(Class, f64)>, class: Class, figure: f64) {
    figures.retain(|(of, _)| *of != class);
    figures.push((class, figure));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_800g_figures_are_the_known_ones() {
        let usual = Usual::default();
        let at_800g = |class| usual.watts_per_100g(class).map(|watts| watts * 8.0);
        assert_eq!(at_800g(Class::Dsp), Some(15.0));
        assert_eq!(at_800g(Class::Lpo), Some(6.0));
        assert_eq!(at_800g(Class::Acc), None);
    }

    #[test]
    fn the_plan_has_the_last_word() {
        let mut usual = Usual::default();
        usual.set_watts_per_100g(Class::Lpo, 1.125);
        usual.set_latency_ns(Class::Aec, 60.0);
        assert_eq!(usual.watts_per_100g(Class::Lpo), Some(1.125));
        assert_eq!(usual.latency_ns(Class::Aec), Some(60.0));
    }
}
