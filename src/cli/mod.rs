//! The command line: reads arguments, calls the driver, prints.
//!
//! Diagnostics go to stderr, results to stdout. Exit codes: 0 fine, 1 the program is wrong (or the output of
//! `build --check` is not up to date, or `diff` finds something), 2 it could not be done.

mod build;
mod check;
mod completions;
mod diff;
mod explain;
mod fmt;
mod import;
mod init;
mod man;
mod plugin;
mod push;
mod render;
mod report;

use clap::{Args, Parser, Subcommand};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compiles a typed description of Apache Flink on Kubernetes into plain Kustomize directories.
#[derive(Debug, Parser)]
#[command(name = "flinkc", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Fmt(fmt::Fmt),
    Build(build::Build),
    Render(render::Render),
    Diff(diff::Diff),
    Completions(completions::Completions),
    Man(man::Manual),
    Explain(explain::Explain),
    Import(import::Import),
    Plugin(plugin::Plugin),
    Push(push::Push),
}

/// What to compile.
#[derive(Debug, Args)]
struct Input {
    /// A directory, whose `.flink` files are one module, or one file
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Sets a param of the program; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// All is well.
    Fine,
    /// The program is wrong, the output is not up to date, or there are differences.
    Wrong,
    /// It could not be done, and the user was told why.
    Failed,
}

/// Why a command could not be carried out.
#[derive(Debug)]
enum Failure {
    /// A text for the user.
    Told(String),
    /// Nobody reads stdout any more, as in `flinkc render | head`. That is no mistake.
    NobodyReads,
}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure::Told(text)
    }
}

/// Errors of writing to stdout; all others are put into words where they happen.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::NobodyReads,
            _ => Failure::Told(format!("the result cannot be written: {error}")),
        }
    }
}

/// Runs the command that the process was called with.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Init(command) => init::run(&command),
        Command::Check(command) => check::run(&command),
        Command::Fmt(command) => fmt::run(&command),
        Command::Build(command) => build::run(&command),
        Command::Render(command) => render::run(&command),
        Command::Diff(command) => diff::run(&command),
        Command::Completions(command) => completions::run(&command),
        Command::Man(command) => man::run(&command),
        Command::Explain(command) => explain::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Plugin(command) => plugin::run(&command),
        Command::Push(command) => push::run(&command),
    };
    match result {
        Ok(Verdict::Fine) | Err(Failure::NobodyReads) => ExitCode::SUCCESS,
        Ok(Verdict::Wrong) => ExitCode::from(1),
        Ok(Verdict::Failed) => ExitCode::from(2),
        Err(Failure::Told(text)) => {
            report::error(&text);
            ExitCode::from(2)
        }
    }
}

/// Reads `NAME=VALUE`.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("it must have the form NAME=VALUE".to_owned()),
    }
}
