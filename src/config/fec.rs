//! Who counts the errors of a port's link: the key `fec` of a `[[port]]`.

use super::source::is_interface;
use super::{FecFrom, PortSource};
use crate::tomlfile::{At, Once, Table};

/// What the key expects.
const WANTED: &str = "\"ethtool:eth0\" (a network interface), \"sonic:Ethernet0\" (a SONiC port) \
     or \"sim\" (a simulated port's own)";

/// Who counts for each of `count` ports, in their order; `None` for all of them
/// where the key is not there.
pub(super) fn counters(
    table: &mut Table<'_>,
    count: usize,
    sources: Option<&[At<PortSource>]>,
    seen: &mut Once<String>,
) -> Vec<Option<FecFrom>> {
    let nobody = vec![None; count];
    let Some(mut given) = table.key("fec").names(WANTED, parse) else {
        return nobody;
    };
    let Some(first) = given.first().cloned() else {
        return nobody;
    };
    // A simulated port has a decoder of its own, so the word may stand for all.
    if let ([_], FecFrom::Sim) = (given.as_slice(), &first.value) {
        given = vec![first.clone(); count];
    }
    if given.len() != count {
        let message = format!(
            "{} of `fec` for {count} names; each port has counters of its own",
            given.len()
        );
        table.mistake(first.spot, message);
        return nobody;
    }
    let is_real = |source: &At<PortSource>| !matches!(source.value, PortSource::Sim(_));
    if let Some(sim) = given.iter().find(|from| from.value == FecFrom::Sim)
        && sources.is_some_and(|sources| sources.iter().any(is_real))
    {
        let message = "`fec` is \"sim\" at a port that is real; \
            expected \"ethtool:eth0\" or \"sonic:Ethernet0\"";
        table.mistake(sim.spot, message);
    }
    let named: Vec<At<String>> = given
        .iter()
        .filter(|from| from.value != FecFrom::Sim)
        .map(|from| At {
            value: from.value.to_string(),
            spot: from.spot,
        })
        .collect();
    seen.take(table, &named, "what counts for a port");
    given.into_iter().map(|from| Some(from.value)).collect()
}

/// Who a text stands for, if it can.
fn parse(text: &str) -> Option<FecFrom> {
    if text == "sim" {
        return Some(FecFrom::Sim);
    }
    let (kind, name) = text.split_once(':')?;
    match kind {
        "ethtool" => is_interface(name).then(|| FecFrom::Ethtool(name.to_owned())),
        "sonic" => is_sonic_port(name).then(|| FecFrom::Sonic(name.to_owned())),
        _ => None,
    }
}

/// Whether SONiC could call a port so. Its keys end at the separators.
fn is_sonic_port(name: &str) -> bool {
    let is_odd = |c: char| matches!(c, ':' | '|') || c.is_whitespace() || c.is_control();
    !name.is_empty() && !name.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse_ports(text: &str) -> Result<Vec<Option<FecFrom>>, Vec<String>> {
        match Config::parse(text, Path::new("f")) {
            Ok(config) => Ok(config.ports.into_iter().map(|port| port.fec).collect()),
            Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn ranges_run_with_the_names() {
        let ports = parse_ports(
            "[[port]]\nname = 'e{0..1}'\ni2c = '/dev/i2c-{1..2}'\nfec = 'sonic:Ethernet{0..1}'\n\
             [[port]]\nname = 'b'\nethtool = 'eth0'\nfec = 'ethtool:eth0'\n\
             [[port]]\nname = ['c', 'd']\nsim = 'lpo-800g'\nfec = 'sim'\n\
             [[port]]\nname = 'x'\nsim = 'lpo-800g'\n",
        );
        let sonic = |name: &str| Some(FecFrom::Sonic(name.to_owned()));
        let expected = [
            sonic("Ethernet0"),
            sonic("Ethernet1"),
            Some(FecFrom::Ethtool("eth0".to_owned())),
            Some(FecFrom::Sim),
            Some(FecFrom::Sim),
            None,
        ];
        assert_eq!(ports.unwrap(), expected);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told = parse_ports(
            "[[port]]\nname = 'e{0..3}'\ni2c = '/dev/i2c-{1..4}'\nfec = 'sonic:Ethernet{0..2}'\n\
             [[port]]\nname = 'b'\ni2c = '/dev/i2c-9'\nfec = 'eth0'\n\
             [[port]]\nname = 'c'\ni2c = '/dev/i2c-10'\nfec = 'ethtool:'\n\
             [[port]]\nname = 'd'\ni2c = '/dev/i2c-11'\nfec = 'sim'\n\
             [[port]]\nname = ['f', 'g']\ni2c = ['/dev/i2c-12', '/dev/i2c-13']\n\
             fec = ['ethtool:eth0', 'ethtool:eth0']\n\
             [[port]]\nname = 'h'\ni2c = '/dev/i2c-14'\nfec = 7\n",
        );
        let cannot = |place: &str, text: &str| {
            format!("f:{place}: `fec` cannot be {text:?}; expected {WANTED}")
        };
        let expected = [
            "f:4:7: 3 of `fec` for 4 names; each port has counters of its own".to_owned(),
            cannot("8:7", "eth0"),
            cannot("12:7", "ethtool:"),
            "f:16:7: `fec` is \"sim\" at a port that is real; \
             expected \"ethtool:eth0\" or \"sonic:Ethernet0\""
                .to_owned(),
            "f:20:24: `ethtool:eth0` is what counts for a port on line 20 already".to_owned(),
            "f:24:7: `fec` is 7; expected a text or a list of texts".to_owned(),
        ];
        assert_eq!(told.unwrap_err(), expected);
    }
}
