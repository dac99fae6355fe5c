//! How the modules of a `[[port]]` are reached: one key says it.

use std::path::{Path, PathBuf};

use super::PortSource;
use crate::names::SIMULATED;
use crate::tomlfile::{At, Once, Table, nearest};

/// The keys that name a source, and what each expects.
const KEYS: [(&str, &str); 5] = [
    ("i2c", "a device such as \"/dev/i2c-4\""),
    (
        "optoe",
        "a file such as \"/sys/bus/i2c/devices/4-0050/eeprom\"",
    ),
    ("ethtool", "an interface such as \"eth0\""),
    ("auto", "an adapter such as \"i2c-4\" or an interface"),
    ("sim", "a simulated module or a dump file"),
];

/// The longest name of a network interface (IFNAMSIZ less its end).
const LONGEST_INTERFACE: usize = 15;

/// The sources of `count` ports; a port has exactly one.
pub(super) fn sources(
    table: &mut Table<'_>,
    count: usize,
    folder: &Path,
    devices: &mut Once<String>,
) -> Option<Vec<At<PortSource>>> {
    let given: Vec<_> = KEYS
        .into_iter()
        .map(|(key, wanted)| (key, wanted, table.key(key)))
        .filter(|(_, _, field)| field.is_given())
        .collect();
    let (key, wanted, field) = match given.as_slice() {
        [one] => one,
        [] => {
            let message = "`i2c` is missing: how the module is reached, such as \"/dev/i2c-4\" \
                (or `optoe`, `ethtool`, `auto`, `sim`)";
            table.mistake(table.spot(), message);
            return None;
        }
        [(first, ..), .., (last, _, field)] => {
            let spot = field.spot().unwrap_or(table.spot());
            let message = format!("a port has one source: `{first}` or `{last}`, not both");
            table.mistake(spot, message);
            return None;
        }
    };
    let sources = field.names(wanted, |text| source(key, text, folder))?;
    sources.iter().for_each(|source| known(table, source));
    match sources.as_slice() {
        // One simulated module may serve any number of ports.
        [one] if *key == "sim" => return Some(vec![one.clone(); count]),
        _ if *key == "sim" => return Some(sources),
        _ => {}
    }
    let names: Vec<At<String>> = sources
        .iter()
        .map(|source| At {
            value: device(&source.value),
            spot: source.spot,
        })
        .collect();
    devices.take(table, &names, "a port's device");
    Some(sources)
}

/// The source that a text stands for, if it can.
fn source(key: &str, text: &str, folder: &Path) -> Option<PortSource> {
    let absolute = || text.starts_with('/').then(|| PathBuf::from(text));
    match key {
        "i2c" => absolute().map(PortSource::I2c),
        "optoe" => absolute().map(PortSource::Optoe),
        "ethtool" => is_interface(text).then(|| PortSource::Ethtool(text.to_owned())),
        "auto" => {
            let place = text.strip_prefix("/dev/").unwrap_or(text);
            is_interface(place).then(|| PortSource::Auto(place.to_owned()))
        }
        _ => (!text.is_empty()).then(|| simulated(text, folder)),
    }
}

/// Tells of a simulated module that there is none of. Whether a dump file is there
/// is not looked at here.
fn known(table: &mut Table<'_>, source: &At<PortSource>) {
    let PortSource::Sim(name) = &source.value else {
        return;
    };
    if name.contains('/') || SIMULATED.contains(&name.as_str()) {
        return;
    }
    let advice = match nearest(name, SIMULATED.iter().copied()) {
        Some(near) => format!("the nearest name is `{near}`"),
        None => "opticsd sim --list tells them".to_owned(),
    };
    let message = format!(
        "no simulated module is called `{name}`; {advice}; a dump file has a slash in its name, \
         such as \"./{name}\""
    );
    table.mistake(source.spot, message);
}

/// Whether the kernel could call an interface so; names of adapters fit too.
pub(super) fn is_interface(text: &str) -> bool {
    let length = 1..=LONGEST_INTERFACE;
    let is_odd = |c: char| c == '/' || c == ':' || c.is_whitespace() || c.is_control();
    length.contains(&text.len()) && text != "." && text != ".." && !text.contains(is_odd)
}

/// What two ports must not share, the same for every way to it.
fn device(source: &PortSource) -> String {
    match source {
        PortSource::I2c(path) | PortSource::Optoe(path) => path.display().to_string(),
        PortSource::Auto(place) if place.starts_with("i2c-") => format!("/dev/{place}"),
        PortSource::Ethtool(name) | PortSource::Auto(name) | PortSource::Sim(name) => name.clone(),
    }
}

