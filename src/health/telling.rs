//! What is told of an event beside its words: what was before and after, whose
//! registers prove it, and the identifier by which programs recognise it.

use super::event::Event;
use super::verdict::Verdict;
use crate::plan::finding::Severity;

/// The levels of threshold flags beyond which a module promises nothing.
const ALARMS: [&str; 2] = ["high_alarm", "low_alarm"];

/// Signal flags of a laser that failed.
const FAULTS: [&str; 1] = ["tx_fault"];

impl Event {
    /// What was before and what is now, where the event is a change of something
    /// that has a value.
    pub fn change(&self) -> (Option<String>, Option<String>) {
        let word = |state: &crate::module::ModuleState| {
            let name = state.name().map(str::to_owned);
            name.unwrap_or_else(|code| code.to_string())
        };
        match self {
            Self::Inserted(module) => (None, Some(module.to_string())),
            Self::Removed(module) => (Some(module.to_string()), None),
            Self::Swapped(module) => (None, Some(module.to_string())),
            Self::StateChanged { from, to } => (Some(word(from)), Some(word(to))),
            Self::ClassDecided { class, .. } => (None, Some(class.name().to_owned())),
            Self::VerdictChanged { from, to, .. } => {
                (Some(from.name().to_owned()), Some(to.name().to_owned()))
            }
            Self::FindingRaised { rule, .. } => (None, Some((*rule).to_owned())),
            Self::FindingCleared { rule } => (Some((*rule).to_owned()), None),
            Self::FlagRaised { flag, .. } => (None, Some(flag.to_string())),
            Self::FlagCleared { flag, .. } => (Some(flag.to_string()), None),
            Self::DataPathDown => (Some("up".to_owned()), Some("down".to_owned())),
            Self::DataPathUp => (Some("down".to_owned()), Some("up".to_owned())),
            Self::SessionOpened
            | Self::SessionClosed { .. }
            | Self::BusTrouble { .. }
            | Self::BusRecovered
            | Self::ConfigReloaded { .. }
            | Self::ConfigRefused { .. }
            | Self::InternalError { .. } => (None, None),
        }
    }

    /// Serial number of the module that the event itself names.
    pub fn serial(&self) -> Option<&str> {
        match self {
            Self::Inserted(module) | Self::Removed(module) | Self::Swapped(module) => {
                module.serial.as_deref()
            }
            _ => None,
        }
    }

    /// Whether the registers of this instant are worth keeping: as a module
    /// comes, and whenever it is in grave trouble.
    pub fn keeps_registers(&self) -> bool {
        match self {
            Self::Inserted(_) | Self::Swapped(_) => true,
            Self::VerdictChanged { to, .. } => *to == Verdict::Bad,
            Self::FindingRaised { severity, .. } => *severity == Severity::Error,
            Self::FlagRaised { flag, .. } => match flag.level {
                Some(level) => ALARMS.contains(&level),
                None => FAULTS.contains(&flag.name),
            },
            // A module that cannot be read has no registers to show; configuration
            // and program never had any.
            Self::Removed(_)
            | Self::StateChanged { .. }
            | Self::ClassDecided { .. }
            | Self::FlagCleared { .. }
            | Self::DataPathDown
            | Self::DataPathUp
            | Self::SessionOpened
            | Self::SessionClosed { .. }
            | Self::FindingCleared { .. }
            | Self::BusTrouble { .. }
            | Self::BusRecovered
            | Self::ConfigReloaded { .. }
            | Self::ConfigRefused { .. }
            | Self::InternalError { .. } => false,
        }
    }

