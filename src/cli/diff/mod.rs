//! `flinkc diff`

mod git;
mod live;

use super::{Failure, Input, Verdict, report};
use crate::core::Cost;
use crate::diff::live::PruneLabel;
use crate::diff::{self, Color, EnvironmentDiff, Form, Look, Mask};
use crate::driver::{self, EnvironmentUnits, Project};
use crate::host::Host;
use clap::{ArgGroup, Args, ValueEnum};
use git::GitHost;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Shows what applying the program would change in the cluster, object by object, and what that does to what runs
///
/// The cluster's API server is asked, with dry runs: nothing is changed. With `--live` it is what somebody wrote down of
/// a cluster that the program is compared with, with `--against` another revision of the program.
///
/// Exits with 0 where nothing is different, 1 where something is, 2 where the comparison failed, or the apply would.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("before").args(["against", "live"]))]
pub(super) struct Diff {
    #[command(flatten)]
    input: Input,

    /// The revision of the Git repository to compare with, such as `main` or `HEAD~1`
    #[arg(long, value_name = "REV")]
    against: Option<String>,

    /// What a cluster has, as `kubectl get -o yaml --show-managed-fields` writes it: a file, a directory, or `-` for
    /// standard input
    #[arg(long, value_name = "FILE|DIR|-", requires = "environment")]
    live: Option<String>,

    /// The context of the kubeconfig whose cluster is asked; else the environment's `context`, else the current one
    #[arg(long, value_name = "NAME", requires = "environment", conflicts_with_all = ["against", "live"])]
    context: Option<String>,

    /// The kubeconfig; else those that `KUBECONFIG` names, else `~/.kube/config`, else the cluster that this runs in
    #[arg(long, value_name = "FILE", requires = "environment", conflicts_with_all = ["against", "live"])]
    kubeconfig: Option<PathBuf>,

    /// Only this environment
    #[arg(long = "env", value_name = "ENV")]
    environment: Option<String>,

    /// Who applies: `argocd`, `flux`, `kubectl`, or the name of a field manager; found in the objects where it is not said
    #[arg(long = "as", value_name = "NAME", conflicts_with = "against")]
    manager: Option<String>,

    /// Shows fields of the cluster's objects that nobody declares, too
    #[arg(long, conflicts_with = "against")]
    show_unmanaged: bool,

    /// A label of all that the program applies, by which what it makes no longer is pruned, as `kubectl apply --prune -l`
    /// does; several must all be there
    #[arg(long = "prune-label", value_name = "KEY=VALUE", conflicts_with = "against", value_parser = label)]
    prune_labels: Vec<PruneLabel>,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Shows the lines of an object's YAML that differ, instead of the places
    #[arg(long)]
    unified: bool,

    /// Ends with 1 only where something is as bad as this or worse
    #[arg(long, value_enum, value_name = "COST")]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For programs, as docs/diff.md describes it
    Json,
    /// For the comment of a pull request
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// What a workload has kept is lost
    StateLoss,
    /// A workload stops, whether it goes on or not
    Restart,
}

/// Reads a label.
fn label(text: &str) -> Result<PruneLabel, String> {
    let (key, value) = text.split_once('=').ok_or("it is written as `KEY=VALUE`")?;
    if key.is_empty() {
        return Err("it has no key".to_owned());
    }
    Ok(PruneLabel { key: key.to_owned(), value: value.to_owned() })
}

/// What hides the values of Secrets in this run, and in no other.
fn mask() -> Result<Mask, Failure> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)
        .map_err(|error| format!("the system gives no random number to hide Secrets by: {error}"))?;
    Ok(Mask::new(key))
}

pub(super) fn run(command: &Diff) -> Result<Verdict, Failure> {
    let project = driver::open(&command.input.path)?;
    let mask = mask()?;
    let changes = match (&command.against, &command.live, &command.environment) {
        (Some(revision), _, _) => against(command, &project, revision, &mask)?,
        (None, live, Some(environment)) => live::diff(command, &project, live.as_deref(), environment, &mask)?,
        (None, _, None) => return Err(unsaid(&project)),
    };
    let Some(changes) = changes else {
        return Ok(Verdict::Failed);
    };
    let mut stdout = std::io::stdout().lock();
    let form = if command.unified { Form::Unified } else { Form::Paths };
    // https://no-color.org: any value but the empty one switches colour off.
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = if stdout.is_terminal() && !refused { Color::Always } else { Color::Never };
    let text = match command.format {
        Format::Text => diff::text(&changes, Look { form, color }),
        Format::Json => diff::json(&changes),
        Format::Markdown => diff::markdown(&changes, form),
    };
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    if changes.iter().any(EnvironmentDiff::has_failed) {
        return Ok(Verdict::Failed);
    }
    Ok(if is_bad(&changes, command.fail_on) { Verdict::Wrong } else { Verdict::Fine })
}

/// Which environments could have been meant.
fn unsaid(project: &Project) -> Failure {
    let known = driver::environments(project);
    let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    format!("name the environment of the program to compare, with `--env`: {known}").into()
}

/// Whether something is different, or as bad as the user cares for.
fn is_bad(changes: &[EnvironmentDiff], fail_on: Option<FailOn>) -> bool {
    let least = match fail_on {
        None => return changes.iter().any(EnvironmentDiff::is_different),
        Some(FailOn::StateLoss) => Cost::StateLost,
        Some(FailOn::Restart) => Cost::Restart,
    };
    changes.iter().filter_map(EnvironmentDiff::worst).any(|worst| worst >= least)
}

/// What is different from a revision; none where a program is wrong, which is told.
fn against(
    command: &Diff,
    project: &Project,
    revision: &str,
    mask: &Mask,
) -> Result<Option<Vec<EnvironmentDiff>>, Failure> {
    let host = GitHost::new(&project.root, revision)?;
    let Some(before) = before(command, revision, project, &host) else {
        return Ok(None);
    };
    let only = command.environment.as_deref();
    let changes = report::take(driver::diff(project, &command.input.settings, &before, only, mask));
    if let (Some(unknown), Some([])) = (only, changes.as_deref()) {
        return Err(format!("there is no environment `{unknown}`, neither now nor in `{revision}`").into());
    }
    Ok(changes)
}

/// What the revision's program makes; none where it is wrong, which is told.
fn before(command: &Diff, against: &str, project: &Project, revision: &GitHost) -> Option<Vec<EnvironmentUnits>> {
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