/// A simulated module: a builder's name, or a file where it has a slash.
fn simulated(text: &str, folder: &Path) -> PortSource {
    if text.contains('/') {
        PortSource::Sim(folder.join(text).to_string_lossy().into_owned())
    } else {
        PortSource::Sim(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parse(ports: &str) -> Result<Vec<PortSource>, Vec<String>> {
        let file = Path::new("/etc/opticsd/opticsd.toml");
        match Config::parse(ports, file) {
            Ok(config) => Ok(config.ports.into_iter().map(|port| port.source).collect()),
            Err(mistakes) => Err(mistakes
                .iter()
                .map(|told| told.to_string().replace("/etc/opticsd/opticsd.toml:", ""))
                .collect()),
        }
    }

    #[test]
    fn each_way_to_a_module_has_its_key() {
        let sources = parse(
            "[[port]]\nname = 'a{0..1}'\noptoe = '/sys/bus/i2c/devices/{34..35}-0050/eeprom'\n\
             [[port]]\nname = 'b'\nethtool = 'eth0'\n\
             [[port]]\nname = ['c', 'd', 'e']\nauto = ['i2c-7', '/dev/i2c-8', 'eth1']\n",
        );
        assert_eq!(
            sources.unwrap(),
            [
                PortSource::Optoe("/sys/bus/i2c/devices/34-0050/eeprom".into()),
                PortSource::Optoe("/sys/bus/i2c/devices/35-0050/eeprom".into()),
                PortSource::Ethtool("eth0".to_owned()),
                PortSource::Auto("i2c-7".to_owned()),
                PortSource::Auto("i2c-8".to_owned()),
                PortSource::Auto("eth1".to_owned()),
            ]
        );
    }

    #[test]
    fn a_module_belongs_to_one_port_whatever_the_way() {
        let told = parse(
            "[[port]]\nname = 'a'\ni2c = '/dev/i2c-7'\n\
             [[port]]\nname = 'b'\nauto = 'i2c-7'\n\
             [[port]]\nname = 'c'\nethtool = 'eth0'\n\
             [[port]]\nname = 'd'\nauto = 'eth0'\n",
        );
        assert_eq!(
            told.unwrap_err(),
            [
                "6:8: `/dev/i2c-7` is a port's device on line 3 already",
                "12:8: `eth0` is a port's device on line 9 already",
            ]
        );
    }

    #[test]
    fn what_cannot_be_a_source_is_told_with_what_could() {
        let told = parse(
            "[[port]]\nname = 'a'\noptoe = 'eeprom'\n\
             [[port]]\nname = 'b'\nethtool = 'much-too-long-for-a-name'\n\
             [[port]]\nname = 'c'\nauto = '/sys/x'\n\
             [[port]]\nname = 'd'\nauto = 'eth0'\nethtool = 'eth0'\n",
        );
        assert_eq!(
            told.unwrap_err(),
            [
                "3:9: `optoe` cannot be \"eeprom\"; expected a file such as \"/sys/bus/i2c/devices/4-0050/eeprom\"",
                "6:11: `ethtool` cannot be \"much-too-long-for-a-name\"; expected an interface such as \"eth0\"",
                "9:8: `auto` cannot be \"/sys/x\"; expected an adapter such as \"i2c-4\" or an interface",
                "12:8: a port has one source: `ethtool` or `auto`, not both",
            ]
        );
    }

    #[test]
    fn a_simulated_module_is_known_and_told_with_all_else_that_is_wrong() {
        let told = parse(
            "[[port]]\nnme = 'a'\nsim = 'dsp-800'\n\
             [[port]]\nname = 'b'\nsim = ['nonsense']\n\
             [[port]]\nname = 'c'\nsim = './module.dump'\n",
        )
        .unwrap_err();
        assert_eq!(told.len(), 4, "{told:#?}");
        assert!(
            told.iter().any(|said| said.starts_with("2:1: ")),
            "{told:#?}"
        );
        let of = |place: &str| told.iter().find(|said| said.starts_with(place)).unwrap();
        assert!(of("3:7: ").contains("`dsp-800g`"), "{told:#?}");
        assert!(of("6:8: ").contains("opticsd sim --list"), "{told:#?}");
    }
}
