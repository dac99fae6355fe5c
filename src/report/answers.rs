//! Answers of the API that are no documents of their own.

use std::collections::BTreeSet;

use serde::Serialize;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trouble {
    /// What is wrong and what to do, in words.
    pub error: String,
}

/// Which series of a port there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeriesNames {
    /// The port that was asked for.
    pub port: String,
    /// What `series` may be.
    pub series: BTreeSet<String>,
}

/// A series of a port.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Points {
    /// The port that was asked for.
    pub port: String,
    /// The series that was asked for; its name ends in its unit.
    pub series: String,
    /// For each minute with values: its begin in seconds since 1970; the least,
    /// the mean and the most of them, in the unit of the series.
    pub points: Vec<(u64, f32, f32, f32)>,
}
