//! The table of all ports for `show` and `top`: as wide as the terminal, never
//! wider, and the reason is the last to be cut.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::plain::plain;
use crate::report::quantity::{self, NONE};
use crate::report::summary::{Light, PortSummary};
use crate::units::Watts;

/// How a terminal wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Columns of the terminal; as many as are needed, if left out.
    pub width: Option<usize>,
    /// Whether colours may be used.
    pub has_colour: bool,
}

/// What a piece of a line says, for whoever gives it a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing of its own.
    Plain,
    /// The head of the table.
    Head,
    /// A verdict.
    Ok,
    /// A verdict.
    Degraded,
    /// A verdict.
    Bad,
    /// A verdict.
    Unknown,
}

impl Tone {
    /// The tone of a verdict.
    pub fn of(verdict: &str) -> Self {
        match verdict {
            "ok" => Self::Ok,
            "degraded" => Self::Degraded,
            "bad" => Self::Bad,
            _ => Self::Unknown,
        }
    }

    /// The escape sequence that begins it (ECMA-48, SGR).
    fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Head => "\x1b[1m",
            Self::Ok => "\x1b[32m",
            Self::Degraded => "\x1b[33m",
            Self::Bad => "\x1b[1;31m",
            Self::Unknown => "\x1b[2m",
        }
    }
}

/// A line in pieces.
pub type Line = Vec<(Tone, String)>;

const COLUMNS: usize = 10;

/// The heads. The reason is the last column, and takes what is left.
const HEADS: [&str; COLUMNS] = [
    "Port",
    "Verdict",
    "Role",
    "Class",
    "Vendor",
    "Part",
    "°C",
    "Worst rx dBm",
    "Margin",
    "Reason",
];

const VERDICT: usize = 1;
const REASON: usize = COLUMNS - 1;

/// The columns of numbers, which stand right.
const RIGHT: [usize; 3] = [6, 7, 8];

/// The columns that are left out one after the other where a line would be too long.
const GOING: [usize; 7] = [4, 5, 7, 3, 8, 6, 2];

/// So much of a reason is worth more than another column.
const REASON_WANTED: usize = 40;

const GAP: usize = 2;

/// The ports in the order given, one a line below a head.
pub fn table(ports: &[PortSummary], look: Look) -> String {
    let mut out = String::new();
    for line in lines(ports, look.width) {
        for (tone, text) in line {
            if look.has_colour && tone != Tone::Plain {
                out += &format!("{}{text}\x1b[0m", tone.sequence());
            } else {
                out += &text;
            }
        }
        out.push('\n');
    }
    out
}

/// The lines of the table, of which the first is the head; none is wider than
/// `width`, none has trailing blanks, and nothing in it can steer a terminal.
pub fn lines(ports: &[PortSummary], width: Option<usize>) -> Vec<Line> {
    let rows: Vec<[String; COLUMNS]> = ports.iter().map(cells).collect();
    let columns = fitting(&rows, width);
    let head = HEADS.map(ToOwned::to_owned);
    let mut lines = vec![line(&head, &columns, width, |_| Tone::Head)];
    for row in &rows {
        let verdict = row.get(VERDICT).map_or("", String::as_str);
        lines.push(line(row, &columns, width, |column| {
            if column == VERDICT {
                Tone::of(verdict)
            } else {
                Tone::Plain
            }
        }));
    }
    lines
}

/// One row as it stands in the columns.
fn cells(port: &PortSummary) -> [String; COLUMNS] {
    let word = |word: Option<&str>| word.map_or_else(|| NONE.to_owned(), |w| plain(w).into_owned());
    let margin = port.margin.as_ref().map(|margin| {
        let least = if margin.at_least { "≥ " } else { "" };
        format!("{least}{:.1} dec", margin.decades)
    });
    [
        plain(&port.port).into_owned(),
        plain(&port.verdict).into_owned(),
        word(port.role_and_plane().as_deref()),
        word(port.class.as_deref()),
        word(port.vendor.as_deref()),
        word(port.part_number.as_deref()),
        word(
            port.temperature_celsius
                .map(|t| format!("{t:.1}"))
                .as_deref(),
        ),
        word(port.worst_rx_power.map(light).as_deref()),
        word(margin.as_deref()),
        plain(&port.reason()).into_owned(),
    ]
}

fn light(light: Light) -> String {
    let power = Watts::new(light.watts);
    let level = power.dbm().map(|_| quantity::dbm(power));
    let level = level.as_deref().unwrap_or("dark");
    format!("{level} (lane {})", light.lane)
}

/// The columns that are shown, each with its width. Those that say nothing are
/// left out, and then as many as it takes.
fn fitting(rows: &[[String; COLUMNS]], width: Option<usize>) -> Vec<(usize, usize)> {
    let mut columns: Vec<(usize, usize)> = HEADS
        .iter()
        .enumerate()
        .filter_map(|(column, head)| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let says = cells.clone().any(|cell| !cell.is_empty() && cell != NONE);
            let widest = cells.map(|cell| cell.width()).max().unwrap_or_default();
            let stays = says || !GOING.contains(&column);
            stays.then(|| (column, widest.max(head.width())))
        })
        .collect();
    let Some(width) = width else {
        return columns;
    };
    let needed = |columns: &[(usize, usize)]| -> usize {
        columns
            .iter()
            .map(|&(column, wide)| match column {
                REASON => GAP + wide.min(REASON_WANTED),
                0 => wide,
                _ => GAP + wide,
            })
            .sum()
    };
    for going in GOING {
        if needed(&columns) <= width {
            break;
        }
        columns.retain(|(column, _)| *column != going);
    }
    columns
}

