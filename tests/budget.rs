//! `opticsd budget` from outside: what it says of the given images, of a
//! configuration, and of what does not fit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should end there and say where"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// How far above the ideal a plan may be.
const ALLOWANCE: f64 = 1.05;

fn budget(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_opticsd"))
        .arg("budget")
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn document(arguments: &[&str], status: i32) -> Value {
    let output = budget(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn rows(document: &Value) -> &[Value] {
    document["rows"].as_array().unwrap()
}

/// The given images, or none where they are not.
fn images() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/images");
    let Ok(entries) = fs::read_dir(&folder) else {
        assert!(
            std::env::var_os("OPTICSD_REQUIRE_TOOLS").is_none(),
            "the images are not there"
        );
        println!("skipped: there is no ../shared/images");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_image_is_read_at_the_physical_limit() {
    for image in images() {
        let name = image.to_str().unwrap();
        let document = document(&[name], 0);
        // Three sweeps, three clocks, eight ways.
        assert_eq!(rows(&document).len(), 3 * 3 * 8, "{name}");
        for row in rows(&document) {
            for field in ["transactions", "wire_bytes", "wire_ms"] {
                let number = |of: &str| row[format!("{of}{field}")].as_f64().unwrap();
                let (plan, ideal) = (number(""), number("ideal_"));
                assert!(ideal > 0.0 && ideal <= plan + 1e-9, "{name}: {row}");
                let is_limited = row["sweep"] != "insertion";
                assert!(!is_limited || plan <= ideal * ALLOWANCE, "{name}: {row}");
            }
        }
    }
}

#[test]
fn known_modules_need_no_more_transactions_than_promised() {
    for image in images() {
        let most = match image.file_stem().and_then(|stem| stem.to_str()).unwrap() {
            "Cmis2x400GFr4LiteTransceiver" => 27,
            "Cmis400GLr4Transceiver" => 24,
            "Cmis400GDr4Transceiver" => 8,
            _ => continue,
        };
        let name = image.to_str().unwrap();
        let document = document(&[name, "--path", "i2c", "--clock", "400k"], 0);
        for row in rows(&document)
            .iter()
            .filter(|row| row["sweep"] != "insertion")
        {
            let planned = row["transactions"].as_u64().unwrap();
            assert!(planned <= most, "{name}: {row}");
            assert!(row["naive_transactions"].as_u64().unwrap() > 3 * planned);
        }
    }
}

/// A configuration of so many simulated ports.
fn config(folder: &Path, ports: usize, more: &str) -> String {
    let path = folder.join("opticsd.toml");
    let text = format!("{more}[[port]]\nname = 'Ethernet{{1..{ports}}}'\nsim = 'dsp-800g'\n");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_configuration_is_summed_up_by_adapter() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), 16, "");
    let document = document(&["--config", &config, "--clock", "400k,1M"], 0);
    assert_eq!(document["period_seconds"], 1.0);
    assert_eq!(rows(&document).len(), 16 * 3 * 2);
    let adapters = document["adapters"].as_array().unwrap();
    // Eight ports on each of two simulated adapters, at two clocks.
    assert_eq!(adapters.len(), 4);
    let steady = |row: &&Value| row["sweep"] == "steady" && row["clock_hertz"] == 400_000;
    let one = rows(&document).iter().find(steady).unwrap()["wire_ms"]
        .as_f64()
        .unwrap();
    assert_eq!(adapters[0]["modules"], 8);
    assert!((adapters[0]["steady_ms"].as_f64().unwrap() - 8.0 * one).abs() < 1e-6);
    assert_eq!(document["warnings"].as_array().unwrap().len(), 0);

    let text = stdout(&budget(&["--config", &config, "--clock", "400k"]));
    assert!(
        text.contains("Ethernet1 and 7 more on sim-0: dsp-800g"),
        "{text}"
    );
    assert!(text.contains("page 11"), "{text}");
}

/// What the first adapter costs in milliseconds: steady, on average, at worst.
fn costs(config: &str) -> [f64; 3] {
    let document = document(&["--config", config, "--clock", "400k"], 0);
    ["steady_ms", "mean_ms", "worst_ms"].map(|of| document["adapters"][0][of].as_f64().unwrap())
}

#[test]
fn groups_are_priced_at_their_own_period() {
    let folder = tempfile::tempdir().unwrap();
    let of = |more: &str| costs(&config(folder.path(), 1, more));
    let [steady, mean, worst] = of("");
    let [rare_steady, rare_mean, rare_worst] = of("vdm_period = 20\nslow_period = 60\n");
    // VDM is in no steady sweep any more; all that there is still comes together.
    assert!(rare_steady < steady && rare_mean < mean, "{rare_mean}");
    assert!(rare_mean > rare_steady && rare_mean < 1.2 * rare_steady);
    assert!((rare_worst - worst).abs() < 1e-9);
    // The same for a longer period of all: it costs as much, less often.
    assert_eq!(of("period = 10\n"), [steady, mean, worst]);

    let [left_steady, ..] = of("leave_page_zero = true\n");
    assert!(left_steady > steady);
}

#[test]
fn ports_of_a_bus_are_priced_at_their_own_period() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opticsd.toml");
    let text = "[[port]]\nname = 'a'\nsim = 'dsp-800g'\n[[port]]\nname = 'b'\nsim = 'dsp-800g'\n";
    let of = |more: &str| {
        fs::write(&path, format!("{text}{more}")).unwrap();
        costs(path.to_str().unwrap())
    };
    let ([_, both, worst], [_, rarely, as_bad]) = (of(""), of("period = 4\n"));
    assert!((rarely / both - 1.25 / 2.0).abs() < 1e-6, "{both} {rarely}");
    assert!((worst - as_bad).abs() < 1e-9);
}

#[test]
fn a_cadence_that_cannot_be_met_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), 8, "period = 0.1\n");
    let found = document(&["--config", &config, "--clock", "100k"], 1);
    let warning = found["warnings"][0].as_str().unwrap();
    assert!(
        warning.starts_with("sim-0 at 100 kHz over i2c: a round of 8 modules"),
        "{warning}"
    );
    assert!(
        warning.contains("longer than the period of 0.1 s"),
        "{warning}"
    );
    assert_eq!(found["adapters"][0]["cadence_met"], false);
    // A longer period on the command line goes before the configuration.
    document(
        &["--config", &config, "--clock", "100k", "--period", "10"],
        0,
    );
    let text = stdout(&budget(&["--config", &config, "--clock", "100k"]));
    assert!(text.contains("\nwarning: sim-0 at 100 kHz"), "{text}");
}

