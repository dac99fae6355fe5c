//! A value, or why there is none.

/// A value that a module gave, or the reason why there is none.
///
/// Absent is never zero, NaN or a word: whoever reads a value has to say what
/// happens without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading<T> {
    /// What the module said.
    Value(T),
    /// Why it said nothing.
    Absent(Absence),
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The module does not claim to have it.
    NotAdvertised,
    /// The module says that it has it, but not in its present state.
    NotReady,
    /// The bus did not give the bytes in this sweep.
    ReadFailed,
    /// The dump or image does not hold the bytes.
    NotInDump,
    /// The register holds a code that stands for no value, or a reserved one.
    Undefined,
    /// Reading it would take it from another manager, to which the operator left
    /// it.
    Passive,
}

impl Absence {
    /// The words used in JSON and on screens.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotAdvertised => "not advertised",
            Self::NotReady => "not ready",
            Self::ReadFailed => "read failed",
            Self::NotInDump => "not in this dump",
            Self::Undefined => "undefined",
            Self::Passive => "left to another manager",
        }
    }
}

impl<T> Reading<T> {
    /// Not advertised: what a new, empty reading is.
    pub const NOT_ADVERTISED: Self = Self::Absent(Absence::NotAdvertised);

    /// The value, without the reason for its absence.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent(_) => None,
        }
    }

    /// A reference to the value.
    pub fn as_ref(&self) -> Reading<&T> {
        match self {
            Self::Value(value) => Reading::Value(value),
            Self::Absent(why) => Reading::Absent(*why),
        }
    }

    /// Why there is no value, if there is none.
    pub fn absence(&self) -> Option<Absence> {
        match self {
            Self::Value(_) => None,
            Self::Absent(why) => Some(*why),
        }
    }

    /// Applies a function to the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Value(value) => Reading::Value(f(value)),
            Self::Absent(why) => Reading::Absent(why),
        }
    }

    /// Applies a function that may itself have no value.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Reading<U>) -> Reading<U> {
        match self {
            Self::Value(value) => f(value),
            Self::Absent(why) => Reading::Absent(why),
        }
    }
}

impl<T> From<Option<T>> for Reading<T> {
    /// `None` becomes [`Absence::Undefined`]: the register was read and says nothing.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent(Absence::Undefined), Self::Value)
    }
}