/// One line, cut where the terminal ends.
fn line(
    cells: &[String; COLUMNS],
    columns: &[(usize, usize)],
    width: Option<usize>,
    tone: impl Fn(usize) -> Tone,
) -> Line {
    let mut left = width.unwrap_or(usize::MAX);
    let mut line = Line::new();
    // Blanks are written before the text that follows them, so none trail.
    let mut blanks = 0;
    for (place, &(column, wide)) in columns.iter().enumerate() {
        blanks += if place == 0 { 0 } else { GAP };
        let text = cells.get(column).map_or("", String::as_str);
        let padding = wide.saturating_sub(text.width());
        if RIGHT.contains(&column) {
            blanks += padding;
        }
        if !text.is_empty() && left > blanks {
            let text = cut(text, left - blanks);
            left -= blanks + text.width();
            if blanks > 0 {
                line.push((Tone::Plain, " ".repeat(blanks)));
            }
            line.push((tone(column), text.into_owned()));
            blanks = 0;
        }
        if !RIGHT.contains(&column) {
            blanks += padding;
        }
    }
    line
}

/// A text of at most so many columns; where it was cut it ends in `…`.
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut left = width.saturating_sub(1);
    for c in text.chars() {
        let wide = c.width().unwrap_or_default();
        if wide > left {
            break;
        }
        left -= wide;
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Presence;
    use crate::report::sample;
    use crate::report::summary::summary;

    fn ports() -> Vec<PortSummary> {
        let mut empty = sample::view();
        empty.presence = Presence::Empty;
        let views = [
            sample::active(sample::module("S1")),
            empty,
            sample::active(sample::module(sample::HOSTILE)),
        ];
        let slots = views.into_iter().enumerate();
        slots
            .map(|(i, view)| {
                let slot = sample::slot(&format!("Ethernet{i}"), view);
                summary(&sample::fleet(vec![]), &slot, sample::now())
            })
            .collect()
    }

    #[test]
    fn the_table_says_what_is_gravest() {
        let mut ports = ports();
        ports[0].temperature_celsius = Some(46.5);
        let text = table(&ports, Look::default());
        let words: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            words[1],
            "Ethernet0 bad scale-out/2 dsp ACME OPTICS OSFP-800G-2FR4 46.5 -4.09 (lane 8) \
             3.7 dec lane 8 receives too little light (+1)"
        );
        assert_eq!(words[2], "Ethernet1 unknown - - - - - - - empty");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_none_wraps() {
        for width in 0..140 {
            let text = table(
                &ports(),
                Look {
                    width: Some(width),
                    has_colour: false,
                },
            );
            assert_eq!(text.lines().count(), 4, "{width}");
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
        // The reason stays readable where other columns have gone.
        let text = table(
            &ports(),
            Look {
                width: Some(60),
                has_colour: false,
            },
        );
        assert!(text.contains("lane 8 receives too little light"), "{text}");
        assert!(!text.contains("ACME"), "{text}");
        let text = table(
            &ports(),
            Look {
                width: Some(30),
                has_colour: false,
            },
        );
        assert!(
            text.contains("lane 8 rec…") || text.contains("lane 8 re…"),
            "{text}"
        );
    }

    #[test]
    fn columns_that_say_nothing_are_left_out() {
        let mut ports = ports();
        ports.iter_mut().for_each(|port| port.role = None);
        assert!(!table(&ports, Look::default()).contains("Role"));
        let text = table(&[], Look::default());
        assert_eq!(text, "Port  Verdict  Reason\n");
    }

    #[test]
    fn colours_stand_around_the_verdict_alone() {
        let coloured = table(
            &ports(),
            Look {
                width: None,
                has_colour: true,
            },
        );
        let row = coloured.lines().nth(1).unwrap();
        assert!(row.contains("  \x1b[1;31mbad\x1b[0m  "), "{row}");
        assert_eq!(row.matches('\x1b').count(), 2);
        let bare = coloured
            .replace("\x1b[1;31m", "")
            .replace("\x1b[2m", "")
            .replace("\x1b[1m", "")
            .replace("\x1b[0m", "");
        assert_eq!(bare, table(&ports(), Look::default()));
    }

    #[test]
    fn no_light_is_dark() {
        assert_eq!(
            light(Light {
                lane: 4,
                watts: 0.0,
                margin_db: None,
            }),
            "dark (lane 4)"
        );
        assert_eq!(
            light(Light {
                lane: 4,
                watts: 1e-3,
                margin_db: None,
            }),
            "+0.00 (lane 4)"
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("ab", 0), "");
    }
}
