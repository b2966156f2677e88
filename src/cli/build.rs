//! `flinkc build`

use super::{Failure, Input, Verdict, report};
use crate::driver;
use crate::layers::Tree;
use crate::write::{self, Change, Difference, Edited, Summary};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the Kustomize directories
#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    input: Input,

    /// Where to [default: `deploy` beside the program]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Writes nothing; exits with 1 when what is there is not what would be written
    #[arg(long, conflicts_with = "force")]
    check: bool,

    /// Writes whole objects for each environment instead of a base and overlays
    #[arg(long)]
    rendered: bool,

    /// Overwrites generated files that were changed by hand
    #[arg(long)]
    force: bool,
}

pub(super) fn run(command: &Build) -> Result<Verdict, Failure> {
    let project = driver::open(&command.input.path)?;
    let build = if command.rendered { driver::build_rendered } else { driver::build };
    let Some(tree) = report::take(build(&project, &command.input.settings)) else {
        return Ok(Verdict::Wrong);
    };
    let out = command.out.clone().unwrap_or_else(|| beside(&command.input.path));
    if command.check { compare(&tree, &out) } else { write(&tree, &out, command.force) }
}

/// `deploy` in the program's directory, spelt as the user spelt that.
fn beside(path: &Path) -> PathBuf {
    let directory = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    directory.strip_prefix(".").unwrap_or(directory).join("deploy")
}

fn compare(tree: &Tree, out: &Path) -> Result<Verdict, Failure> {
    let differences = write::check(tree, out).map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout().lock();
    for Difference { path, change } in &differences {
        let verb = match change {
            Change::Missing => "missing",
            Change::Different => "different",
            Change::Stale => "not made any more",
        };
        writeln!(stdout, "{}: {verb}", out.join(path).display())?;
    }
    Ok(if differences.is_empty() { Verdict::Fine } else { Verdict::Wrong })
}

fn write(tree: &Tree, out: &Path, force: bool) -> Result<Verdict, Failure> {
    let edited = if force { Edited::Overwrite } else { Edited::Refuse };
    let Summary { written, unchanged, removed, kept } =
        write::write(tree, out, edited).map_err(|error| error.to_string())?;
    for path in kept {
        let path = out.join(path);
        report::note(&format!("`{}` is not made any more, but was changed by hand and stays", path.display()));
    }
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}: {written} written, {unchanged} unchanged, {removed} removed", out.display())?;
    Ok(Verdict::Fine)
}
