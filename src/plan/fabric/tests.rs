//! The arithmetic against fabrics that are built link by link, against the
//! published example, and with every contradiction provoked.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::class::Class;
use crate::plan::Plan;
use crate::plan::role::Role;

/// Switches and links of a plane that was built one by one.
#[derive(Debug, Default, PartialEq)]
struct Built {
    endpoints: u64,
    switches: Vec<u64>,
    links: Vec<u64>,
}

/// Builds the largest plane by plugging in links until a switch is full. Leaves
/// have `down` ports to endpoints and one link to each of the switches above.
fn built(radix: usize, tiers: usize, down: usize) -> Built {
    match tiers {
        1 => built_of_one(radix),
        2 => built_of_leaves(radix, down),
        _ => built_of_pods(radix, down),
    }
}

fn built_of_one(radix: usize) -> Built {
    let mut ports_left = radix;
    let mut built = Built {
        switches: vec![1],
        links: vec![0],
        ..Built::default()
    };
    while ports_left > 0 {
        ports_left -= 1;
        built.endpoints += 1;
        built.links[0] += 1;
    }
    built
}

fn built_of_leaves(radix: usize, down: usize) -> Built {
    let mut spines = vec![0; radix - down];
    let mut built = Built {
        switches: vec![0, spines.len() as u64],
        links: vec![0, 0],
        ..Built::default()
    };
    while spines.iter().all(|used| *used < radix) {
        built.switches[0] += 1;
        for _ in 0..down {
            built.endpoints += 1;
            built.links[0] += 1;
        }
        for used in &mut spines {
            *used += 1;
            built.links[1] += 1;
        }
    }
    built
}

fn built_of_pods(radix: usize, down: usize) -> Built {
    let up = radix - down;
    // One group of cores for each spine of a pod.
    let mut cores = vec![vec![0; radix / 2]; up];
    let mut built = Built {
        switches: vec![0, 0, (up * (radix / 2)) as u64],
        links: vec![0, 0, 0],
        ..Built::default()
    };
    while cores.iter().flatten().all(|used| *used < radix) {
        let mut spines = vec![0; up];
        built.switches[1] += spines.len() as u64;
        // Leaves, until the spines have just the ports left that they need up.
        while spines.iter().all(|used| *used < radix - radix / 2) {
            built.switches[0] += 1;
            built.endpoints += down as u64;
            built.links[0] += down as u64;
            for used in &mut spines {
                *used += 1;
                built.links[1] += 1;
            }
        }
        for group in &mut cores {
            for used in group {
                *used += 1;
                built.links[2] += 1;
            }
        }
    }
    built
}

fn counted(sizing: &Sizing) -> Built {
    let plane = &sizing.planes[0];
    Built {
        endpoints: plane.clos.endpoints,
        switches: plane.clos.tiers.iter().map(Tier::switches).collect(),
        links: plane.links.iter().map(|link| link.links).collect(),
    }
}

fn plan(text: &str) -> Plan {
    Plan::parse(&format!("[fabric]\nname = 'f'\n{text}"), Path::new("p")).unwrap()
}

fn sized(text: &str) -> Sizing {
    of_plan(&plan(text)).unwrap()
}

fn rules(text: &str) -> Vec<&'static str> {
    let found = sized(text).contradictions;
    found.iter().map(Contradiction::rule).collect()
}

fn example(name: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/plans");
    let path = path.join(name);
    Plan::parse(&std::fs::read_to_string(&path).unwrap(), &path).unwrap()
}

#[test]
fn a_full_plane_has_the_switches_and_links_of_one_that_was_built() {
    for radix in [4, 8, 16] {
        for (tiers, oversubscription) in [(1, 1), (2, 1), (2, 3), (3, 1), (3, 3)] {
            let sizing = sized(&format!(
                "tiers = {tiers}\nradix = {radix}\noversubscription = {oversubscription}\n\
                 lanes_per_module = 1\n"
            ));
            let down = radix * oversubscription / (1 + oversubscription);
            let case = format!("{tiers} tiers, radix {radix}, {oversubscription} to 1");
            assert_eq!(counted(&sizing), built(radix, tiers, down), "{case}");
            assert_eq!(sizing.contradictions, [], "{case}");
            let over = if tiers == 1 {
                1.0
            } else {
                oversubscription as f64
            };
            assert_eq!(sizing.planes[0].oversubscription, over, "{case}");
        }
    }
}

