//! One plane as a folded Clos: from radix, tiers and endpoints to switches and
//! links.
//!
//! Each switch of radix R splits its ports into those down and those up. At
//! most R leaves share the spines of a two-tier plane, which so carries R²/2
//! endpoints when it is non-blocking. With three tiers the leaves stand in at
//! most R pods of R/2 leaves, and R³/4 endpoints fit. A smaller plane has only
//! the switches that it needs, and every switch reaches all of the tier above
//! that it must with the same number of links.

/// How a switch divides its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    /// Ports towards the endpoints.
    pub(super) down: u64,
    /// Ports towards the tier above.
    pub(super) up: u64,
    /// Whether the division comes out even.
    pub(super) is_even: bool,
}

impl Split {
    /// The ports of a leaf that is oversubscribed at most so much: `down` by
    /// `up`. A radix below 2 counts as 2.
    pub(super) fn new(radix: u16, oversubscription: f64) -> Self {
        let radix = radix.max(2);
        let over = |up: u16| f64::from(radix - up) - oversubscription * f64::from(up);
        // What a written fraction such as 1.333 may be off by.
        let slack = f64::from(radix) * 1e-3;
        let up = (1..radix).find(|up| over(*up) <= slack.min(0.5));
        let up = up.unwrap_or(radix - 1);
        Self {
            down: u64::from(radix - up),
            up: up.into(),
            is_even: over(up).abs() <= slack.min(0.5),
        }
    }
}

/// Switches of one tier that are cabled alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// How many.
    pub count: u64,
    /// Ports of each in use towards the endpoints.
    pub down: u64,
    /// Ports of each in use towards the tier above.
    pub up: u64,
}

/// All switches of one tier of a plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The switches, by how they are cabled; no group is empty.
    pub groups: Vec<Switches>,
}

impl Tier {
    fn new(groups: impl IntoIterator<Item = Switches>) -> Self {
        let groups = groups.into_iter().filter(|group| group.count > 0);
        Self {
            groups: groups.collect(),
        }
    }

    /// How many switches.
    pub fn switches(&self) -> u64 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// Links towards the endpoints.
    pub fn down(&self) -> u64 {
        self.groups
            .iter()
            .map(|group| group.count * group.down)
            .sum()
    }

    /// Links towards the tier above; 0 at the top.
    pub fn up(&self) -> u64 {
        self.groups.iter().map(|group| group.count * group.up).sum()
    }
}

/// The switches of one plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clos {
    /// The most endpoints that so many tiers of this radix carry.
    pub capacity: u64,
    /// The endpoints that it carries.
    pub endpoints: u64,
    /// The tiers, leaves first: 1 to 3 of them.
    pub tiers: Vec<Tier>,
}

impl Clos {
    /// The plane with the fewest switches that carries so many endpoints, or as
    /// many as it can.
    pub(super) fn new(radix: u16, tiers: u16, split: Split, endpoints: Option<u64>) -> Self {
        let radix = radix.max(2);
        let capacity = capacity(radix, tiers, split);
        let endpoints = endpoints.map_or(capacity, |wanted| wanted.min(capacity).max(1));
        let radix = radix.into();
        let tiers = match tiers {
            0 | 1 => vec![Tier::new([Switches {
                count: 1,
                down: endpoints,
                up: 0,
            }])],
            2 => two_tiers(radix, split, endpoints),
            _ => three_tiers(radix, split, endpoints),
        };
        Self {
            capacity,
            endpoints,
            tiers,
        }
    }

    /// How many switches, all tiers.
    pub fn switches(&self) -> u64 {
        self.tiers.iter().map(Tier::switches).sum()
    }
}

/// The most endpoints that a plane carries.
pub(super) fn capacity(radix: u16, tiers: u16, split: Split) -> u64 {
    let radix = u64::from(radix);
    match tiers {
        0 | 1 => radix,
        2 => radix * split.down,
        _ => radix * (radix / 2) * split.down,
    }
}

fn two_tiers(radix: u64, split: Split, endpoints: u64) -> Vec<Tier> {
    let leaves = endpoints.div_ceil(split.down);
    let spines = tops(leaves, split.up, radix);
    let spine = Switches {
        count: spines,
        down: leaves * (split.up / spines),
        up: 0,
    };
    vec![leaf_tier(split, endpoints), Tier::new([spine])]
}

fn three_tiers(radix: u64, split: Split, endpoints: u64) -> Vec<Tier> {
    let half = radix / 2;
    let leaves = endpoints.div_ceil(split.down);
    let pods = leaves.div_ceil(half);
    // Pods are of equal size, or some have one leaf less.
    let leaves_in_pod = leaves.div_ceil(pods);
    let full_pods = leaves - pods * (leaves_in_pod - 1);
    let spines_in_pod = tops(leaves_in_pod, split.up, half);
    let links = split.up / spines_in_pod;
    let up = leaves_in_pod * links;
    let spine = |pods: u64, leaves: u64| Switches {
        count: pods * spines_in_pod,
        down: leaves * links,
        up,
    };
    // The first spine of every pod meets the first group of cores, and so on.
    let cores_in_group = tops(pods, up, radix);
    let core = Switches {
        count: spines_in_pod * cores_in_group,
        down: pods * (up / cores_in_group),
        up: 0,
    };
    vec![
        leaf_tier(split, endpoints),
        Tier::new([
            spine(full_pods, leaves_in_pod),
            spine(pods - full_pods, leaves_in_pod - 1),
        ]),
        Tier::new([core]),
    ]
}

/// Leaves filled one after the other: the last may have ports to spare.
fn leaf_tier(split: Split, endpoints: u64) -> Tier {
    let leaf = |count, down| Switches {
        count,
        down,
        up: split.up,
    };
    let rest = endpoints % split.down;
    Tier::new([
        leaf(endpoints / split.down, split.down),
        leaf(u64::from(rest > 0), rest),
    ])
}

/// The fewest switches above `bottoms` switches with `uplinks` each, so that
/// each bottom has the same number of links to each top, and no top has more
/// than `ports`.
fn tops(bottoms: u64, uplinks: u64, ports: u64) -> u64 {
    (1..=uplinks)
        .filter(|tops| uplinks.is_multiple_of(*tops))
        .find(|tops| bottoms * (uplinks / tops) <= ports)
        .unwrap_or(uplinks)
}
