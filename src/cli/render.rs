//! `flinkc render`

use super::{Failure, Input, Verdict, report};
use crate::driver;
use clap::Args;
use std::io::Write;

/// Prints one environment's objects as YAML, as `kustomize build` of its overlay would
#[derive(Debug, Args)]
pub(super) struct Render {
    #[command(flatten)]
    input: Input,

    /// The environment
    #[arg(long = "env", value_name = "ENV")]
    environment: String,

    /// Only what this declaration makes
    #[arg(long, value_name = "UNIT")]
    only: Option<String>,
}

pub(super) fn run(command: &Render) -> Result<Verdict, Failure> {
    let project = driver::open(&command.input.path)?;
    let outcome = driver::render(&project, &command.input.settings, &command.environment, command.only.as_deref());
    let Some(text) = report::take(outcome) else {
        return Ok(Verdict::Wrong);
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&text)?;
    stdout.flush()?;
    Ok(Verdict::Fine)
}
