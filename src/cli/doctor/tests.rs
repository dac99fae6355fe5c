use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

/// A machine that is well: adapter 7 with its device, a service with a user of its
/// own, and a state directory.
struct Rack {
    folder: tempfile::TempDir,
}

const CONFIG: &str = "state_directory = '/var/lib/opticsd'\n\
    [[port]]\nname = 'Ethernet0'\ni2c = '/dev/i2c-7'\n";

const UNIT: &str = "LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\n\
    NRestarts=0\nWatchdogUSec=30s\nMainPID=77\nUser=opticsd\nSupplementaryGroups=i2c\n\
    StateDirectory=opticsd\nMemoryMax=infinity\nAmbientCapabilities=\n";

impl Rack {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let new = Self { folder };
        let own = new.folder.path().metadata().unwrap();
        // What the test makes belongs to the service's group, and to no user of it.
        new.file(
            "etc/group",
            &format!("root:x:0:\nops:x:999:\ni2c:x:{}:\n", own.gid()),
        );
        new.file(
            "etc/passwd",
            "root:x:0:0::/:/bin/sh\nopticsd:x:4242:999::/:/bin/false\n",
        );
        new.file(
            "proc/self/status",
            "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t0\nCapEff:\t0\n",
        );
        new.file(
            "proc/self/limits",
            "Max open files            1024                 4096 files\n",
        );
        new.file("systemctl-show", UNIT);
        new.file("dev/i2c-7", "");
        new.mode("dev/i2c-7", 0o660);
        new.file("etc/opticsd.toml", CONFIG);
        new.mode("etc/opticsd.toml", 0o644);
        new.file("sys/devices/i2c-7/name", "SMBus of the switch\n");
        new.folder("sys/class/i2c-dev");
        new.folder("sys/bus/i2c/devices");
        let link = new.path("sys/bus/i2c/devices/i2c-7");
        symlink(new.path("sys/devices/i2c-7"), link).unwrap();
        new.folder("var/lib/opticsd");
        new.mode("var/lib/opticsd", 0o770);
        new
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn folder(&self, path: &str) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    fn file(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn report(&self) -> Report {
        let machine = Machine::at(self.folder.path());
        examine(&machine, Path::new("/etc/opticsd.toml"), None)
    }

    /// What is not well: check, level, words and advice.
    fn troubles(&self) -> Vec<(&'static str, Level, String, String)> {
        let found = self.report().0.into_iter();
        let found = found.filter(|found| found.level != Level::Ok);
        found
            .map(|f| (f.check, f.level, f.what, f.advice.unwrap_or_default()))
            .collect()
    }

    /// The one thing that is not well.
    fn trouble(&self) -> (&'static str, Level, String, String) {
        let mut troubles = self.troubles();
        assert_eq!(troubles.len(), 1, "{troubles:#?}");
        troubles.pop().unwrap()
    }
}

#[test]
fn a_machine_that_is_well_is_told_so_check_by_check() {
    let report = Rack::new().report();
    let text = text(&report);
    assert_eq!(report.count(Level::Ok), report.0.len(), "{text}");
    let checks: Vec<&str> = report.0.iter().map(|found| found.check).collect();
    let wanted = [
        "user",
        "configuration",
        "i2c",
        "devices",
        "state",
        "service",
        "limits",
    ];
    assert_eq!(checks, wanted);
    assert!(text.contains("1 devices of ports are there, and user opticsd may open them"));
    assert!(
        text.ends_with("7 ok, 0 warnings, 0 failures; no bus was touched\n"),
        "{text}"
    );
}

#[test]
fn a_device_that_may_not_be_opened_is_told_with_mode_and_group() {
    let machine = Rack::new();
    machine.mode("dev/i2c-7", 0o600);
    let (check, level, what, advice) = machine.trouble();
    assert_eq!((check, level), ("devices", Level::Fail));
    assert!(
        what.starts_with("port Ethernet0: user opticsd may not open /dev/i2c-7 (mode 600, group "),
        "{what}"
    );
    assert!(advice.contains("MODE=\"0660\""), "{advice}");
    // Open to a group that the service does not have.
    machine.mode("dev/i2c-7", 0o660);
    machine.file("systemctl-show", &UNIT.replace("Groups=i2c", "Groups="));
    machine.mode("var/lib/opticsd", 0o777);
    let (_, _, what, advice) = machine.trouble();
    assert!(
        what.ends_with("(mode 660, group i2c)") || what.ends_with("(mode 660, group root)"),
        "{what}"
    );
    assert!(
        advice.contains("SupplementaryGroups=i2c") || advice.contains("GROUP=\"i2c\""),
        "{advice}"
    );
}

#[test]
fn without_i2c_dev_the_driver_is_named_and_the_device() {
    let machine = Rack::new();
    fs::remove_dir(machine.path("sys/class/i2c-dev")).unwrap();
    fs::remove_file(machine.path("dev/i2c-7")).unwrap();
    let troubles = machine.troubles();
    let checks: Vec<&str> = troubles.iter().map(|(check, ..)| *check).collect();
    assert_eq!(checks, ["i2c", "devices"]);
    assert!(
        troubles[0].2.contains("i2c-dev is not loaded"),
        "{troubles:?}"
    );
    assert!(
        troubles[0].3.starts_with("modprobe i2c-dev"),
        "{troubles:?}"
    );
    assert_eq!(troubles[1].2, "port Ethernet0: /dev/i2c-7 is not there");
    assert!(
        troubles[1].3.contains("(SMBus of the switch)"),
        "{troubles:?}"
    );
}

#[test]
fn a_driver_that_owns_the_address_is_named() {
    let machine = Rack::new();
    machine.folder("sys/bus/i2c/drivers/optoe3");
    machine.file("sys/bus/i2c/devices/7-0050/eeprom", "");
    symlink(
        machine.path("sys/bus/i2c/drivers/optoe3"),
        machine.path("sys/bus/i2c/devices/7-0050/driver"),
    )
    .unwrap();
    let (check, level, what, advice) = machine.trouble();
    assert_eq!((check, level), ("devices", Level::Fail));
    assert!(what.contains("driver optoe3 owns"), "{what}");
    assert!(advice.contains("optoe = \""), "{advice}");
}

#[test]
fn interfaces_want_to_be_there_and_a_right() {
    let machine = Rack::new();
    machine.file(
        "etc/opticsd.toml",
        "[[port]]\nname = ['a', 'b']\nethtool = ['eth0', 'eth1']\n",
    );
    machine.folder("sys/class/net/eth0");
    let troubles = machine.troubles();
    let said: Vec<&str> = troubles
        .iter()
        .map(|(_, _, what, _)| what.as_str())
        .collect();
    assert_eq!(said[0], "there is no network interface eth1");
    assert!(
        said[1].starts_with("the service lacks CAP_NET_ADMIN"),
        "{said:?}"
    );
    assert!(troubles[1].3.contains("opticsd.service.d-ethtool.conf"));
    machine.folder("sys/class/net/eth1");
    let unit = UNIT.replace("Capabilities=", "Capabilities=cap_net_admin");
    machine.file("systemctl-show", &unit);
    assert_eq!(machine.troubles(), []);
}

#[test]
fn a_host_whose_socket_is_closed_to_the_service_is_told() {
    let machine = Rack::new();
    let text = format!("{CONFIG}fec = 'sonic:Ethernet0'\n");
    machine.file("etc/opticsd.toml", &text);
    let (check, _, what, _) = machine.trouble();
    assert_eq!(check, "hosts");
    assert!(
        what.contains("does not listen on /var/run/redis/redis.sock"),
        "{what}"
    );
    machine.file("var/run/redis/redis.sock", "");
    machine.mode("var/run/redis/redis.sock", 0o700);
    let (_, _, what, advice) = machine.trouble();
    assert!(
        what.starts_with("user opticsd may not use SONiC's database"),
        "{what}"
    );
    assert!(advice.contains("SupplementaryGroups=redis"), "{advice}");
}

#[test]
fn what_systemd_says_of_the_service_is_told() {
    let machine = Rack::new();
    let unit = UNIT
        .replace("ActiveState=active", "ActiveState=failed")
        .replace("Result=success", "Result=core-dump")
        .replace("NRestarts=0", "NRestarts=5")
        .replace("WatchdogUSec=30s", "WatchdogUSec=0");
    machine.file("systemctl-show", &unit);
    let troubles = machine.troubles();
    let levels: Vec<Level> = troubles.iter().map(|(_, level, ..)| *level).collect();
    assert_eq!(
        levels,
        [Level::Fail, Level::Warn, Level::Warn],
        "{troubles:?}"
    );
    assert!(
        troubles[0].2.contains("its last result core-dump"),
        "{troubles:?}"
    );
    machine.file(
        "systemctl-show",
        &UNIT.replace("User=opticsd", "User=nobody-here"),
    );
    let troubles = machine.troubles();
    assert_eq!(troubles[0].0, "user");
}

#[test]
fn a_state_directory_that_cannot_be_used_is_told() {
    let machine = Rack::new();
    machine.mode("var/lib/opticsd", 0o700);
    let (check, level, what, advice) = machine.trouble();
    assert_eq!((check, level), ("state", Level::Fail));
    assert!(what.ends_with("may not write /var/lib/opticsd"), "{what}");
    assert_eq!(advice, "chown -R opticsd /var/lib/opticsd");
    machine.mode("var/lib/opticsd", 0o770);
    machine.file(
        "var/lib/opticsd/opticsd.db",
        "this is no database, whatever it is called",
    );
    let (_, level, what, _) = machine.trouble();
    assert_eq!(level, Level::Fail);
    assert!(
        what.starts_with("the store of /var/lib/opticsd cannot be read"),
        "{what}"
    );
}

#[test]
fn mistakes_of_the_configuration_leave_the_rest_to_be_looked_at() {
    let machine = Rack::new();
    machine.file(
        "etc/opticsd.toml",
        "perod = 1\n[[port]]\nname = 'a'\ni2c = '/dev/i2c-7'\n",
    );
    let (check, _, what, advice) = machine.trouble();
    assert_eq!(check, "configuration");
    assert!(what.contains("did you mean `period`?"), "{what}");
    assert!(advice.contains("opticsd check --config /etc/opticsd.toml"));
    assert!(
        machine
            .report()
            .0
            .iter()
            .any(|found| found.check == "state")
    );
}

#[test]
fn too_few_files_are_told_with_the_number_to_set() {
    let machine = Rack::new();
    machine.file(
        "proc/self/limits",
        "Max open files            256                  256 files\n",
    );
    let (check, _, what, advice) = machine.trouble();
    assert_eq!(check, "limits");
    assert!(
        what.starts_with("256 files may be open; 1 port and"),
        "{what}"
    );
    assert!(advice.starts_with("LimitNOFILE=512 "), "{advice}");
}

#[test]
fn hostile_words_stay_on_their_line_and_json_has_every_part() {
    let mut report = Report::default();
    report.fail("devices", "a\nOK    all  is well", "do\r\nit");
    assert_eq!(text(&report).lines().count(), 3);
    let value: serde_json::Value = serde_json::from_str(&json(&report).unwrap()).unwrap();
    assert_eq!(value["failures"], 1);
    assert_eq!(value["checks"][0]["level"], "fail");
    assert_eq!(value["checks"][0]["advice"], "do\r\nit");
}

#[test]
fn what_has_one_remedy_is_told_together() {
    let mut report = Report::default();
    for number in 0..6 {
        report.fail("devices", format!("port {number} lacks it"), "make it");
    }
    report.fail("devices", "another", "do otherwise");
    let text = text(&report);
    assert!(
        text.contains("port 2 lacks it\nFAIL  devices  and 3 more like these"),
        "{text}"
    );
    assert_eq!(text.matches("-> make it").count(), 1);
    assert!(text.ends_with("7 failures; no bus was touched\n"), "{text}");
}
