//! What the fuzzer starts from: our own simulated modules, examples, and answers
//! made by hand. Nothing of it comes from a real module.

use opticsd::bus::address::{Device, Half};
use opticsd::bus::dump;
use opticsd::bus::image::Image;
use opticsd::sim::builders;

use super::images::bytes_of;

/// The most bytes that the seeds of one target may have.
#[allow(dead_code, reason = "the test that writes them uses it")]
pub const MOST_BYTES: u64 = 64 << 10;

/// Seeds by name.
type Seeds = Vec<(String, Vec<u8>)>;

/// The seeds of a target.
#[allow(dead_code, reason = "the test that writes them uses it")]
pub fn of(target: &str) -> Seeds {
    match target {
        "decode_page" => images(),
        "read_dump" => dumps(),
        "sweep" => numbered(&[
            &[0x00],
            &[0x10, 0, 0, 0xC0, 0, 0, 0xDC, 0, 0x11, 0xC8],
            &[0x22, 0xE0, 0xFF, 0x02, 0, 0, 0xF8, 0x08, 0, 0xF8, 0x00],
            &[0x31, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xD8, 0x7B, 0xD0, 0xD4],
            &[0x43, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0x60, 0, 0, 0, 0, 0xDC, 0, 0x9F, 0, 0xDC, 3, 0, 0, 0xE0, 3],
            &[0x70, 0, 0xDC, 0, 2, 0, 0xDC, 0, 0, 0, 0xE8, 0x80, 0],
            &[0x80, 0, 0, 0xF8, 0, 0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0],
        ]),
        "health_step" => histories(),
        "read_planner" => numbered(&[
            &[
                0, 0, 0, 1, 64, 0x11, 0, 5, 1, 64, 0x11, 9, 3, 4, 64, 0x11, 6, 1,
            ],
            &[1, 2, 0, 1, 0, 0, 2, 1, 0, 8, 5, 0, 0, 3, 4, 1, 0, 13, 90],
            &[
                0, 4, 1, 1, 200, 2, 0, 127, 2, 200, 2, 40, 3, 3, 201, 3, 40, 3,
            ],
            &[1, 5, 2, 1, 40, 96, 10, 1, 40, 110, 9, 4, 40, 107, 1],
        ]),
        "config" => texts(&[
            include_str!("../../config/opticsd.toml"),
            "listen = ['127.0.0.1:1', 'unix:/run/x.sock']\nprofile = 'lean'\nvdm_freeze = true\n\
             period = 0.5\n[[port]]\nname = 'Ethernet{0..31}'\ni2c = '/dev/i2c-{34..65}'\n\
             fec = 'sonic:Ethernet{0..31}'\n[[port]]\nname = ['a', 'b']\nsim = 'dsp-800g'\n\
             passive = true\n",
            "plam = 'x'\nperiod = 0.01\nlisten = ['localhost', '[::]:1', '[::]:1']\n\
             [[port]]\nname = 'a{0..3}'\ni2c = '/dev/i2c-{0..2}'\n[[port]]\nnam = 'e'\n",
            "[sonic]\naddress = '/run/redis/redis.sock'\npassword = 'x'\n[[port]]\nname = 'é'\n\
             ethtool = 'eth0'\nfec = 'ethtool:eth0'\n",
        ]),
        "plan" => texts(&[
            include_str!("../../config/plan.toml"),
            include_str!("../../config/plans/demo.toml"),
            include_str!("../../config/plans/gpu-host.toml"),
            include_str!("../../config/plans/multi-plane-fabric.toml"),
            include_str!("../../config/plans/two-tier-leaf.toml"),
        ]),
        "class_settings" => texts(&[
            include_str!("../../config/class.toml"),
            "[[override]]\nvendor = 'OPTICSD*'\nnumber = '*'\nclass = 'lpo'\nretiming = 'none'\n",
            "[[part]]\nvendor = 'OPTICSD*'\nnumber = 'SIM-8*'\nclass = 'dsp'\n[limits]\nestablished = 0.5\n\
             lead = 0\nmost = 1\nnoted-conflict = 0.1\ngrave-conflict = 1.0\nconflict-cap = 0\n",
        ]),
        "web_config" => texts(&[
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  \
             client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  \
             client_allowed_sans: [a, 'b']\n  min_version: TLS12\n  max_version: TLS13\n  \
             cipher_suites:\n    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  \
             curve_preferences: [X25519, CurveP256]\n",
            "basic_auth_users:\n  me: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze\n\
             http_server_config:\n  http2: false\n  headers:\n    \
             Strict-Transport-Security: max-age=1\n    X-Frame-Options: deny\n",
            "tls_server_config: [x]\nusers: &a\n  <<: *a\n? {a: b}\n: |\n  text\n...\n---\n",
            "tls_server_config: {cert: \"a\\nb\", key: 'c', cert_file: d}\r\nx: !!int 7\r\n",
        ]),
        "scenario" => texts(&[
            include_str!("../../config/scenarios/demo.toml"),
            &every_deed(),
            "[[event]]\nat = '90 min'\nport = 'Ethernet{0..3}'\ndo = 'heat'\nvalue = 85.0\n\
             over = '3 d'\nfor = '12 h'\n",
        ]),
        "netlink" => datagrams(),
        "redis" => replies(),
        "cuse" => calls(),
        "http" => texts(&[
            "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /metrics HTTP/1.1\r\nhost: a\r\n\
             accept-encoding: br;q=1.0, gzip;q=0.8\r\n\r\n",
            "GET /ports/et-0%2F1?range=24h HTTP/1.1\r\nhost: a\r\n\r\n\
             GET /api/v1/ports/et-0%2F1/history?series=supply_volts&range=7d HTTP/1.1\r\n\r\n",
            "GET /api/v1/events?port=a&kind=b&since=1h&after=3&limit=5 HTTP/1.1\r\nhost: a\r\n\
             \r\nGET /api/v1/ports/Ethernet0/sessions?limit=3 HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /?sort=state HTTP/1.1\r\nhost: a\r\n\r\nGET /bringup?plane=1 HTTP/1.1\r\nhost: a\r\n\
             \r\nGET /fabric HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
            "POST /api/v1/ports HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n\
             5\r\nhello\r\n0\r\n\r\nHEAD /api/v1/buses HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /api/v1/ports?format=text HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc\
             OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /api/v1/ports/Ethernet0/dump HTTP/1.1\r\nhost: a\r\n\r\n\
             GET /api/v1/captures HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /api/v1/stream HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /api/v1/openapi.json HTTP/1.1\r\nhost: a\r\n\r\nGET /page.js HTTP/1.1\r\n\
             host: a\r\nif-none-match: x\r\n\r\n",
        ]),
        _ => Vec::new(),
    }
}

