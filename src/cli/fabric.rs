//! `opticsd fabric`: the arithmetic of a plan.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::error::CliError;
use super::{Outcome, output};
use crate::plan::fabric::{self, Design, Sizing};
use crate::plan::{Fabric, Plan};

/// Work out what a plan comes to: endpoints, switches, links, modules, watts,
/// fibre, cost; and where it contradicts itself.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "opticsd fabric [OPTIONS] <PLAN>\n       opticsd fabric --sizing [OPTIONS]",
    after_help = "With --sizing the options stand in for what the plan says, or for the \
    plan.\nExit status: 0 done, 1 the plan contradicts itself, 2 could not.\n\n\
    Example:\n  opticsd fabric plan.toml\n  \
    opticsd fabric --sizing --radix 512 --tiers 2 --planes 4\n  \
    opticsd fabric plan.toml --format svg > fabric.svg"
)]
pub struct Args {
    /// The plan.
    #[arg(value_name = "PLAN", required_unless_present = "sizing")]
    plan: Option<PathBuf>,
    /// Try numbers: takes the options below, and no ports into account.
    #[arg(long)]
    sizing: bool,
    /// Ports of one switch.
    #[arg(long, value_name = "PORTS", requires = "sizing",
        value_parser = clap::value_parser!(u16).range(2..))]
    radix: Option<u16>,
    /// Tiers of switches.
    #[arg(long, requires = "sizing",
        value_parser = clap::value_parser!(u16).range(1..=i64::from(fabric::MOST_TIERS)))]
    tiers: Option<u16>,
    /// Independent planes.
    #[arg(long, requires = "sizing",
        value_parser = clap::value_parser!(u16).range(1..=64))]
    planes: Option<u16>,
    /// Speed of one port in Gb/s.
    #[arg(long, value_name = "GBPS", requires = "sizing",
        value_parser = clap::value_parser!(u64).range(fabric::PORT_GBPS))]
    port_gbps: Option<u64>,
    /// Endpoints of each plane.
    #[arg(long, value_name = "COUNT", requires = "sizing",
        value_parser = clap::value_parser!(u64).range(fabric::ENDPOINTS))]
    endpoints: Option<u64>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// In which form a fabric is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// A drawing.
    Svg,
}

/// Prints the sizing; every form has the contradictions in it.
///
/// # Errors
/// Every mistake in the plan, or what it lacks.
pub fn fabric(args: &Args) -> Result<Outcome, CliError> {
    let sizing = size(args)?;
    let printed = match args.format {
        Form::Text => fabric::text(&sizing),
        Form::Json => serde_json::to_string_pretty(&fabric::json(&sizing))? + "\n",
        Form::Svg => fabric::svg(&sizing) + "\n",
    };
    output::print(&printed)?;
    Ok(match sizing.contradictions.is_empty() {
        true => Outcome::Done,
        false => Outcome::Found,
    })
}

fn size(args: &Args) -> Result<Sizing, CliError> {
    let plan = args.plan.as_deref().map(read).transpose()?;
    let name = match &args.plan {
        Some(path) => path.display().to_string(),
        None => "--sizing".to_owned(),
    };
    let sizing = match plan {
        Some(plan) if !args.sizing => fabric::of_plan(&plan),
        plan => fabric::of_fabric(&tried(args, plan.map(|plan| plan.fabric)), None),
    };
    sizing.map_err(|lacking| CliError::Sizing { name, lacking })
}

/// The fabric of the plan, or one without a plan, with the options put in.
fn tried(args: &Args, planned: Option<Fabric>) -> Fabric {
    let mut fabric = planned.unwrap_or_else(|| Fabric {
        name: "sizing".to_owned(),
        tiers: None,
        radix: None,
        rails: 1,
        host: None,
        planes: 1,
        design: Design::default(),
    });
    // Endpoints alone ask for the tiers that carry them.
    fabric.tiers = args.tiers.or(match args.endpoints {
        Some(_) => None,
        None => fabric.tiers,
    });
    fabric.radix = args.radix.or(fabric.radix);
    fabric.planes = args.planes.unwrap_or(fabric.planes);
    fabric.design.port_gbps = args.port_gbps.unwrap_or(fabric.design.port_gbps);
    fabric.design.endpoints = args.endpoints.or(fabric.design.endpoints);
    fabric
}

fn read(path: &Path) -> Result<Plan, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.to_owned(),
        source,
    })?;
    Plan::parse(&text, path).map_err(CliError::Mistakes)
}