#[test]
fn non_blocking_planes_carry_what_is_known_of_them() {
    let endpoints =
        |tiers, radix| sized(&format!("tiers = {tiers}\nradix = {radix}\n")).endpoints();
    assert_eq!(endpoints(1, 512), 512);
    assert_eq!(endpoints(2, 512), 131_072);
    assert_eq!(endpoints(3, 512), 33_554_432);
    assert_eq!(endpoints(3, 48), 27_648);
}

#[test]
fn the_four_plane_example_is_reproduced() {
    let sizing = of_plan(&example("multi-plane-fabric.toml")).unwrap();
    assert_eq!(sizing.contradictions, []);
    assert_eq!(sizing.planes.len(), 4);
    for plane in &sizing.planes {
        let switches: Vec<_> = plane.clos.tiers.iter().map(Tier::switches).collect();
        assert_eq!(switches, [512, 256]);
        let [to_leaf, to_spine] = plane.links.as_slice() else {
            panic!("{plane:?}");
        };
        assert_eq!((to_leaf.lower_modules, to_leaf.upper_modules), (0, 16_384));
        assert_eq!(
            (to_spine.lower_modules, to_spine.upper_modules),
            (16_384, 16_384)
        );
    }
    let totals = &sizing.totals;
    assert_eq!(totals.switches, 3_072);
    assert_eq!(totals.switch_modules, 196_608);
    assert_eq!(totals.host_modules, 131_072);
    assert_eq!(totals.switch_modules + totals.host_modules, 327_680);
    assert_eq!(totals.links, 1_048_576);
    assert_eq!(totals.lane_ends, 2_097_152);
    // 1.6T modules of 30 W, and 800G modules of 15 W; linear ones 12 W and 6 W.
    assert_eq!(totals.watts, Some(7_864_320.0));
    assert_eq!(totals.watts_all_lpo, Some(3_145_728.0));
    assert_eq!(totals.cost_in_800g, 524_288.0);
    assert!((totals.cost - (196_608.0 * 1.3 + 131_072.0)).abs() < 0.1);
    // A pair of fibres for each of the one-lane links, 20 m and 50 m long.
    assert_eq!(totals.fibers, 2_097_152);
    assert_eq!(totals.fiber_meters, 1_048_576.0 * (20.0 + 50.0));
    assert_eq!(sizing.latency.modules_ns, Some(400.0));
    assert_eq!(sizing.latency.fiber_ns, 700.0);
}

#[test]
fn two_endpoints_may_share_a_module() {
    let text = "tiers = 2\nradix = 512\nplanes = 4\nhost_modules_per_endpoint = 0.5\n";
    let sizing = sized(text);
    assert_eq!(sizing.hosts.modules, 65_536);
    assert_eq!(sizing.lanes.host_module_gbps(), 1600);
    assert_eq!(sizing.contradictions, []);
}

#[test]
fn no_shipped_plan_contradicts_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/plans");
    let mut sized = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name();
        // A plan may leave the fabric's numbers out; then there is no sizing.
        if let Ok(sizing) = of_plan(&example(name.to_str().unwrap())) {
            assert_eq!(sizing.contradictions, [], "{name:?}");
            sized += 1;
        }
    }
    assert!(sized >= 3, "{sized}");
}

#[test]
fn the_tiers_follow_from_the_endpoints() {
    let tiers = |endpoints| sized(&format!("radix = 8\nendpoints = {endpoints}\n")).tiers;
    assert_eq!([tiers(8), tiers(9), tiers(32), tiers(33)], [1, 2, 2, 3]);
    let sizing = sized("radix = 8\nendpoints = 129\n");
    assert_eq!((sizing.tiers, sizing.endpoints()), (3, 128));
}

