//! The state directory: the file in it, and the lock that one daemon holds.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::StoreError;

/// The database in the state directory.
const DATABASE: &str = "opticsd.db";

/// The file whose lock says that a daemon uses the directory.
const LOCK: &str = "opticsd.lock";

/// What SQLite appends to a database's name for the files beside it.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// A state directory that this process alone writes to. The kernel gives the
/// lock back when the process ends, however it ends.
#[derive(Debug)]
pub struct Place {
    directory: PathBuf,
    _lock: Flock<File>,
}

impl Place {
    /// Makes the directory if need be, and takes it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it, or what the operating
    /// system said.
    pub fn take(directory: &Path) -> Result<Self, StoreError> {
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::System { path, source }
        };
        // What a module says may be nobody else's business.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(refused(directory))?;
        let path = directory.join(LOCK);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(refused(&path))?;
        let lock =
            Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(file, errno)| {
                if errno == Errno::EWOULDBLOCK {
                    StoreError::Locked {
                        directory: directory.to_owned(),
                        holder: holder(file),
                    }
                } else {
                    refused(&path)(io::Error::from(errno))
                }
            })?;
        // Who holds it is told for convenience: a full disk must not stop us.
        let _ = lock.set_len(0);
        let _ = writeln!(&*lock, "{}", std::process::id());
        Ok(Self {
            directory: directory.to_owned(),
            _lock: lock,
        })
    }

    /// The database.
    pub fn file(&self) -> PathBuf {
        database(&self.directory)
    }

    /// Moves the database and what belongs to it aside, under a name that ends
    /// with `mark`, and returns that name. Nothing is deleted or overwritten.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn set_aside(&self, mark: &str) -> Result<PathBuf, StoreError> {
        let old = self.file();
        let free = (1..u32::MAX)
            .map(|number| match number {
                1 => with_end(&old, &format!(".{mark}")),
                _ => with_end(&old, &format!(".{mark}-{number}")),
            })
            .find(|path| !path.exists())
            .unwrap_or_else(|| with_end(&old, ".aside"));
        for end in ["", BESIDE[0], BESIDE[1]] {
            let (from, to) = (with_end(&old, end), with_end(&free, end));
            match fs::rename(&from, to) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::System { path: from, source });
                }
                _ => {}
            }
        }
        Ok(free)
    }
}

/// The database of a state directory.
pub fn database(directory: &Path) -> PathBuf {
    directory.join(DATABASE)
}

/// Whether a log is left beside a database that its writer did not close.
pub(super) fn has_log(file: &Path) -> bool {
    fs::metadata(with_end(file, BESIDE[0])).is_ok_and(|log| log.len() > 0)
}

/// A path with something appended to its name.
fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The process that wrote itself into a lock file.
fn holder(mut file: File) -> Option<String> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let pid = text.trim();
    let is_pid = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    is_pid.then(|| pid.to_owned())
}

/// A mark of this machine, by which a history that came with a disk or a backup
/// is told from its own: of `/etc/machine-id`, which machine-id(5) asks not to
/// show around. `None` where the machine has none.
pub fn machine() -> Option<String> {
    let text = fs::read_to_string("/etc/machine-id").ok()?;
    let text = text.trim();
    (!text.is_empty() && text != "uninitialized").then(|| mark_of(text))
}

/// Sixteen hexadecimal digits that stand for a text (FNV-1a, 64 bits).
fn mark_of(text: &str) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = text.bytes().fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_with_the_process_that_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("a/b");
        let first = Place::take(&state).unwrap();
        let told = Place::take(&state).unwrap_err();
        assert!(told.needs_a_person());
        let told = told.to_string();
        assert!(
            told.contains(&format!("(process {})", std::process::id())),
            "{told}"
        );
        drop(first);
        Place::take(&state).unwrap();
    }

    #[test]
    fn a_directory_that_cannot_be_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Place::take(&file.join("state")).unwrap_err();
        assert!(!error.needs_a_person());
        assert!(error.to_string().contains("file"), "{error}");
    }

    #[test]
    fn what_is_set_aside_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::take(folder.path()).unwrap();
        let mut names = Vec::new();
        for content in ["one", "two", "three"] {
            fs::write(place.file(), content).unwrap();
            fs::write(with_end(&place.file(), "-wal"), content).unwrap();
            names.push(place.set_aside("spoilt").unwrap());
        }
        for (name, content) in names.iter().zip(["one", "two", "three"]) {
            assert_eq!(fs::read_to_string(name).unwrap(), content);
            assert_eq!(fs::read_to_string(with_end(name, "-wal")).unwrap(), content);
        }
        assert!(!place.file().exists());
    }

    #[test]
    fn marks_are_those_of_the_published_function() {
        // From the function's own test vectors.
        assert_eq!(mark_of(""), "cbf29ce484222325");
        assert_eq!(mark_of("foobar"), "85944171f73967e8");
    }
}
