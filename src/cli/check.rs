//! `flinkc check`

use super::{Failure, Input, Verdict, report};
use crate::diagnostic::{github, json, sarif};
use crate::driver::{self, Fixed, Outcome};
use clap::{Args, ValueEnum};
use std::io::Write;

/// Shows everything that is wrong, for all environments
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    input: Input,

    /// How to show it: for people on stderr, for programs on stdout
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    /// Puts right in the files what has one right answer, then shows what is left
    #[arg(long)]
    fix: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text with excerpts of the source
    Human,
    /// A JSON object, as docs/diagnostics.md describes it
    Json,
    /// Workflow commands, which GitHub shows at the lines of a pull request
    Github,
    /// A SARIF 2.1.0 log, for code scanners
    Sarif,
}

pub(super) fn run(command: &Check) -> Result<Verdict, Failure> {
    let project = driver::open(&command.input.path)?;
    let outcome = if command.fix {
        let Fixed { done, left } = driver::fix(&project, &command.input.settings);
        tell(&done, command.format)?;
        left?
    } else {
        driver::check(&project, &command.input.settings)
    };
    let Outcome { files, diagnostics, value } = &outcome;
    let verdict = if value.is_some() { Verdict::Fine } else { Verdict::Wrong };
    let text = match command.format {
        Format::Human => {
            report::take(outcome);
            return Ok(verdict);
        }
        Format::Json => json::report(diagnostics, files),
        Format::Github => github::commands(diagnostics, files, driver::is_in_project),
        Format::Sarif => sarif::log(diagnostics, files, driver::is_in_project),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(verdict)
}

/// Says what was changed: on stdout, unless what a program reads goes there.
fn tell(done: &[String], format: Format) -> Result<(), Failure> {
    match format {
        Format::Human => {
            let mut stdout = std::io::stdout().lock();
            done.iter().try_for_each(|line| writeln!(stdout, "{line}"))?;
        }
        Format::Json | Format::Github | Format::Sarif => done.iter().for_each(|line| report::line(line)),
    }
    Ok(())
}