#[test]
fn a_plan_that_says_too_little_is_told_what_to_write() {
    let lacking = |text| of_plan(&plan(text)).unwrap_err();
    assert_eq!(lacking("tiers = 2\n"), Lacking::Radix);
    assert_eq!(lacking("radix = 8\n"), Lacking::Size);
    assert_eq!(lacking("radix = 8\ntiers = 4\n"), Lacking::TooManyTiers(4));
}

#[test]
fn what_a_class_is_not_known_for_stays_unknown() {
    let text = "tiers = 1\nradix = 8\n[[fabric.link]]\ntier = 1\nclass = 'acc'\n";
    let sizing = sized(text);
    assert_eq!(
        (sizing.totals.watts, sizing.latency.modules_ns),
        (None, None)
    );
    assert_eq!((sizing.totals.fibers, sizing.totals.connectors), (0, 0));
    let value = json(&sizing);
    assert_eq!(value.pointer("/totals/watts"), None);
    assert_eq!(value.pointer("/latency/modules_seconds"), None);
    let sizing = sized(&format!(
        "{text}watts_per_module = 2\nhost_watts_per_module = 1\n"
    ));
    // One switch of one module, and eight endpoints.
    assert_eq!(sizing.totals.watts, Some(10.0));
}

#[test]
fn linear_modules_save_on_the_links_that_have_them() {
    let sizing = sized(
        "tiers = 2\nradix = 16\nport_gbps = 800\n\
         [[fabric.link]]\ntier = 1\nrole = 'scale-up'\nclass = 'lpo'\n",
    );
    let totals = &sizing.totals;
    let groups: Vec<_> = totals
        .groups
        .iter()
        .map(|group| {
            (
                group.role,
                group.class,
                group.gbps,
                group.modules,
                group.watts,
            )
        })
        .collect();
    // 16 leaves and 8 spines with two ports on each 1.6T module, 128 endpoints.
    assert_eq!(
        groups,
        [
            (Role::ScaleUp, Class::Lpo, 1600, 64, Some(768.0)),
            (Role::ScaleOut, Class::Dsp, 1600, 128, Some(3840.0)),
            (Role::ScaleUp, Class::Lpo, 800, 128, Some(768.0)),
        ]
    );
    assert_eq!(totals.watts, Some(5376.0));
    assert_eq!(totals.watts_all_dsp, Some(30.0 * 192.0 + 15.0 * 128.0));
    assert_eq!(totals.watts_all_lpo, Some(12.0 * 192.0 + 6.0 * 128.0));
}

/// The contradictions of a two-tier plane of radix 8, with this besides.
fn rules_with(text: &str) -> Vec<&'static str> {
    rules(&format!(
        "radix = 8\ntiers = 2\nlanes_per_module = 2\nlane_gbps = 100\n{text}"
    ))
}

#[test]
fn endpoints_that_do_not_fit_are_found() {
    assert_eq!(rules_with(""), [""; 0]);
    assert_eq!(rules_with("endpoints = 32\n"), [""; 0]);
    assert_eq!(rules_with("endpoints = 33\n"), ["too-few-tiers"]);
    assert_eq!(rules_with("endpoints = 129\n"), ["too-many-endpoints"]);
    let sizing = sized("radix = 512\ntiers = 2\nendpoints = 131_073\n");
    assert_eq!(
        sizing.contradictions[0].to_string(),
        "plane 1 is to have 131,073 endpoints, but two tiers of radix 512 carry 131,072; it takes three tiers"
    );
}

#[test]
fn ports_and_lanes_that_do_not_divide_are_found() {
    assert_eq!(
        rules_with("oversubscription = 2\n"),
        ["radix-does-not-divide"]
    );
    assert_eq!(
        rules("radix = 9\ntiers = 3\noversubscription = 2\nlanes_per_module = 3\n"),
        ["odd-radix", "too-few-cages"]
    );
    assert_eq!(
        rules("radix = 12\ntiers = 1\n"),
        ["ports-do-not-fill-modules"]
    );
    assert_eq!(rules("radix = 8\ntiers = 2\n"), ["too-few-cages"]);
    assert_eq!(rules_with("port_gbps = 150\n"), ["speed-does-not-divide"]);
    assert_eq!(rules_with("port_gbps = 300\n"), ["lanes-do-not-fit"]);
    assert_eq!(
        rules_with("planes = 4\nhost_lanes_per_module = 4\n"),
        ["host-lanes-do-not-fit"]
    );
}

