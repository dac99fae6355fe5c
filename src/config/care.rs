//! How modules are cared for: how often what is read, and how their bus is
//! shared with others.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Cadences, DEFAULT_PERIOD, I2cManner, LockConfig, LockWay};
use crate::tomlfile::Table;

/// The shortest and the longest period, in seconds. A sweep of one module takes
/// a good 10 ms on the wire at 400 kHz, so below 0.1 s a bus of a few modules
/// cannot keep up.
const PERIOD_SECONDS: std::ops::RangeInclusive<f64> = 0.1..=3600.0;
/// How long a transfer may take, in seconds; the kernel counts in 10 ms.
const TIMEOUT_SECONDS: std::ops::RangeInclusive<f64> = 0.01..=10.0;
/// How long a lock may be waited for, in seconds.
const LOCK_SECONDS: std::ops::RangeInclusive<f64> = 0.01..=60.0;

/// The periods that a table gives.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Periods {
    monitors: Option<Duration>,
    vdm: Option<Duration>,
    slow: Option<Duration>,
}

impl Periods {
    /// Takes the periods out of a table.
    pub fn take(table: &mut Table<'_>) -> Self {
        let monitors = period(table, "period", None);
        Self {
            monitors,
            vdm: period(table, "vdm_period", monitors),
            slow: period(table, "slow_period", monitors),
        }
    }

    /// The cadences that come of these and of `others`, where these are silent.
    /// No group is read more often than the monitors.
    pub fn or(self, others: Self) -> Cadences {
        let monitors = self.monitors.or(others.monitors).unwrap_or(DEFAULT_PERIOD);
        let usual = Cadences::usual(monitors);
        let vdm = self.vdm.or(others.vdm).unwrap_or(usual.vdm);
        let slow = self.slow.or(others.slow).unwrap_or(usual.slow);
        Cadences {
            monitors,
            vdm: vdm.max(monitors),
            slow: slow.max(monitors),
        }
    }
}

/// A period, which must not be shorter than that of the monitors beside it.
fn period(
    table: &mut Table<'_>,
    key: &'static str,
    monitors: Option<Duration>,
) -> Option<Duration> {
    let given = table.key(key).number_in(PERIOD_SECONDS, "seconds")?;
    let period = Duration::from_secs_f64(given.value);
    if let Some(monitors) = monitors.filter(|monitors| period < *monitors) {
        let message = format!(
            "`{key}` is {} s, which is shorter than the `period` of {} s; make it as long or longer",
            given.value,
            monitors.as_secs_f64()
        );
        table.mistake(given.spot, message);
    }
    Some(period)
}

/// Takes what is said of the kernel's I2C devices.
pub(super) fn i2c_manner(root: &mut Table<'_>) -> I2cManner {
    let usual = I2cManner::default();
    let timeout = root
        .key("i2c_timeout")
        .number_in(TIMEOUT_SECONDS, "seconds");
    let retries = root.key("i2c_retries").whole_in(0..=10);
    I2cManner {
        timeout: timeout.map_or(usual.timeout, |s| Duration::from_secs_f64(s.value)),
        retries: retries.map_or(usual.retries, |retries| retries.value),
        leave_page_zero: root
            .key("leave_page_zero")
            .flag()
            .is_some_and(|on| on.value),
    }
}

/// Takes the lock that is shared with another manager, if there is one.
pub(super) fn lock(root: &mut Table<'_>, folder: &Path) -> Option<LockConfig> {
    let mut table = root.key("lock").table()?;
    let file = table.key("file").text();
    let take = command(&mut table, "take");
    let give = command(&mut table, "give");
    let patience = table.key("timeout").number_in(LOCK_SECONDS, "seconds");
    table.finish();
    let way = match (file, take, give) {
        (Some(file), None, None) if !file.value.is_empty() => {
            LockWay::File(folder.join(PathBuf::from(file.value)))
        }
        (None, Some(take), Some(give)) => LockWay::Commands { take, give },
        _ => {
            let wanted = "a lock is either a `file`, or the two commands `take` and `give`";
            table.mistake(table.spot(), wanted);
            return None;
        }
    };
    Some(LockConfig {
        way,
        patience: patience.map_or(LockConfig::PATIENCE, |s| Duration::from_secs_f64(s.value)),
    })
}

