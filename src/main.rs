//! The program: hands over to the command line.

use std::process::ExitCode;

use clap::Parser;
use opticsd::cli::{self, Cli};

fn main() -> ExitCode {
    cli::run(Cli::parse())
}
