//! `flinkc diff`

mod git;

use super::{Failure, Input, Verdict, report};
use crate::diff;
use crate::driver::{self, EnvironmentUnits, Project};
use crate::host::Host;
use clap::{Args, ValueEnum};
use git::GitHost;
use std::io::Write;

/// Shows what a change of the program changes in Kubernetes: object by object, before it is built or applied
///
/// Exits with 0 where nothing is different, 1 where something is, 2 where the comparison failed.
#[derive(Debug, Args)]
pub(super) struct Diff {
    #[command(flatten)]
    input: Input,

    /// The revision of the Git repository to compare with, such as `main` or `HEAD~1`
    #[arg(long, value_name = "REV")]
    against: String,

    /// Only this environment
    #[arg(long = "env", value_name = "ENV")]
    environment: Option<String>,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For programs, as docs/output.md describes it
    Json,
    /// For the comment of a pull request
    Markdown,
}

pub(super) fn run(command: &Diff) -> Result<Verdict, Failure> {
    let project = driver::open(&command.input.path)?;
    let revision = GitHost::new(&project.root, &command.against)?;
    let Some(before) = before(command, &project, &revision) else {
        return Ok(Verdict::Failed);
    };
    let only = command.environment.as_deref();
    let Some(changes) = report::take(driver::diff(&project, &command.input.settings, &before, only)) else {
        return Ok(Verdict::Failed);
    };
    if let (Some(unknown), []) = (only, &changes[..]) {
        return Err(format!("there is no environment `{unknown}`, neither now nor in `{}`", command.against).into());
    }
    let text = match command.format {
        Format::Text => diff::text(&changes),
        Format::Json => diff::json(&changes),
        Format::Markdown => diff::markdown(&changes),
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    let is_same = changes.iter().all(|environment| environment.objects.is_empty());
    Ok(if is_same { Verdict::Fine } else { Verdict::Wrong })
}

/// What the revision's program makes; none where it is wrong, which is told.
fn before(command: &Diff, project: &Project, revision: &GitHost) -> Option<Vec<EnvironmentUnits>> {
    let against = &command.against;
    let is_there = match &project.file {
        Some(file) if project.module.is_empty() => revision.read(file).is_ok(),
        Some(file) => revision.read(&format!("{}/{file}", project.module)).is_ok(),
        None => revision.list(&project.module).is_ok_and(|all| all.iter().any(|(name, _)| name.ends_with(".flink"))),
    };
    if !is_there {
        report::note(&format!("`{against}` has no program here: everything is new"));
        return Some(Vec::new());
    }
    let file = project.file.as_deref();
    let outcome = driver::objects_with(revision, &project.module, file, &command.input.settings);
    if outcome.value.is_none() {
        report::error(&format!("the program of `{against}` is wrong, so that there is nothing to compare with"));
        return report::take(outcome);
    }
    // What is only doubtful there is there already, and nobody asked.
    outcome.value
}
