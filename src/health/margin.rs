//! How far an error ratio is from where correction ends.

use super::normal;

/// The ratio is three quarters of the tail for Gray-coded PAM4.
const PAM4: f64 = 0.75;

/// The distance between a bit error ratio and its limit. Positive is good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// Decades below the limit.
    pub decades: f64,
    /// The same as a level of the electrical signal, in dB: how much weaker it could
    /// be by. `None` where that is not defined: coherent modulation, ratios of a
    /// coin's throw.
    pub electrical_db: Option<f64>,
}

impl Margin {
    /// The margin of a PAM4 signal with random errors. Both ratios are above 0.
    ///
    /// An electrical dB is half an optical one, since power becomes current.
    pub fn of_pam4(ber: f64, limit: f64) -> Option<Self> {
        let quality = |ratio: f64| normal::tail_begins((ratio / PAM4).ln()).filter(|q| *q > 0.0);
        let both = quality(ber).zip(quality(limit));
        Some(Self {
            electrical_db: both.map(|(own, limit)| 20.0 * (own / limit).log10()),
            ..Self::of_soft(ber, limit)?
        })
    }

    /// The margin in decades alone, for codes with soft decisions.
    pub fn of_soft(ber: f64, limit: f64) -> Option<Self> {
        let decades = (limit / ber).log10();
        decades.is_finite().then_some(Self {
            decades,
            electrical_db: None,
        })
    }

    /// The margin as a level of received light, in dB.
    pub fn optical_db(&self) -> Option<f64> {
        self.electrical_db.map(|db| db / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KP4_LIMIT: f64 = 2.4e-4;

    #[test]
    fn decibels_agree_with_the_reference_table() {
        for (ber, electrical, optical) in [
            (1e-3, "-1.11", "-0.56"),
            (5e-4, "-0.54", "-0.27"),
            (2.4e-4, "0.00", "0.00"),
            (2e-4, "0.12", "0.06"),
            (1e-4, "0.57", "0.29"),
            (5e-5, "0.98", "0.49"),
            (2.4e-5, "1.37", "0.69"),
            (1e-5, "1.80", "0.90"),
            (1e-6, "2.77", "1.38"),
            (1e-7, "3.56", "1.78"),
            (1e-8, "4.24", "2.12"),
        ] {
            let margin = Margin::of_pam4(ber, KP4_LIMIT).unwrap();
            assert_eq!(format!("{:.2}", margin.electrical_db.unwrap()), electrical);
            assert_eq!(format!("{:.2}", margin.optical_db().unwrap()), optical);
        }
        let decades = Margin::of_pam4(1e-5, KP4_LIMIT).unwrap().decades;
        assert!((decades - 1.38).abs() < 0.005);
    }

    #[test]
    fn coherent_signals_have_decades_only() {
        let margin = Margin::of_soft(2e-3, 2e-2).unwrap();
        assert!((margin.decades - 1.0).abs() < 1e-12);
        assert_eq!(margin.electrical_db, None);
        // Worse than guessing has no signal level.
        assert_eq!(Margin::of_pam4(0.5, KP4_LIMIT).unwrap().electrical_db, None);
    }

    proptest! {
        #[test]
        fn no_float_makes_nonsense(ber in any::<f64>(), limit in any::<f64>()) {
            if let Some(margin) = Margin::of_pam4(ber, limit) {
                prop_assert!(margin.decades.is_finite());
                prop_assert!(margin.electrical_db.is_none_or(f64::is_finite));
            }
        }
    }
}
