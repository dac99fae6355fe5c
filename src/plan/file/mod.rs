//! The plan file, key by key.

mod exceptions;
mod expected;

use std::path::Path;
use std::sync::Arc;

use super::fabric::Design;
use super::role::{Policy, Role};
use super::{Assignment, Fabric, Plan, overrides};
use crate::names::PortName;
use crate::tomlfile::{self, Field, Mistake, Once, Table};

/// The most tiers of switches that a fabric is drawn with.
const MOST_TIERS: u16 = 8;

/// The most planes: more than any NIC splits its port into.
const MOST_PLANES: u16 = 64;

/// The most rails: more than any host has accelerators.
const MOST_RAILS: u16 = 1024;

/// The policy of each role, with the plan's own numbers put in.
type Policies = [(Role, Policy); Role::ALL.len()];

impl Plan {
    /// Reads a plan from text; `file` names it in mistakes.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Mistake>> {
        tomlfile::read(text, file, |root| {
            let fabric = fabric(root);
            let policies = policies(root);
            let mut seen = Once::default();
            let assignments = root
                .key("assign")
                .tables()
                .into_iter()
                .flat_map(|table| assign(table, &fabric, &policies, &mut seen))
                .collect();
            let mut plan = Self::new(fabric, assignments);
            exceptions::read(root, &mut plan);
            plan
        })
    }
}

fn fabric(root: &mut Table<'_>) -> Fabric {
    let what = "a table [fabric] with the fabric's `name`";
    let mut fabric = Fabric {
        name: String::new(),
        tiers: None,
        radix: None,
        planes: 1,
        design: Design::default(),
        rails: 1,
        host: None,
    };
    let Some(mut table) = root.required("fabric", what).table() else {
        return fabric;
    };
    let name = table.required("name", "what the fabric is called").text();
    let tiers = table.key("tiers").whole_in(1..=MOST_TIERS);
    let radix = table.key("radix").whole_in(2..=u16::MAX);
    let planes = table.key("planes");
    // A wrong number of planes makes no assigned plane wrong.
    let fallback = if planes.is_given() { MOST_PLANES } else { 1 };
    let planes = planes.whole_in(1..=MOST_PLANES);
    fabric.design = Design::read(&mut table);
    let rails = table.key("rails").whole_in(1..=MOST_RAILS);
    let host = table.key("host").text();
    table.finish();
    fabric.name = name.map(|name| name.value.to_owned()).unwrap_or_default();
    fabric.tiers = tiers.map(|tiers| tiers.value);
    fabric.radix = radix.map(|radix| radix.value);
    fabric.planes = planes.map_or(fallback, |planes| planes.value);
    fabric.rails = rails.map_or(1, |rails| rails.value);
    fabric.host = host.map(|host| host.value.to_owned());
    fabric
}

fn policies(root: &mut Table<'_>) -> Policies {
    let mut policies = Role::ALL.map(|role| (role, Policy::of_role(role)));
    if let Some(mut roles) = root.key("role").table() {
        for (role, policy) in &mut policies {
            if let Some(mut table) = roles.key(role.name()).table() {
                overrides::apply(&mut table, policy);
                table.finish();
            }
        }
        roles.finish();
    }
    policies
}