#[test]
fn planes_and_tiers_that_differ_or_are_not_there_are_found() {
    let plane = |text: &str| rules_with(&format!("planes = 2\n[[fabric.plane]]\n{text}"));
    assert_eq!(plane("plane = 2\nendpoints = 32\n"), [""; 0]);
    assert_eq!(plane("plane = 2\nendpoints = 16\n"), ["planes-differ"]);
    assert_eq!(plane("plane = 1\nradix = 16\n"), ["planes-differ"; 2]);
    assert_eq!(plane("plane = 3\nradix = 16\n"), ["no-such-plane"]);
    assert_eq!(rules_with("[[fabric.link]]\ntier = 3\n"), ["no-such-tier"]);
}

#[test]
fn what_the_ports_say_is_held_against_the_fabric() {
    let assigned = |text: &str| rules_with(&format!("planes = 2\n{text}"));
    let ports = |ports: &str, role: &str, plane: u16| {
        format!("[[assign]]\nports = '{ports}'\nrole = '{role}'\nplane = {plane}\n")
    };
    let link = |rest: &str| format!("[[fabric.link]]\ntier = 1\n{rest}\n");
    let out = ports("e{0..3}", "scale-out", 1);
    assert_eq!(assigned(&out), [""; 0]);
    assert_eq!(
        assigned(&(link("role = 'scale-up'") + &out)),
        ["role-without-ports"]
    );
    assert_eq!(assigned(&(link("class = 'lpo'") + &out)), ["class-denied"]);
    // One role alone is that of the fabric too.
    assert_eq!(assigned(&ports("e{0..3}", "scale-up", 1)), [""; 0]);
    let other = ports("f{0..2}", "scale-out", 2);
    assert_eq!(assigned(&(out.clone() + &other)), ["ports-differ"]);
    assert_eq!(
        assigned(&(out + &ports("f{0..3}", "scale-out", 2))),
        [""; 0]
    );
}

#[test]
fn the_text_tells_alike_planes_once() {
    let sizing = of_plan(&example("multi-plane-fabric.toml")).unwrap();
    let text = text(&sizing);
    assert!(
        text.contains("Planes 1 to 4, each: 131,072 endpoints"),
        "{text}"
    );
    assert!(
        text.contains("327,680: 196,608 in switches, 131,072 in endpoints"),
        "{text}"
    );
    assert!(text.contains("linear modules save 4.72 MW"), "{text}");
    assert!(!text.contains("Contradictions"), "{text}");
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    let odd =
        sized("radix = 8\ntiers = 2\nplanes = 3\n[[fabric.plane]]\nplane = 2\nendpoints = 9\n");
    let text = super::text(&odd);
    for start in ["Plane 1:", "Plane 2:", "Plane 3:", "Contradictions"] {
        assert!(text.contains(start), "{text}");
    }
}

#[test]
fn the_json_has_units_that_say_themselves() {
    let sizing = of_plan(&example("multi-plane-fabric.toml")).unwrap();
    let value = json(&sizing);
    let at = |path: &str| value.pointer(path).unwrap().as_f64().unwrap();
    assert_eq!(at("/totals/modules"), 327_680.0);
    assert_eq!(at("/planes/3/tiers/1/switches"), 256.0);
    assert_eq!(at("/planes/0/links/0/watts"), 491_520.0);
    assert_eq!(at("/port_bits_per_second"), 200e9);
    assert!((at("/latency/modules_seconds") - 400e-9).abs() < 1e-15);
    assert_eq!(value["contradictions"], serde_json::json!([]));
}

/// Whether every element ends where it should.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else {
            return false;
        };
        match tag.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            Some(_) => return false,
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    open.is_empty()
}

