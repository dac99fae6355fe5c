//! The configuration file, key by key.

use std::path::{Path, PathBuf};

use super::care::{self, Periods};
use super::fec::counters;
use super::sonic::sonic;
use super::source::sources;
use super::{Config, DEFAULT_LISTEN, I2cManner, Listen, LockConfig, PortConfig, listen::WANTED};
use crate::names::{PortName, Profile};
use crate::tomlfile::{self, At, Mistake, Once, Table};

impl Config {
    /// Reads a configuration from text; `file` names it in mistakes and is what
    /// relative paths start from.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Mistake>> {
        let folder = file.parent().unwrap_or(Path::new(""));
        tomlfile::read(text, file, |root| config(root, folder))
    }
}

fn config(root: &mut Table<'_>, folder: &Path) -> Config {
    Config {
        listen: listen(root),
        web_config: path(root, "web_config", folder),
        plan: path(root, "plan", folder),
        state_directory: path(root, "state_directory", folder),
        profile: profile(root),
        sonic: sonic(root),
        ports: {
            let of_all = OfAll {
                vdm_freeze: root.key("vdm_freeze").flag().is_some_and(|on| on.value),
                periods: Periods::take(root),
                i2c: care::i2c_manner(root),
                lock: care::lock(root, folder),
            };
            ports(root, folder, &of_all)
        },
    }
}

/// What is said of all ports at once.
struct OfAll {
    vdm_freeze: bool,
    periods: Periods,
    i2c: I2cManner,
    lock: Option<LockConfig>,
}

fn listen(root: &mut Table<'_>) -> Vec<Listen> {
    let Some(texts) = root.key("listen").texts() else {
        return vec![DEFAULT_LISTEN];
    };
    let mut addresses = Vec::new();
    for At { value: text, spot } in texts {
        match text.parse::<Listen>() {
            Ok(address) if addresses.contains(&address) => {
                root.mistake(spot, format!("`listen` has {address} twice"));
            }
            Ok(address) => addresses.push(address),
            Err(_) => {
                let message = format!("`listen` cannot be {text:?}; expected {WANTED}");
                root.mistake(spot, message);
            }
        }
    }
    addresses
}

fn profile(root: &mut Table<'_>) -> Profile {
    let words = Profile::ALL.map(|profile| (profile.name(), profile));
    let field = root.key("profile");
    field
        .word(&words)
        .map_or_else(Profile::default, |w| w.value)
}

/// A path, resolved against the folder of the file.
fn path(root: &mut Table<'_>, key: &'static str, folder: &Path) -> Option<PathBuf> {
    let At { value, spot } = root.key(key).text()?;
    if value.is_empty() {
        root.mistake(spot, format!("`{key}` is empty; expected a path"));
    }
    Some(folder.join(value))
}

fn ports(root: &mut Table<'_>, folder: &Path, of_all: &OfAll) -> Vec<PortConfig> {
    // An empty file is more likely a mishap than a wish: it would drop every port.
    let wishes_none = root.key("no_ports").flag().filter(|none| none.value);
    let field = root.key("port");
    match (field.is_given(), wishes_none) {
        (false, None) => {
            let wanted = "no port is configured; add a [[port]] with `name` and `i2c`";
            root.mistake(root.spot(), wanted);
        }
        (true, Some(At { spot, .. })) => {
            root.mistake(
                spot,
                "`no_ports` is true, but a [[port]] follows; remove one of them",
            );
        }
        (false, Some(_)) | (true, None) => {}
    }
    let mut seen = Seen::default();
    field
        .tables()
        .into_iter()
        .flat_map(|table| port(table, folder, of_all, &mut seen))
        .collect()
}

/// What the entries so far have taken.
#[derive(Default)]
struct Seen {
    ports: Once<PortName>,
    devices: Once<String>,
    counters: Once<String>,
}

