//! The plan file.

use std::path::Path;

use super::Plan;
use crate::tomlfile::Mistake;

impl Plan {
    /// Reads a plan from text; `file` names it in mistakes.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Mistake>> {
        let _ = text;
        Err(vec![Mistake {
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: String::new(),
        }])
    }
}
