//! What PromQL expressions name, held against what a scrape has. promtool knows the
//! grammar; it does not know which metrics there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Labels that Prometheus itself or a rule makes.
const MADE: &[&str] = &[
    "alertname",
    "alertstate",
    "instance",
    "job", // Prometheus
    "back",
    "box",
    "classes",
    "here",
    "peer_class", // label_replace, label_join
];

/// Series of Prometheus itself.
const OF_PROMETHEUS: [&str; 2] = ["up", "ALERTS"];

/// Words before a list of labels in parentheses.
const BEFORE_LABELS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];

/// A file of the project.
pub fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the project.
pub fn read(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The families of a scrape with their labels.
pub struct Known {
    families: BTreeMap<String, BTreeSet<String>>,
    /// What recording rules make.
    recorded: BTreeSet<String>,
}

impl Known {
    /// The families of the golden scrape, and these recorded ones.
    pub fn with_recorded<'a>(recorded: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            families: families(&read("tests/golden/metrics.prom")),
            recorded: recorded.into_iter().map(str::to_owned).collect(),
        }
    }

    /// What an expression names that does not exist.
    pub fn complaints(&self, expression: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        let tokens = tokens(expression);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).copied().unwrap_or_default();
            let is_series = token.starts_with("opticsd") || token.starts_with("process_");
            if BEFORE_LABELS.contains(token) && next == "(" {
                let labels = tokens[at + 2..].iter().take_while(|t| **t != ")");
                let unknown = labels.filter(|t| **t != "," && !self.is_label(t));
                complaints.extend(unknown.map(|t| format!("nothing has the label {t}")));
            } else if is_series || OF_PROMETHEUS.contains(token) {
                let labels = match next {
                    "{" => matched(&tokens[at + 2..]),
                    _ => Vec::new(),
                };
                complaints.extend(self.complaint(token, &labels));
            }
        }
        complaints
    }

    fn complaint(&self, name: &str, labels: &[&str]) -> Vec<String> {
        if OF_PROMETHEUS.contains(&name) || self.recorded.contains(name) {
            let unknown = labels.iter().filter(|label| !self.is_label(label));
            return unknown.map(|l| format!("{name} with {l}")).collect();
        }
        let Some(own) = self.families.get(name) else {
            return vec![format!("nothing is called {name}")];
        };
        let of_target = ["instance", "job"];
        let unknown = labels
            .iter()
            .filter(|label| !own.contains(**label) && !of_target.contains(label));
        unknown.map(|l| format!("{name} has no {l}")).collect()
    }

    fn is_label(&self, label: &str) -> bool {
        MADE.contains(&label) || self.families.values().any(|own| own.contains(label))
    }
}

/// The families of a scrape, each with the labels that its series have.
pub fn families(scrape: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in scrape.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            found
                .entry(rest.split(' ').next().unwrap().to_owned())
                .or_default();
        } else if !line.starts_with('#') {
            let tokens = tokens(line);
            let labels = tokens.get(2..).map(matched).unwrap_or_default();
            let family = found.entry(tokens[0].to_owned()).or_default();
            family.extend(labels.into_iter().map(str::to_owned));
        }
    }
    found
}

/// The labels before `=`, `!` up to the closing brace.
fn matched<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    let inside: Vec<&str> = tokens.iter().take_while(|t| **t != "}").copied().collect();
    let pairs = inside.windows(2);
    pairs
        .filter(|pair| pair[1] == "!" || (pair[1] == "=" && pair[0] != "!"))
        .map(|pair| pair[0])
        .collect()
}

/// Words, and every other character for itself; strings, comments and blanks are
/// left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '$';
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' | '`' => string_length(rest, first),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let is_told = is_word(first) || first.is_ascii_punctuation();
        if is_told && !matches!(first, '#' | '"' | '\'' | '`') {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens
}

/// How long the string is that begins here.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped && quote != '`';
    }
    text.len()
}

/// One rule of a rule file.
#[derive(Debug, Default)]
pub struct Rule {
    /// What it records; empty for an alert.
    pub record: String,
    /// The alert's name; empty where something is recorded.
    pub alert: String,
    /// Every other key, with what stands under it.
    pub keys: BTreeMap<String, String>,
}

/// The rules of a file that is written as ours are: a key to a line, texts of
/// several lines indented below `|` or `>-`.
pub fn rules(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut key = String::new();
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        let (name, value) = line.trim().split_once(':').unwrap_or((line.trim(), ""));
        let value = value.trim().trim_matches('\'').to_owned();
        match (depth, name) {
            (6, "- alert") => rules.push(Rule {
                alert: value,
                ..Rule::default()
            }),
            (6, "- record") => rules.push(Rule {
                record: value,
                ..Rule::default()
            }),
            (8, _) | (10, "severity" | "summary" | "description" | "runbook_url")
                if !line.trim_start().starts_with('#') =>
            {
                key = name.to_owned();
                if let Some(rule) = rules.last_mut() {
                    let value = value.trim_start_matches(['|', '>', '-']);
                    rule.keys.insert(key.clone(), value.to_owned());
                }
            }
            (10.., _) => {
                let text = rules.last_mut().and_then(|rule| rule.keys.get_mut(&key));
                if let Some(text) = text {
                    *text += &format!("{}\n", line.trim());
                }
            }
            _ => {}
        }
    }
    rules
}

/// The rule files that ship.
pub const RULE_FILES: [&str; 5] = [
    "config/prometheus/rules/opticsd-recording.yml",
    "config/prometheus/rules/opticsd-modules.yml",
    "config/prometheus/rules/opticsd-links.yml",
    "config/prometheus/rules/opticsd-plan.yml",
    "config/prometheus/rules/opticsd-daemon.yml",
];

/// Every rule that ships.
pub fn shipped() -> Vec<Rule> {
    let files = RULE_FILES.iter().map(|path| rules(&read(path)));
    files.flatten().collect()
}