/// Seeds with numbers for names.
fn numbered(seeds: &[&[u8]]) -> Seeds {
    let named = |(number, bytes): (usize, &&[u8])| (format!("{number:02}"), bytes.to_vec());
    seeds.iter().enumerate().map(named).collect()
}

fn texts(texts: &[&str]) -> Seeds {
    let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    numbered(&bytes)
}

/// The registers of each family.
fn images() -> Seeds {
    let image = |name: &&str| {
        let bytes = bytes_of(builders::by_name(name)?.registers().image());
        Some(((*name).to_owned(), bytes))
    };
    builders::NAMES.iter().filter_map(image).collect()
}

/// Small modules as files of every tool.
fn dumps() -> Seeds {
    let mut seeds = Vec::new();
    for format in dump::Format::ALL {
        for name in ["qsfp28", "sfp28"] {
            let Some(module) = builders::by_name(name) else {
                continue;
            };
            let mut small = Image::new();
            let whole = module.registers().image();
            for half in [Half::LOWER, Half::page(0), Half::lower(Device::A2)] {
                if let Some(sheet) = whole.sheet(half) {
                    small.put(half, sheet.array(half.base()));
                }
            }
            let (fitting, _) = dump::fit(&small, format);
            if let Ok(text) = dump::write_as(&fitting, format) {
                seeds.push((format!("{format:?}-{name}").to_lowercase(), text));
            }
        }
    }
    seeds
}

/// Ports over time: one at rest, one that flaps, one whose host counts, one that is
/// swapped, one that ages.
fn histories() -> Seeds {
    let second = [4, 0x24, 0xF4];
    let step = |kind: u8, rest: &[u8]| {
        let mut bytes = vec![kind];
        bytes.extend(second);
        bytes.extend(rest);
        bytes
    };
    let host = [
        0x1F, 9, 1, 1, 3, 2, 0, 0, 1, 0, 5, 9, 0, 5, 8, 0, 2, 1, 1, 0,
    ];
    let host = [
        &host,
        [3, 20, 1, 1, 9, 1, 1, 2, 1, 0, 2, 3, 1, 1, 3, 1, 1].as_slice(),
    ]
    .concat();
    let run = |modules: &[u8], steps: &[Vec<u8>]| [modules.to_vec(), steps.concat()].concat();
    let flaps = [
        step(0x80, &[30]),
        step(0x08, &[]),
        step(0x80, &[30]),
        step(0x02, &[3, 9, 255, 4, 20, 1]),
        step(0x80, &[40]),
    ];
    let counted = [
        step(0xA0, &[&host, [40].as_slice()].concat()),
        step(0x80, &[40]),
    ];
    let swapped = [
        step(0x80, &[12]),
        step(0x03, &[1, 40, 66, 1, 60, 7, 0, 3, 1]),
        step(0x90, &[9]),
    ];
    let mut ageing = Vec::new();
    for bias in 0..12 {
        ageing.push(step(0x81, &[5, 42, bias * 20, 7]));
    }
    let at_rest = run(&[4, 2], &[step(0x80, &[47]), step(0x80, &[47])]);
    let long = run(&[3, 1], &[vec![0x80, 40, 255, 255, 47]]);
    let mut seeds: Vec<Vec<u8>> = vec![at_rest, long];
    for module in [0, 3, 4, 6, 8] {
        seeds.push(run(&[module, 1], &flaps));
        seeds.push(run(&[module, 2], &counted));
        seeds.push(run(&[module, 0], &[swapped.concat(), ageing.concat()]));
    }
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    numbered(&seeds)
}