#[test]
fn overhead_costs_transactions_not_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), 1, "");
    let common = ["--config", &config, "--clock", "400k"];
    let free = document(&common, 0);
    let dear = document(&[&common[..], &["--overhead", "1000"]].concat(), 0);
    for (free, dear) in rows(&free).iter().zip(rows(&dear)) {
        assert_eq!(free["wire_bytes"], dear["wire_bytes"]);
        let more = dear["wire_ms"].as_f64().unwrap() - free["wire_ms"].as_f64().unwrap();
        assert!((more - free["transactions"].as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn a_port_nobody_knows_needs_a_stand_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opticsd.toml");
    fs::write(
        &path,
        "[[port]]\nname = 'e0'\noptoe = '/nowhere/34-0050/eeprom'\n",
    )
    .unwrap();
    let config = path.to_str().unwrap();
    let output = budget(&["--config", config]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(
        told.contains("port e0: what stands in it is not known; name a dump"),
        "{told}"
    );

    let dump = folder.path().join("flat.dump");
    let mut bytes = vec![0; 256];
    bytes[..3].copy_from_slice(&[0x18, 0x50, 0x80]);
    fs::write(&dump, bytes).unwrap();
    let found = document(&["--config", config, dump.to_str().unwrap()], 0);
    assert!(
        rows(&found).iter().all(|row| row["path"] == "optoe"),
        "{found}"
    );
    assert_eq!(found["adapters"][0]["adapter"], "34-0050");
}

#[test]
fn what_cannot_be_used_is_refused() {
    for arguments in [
        &[][..],
        &["--period", "0", "x"],
        &["--period", "1e-12", "x"],
        &["--period", "1e19", "x"],
        &["--period", "NaN", "x"],
        &["--clock", "3", "x"],
        &["--probe", "x"],
    ] {
        assert_eq!(budget(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let output = budget(&["/nowhere.dump"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot read /nowhere.dump"));
}
