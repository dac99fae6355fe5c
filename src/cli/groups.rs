//! The help of the program itself: its commands in groups, as people look for them.

use clap::Command;
use clap::builder::StyledStr;

/// The groups, and the commands of each in the order of use.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Look at a running daemon",
        &["show", "top", "events", "captures", "dump"],
    ),
    (
        "Configure",
        &["discover", "check", "doctor", "fabric", "budget"],
    ),
    ("Serve", &["run", "demo", "sim"]),
    ("Offline", &["decode", "convert", "replay"]),
    ("Install", &["completions", "man"]),
];

/// The same command with its commands told in groups.
pub(super) fn grouped(command: Command) -> Command {
    let heading = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let widest = command.get_subcommands().map(|c| c.get_name().len()).max();
    let widest = widest.unwrap_or_default();
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (group, names) in GROUPS {
        text += &format!("\n{heading}{group}:{heading:#}\n");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            // More than a line is for the command's own help.
            let about = about
                .split(['.', ':', ';', '\n'])
                .next()
                .unwrap_or_default();
            text += &format!("  {literal}{name:<widest$}{literal:#}  {about}\n");
        }
    }
    text += &format!("\n{heading}Options:{heading:#}\n{{options}}{{after-help}}");
    command.help_template(StyledStr::from(text))
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let command = command();
        for own in command.get_subcommands() {
            let name = own.get_name();
            let count = GROUPS
                .iter()
                .flat_map(|(_, names)| names.iter())
                .filter(|told| **told == name)
                .count();
            assert_eq!(count, 1, "{name}");
        }
        let told: usize = GROUPS.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(told, command.get_subcommands().count());
    }

    #[test]
    fn the_help_tells_every_command_with_what_it_does_on_one_line() {
        let help = command().render_help().to_string();
        for own in command().get_subcommands() {
            let start = format!("  {} ", own.get_name());
            let line = help.lines().find(|line| line.starts_with(&start));
            let line = line.unwrap_or_else(|| panic!("{}: {help}", own.get_name()));
            assert!((24..=90).contains(&line.len()), "{line}");
        }
        assert!(
            help.contains("\nServe:\n") && help.contains("--version"),
            "{help}"
        );
        assert!(help.contains("Example:"), "{help}");
    }
}