/// Every deed once, each with what it needs.
fn every_deed() -> String {
    let deeds = [
        ("insert", "module = 'lro-800g'"),
        ("remove", ""),
        ("swap", "module = 'dac-400g'"),
        ("heat", "value = 80\nover = 20"),
        ("supply", "value = 3.1\nfor = 9"),
        ("cooling", "value = 20\nover = 5"),
        ("ageing", "value = 0.9\nover = '2 h'"),
        ("loss", "value = 3"),
        ("bend", "value = 2"),
        ("dirt", "value = 1"),
        ("lane-loss", "lane = 2\nvalue = 4"),
        ("ber", "value = 2"),
        ("bursts", "value = 0.5"),
        ("flap", "value = 1\nover = 3"),
        ("down", "value = 1\nover = 3"),
        ("dark-lane", "lane = 1"),
        ("dead-laser", "lane = 3"),
        ("firmware-hang", "for = 4"),
        ("nack", "for = 2"),
        ("stuck", ""),
        ("bus-error", "value = 2"),
        ("arbitration-loss", "value = 2"),
        ("other-master", "value = 3"),
        ("short-reads", ""),
        ("hang", "value = 0.2"),
        ("slow", "value = 0.1"),
        ("errno", "value = 5"),
        ("unplug", "for = 3"),
        ("hostile-text", "text = '<b>\"'"),
        ("fec-reset", ""),
        ("fec-restart", "value = 3"),
        ("fec-still", ""),
        ("fec-silent", ""),
        ("fec-width", "value = 32"),
        ("fec-rate", "value = 0.5"),
        ("clear", ""),
    ];
    let events = deeds.iter().enumerate().map(|(number, (deed, rest))| {
        format!("[[event]]\nat = {number}\nport = 'Ethernet1'\ndo = '{deed}'\n{rest}\n")
    });
    events.collect()
}

/// A record of a target that reads them: kind, length, bytes.
fn record(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut record = vec![kind];
    record.extend(length.to_le_bytes());
    record.extend(bytes);
    record
}

/// A netlink attribute.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Answers of the kernel: family, bytes of a module, FEC counters, refusals.
fn datagrams() -> Seeds {
    let answer = |command: u8, attributes: &[Vec<u8>]| {
        [vec![command, 1, 0, 0], attributes.concat()].concat()
    };
    let family = answer(
        1,
        &[
            attribute(2, b"ethtool\0"),
            attribute(1, &21_u16.to_ne_bytes()),
        ],
    );
    let end = |code: i32, words: &[u8]| [&code.to_ne_bytes(), [0; 16].as_slice(), words].concat();
    let known = [record(0x42, &family), record(0, &end(0, &[]))].concat();
    let mut module = known.clone();
    for length in [1_usize, 8, 128, 1, 8, 128] {
        let data = attribute(7, &vec![0x18; length]);
        module.extend(record(0x43, &answer(32, &[attribute(1, &[]), data])));
        module.extend(record(0, &end(0, &[])));
    }
    let numbers = |all: &[u64]| {
        all.iter()
            .flat_map(|n| n.to_ne_bytes())
            .collect::<Vec<u8>>()
    };
    let bin = |low: u32, count: u32| {
        let edges = [
            attribute(2, &low.to_ne_bytes()),
            attribute(3, &low.to_ne_bytes()),
        ];
        let count = attribute(4, &count.to_ne_bytes());
        attribute(5, &[edges.concat(), count].concat())
    };
    let stats = [
        attribute(2, &numbers(&[100, 60, 40])),
        attribute(3, &numbers(&[1])),
        attribute(4, &numbers(&[300, 200, 100])),
        bin(0, 1000),
        bin(1, 90),
    ];
    let mut fec = known.clone();
    let active = attribute(4, &50_u32.to_ne_bytes());
    let counters = answer(30, &[active, attribute(5, &stats.concat())]);
    let modes = answer(
        4,
        &[
            attribute(5, &400_000_u32.to_ne_bytes()),
            attribute(9, &4_u32.to_ne_bytes()),
        ],
    );
    for told in [counters, modes, answer(6, &[attribute(2, &[1])])] {
        fec.extend(record(0x43, &told));
        fec.extend(record(0, &end(0, &[])));
    }
    let words = attribute(1, b"no such device\0");
    let refused = [known.clone(), record(0, &end(-19, &words))].concat();
    let nonsense = [known, record(0xC0, &[0; 16]), record(0x80, &[255; 40])].concat();
    numbered(&[&module, &fec, &refused, &nonsense])
}

