//! What all modules of a box show together: if most of them become warmer, it is
//! not the modules.

use super::trend::median;
use crate::plan::finding::{Finding, Severity};
use crate::plan::watched;

/// With fewer modules nothing is common.
const FEWEST_MODULES: usize = 3;
/// Which share of the modules must have become warmer by half of the line.
const MOST: f64 = 0.75;

/// Looks at how much warmer than usual each module is, in °C, against the line of
/// its policy; returns the place of the one that warmed most, and the finding.
pub fn warming(modules: &[(f64, f64)]) -> Option<(usize, Finding)> {
    if modules.len() < FEWEST_MODULES {
        return None;
    }
    let shares = || modules.iter().map(|(warmed, line)| warmed / line);
    if median(shares())? < 1.0 {
        return None;
    }
    let warm = shares().filter(|share| *share >= 0.5).count();
    let all = modules.len();
    let [warm_float, all_float] = [warm, all].map(|n| u32::try_from(n).map_or(0.0, f64::from));
    if warm_float < MOST * all_float {
        return None;
    }
    let middle = median(modules.iter().map(|(warmed, _)| *warmed))?;
    let warmest = modules
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0))?;
    let (place, (warmed, line)) = warmest;
    let finding = Finding {
        rule: watched::BOX_WARMING,
        severity: Severity::Warning,
        saw: format!(
            "the cooling of the box fails: {warm} of {all} modules are warmer than usual, by \
             {middle:.0} °C in the middle and {warmed:.0} °C here"
        ),
        planned: format!("at most {line:.0} °C warmer"),
        advice: "look at the fans, filters and air of the box, not at the modules".to_owned(),
    };
    Some((place, finding))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(warmed: &[f64]) -> Option<usize> {
        let modules: Vec<_> = warmed.iter().map(|warmed| (*warmed, 10.0)).collect();
        warming(&modules).map(|(place, _)| place)
    }

    #[test]
    fn most_modules_must_become_warmer() {
        assert_eq!(of(&[12.0, 11.0, 14.0, 12.0, 6.0]), Some(2));
        assert_eq!(of(&[30.0, 0.0, 1.0, 0.0]), None);
        assert_eq!(of(&[12.0, 12.0, 12.0, 0.0, 0.0]), None);
        assert_eq!(of(&[12.0, 12.0]), None);
        assert_eq!(of(&[12.0, 12.0, 13.0]), Some(2));
        assert_eq!(of(&[]), None);
        let (_, finding) = warming(&[(12.0, 10.0); 8]).unwrap();
        assert!(finding.saw.contains("8 of 8 modules"));
    }
}