#[test]
fn the_drawing_stands_alone() {
    let text =
        "[fabric]\nname = 'a<b & \"c\"'\nradix = 8\ntiers = 3\nplanes = 2\nendpoints = 200\n";
    let plan = Plan::parse(text, Path::new("p")).unwrap();
    let svg = svg(&of_plan(&plan).unwrap());
    assert!(svg.starts_with("<svg ") && is_well_formed(&svg), "{svg}");
    assert!(svg.contains("xmlns=\"http://www.w3.org/2000/svg\""));
    assert!(svg.contains("prefers-color-scheme: dark"));
    assert!(svg.contains("a&lt;b &amp; &quot;c&quot;"), "{svg}");
    assert!(!svg.contains("<b "), "{svg}");
    assert!(svg.contains("Plane 1") && svg.contains("Plane 2"));
    assert!(
        svg.contains("32 leaf switches") && svg.contains("16 core switches"),
        "{svg}"
    );
    assert!(svg.contains("plane contradicted"), "{svg}");
    assert!(svg.contains("200 endpoints, but"), "{svg}");
}

/// The links that each spine gets when leaves plug theirs in one after the other.
fn spine_ports(leaves: u64, uplinks: u64, spines: u64) -> Vec<u64> {
    let mut ports = vec![0; usize::try_from(spines).unwrap()];
    for _ in 0..leaves {
        for (_, used) in (0..uplinks).zip((0..ports.len()).cycle()) {
            ports[used] += 1;
        }
    }
    ports
}

proptest! {
    #[test]
    fn whatever_is_asked_for_can_be_cabled(
        radix in 2_u16..200,
        tiers in 1_u16..=3,
        planes in 1_u16..=5,
        over in 1_u16..=4,
        endpoints in 1_u64..100_000,
    ) {
        let sizing = sized(&format!(
            "radix = {radix}\ntiers = {tiers}\nplanes = {planes}\noversubscription = {over}\n\
             endpoints = {endpoints}\n"
        ));
        prop_assert_eq!(sizing.planes.len(), usize::from(planes));
        let clos = &sizing.planes[0].clos;
        prop_assert_eq!(clos.endpoints, endpoints.min(clos.capacity));
        prop_assert_eq!(clos.tiers.len(), usize::from(tiers));
        // Each link has two ends, and no switch more links than ports.
        prop_assert_eq!(clos.tiers[0].down(), clos.endpoints);
        for pair in clos.tiers.windows(2) {
            prop_assert_eq!(pair[0].up(), pair[1].down());
        }
        prop_assert_eq!(clos.tiers.last().unwrap().up(), 0);
        for switch in clos.tiers.iter().flat_map(|tier| &tier.groups) {
            prop_assert!(switch.count > 0);
            prop_assert!(switch.down + switch.up <= radix.into(), "{:?}", clos);
        }
        // Nothing is blocked but at the leaves, and there as the plan says.
        let leaf = clos.tiers[0].groups[0];
        prop_assert!(tiers == 1 || leaf.down <= leaf.up * u64::from(over));
        if let [_, spine, _] = clos.tiers.as_slice() {
            prop_assert!(spine.groups.iter().all(|spine| spine.down <= spine.up));
            // Nor are there more links up than a whole pod can use.
            prop_assert_eq!(spine.groups[0].down, spine.groups[0].up);
        }
        if let [leaves, spine] = clos.tiers.as_slice() {
            let spine = spine.groups[0];
            let ports = spine_ports(leaves.switches(), leaf.up, spine.count);
            prop_assert!(ports.iter().all(|used| *used == spine.down), "{:?}", clos);
            // Every leaf reaches every spine.
            prop_assert!(spine.count <= leaf.up);
        }
        // Planes are alike, so the whole is a multiple of the first.
        let times = u64::from(planes);
        prop_assert_eq!(sizing.totals.switches, times * clos.switches());
        let links: u64 = clos.tiers.iter().map(Tier::down).sum();
        prop_assert_eq!(sizing.totals.links, times * links);
        let grouped: u64 = sizing.totals.groups.iter().map(|group| group.modules).sum();
        prop_assert_eq!(grouped, sizing.totals.switch_modules + sizing.totals.host_modules);
        // Modules have room for the ends of all links.
        let ends = 2 * times * links - times * clos.endpoints;
        prop_assert!(sizing.totals.switch_modules * sizing.lanes.ports_per_module >= ends);
        prop_assert!(is_well_formed(&svg(&sizing)));
    }
}