/// Answers of Redis: two ports that tell all, one that is not known, refusals.
fn replies() -> Seeds {
    let bulk = |text: &str| format!("${}\r\n{text}\r\n", text.len());
    let list = |texts: &[String]| format!("*{}\r\n{}", texts.len(), texts.concat());
    let all = |texts: &[&str]| list(&texts.iter().map(|text| bulk(text)).collect::<Vec<_>>());
    let names = all(&["oid:0x1000000000001", "oid:0x1000000000002"]);
    let mut counters = vec!["120", "2", "130", "140", "1000", "100", "20"];
    counters.resize(20, "0");
    let (counters, rates) = (all(&counters), all(&["1.5e-9", "0"]));
    let (applied, used) = (
        all(&["400000", "33,34,35,36", "rs", "up"]),
        all(&["N/A", "rs"]),
    );
    let ok = "+OK\r\n";
    let whole = format!(
        "{ok}{names}{ok}{counters}{rates}{counters}{rates}{ok}{applied}{applied}{ok}{used}{used}"
    );
    let one = format!(
        "{ok}*2\r\n$-1\r\n{}{ok}{counters}*2\r\n_\r\n,1.5\r\n",
        bulk("oid:2")
    );
    texts(&[
        &whole,
        &one,
        "-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n",
        "+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
        "+OK\r\n%1\r\n+a\r\n~2\r\n:1\r\n#t\r\n|1\r\n+b\r\n(12345678901234567890\r\n=7\r\ntxt:abc\r\n",
        "*1000000\r\n$536870912\r\nx",
    ])
}

/// Calls of programs: reads and writes, settings, transactions, SMBus.
fn calls() -> Seeds {
    const IOCTL: u8 = 6;
    let ioctl = |command: u32, argument: u64, memory: &[u8]| {
        let head = [
            &1_u64.to_ne_bytes()[..],
            &2_u32.to_ne_bytes(),
            &command.to_ne_bytes(),
        ];
        let rest = [&argument.to_ne_bytes()[..], memory];
        record(IOCTL, &[head.concat(), rest.concat()].concat())
    };
    let read = |length: u32| {
        let body = [
            &1_u64.to_ne_bytes()[..],
            &[0; 8],
            &length.to_ne_bytes(),
            &[0; 20],
        ];
        record(1, &body.concat())
    };
    let write = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap_or(0);
        let body = [
            &1_u64.to_ne_bytes()[..],
            &[0; 8],
            &length.to_ne_bytes(),
            &[0; 20],
            bytes,
        ];
        record(2, &body.concat())
    };
    let open = record(0, &[0; 8]);
    let address = ioctl(0x0703, 0x50, &[]);
    // Where the messages are and how many; a message: address, flags, length, place.
    let message =
        |flags: u8, length: u8| [0x50, 0, flags, 0, length, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0];
    let list = [32_u8, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
    let pair = [list, message(0, 1), message(1, 16)].concat();
    let smbus = |reads: u8, size: u8| [reads, 2, 0, 0, size, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0];
    let settings = [
        ioctl(0x0701, 0x7FFF_FFFF, &[]),
        ioctl(0x0702, 100, &[]),
        ioctl(0x0704, 1, &[]),
        ioctl(0x0705, 4096, &[]),
    ];
    let start = [open, address].concat();
    let plain = [
        start.clone(),
        write(&[0x00]),
        read(128),
        write(&[127, 0x11]),
        read(8),
    ]
    .concat();
    let transfers = [
        start.clone(),
        ioctl(0x0707, 4096, &pair),
        ioctl(0x0707, 0, &[]),
    ]
    .concat();
    let mut blocks = start.clone();
    for size in [0, 1, 2, 3, 5, 6, 8] {
        blocks.extend(ioctl(0x0720, 4096, &smbus(1, size)));
        blocks.extend(ioctl(0x0720, 4096, &smbus(0, size)));
    }
    let set = [
        start,
        settings.concat(),
        record(7, &[0; 16]),
        record(3, &[1; 24]),
    ]
    .concat();
    let seeds: Vec<Vec<u8>> = [plain, transfers, blocks, set]
        .into_iter()
        .flat_map(|calls| [0, 1, 3].map(|fault| [vec![fault], calls.clone()].concat()))
        .collect();
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    numbered(&seeds)
}
