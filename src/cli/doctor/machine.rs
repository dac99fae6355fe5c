//! The machine that is looked at: this one, or a copy of one's files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bus::topology::Sysfs;

/// The files of a machine.
#[derive(Debug)]
pub(super) struct Machine {
    root: PathBuf,
}

impl Machine {
    /// The machine whose files are below `root`.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Whether it is the one that runs this, where more than files can be asked.
    pub fn is_live(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Where a file of it is.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        match path.strip_prefix("/") {
            Ok(below) if !self.is_live() => self.root.join(below),
            _ => path.to_owned(),
        }
    }

    /// A text file of it, if it can be read.
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// Whether there is such a file.
    pub fn has(&self, path: impl AsRef<Path>) -> bool {
        self.path(path).exists()
    }

    /// Its devices.
    pub fn sysfs(&self) -> Sysfs {
        Sysfs::at(&self.path("/sys"))
    }
}
