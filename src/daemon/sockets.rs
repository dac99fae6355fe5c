//! The sockets that are listened on: those of the configuration, and those that
//! the service manager opened beforehand (sd_listen_fds(3)).

use std::fs::{self, Permissions};
use std::io;
use std::net::TcpListener as StdTcpListener;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, UnixListener};

use super::DaemonError;
use crate::config::{DEFAULT_LISTEN, Listen};

/// Owner and group may connect.
const SOCKET_MODE: u32 = 0o660;

/// How many bytes of an answer, and of a request, the kernel may keep for a client; it
/// makes twice as much of it. By itself it would keep megabytes of an answer that is not
/// taken, at the expense of the service's memory.
const SEND_BUFFER: u32 = 64 << 10;
const RECEIVE_BUFFER: u32 = 16 << 10;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Bytes in both directions.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// A socket that is listened on.
#[derive(Debug)]
pub enum Socket {
    /// An address and a port.
    Tcp(TcpListener),
    /// A unix socket. The file goes with us if it came with us.
    Unix(UnixListener, Option<OwnFile>),
}

/// A file of ours that is removed at the end.
#[derive(Debug)]
pub struct OwnFile(PathBuf);

impl Drop for OwnFile {
    fn drop(&mut self) {
        // Whoever removed it before did our work.
        let _ = fs::remove_file(&self.0);
    }
}

impl Socket {
    /// The next connection.
    ///
    /// # Errors
    /// What the operating system said.
    pub async fn accept(&self) -> io::Result<Box<dyn Wire>> {
        Ok(match self {
            Self::Tcp(socket) => {
                let (stream, _) = socket.accept().await?;
                // Answers are written whole; waiting to fill packets only delays them.
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Self::Unix(socket, _) => Box::new(socket.accept().await?.0),
        })
    }

    /// Whether the file system decides who may connect.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Unix(..))
    }

    /// Where it really listens.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn place(&self) -> io::Result<Listen> {
        Ok(match self {
            Self::Tcp(socket) => Listen::Tcp(socket.local_addr()?),
            Self::Unix(socket, _) => {
                let address = socket.local_addr()?;
                Listen::Unix(
                    address
                        .as_pathname()
                        .map(Path::to_owned)
                        .unwrap_or_default(),
                )
            }
        })
    }
}

/// Opens all places, or none. Sockets of the service manager come first; where
/// there are any, they stand for the place that is the default.
///
/// # Errors
/// Which place cannot be listened on, and why.
pub fn open(places: &[Listen]) -> Result<Vec<Socket>, DaemonError> {
    let mut sockets = handed_over().map_err(DaemonError::HandedOver)?;
    let is_replaced = |place: &Listen| !sockets.is_empty() && *place == DEFAULT_LISTEN;
    let places: Vec<&Listen> = places.iter().filter(|place| !is_replaced(place)).collect();
    for place in places {
        let socket = listen(place).map_err(|source| DaemonError::Listen {
            place: place.clone(),
            source,
        })?;
        sockets.push(socket);
    }
    Ok(sockets)
}

/// Opens one place.
///
/// # Errors
/// What the operating system said.
pub fn listen(place: &Listen) -> io::Result<Socket> {
    match place {
        Listen::Tcp(address) => tcp(StdTcpListener::bind(address)?),
        Listen::Unix(path) => {
            remove_stale(path)?;
            let socket = StdUnixListener::bind(path)?;
            let file = OwnFile(path.clone());
            fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
            unix(socket, Some(file))
        }
    }
}

fn tcp(socket: StdTcpListener) -> io::Result<Socket> {
    socket.set_nonblocking(true)?;
    let socket = TcpSocket::from_std_stream(OwnedFd::from(socket).into());
    // Connections have the buffers of the socket that they come by.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    // It listens already; this is how it becomes a listener again.
    Ok(Socket::Tcp(socket.listen(BACKLOG)?))
}

fn unix(socket: StdUnixListener, file: Option<OwnFile>) -> io::Result<Socket> {
    socket.set_nonblocking(true)?;
    Ok(Socket::Unix(UnixListener::from_std(socket)?, file))
}

/// Removes a socket file that a process left behind which was killed. One on
/// which somebody listens, and any other file, stays.
fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.file_type().is_socket() => match StdUnixStream::connect(path) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The sockets that the service manager opened.
fn handed_over() -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for descriptor in sd_notify::listen_fds()? {
        // SAFETY: the service manager opened this descriptor for this process, and
        // this is the one place that takes it, once.
        let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
        let socket = StdTcpListener::from(descriptor);
        // The address of a socket of another family is an error here.
        sockets.push(match socket.local_addr() {
            Ok(_) => tcp(socket)?,
            Err(_) => unix(StdUnixListener::from(OwnedFd::from(socket)), None)?,
        });
    }
    Ok(sockets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_socket_is_replaced_and_a_live_one_or_a_file_is_not() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _inside = runtime.enter();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let place = Listen::Unix(path.clone());
        // Left behind without a listener.
        drop(StdUnixListener::bind(&path).unwrap());
        let socket = listen(&place).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, SOCKET_MODE);
        assert_eq!(socket.place().unwrap(), place);
        let taken = listen(&place).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        drop(socket);
        assert!(!path.exists());
        fs::write(&path, "precious").unwrap();
        assert!(listen(&place).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn the_kernel_keeps_little_for_a_client() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let Socket::Tcp(socket) = listen(&"127.0.0.1:0".parse().unwrap()).unwrap() else {
                unreachable!("it listens on TCP");
            };
            let client = tokio::net::TcpStream::connect(socket.local_addr().unwrap());
            let (_client, accepted) = tokio::join!(client, socket.accept());
            let stream = accepted.unwrap().0.into_std().unwrap();
            let stream = TcpSocket::from_std_stream(stream);
            assert!(stream.send_buffer_size().unwrap() <= 2 * SEND_BUFFER);
            assert!(stream.recv_buffer_size().unwrap() <= 2 * RECEIVE_BUFFER);
        });
    }
}
