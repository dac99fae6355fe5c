//! The program: hands over to the command line.

use std::process::ExitCode;

use opticsd::cli;

fn main() -> ExitCode {
    cli::run(cli::parsed())
}
