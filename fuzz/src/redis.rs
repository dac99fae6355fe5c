//! Any bytes as the answers of SONiC's Redis, over a unix socket.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use opticsd::clock::ManualClock;
use opticsd::config::{self, RedisAddress};
use opticsd::host::Teller;
use opticsd::host::sonic::Sonic;

/// The longest answer: what goes into the socket before anybody reads.
const LONGEST: usize = 64 << 10;

/// A Redis that says what it is told to, whatever it is asked.
struct Parrot {
    path: PathBuf,
    says: Arc<Mutex<Vec<u8>>>,
}

impl Parrot {
    fn hatch() -> Option<Self> {
        let name = format!("opticsd-fuzz-{}.sock", std::process::id());
        let path = std::env::temp_dir().join(name);
        // One left by a process of the same number.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path).ok()?;
        let says = Arc::<Mutex<Vec<u8>>>::default();
        let told = Arc::clone(&says);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let answer = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // Who hangs up early has heard enough.
                let _ = stream.write_all(&answer);
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        Some(Self { path, says })
    }
}

/// Redis' answers to a question for two ports.
pub fn redis(bytes: &[u8]) {
    static PARROT: LazyLock<Option<Parrot>> = LazyLock::new(Parrot::hatch);
    let parrot = PARROT.as_ref();
    assert!(
        parrot.is_some(),
        "no socket can be made in the temporary folder"
    );
    let Some(parrot) = parrot else {
        return;
    };
    let answer = bytes.get(..LONGEST).unwrap_or(bytes);
    *parrot.says.lock().unwrap_or_else(PoisonError::into_inner) = answer.to_vec();
    let mut sonic = Sonic::new(config::Sonic {
        address: RedisAddress::Unix(parrot.path.clone()),
        password: None,
        counters_db: 2,
        appl_db: 0,
        state_db: 6,
    });
    let ports = ["Ethernet0", "Ethernet4"].map(str::to_owned);
    let told = sonic.tell(&ports, &ManualClock::new());
    assert_eq!(told.len(), ports.len());
    for told in told {
        match told {
            Err(silence) => assert!(!silence.said.is_empty()),
            Ok(told) => {
                assert!(told.tells_errors());
                let rate = told.coded_bits_per_second;
                assert!(rate.is_none_or(|rate| rate.is_finite() && rate > 0.0));
                for ratio in [told.told.pre_fec, told.told.post_fec]
                    .into_iter()
                    .flatten()
                {
                    assert!((0.0..=1.0).contains(&ratio), "{ratio}");
                }
            }
        }
    }
}
