//! Page 03h of SFF-8636: alarm and warning thresholds (Table 6-28 of revision
//! 2.10).

use super::super::{ThresholdSets, bias, four_words, power, supply, temperature};
use crate::bus::field::{Field, Form};
use crate::bus::sheet::Sheet;

/// First bytes of the sets; each is high alarm, low alarm, high and low warning.
const TEMPERATURE: u8 = 128;
const SUPPLY: u8 = 144;
const RX_POWER: u8 = 176;
const TX_BIAS: u8 = 184;
const TX_POWER: u8 = 192;

/// The names of the thresholds, and of what follows them as one.
pub const FIELDS: &[Field] = &[
    Field::new(TEMPERATURE, 135, "temperature", Form::Temperature).levels(),
    Field::reserved(136, 143),
    Field::new(SUPPLY, 151, "supply", Form::Supply).levels(),
    Field::reserved(152, 159),
    Field::vendor(160, 175),
    Field::new(RX_POWER, 183, "rx power", Form::OpticalPower).levels(),
    Field::new(TX_BIAS, 191, "tx bias", Form::Bias).levels(),
    Field::new(TX_POWER, 199, "tx power", Form::OpticalPower).levels(),
    Field::reserved(200, 223),
    Field::new(224, 255, "optional controls and masks, part", Form::Bytes).each(8),
];

/// Decodes page 03h.
pub fn thresholds(sheet: &Sheet) -> ThresholdSets {
    let set = |first| four_words(sheet, first);
    ThresholdSets {
        temperature: set(TEMPERATURE)
            .map(|words| words.map(|word| temperature(f64::from(word.cast_signed())))),
        supply: set(SUPPLY).map(|words| words.map(|word| supply(f64::from(word)))),
        rx_power: set(RX_POWER).map(|words| words.map(|word| power(f64::from(word)))),
        tx_bias: set(TX_BIAS).map(|words| words.map(|word| bias(f64::from(word)))),
        tx_power: set(TX_POWER).map(|words| words.map(|word| power(f64::from(word)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Celsius, Volts};

    #[test]
    fn sets_stand_in_register_order() {
        let mut sheet = Sheet::full([0; 128]);
        sheet.put(128, &[75, 0, 0xFB, 0, 70, 0, 0, 0]);
        sheet.put(150, &[0, 1]);
        let sets = thresholds(&sheet);
        let celsius = [75.0, -5.0, 70.0, 0.0].map(Celsius::new);
        assert_eq!(sets.temperature, Some(celsius));
        assert_eq!(sets.supply.unwrap()[3], Volts::new(1e-4));
        assert_eq!((sets.rx_power, sets.tx_bias), (None, None));
    }

    #[test]
    fn blank_pages_say_nothing_and_all_ones_are_numbers() {
        let sets = thresholds(&Sheet::full([0; 128]));
        assert!(sets.temperature.is_none() && sets.tx_power.is_none());
        let sets = thresholds(&Sheet::full([0xFF; 128]));
        let step = -1.0 / 256.0;
        assert_eq!(sets.temperature, Some([Celsius::new(step); 4]));
        assert!((sets.tx_bias.unwrap()[0].amperes() - 0.131_07).abs() < 1e-12);
    }
}