/// A program and its arguments.
fn command(table: &mut Table<'_>, key: &'static str) -> Option<Vec<String>> {
    let words = table.key(key).texts()?;
    if words.first().is_none_or(|program| program.value.is_empty()) {
        let message =
            format!("`{key}` names no program; expected [\"/path/to/program\", \"argument\"]");
        let spot = words.first().map_or(table.spot(), |word| word.spot);
        table.mistake(spot, message);
        return None;
    }
    Some(words.iter().map(|word| word.value.to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    /// The first port of a configuration, or the mistakes in it.
    fn port(text: &str) -> Result<super::super::PortConfig, Vec<String>> {
        let config = Config::parse(text, Path::new("/etc/opticsd.toml"));
        let told = config.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        told.map(|config| config.ports[0].clone())
    }

    const A: &str = "[[port]]\nname = 'a'\nsim = 'sfp28'\n";

    fn cadences(text: &str) -> (f64, f64, f64) {
        let Cadences {
            monitors,
            vdm,
            slow,
        } = port(text).unwrap().cadences;
        (
            monitors.as_secs_f64(),
            vdm.as_secs_f64(),
            slow.as_secs_f64(),
        )
    }

    #[test]
    fn a_port_may_have_periods_of_its_own() {
        assert_eq!(cadences(A), (1.0, 1.0, 10.0));
        assert_eq!(cadences(&format!("period = 2\n{A}")), (2.0, 2.0, 20.0));
        let all = format!("period = 2\nvdm_period = 5\nslow_period = 60\n{A}");
        assert_eq!(cadences(&all), (2.0, 5.0, 60.0));
        assert_eq!(cadences(&format!("{all}period = 0.5\n")), (0.5, 5.0, 60.0));
        // A long period of one port makes no mistake of what holds for all.
        assert_eq!(cadences(&format!("{all}period = 30\n")), (30.0, 30.0, 60.0));
        assert_eq!(
            cadences(&format!("{all}vdm_period = 7\n")),
            (2.0, 7.0, 60.0)
        );
    }

    #[test]
    fn no_group_is_read_more_often_than_the_monitors() {
        let told = port(&format!("period = 2\nvdm_period = 1\n{A}")).unwrap_err();
        assert_eq!(
            told,
            [
                "/etc/opticsd.toml:2:14: `vdm_period` is 1 s, which is shorter than the \
              `period` of 2 s; make it as long or longer"
            ]
        );
    }

    #[test]
    fn a_lock_is_a_file_or_two_commands() {
        let file = format!("{A}[lock]\nfile = 'lock'\ntimeout = 0.5\n");
        let expected = LockConfig {
            way: LockWay::File("/etc/lock".into()),
            patience: Duration::from_millis(500),
        };
        assert_eq!(port(&file).unwrap().lock, Some(expected));
        let commands = format!("{A}[lock]\ntake = ['/bin/take', 'it']\ngive = '/bin/give'\n");
        let expected = LockConfig {
            way: LockWay::Commands {
                take: vec!["/bin/take".to_owned(), "it".to_owned()],
                give: vec!["/bin/give".to_owned()],
            },
            patience: LockConfig::PATIENCE,
        };
        assert_eq!(port(&commands).unwrap().lock, Some(expected));
        for half in ["", "take = 'a'\n", "file = 'a'\ntake = 'a'\ngive = 'b'\n"] {
            let told = port(&format!("{A}[lock]\n{half}")).unwrap_err();
            assert!(told[0].contains("either a `file`, or the two"), "{told:?}");
        }
        let told = port(&format!("{A}[lock]\ntake = []\ngive = 'b'\n")).unwrap_err();
        assert!(told[0].contains("`take` names no program"), "{told:?}");
    }

    #[test]
    fn the_kernels_devices_are_used_as_told() {
        let usual = port(A).unwrap().i2c;
        assert_eq!(usual, I2cManner::default());
        let text = format!("i2c_timeout = 0.05\ni2c_retries = 3\nleave_page_zero = true\n{A}");
        let told = port(&text).unwrap().i2c;
        assert_eq!((told.timeout, told.retries), (Duration::from_millis(50), 3));
        assert!(told.leave_page_zero);
    }
}
