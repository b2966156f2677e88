//! `flinkc check`

use super::{Failure, Input, Verdict, report};
use crate::diagnostic::json;
use crate::driver;
use clap::{Args, ValueEnum};
use std::io::Write;

/// Shows everything that is wrong, for all environments
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    input: Input,

    /// How to show it: for people on stderr, or as a JSON array on stdout
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text with excerpts of the source
    Human,
    /// A JSON array of diagnostics
    Json,
}

pub(super) fn run(command: &Check) -> Result<Verdict, Failure> {
    let project = driver::open(&command.input.path)?;
    let outcome = driver::check(&project, &command.input.settings);
    let value = match command.format {
        Format::Human => report::take(outcome),
        Format::Json => {
            let text = json::array(&outcome.diagnostics, &outcome.files);
            std::io::stdout().lock().write_all(text.as_bytes())?;
            outcome.value
        }
    };
    Ok(if value.is_some() { Verdict::Fine } else { Verdict::Wrong })
}
