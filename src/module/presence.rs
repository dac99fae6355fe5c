//! What stands in a cage.

/// What stands in a cage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Not known yet: not looked at, or not for long enough to call it empty.
    Unread,
    /// Nobody answers.
    Empty,
    /// Somebody answers, but is not ready to be read.
    Settling,
    /// A module that was read.
    Active,
    /// A module that was there and now fails to answer.
    Failing,
    /// One that kept failing, and is asked only now and then.
    Dormant,
}

impl Presence {
    /// The word used in JSON and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Empty => "empty",
            Self::Settling => "settling",
            Self::Active => "active",
            Self::Failing => "failing",
            Self::Dormant => "dormant",
        }
    }

    /// Whether there is a module.
    pub fn is_module(self) -> bool {
        match self {
            Self::Unread | Self::Empty => false,
            Self::Settling | Self::Active | Self::Failing | Self::Dormant => true,
        }
    }
}