/// The assignments of one `[[assign]]`: one for each port that it names.
fn assign(
    mut table: Table<'_>,
    fabric: &Fabric,
    policies: &Policies,
    seen: &mut Once<PortName>,
) -> Vec<Assignment> {
    let ports = table
        .required(
            "ports",
            "the ports that this is for, such as \"Ethernet{0..31}\"",
        )
        .names("a port's name, without spaces", PortName::new)
        .unwrap_or_default();
    seen.take(&table, &ports, "assigned");
    let peers = peers(&table.key("peer"), &table, ports.len());
    let plane = counted(
        &table.key("plane"),
        &table,
        ("plane", "planes", fabric.planes),
    );
    let rail = counted(&table.key("rail"), &table, ("rail", "rails", fabric.rails));
    let sets = plane_sets(&table.key("plane_set"), &table, ports.len());
    let expected = Arc::new(expected::read(&mut table, fabric, plane.is_some()));
    let required = table.key("required").flag();
    let role = table
        .required(
            "role",
            "what the ports are for: scale-up, scale-out or scale-across",
        )
        .word(&Role::ALL.map(|role| (role.name(), role)));
    let base = role.and_then(|role| policies.iter().find(|(named, _)| *named == role.value));
    // Without a role the overrides are read all the same, for their mistakes.
    let (role, mut policy) = base
        .cloned()
        .unwrap_or_else(|| (Role::ScaleOut, Policy::of_role(Role::ScaleOut)));
    overrides::apply(&mut table, &mut policy);
    table.finish();

    let policy = Arc::new(policy);
    let nobody = || std::iter::repeat(None);
    let peers = peers.into_iter().map(Some).chain(nobody());
    ports
        .into_iter()
        .zip(peers)
        .zip(sets.into_iter().chain(nobody()))
        .map(|((port, peer), plane_set)| Assignment {
            port: port.value,
            role,
            plane,
            rail,
            plane_set,
            peer,
            required: required.is_none_or(|required| required.value),
            policy: Arc::clone(&policy),
            expected: Arc::clone(&expected),
            exceptions: Vec::new(),
            at: port.spot,
        })
        .collect()
}

/// The number of a plane or rail, which the fabric must have; `of` is the key,
/// the fabric's own key, and how many the fabric has.
fn counted(
    field: &Field<'_>,
    table: &Table<'_>,
    (key, all, most): (&str, &str, u16),
) -> Option<u16> {
    let number = field.whole_in(1..=MOST_PLANES.max(MOST_RAILS))?;
    if number.value > most {
        let message = format!(
            "`{key}` is {}, but [fabric] has `{all}` = {most}",
            number.value
        );
        table.mistake(number.spot, message);
    }
    Some(number.value)
}

/// The plane sets: one for all ports, or as many as there are ports.
fn plane_sets(field: &Field<'_>, table: &Table<'_>, ports: usize) -> Vec<Option<String>> {
    let name = |text: &str| PortName::new(text).map(|name| name.as_str().to_owned());
    let names = field.names("a name without spaces, such as \"nic{0..7}\"", name);
    let names = names.unwrap_or_default();
    match names.as_slice() {
        [] => Vec::new(),
        [one] => vec![Some(one.value.clone()); ports],
        [first, ..] => {
            if names.len() != ports && ports > 0 {
                let message = format!(
                    "{} plane sets for {ports} ports; give one for all, or one for each",
                    names.len()
                );
                table.mistake(first.spot, message);
            }
            names.into_iter().map(|name| Some(name.value)).collect()
        }
    }
}