    /// The `MESSAGE_ID` of the kind of event in the journal of systemd: drawn by
    /// lot once, and never changed. docs/events.md lists them.
    pub fn message_id(&self) -> u128 {
        match self {
            Self::Inserted(_) => 0x537f_a42e_7be1_4ebc_a55a_7e68_e897_0dd9,
            Self::Removed(_) => 0x90cc_b6dc_5f10_41cf_8167_f997_210e_78b4,
            Self::Swapped(_) => 0x3710_8ba3_fcb6_474d_8c37_bcb2_7a55_61d7,
            Self::StateChanged { .. } => 0x8a99_b338_b997_4aff_8a6b_5a7c_f153_1ea6,
            Self::ClassDecided { .. } => 0x317e_746a_8fe0_44f2_844e_c7bf_713c_0e07,
            Self::FlagRaised { .. } => 0xb53a_373f_96ee_4fc7_a953_28af_22c4_0139,
            Self::FlagCleared { .. } => 0x85ab_4c15_8045_4f49_b9d5_11a8_a87c_63e8,
            Self::DataPathDown => 0xf6a9_f7dd_51db_4091_b68c_1de3_3889_d8aa,
            Self::DataPathUp => 0x1d13_2ccb_578b_4360_9cac_cfd0_b14f_0f40,
            Self::SessionOpened => 0xfd51_5cba_029c_47ec_8574_a84f_55e6_7366,
            Self::SessionClosed { .. } => 0xed85_1095_b180_483f_a71c_6500_3ef5_3c8d,
            Self::VerdictChanged { .. } => 0x6b32_845a_7bca_4e8b_ad69_aa17_2f33_3ff9,
            Self::FindingRaised { .. } => 0xd398_4435_3d19_4467_8342_c2b0_feef_427a,
            Self::FindingCleared { .. } => 0x8a1d_7a0d_ad50_4d93_b74e_48ca_c2de_d92f,
            Self::BusTrouble { .. } => 0x290f_64d7_01fd_41cc_be2c_a8c9_aa99_d0f8,
            Self::BusRecovered => 0xf77b_88bf_a63a_4dcd_aaea_164a_1ebe_6f74,
            Self::ConfigReloaded { .. } => 0x5e7b_fbf2_adaa_4214_a609_24f5_d3d0_1085,
            Self::ConfigRefused { .. } => 0x6f81_df19_331d_4967_b648_4a02_6daf_5e49,
            Self::InternalError { .. } => 0xacee_3173_1e60_4f4d_a427_6a68_ce77_1b1d,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;
    use crate::health::event::Nameplate;
    use crate::health::flags::Flag;
    use crate::module::ModuleState;

    fn flag(name: &'static str, level: Option<&'static str>) -> Event {
        let flag = Flag {
            name,
            level,
            observable: None,
        };
        Event::FlagRaised {
            flag,
            lanes: Vec::new(),
        }
    }

    /// One event of each kind.
    fn every() -> Vec<Event> {
        let module = Nameplate::default;
        vec![
            Event::Inserted(module()),
            Event::Removed(module()),
            Event::Swapped(module()),
            Event::StateChanged {
                from: ModuleState::LowPower,
                to: ModuleState::Ready,
            },
            Event::ClassDecided {
                class: Class::Lpo,
                confidence: 1.0,
            },
            flag("tx_fault", None),
            Event::FlagCleared {
                flag: Flag {
                    name: "tx_fault",
                    level: None,
                    observable: None,
                },
                lanes: Vec::new(),
            },
            Event::DataPathDown,
            Event::DataPathUp,
            Event::SessionOpened,
            Event::SessionClosed {
                seconds: 1.0,
                ratios: Vec::new(),
            },
            Event::VerdictChanged {
                from: Verdict::Ok,
                to: Verdict::Bad,
                reason: String::new(),
            },
            Event::FindingRaised {
                rule: "missing",
                severity: Severity::Error,
                saw: String::new(),
            },
            Event::FindingCleared { rule: "missing" },
            Event::BusTrouble {
                said: String::new(),
            },
            Event::BusRecovered,
            Event::ConfigReloaded { ports: 1 },
            Event::ConfigRefused { mistakes: 1 },
            Event::InternalError {
                thread: String::new(),
                place: String::new(),
                said: String::new(),
            },
        ]
    }

    #[test]
    fn every_kind_is_documented_with_its_own_identifier() {
        let document = include_str!("../../docs/events.md");
        let mut known = std::collections::BTreeSet::new();
        for event in every() {
            let row = format!("| `{}` | ", event.kind());
            let line = document.lines().find(|line| line.starts_with(&row));
            let id = format!("| `{:032x}` |", event.message_id());
            assert!(line.is_some_and(|line| line.ends_with(&id)), "{row} {id}");
            let keeps = line.is_some_and(|line| !line.contains(" | no | "));
            assert_eq!(event.keeps_registers(), keeps, "{row}");
            assert!(known.insert(id), "{row} has an identifier of its own");
        }
        let identifiers = document.lines().filter_map(|line| line.rsplit('`').nth(1));
        let is_identifier = |text: &&str| text.len() == 32 && !text.contains(' ');
        assert_eq!(identifiers.filter(is_identifier).count(), known.len());
    }

    #[test]
    fn registers_are_kept_at_insertion_and_in_grave_trouble() {
        assert!(Event::Inserted(Nameplate::default()).keeps_registers());
        assert!(flag("temperature", Some("high_alarm")).keeps_registers());
        assert!(!flag("temperature", Some("high_warning")).keeps_registers());
        assert!(flag("tx_fault", None).keeps_registers());
        assert!(!flag("rx_lol", None).keeps_registers());
        let to = |to| Event::VerdictChanged {
            from: Verdict::Ok,
            to,
            reason: String::new(),
        };
        assert!(to(Verdict::Bad).keeps_registers());
        assert!(!to(Verdict::Degraded).keeps_registers());
        let (before, after) = to(Verdict::Bad).change();
        assert_eq!(
            (before.as_deref(), after.as_deref()),
            (Some("ok"), Some("bad"))
        );
    }
}
