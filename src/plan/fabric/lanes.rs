//! How the lanes of ports fit into modules, in switches and in endpoints.

use super::design::Design;

/// Speeds of a lane that are tried one after the other, in Gb/s, unless the
/// plan names one.
const LANE_GBPS: [u64; 2] = [200, 100];

/// The lanes of ports and modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// Speed of one lane in Gb/s.
    pub gbps: u64,
    /// Lanes of one port, in each direction.
    pub per_port: u64,
    /// Lanes of one module in a switch.
    pub per_module: u64,
    /// Ports that one module in a switch carries.
    pub ports_per_module: u64,
    /// Lanes that each module in an endpoint must carry, all planes together;
    /// 0 if endpoints have no modules.
    pub host_needed: u64,
    /// Lanes of one module in an endpoint; 0 if endpoints have none.
    pub host_per_module: u64,
}

impl Lanes {
    /// Fits the lanes of a fabric with so many planes.
    ///
    /// Unless the plan says otherwise a lane has 200 Gb/s if that divides the
    /// speed of a port, or 100 Gb/s, or the speed of the port.
    pub(super) fn new(design: &Design, planes: u16) -> Self {
        let port_gbps = design.port_gbps;
        let usual = LANE_GBPS
            .into_iter()
            .find(|gbps| port_gbps.is_multiple_of(*gbps));
        let gbps = design.lane_gbps.or(usual).unwrap_or(port_gbps).max(1);
        let per_port = port_gbps.div_ceil(gbps).max(1);
        let share = design.host_modules_per_endpoint;
        let host_needed = match share.group_modules() {
            0 => 0,
            modules => (u64::from(planes) * per_port * share.group_endpoints()).div_ceil(modules),
        };
        let host_per_module = match share.group_modules() {
            0 => 0,
            _ => design.host_lanes_per_module.unwrap_or(host_needed),
        };
        Self {
            gbps,
            per_port,
            per_module: design.lanes_per_module,
            ports_per_module: (design.lanes_per_module / per_port).max(1),
            host_needed,
            host_per_module,
        }
    }

    /// Speed of one module in a switch, in Gb/s.
    pub fn module_gbps(&self) -> u64 {
        self.per_module * self.gbps
    }

    /// Speed of one module in an endpoint, in Gb/s.
    pub fn host_module_gbps(&self) -> u64 {
        self.host_per_module * self.gbps
    }

    /// Modules of one switch for so many ports that go the same way.
    pub(super) fn modules(&self, ports: u64) -> u64 {
        ports.div_ceil(self.ports_per_module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fabric::Share;

    #[test]
    fn the_lane_divides_the_port_if_any_does() {
        let lane = |port_gbps| {
            let design = Design {
                port_gbps,
                ..Design::default()
            };
            let lanes = Lanes::new(&design, 1);
            (lanes.gbps, lanes.per_port)
        };
        assert_eq!(lane(800), (200, 4));
        assert_eq!(lane(200), (200, 1));
        assert_eq!(lane(100), (100, 1));
        assert_eq!(lane(300), (100, 3));
        assert_eq!(lane(25), (25, 1));
    }

    #[test]
    fn an_endpoint_has_a_lane_for_every_plane() {
        let mut design = Design::default();
        assert_eq!(Lanes::new(&design, 4).host_module_gbps(), 800);
        design.host_modules_per_endpoint = Share::from_number(0.5).unwrap();
        assert_eq!(Lanes::new(&design, 4).host_module_gbps(), 1600);
        design.host_modules_per_endpoint = Share::from_number(0.0).unwrap();
        assert_eq!(Lanes::new(&design, 4).host_module_gbps(), 0);
    }
}