/// The far ends: as many as there are ports, or none.
fn peers(field: &Field<'_>, table: &Table<'_>, ports: usize) -> Vec<String> {
    let peer = |text: &str| {
        let (host, port) = text.rsplit_once(':')?;
        let legal = PortName::new(host).is_some() && PortName::new(port).is_some();
        legal.then(|| text.to_owned())
    };
    let peers = field.names("the far end as \"host:port\"", peer);
    let peers = peers.unwrap_or_default();
    if let Some(first) = peers.first()
        && peers.len() != ports
        && ports > 0
    {
        let message = format!(
            "{} far ends for {ports} ports; each port has one of its own",
            peers.len()
        );
        table.mistake(first.spot, message);
    }
    peers.into_iter().map(|peer| peer.value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;
    use crate::plan::policy::{BerSource, LaneRate, PeerRule};
    use crate::plan::role::Standing;

    fn parse(text: &str) -> Result<Plan, Vec<String>> {
        Plan::parse(text, Path::new("plan.toml"))
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    const POD: &str = "[fabric]\nname = 'pod-7'\nplanes = 4\n\
        [role.scale-up]\nallowed = ['lpo', 'dsp']\nwatts_per_100g_warn = 1.2\n\
        [[assign]]\nports = 'Ethernet{0..3}'\nrole = 'scale-up'\nplane = 2\n\
        peer = 'gpu{4..7}:eth0'\n\
        [[assign]]\nports = ['Ethernet8', 'Ethernet9']\nrole = 'scale-out'\n\
        required = false\nallowed = ['lpo']\nwatts_per_100g_limit_upto_400g = 3.5\n";

    #[test]
    fn ports_and_far_ends_expand_together() {
        let plan = parse(POD).unwrap();
        assert_eq!(plan.fabric.name, "pod-7");
        assert_eq!(plan.assignments().len(), 6);
        let port = PortName::new("Ethernet3").unwrap();
        let assignment = plan.assignment(&port).unwrap();
        assert_eq!(assignment.peer.as_deref(), Some("gpu7:eth0"));
        assert_eq!(assignment.plane, Some(2));
        assert!(assignment.required);
        assert_eq!((assignment.at.line, assignment.at.column), (8, 9));
        let other = plan.assignment(&PortName::new("Ethernet9").unwrap());
        assert!(!other.unwrap().required);
        assert!(
            plan.assignment(&PortName::new("Ethernet4").unwrap())
                .is_none()
        );
    }

    #[test]
    fn the_plan_overrides_roles_and_ports_override_the_plan() {
        let plan = parse(POD).unwrap();
        let [first, .., last] = plan.assignments() else {
            panic!("no assignments");
        };
        // Written lists replace, and their classes leave the others.
        assert_eq!(first.policy.allowed, [Class::Lpo, Class::Dsp]);
        assert_eq!(first.policy.standing(Class::Dsp), Standing::Allowed);
        assert!(first.policy.warned.is_empty());
        assert_eq!(first.policy.watts_per_100g_warn, 1.2);
        assert_eq!(first.policy.watts_per_100g_limit, 1.5);
        assert_eq!(last.policy.standing(Class::Lpo), Standing::Allowed);
        assert_eq!(last.policy.standing(Class::Cpo), Standing::Denied);
        assert_eq!(last.policy.standing(Class::Dsp), Standing::Unlisted);
        let small = last.policy.power_lines(400.0);
        assert_eq!((small.warn, small.limit), (3.0, 3.5));
        assert_eq!(last.policy.power_lines(800.0).limit, 2.5);
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let told = parse(
            "[fabric]\nnam = 'x'\nplanes = 3\nradix = 1\n\
             [role.scale-upp]\n\
             [role.scale-out]\nallowed = ['dsp', 'lop', 'unknown']\ndenied = ['dsp']\n\
             watts_per_100g_warn = 2.75\n\
             [[assign]]\nports = 'e{0..3}'\nrole = 'scale-up'\nplane = 4\n\
             peer = 'gpu{0..2}:eth0'\n\
             [[assign]]\nports = ['e{2..3}', 'f{3..1}', 'g{']\nrole = 'scaleout'\n\
             required = 'yes'\npeer = 'gpu'\n\
             [[assign]]\nports = 7\ncolour = 'red'\n",
        )
        .unwrap_err();
        let mut told: Vec<_> = told
            .iter()
            .map(|told| told.replace("plan.toml:", ""))
            .collect();
        // The last one goes on through every key.
        told.last_mut()
            .unwrap()
            .truncate("22:1: unknown key `colour`; known here: `ports`".len());
        assert_eq!(
            told,
            [
                "1:1: `name` is missing: what the fabric is called",
                "2:1: unknown key `nam`; did you mean `name`?",
                "4:9: `radix` is 1; expected a whole number from 2 to 65535",
                "5:7: unknown key `scale-upp`; did you mean `scale-up`?",
                "7:19: `allowed` cannot be \"lop\"; did you mean \"lpo\"?",
                "7:26: `allowed` cannot be \"unknown\"; expected one of \"dsp\", \"lpo\", \"lro\", \"coherent\", \"cpo\", \"npo\", \"elsfp\", \"aoc\", \"aec\", \"acc\", \"lacc\", \"dac\", \"base-t\"",
                "8:11: `denied` has \"dsp\", but so has `allowed`",
                "9:23: warns above 2.75 W per 100 Gb/s, but the limit is 2.5 W; set both so that the limit is the higher",
                "13:9: `plane` is 4, but [fabric] has `planes` = 3",
                "14:8: 3 far ends for 4 ports; each port has one of its own",
                "16:21: `{3..1}` runs down; write the smaller number first",
                "16:32: `g{` has a brace without its partner; a range is written {0..31}",
                "17:8: `role` cannot be \"scaleout\"; did you mean \"scale-out\"?",
                "18:12: `required` is the text \"yes\"; expected `true` or `false`",
                "19:8: `peer` cannot be \"gpu\"; expected the far end as \"host:port\"",
                "20:1: `role` is missing: what the ports are for: scale-up, scale-out or scale-across",
                "21:9: `ports` is 7; expected a text or a list of texts",
                "22:1: unknown key `colour`; known here: `ports`",
            ]
        );
    }

    #[test]
    fn a_port_assigned_twice_names_the_first_line() {
        let told = parse(
            "[fabric]\nname = 'x'\nplanes = 65\n\
             [[assign]]\nports = 'e{0..3}'\nrole = 'scale-up'\nplane = 2\n\
             [[assign]]\nrole = 'scale-up'\nports = 'e{2..9}'\n",
        )
        .unwrap_err();
        assert_eq!(
            told,
            [
                "plan.toml:3:10: `planes` is 65; expected a whole number from 1 to 64",
                "plan.toml:10:9: `e2` (and 1 more) is assigned on line 5 already",
            ]
        );
    }

    #[test]
    fn the_keys_of_a_policy_are_read_for_roles_and_ports_alike() {
        let plan = parse(
            "[fabric]\nname = 'x'\nplanes = 4\nrails = 8\nhost = 'leaf3'\n\
             [role.scale-out]\nlane_rates = ['224G']\nreach_max_meters = 10000\n\
             ber_warn = 1e-8\nber_from = 'host'\nno_ber_severity = 'warning'\n\
             watts_per_100g_by_form = { xpo = { warn = 3 }, osfp-xd = { warn = 2, limit = 3 } }\n\
             [[assign]]\nports = 'e{0..3}'\nrole = 'scale-out'\nrail = 8\nplane = 1\n\
             plane_set = 'nic{0..3}'\nlane_rates_accepted = ['224G']\npeer_rule = 'any'\n\
             standard_interfaces = false\nplane_rx_power_db = 3\nno_ber_severity = 'off'\n\
             reach_min_meters = 0\nfiber_max_meters = 70\n",
        )
        .unwrap();
        assert_eq!(
            (plan.fabric.rails, plan.fabric.host.as_deref()),
            (8, Some("leaf3"))
        );
        let [.., last] = plan.assignments() else {
            panic!("no assignments");
        };
        assert_eq!(
            (last.rail, last.plane_set.as_deref()),
            (Some(8), Some("nic3"))
        );
        let policy = &last.policy;
        assert!(policy.lane_rates.is_empty());
        assert_eq!(policy.lane_rates_accepted, [LaneRate::G224]);
        let reach = policy.reach;
        assert_eq!((reach.min_meters, reach.max_meters), (0.0, 10e3));
        assert_eq!(reach.fiber_meters, 70.0);
        assert_eq!((policy.ber.warn, policy.ber.from), (1e-8, BerSource::Host));
        assert_eq!(policy.ber.severity_without, None);
        assert_eq!(policy.peer_rule, PeerRule::Any);
        assert!(!policy.standard_interfaces);
        assert_eq!(policy.planes.rx_power_db, 3.0);
        let xpo = policy.power_lines_of(Some("xpo"), 12_800.0);
        assert_eq!((xpo.warn, xpo.limit), (3.0, 3.5));
        let xd = policy.power_lines_of(Some("osfp-xd"), 1600.0);
        assert_eq!((xd.warn, xd.limit), (2.0, 3.0));
    }

    #[test]
    fn mistakes_about_modules_planes_and_exceptions_have_their_places() {
        let told = parse(
            "[fabric]\nname = 'x'\nplanes = 2\n\
             [role.scale-out]\nber_warn = 1e-4\nreach_min_meters = 5000\nlane_rates = ['100G']\n\
             [[assign]]\nports = 'e{0..3}'\nrole = 'scale-out'\nrail = 2\n\
             plane_set = 'nic{0..1}'\napplication = '800GBASE-DR88'\nform_factor = 'ofsp'\n\
             breakout = '4x200'\n\
             [[assign]]\nports = 'f0'\nrole = 'scale-out'\nplanes = '{1..4}'\n\
             watts_per_100g_by_form = { xpoo = {} }\n\
             [[assign]]\nports = 'f1'\nrole = 'scale-out'\nplane = 1\nplanes = '{2..3}'\n\
             breakout = '4x200G'\n\
             [[exception]]\nports = ['e{0..1}', 'e9']\nrule = 'class-deny'\nreason = ''\n\
             expires = '2027-02-29'\n\
             [[exception]]\nports = 'e0'\nrule = 'exception-expired'\nexpires = 2027-03-01\n",
        )
        .unwrap_err();
        let told: Vec<_> = told
            .iter()
            .map(|told| told.replace("plan.toml:", ""))
            .collect();
        assert_eq!(
            told.iter()
                .map(|told| told.split("; expected one").next().unwrap())
                .collect::<Vec<_>>(),
            [
                "5:12: `ber_warn` is 1e-4, `ber_error` 1e-5 and `ber_limit` 2.4e-4; set them so that they rise",
                "6:20: the least reach is 5000 m, but the most is 2000 m; set both so that the most is the higher",
                "7:15: `lane_rates` cannot be \"100G\"; did you mean \"112G\"?",
                "11:8: `rail` is 2, but [fabric] has `rails` = 1",
                "12:13: 2 plane sets for 4 ports; give one for all, or one for each",
                "13:15: `application` cannot be \"800GBASE-DR88\"; did you mean \"800GBASE-DR8\"?",
                "14:15: `form_factor` cannot be \"ofsp\"; did you mean \"osfp\"?",
                "15:12: `breakout` cannot be \"4x200\"; expected data paths and rate, such as \"4x200G\"",
                "19:10: `planes` is for ports that are split; set `breakout` too, or give one `plane`",
                "20:28: unknown key `xpoo`; did you mean `xpo`?",
                "25:10: `planes` and `plane` exclude each other",
                "25:10: 2 planes for 4 data paths; each path has one of its own",
                "25:10: `planes` has 3, but [fabric] has `planes` = 2",
                "28:21: `e9` is not assigned; the nearest port is `e0`",
                "29:8: `rule` cannot be \"class-deny\"; did you mean \"class-denied\"?",
                "31:11: `expires` cannot be \"2027-02-29\"; expected a day such as \"2027-03-01\"",
                "32:1: `reason` is missing: why, for whoever reads the finding",
                "34:8: `rule` cannot be \"exception-expired\"",
                "35:11: `expires` is 2027-03-01; expected a text in quotes",
            ]
        );
    }

    #[test]
    fn the_plans_that_ship_have_no_mistakes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let mut files = vec![folder.join("plan.toml")];
        let plans = std::fs::read_dir(folder.join("plans")).unwrap();
        files.extend(plans.map(|entry| entry.unwrap().path()));
        assert!(files.len() > 3);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            Plan::parse(&text, &file).unwrap();
        }
    }

    #[test]
    fn the_documented_values_are_the_built_in_ones() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/plan.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let plan = Plan::parse(&text, &file).unwrap();
        let first = plan.assignments().first().unwrap();
        assert_eq!(*first.policy, Policy::of_role(Role::ScaleUp));
    }

    #[test]
    fn an_empty_plan_says_what_it_needs() {
        assert_eq!(
            parse("").unwrap_err(),
            ["plan.toml:1:1: `fabric` is missing: a table [fabric] with the fabric's `name`"]
        );
    }
}