/// The ports of one `[[port]]`: one for each name that its ranges stand for.
fn port(mut table: Table<'_>, folder: &Path, of_all: &OfAll, seen: &mut Seen) -> Vec<PortConfig> {
    let names = table
        .required("name", "what the port is called")
        .names("a name without spaces", PortName::new);
    let count = names.as_ref().map_or(1, Vec::len);
    let sources = sources(&mut table, count, folder, &mut seen.devices);
    let passive = table.key("passive").flag().is_some_and(|on| on.value);
    let fec = counters(&mut table, count, sources.as_deref(), &mut seen.counters);
    let cadences = Periods::take(&mut table).or(of_all.periods);
    table.finish();
    let (Some(names), Some(sources)) = (names, sources) else {
        return Vec::new();
    };
    seen.ports.take(&table, &names, "configured");
    if let Some(source) = sources.first().filter(|_| names.len() != sources.len()) {
        let message = format!(
            "{} sources for {} names; each port needs one of its own",
            sources.len(),
            names.len()
        );
        table.mistake(source.spot, message);
    }
    names
        .into_iter()
        .zip(sources)
        .zip(fec)
        .map(|((name, source), fec)| PortConfig {
            name: name.value,
            source: source.value,
            passive,
            vdm_freeze: of_all.vdm_freeze && !passive,
            cadences,
            i2c: of_all.i2c,
            lock: of_all.lock.clone(),
            fec,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::PortSource;
    use super::*;
    use std::time::Duration;

    fn parse(text: &str) -> Result<Config, Vec<String>> {
        Config::parse(text, Path::new("/etc/opticsd/opticsd.toml"))
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    fn mistakes(text: &str) -> Vec<String> {
        parse(text)
            .unwrap_err()
            .iter()
            .map(|told| told.replace("/etc/opticsd/opticsd.toml:", ""))
            .collect()
    }

    #[test]
    fn ranges_expand_together_and_paths_start_from_the_folder() {
        let config = parse(
            "plan = 'plan.toml'\nperiod = 0.5\nlisten = '127.0.0.1:1'\n\
             [[port]]\nname = 'Ethernet{0..31}'\ni2c = '/dev/i2c-{34..65}'\n\
             [[port]]\nname = ['a', 'b']\nsim = 'dsp-800g'\n\
             [[port]]\nname = 'c'\nsim = 'dumps/x.txt'\n",
        )
        .unwrap();
        assert_eq!(config.plan, Some(PathBuf::from("/etc/opticsd/plan.toml")));
        let half = Duration::from_millis(500);
        assert!(
            config
                .ports
                .iter()
                .all(|port| port.cadences.monitors == half)
        );
        assert_eq!(config.listen, ["127.0.0.1:1".parse().unwrap()]);
        assert_eq!(config.ports.len(), 35);
        assert_eq!(config.ports[31].name.as_str(), "Ethernet31");
        let last = PortSource::I2c(PathBuf::from("/dev/i2c-65"));
        assert_eq!(config.ports[31].source, last);
        let both = PortSource::Sim("dsp-800g".to_owned());
        assert_eq!(config.ports[32].source, both);
        assert_eq!(config.ports[33].source, both);
        let dump = PortSource::Sim("/etc/opticsd/dumps/x.txt".to_owned());
        assert_eq!(config.ports[34].source, dump);
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config = parse("[[port]]\nname = 'a'\nsim = 'sfp28'\n").unwrap();
        assert_eq!(config.listen, ["[::]:10458".parse().unwrap()]);
        let second = Duration::from_secs(1);
        assert_eq!(config.ports[0].cadences.monitors, second);
        assert_eq!(config.profile, Profile::Default);
        assert_eq!((config.plan, config.state_directory), (None, None));
    }

    #[test]
    fn a_profile_is_one_of_three_words() {
        let port = "[[port]]\nname = 'a'\nsim = 'sfp28'\n";
        for profile in Profile::ALL {
            let text = format!("profile = '{}'\n{port}", profile.name());
            assert_eq!(parse(&text).unwrap().profile, profile);
        }
        let told = mistakes(&format!("profile = 'leen'\n{port}"));
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("1:11: "), "{told:?}");
        assert!(told[0].contains("did you mean \"lean\"?"), "{told:?}");
    }

    #[test]
    fn a_passive_port_is_never_frozen() {
        let of = |text: &str| {
            let ports = parse(text).unwrap().ports;
            let settings = ports.iter().map(|port| (port.passive, port.vdm_freeze));
            settings.collect::<Vec<_>>()
        };
        let two = "[[port]]\nname = ['a', 'b']\nsim = 'sfp28'\npassive = true\n\
             [[port]]\nname = 'c'\nsim = 'sfp28'\npassive = false\n";
        assert_eq!(of(two), [(true, false), (true, false), (false, false)]);
        let frozen = format!("vdm_freeze = true\n{two}");
        assert_eq!(of(&frozen), [(true, false), (true, false), (false, true)]);
        let told =
            mistakes("vdm_freeze = 1\n[[port]]\nname = 'a'\nsim = 'sfp28'\npassive = 'no'\n");
        assert_eq!(
            told,
            [
                "1:14: `vdm_freeze` is 1; expected `true` or `false`",
                "5:11: `passive` is the text \"no\"; expected `true` or `false`",
            ]
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let told = mistakes(
            "plam = 'x'\nperiod = 0.01\nlisten = ['localhost', '[::]:1', '[::]:1']\n\
             [[port]]\nname = 'a{0..3}'\ni2c = '/dev/i2c-{0..2}'\n\
             [[port]]\nname = 'a3'\ni2c = '/dev/i2c-1'\n\
             [[port]]\nname = 'b'\noptoe = '/sys/eeprom'\nfec = 'eth0'\n\
             [[port]]\nname = 'c d'\ni2c = 'i2c-9'\nsim = 'sfp28'\n\
             [[port]]\nnam = 'e'\n",
        );
        assert_eq!(
            told,
            [
                "1:1: unknown key `plam`; did you mean `plan`?",
                "2:10: `period` is 0.01; expected a number from 0.1 to 3600 (seconds)",
                "3:11: `listen` cannot be \"localhost\"; expected address and port, such as \"0.0.0.0:10458\" or \"[::]:10458\", or \"unix:/path\"",
                "3:34: `listen` has [::]:1 twice",
                "6:7: 3 sources for 4 names; each port needs one of its own",
                "8:8: `a3` is configured on line 5 already",
                "9:7: `/dev/i2c-1` is a port's device on line 6 already",
                "13:7: `fec` cannot be \"eth0\"; expected \"ethtool:eth0\" (a network interface), \"sonic:Ethernet0\" (a SONiC port) or \"sim\" (a simulated port's own)",
                "15:8: `name` cannot be \"c d\"; expected a name without spaces",
                "17:7: a port has one source: `i2c` or `sim`, not both",
                "18:1: `name` is missing: what the port is called",
                "18:1: `i2c` is missing: how the module is reached, such as \"/dev/i2c-4\" (or `optoe`, `ethtool`, `auto`, `sim`)",
                "19:1: unknown key `nam`; did you mean `name`?",
            ]
        );
    }

    #[test]
    fn a_file_without_ports_says_what_to_add() {
        assert_eq!(
            mistakes(""),
            ["1:1: no port is configured; add a [[port]] with `name` and `i2c`"]
        );
        assert!(parse("no_ports = true\n").unwrap().ports.is_empty());
        assert_eq!(
            mistakes("no_ports = true\n[[port]]\nname = 'a'\nsim = 'lpo-800g'\n"),
            ["1:12: `no_ports` is true, but a [[port]] follows; remove one of them"]
        );
        assert_eq!(mistakes("no_ports = false\n"), mistakes(""));
        let list = mistakes("[port]\nname = 'a'\n");
        assert_eq!(
            list,
            ["1:1: `port` is a table; expected a list of tables: [[port]]"]
        );
    }
}
