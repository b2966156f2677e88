//! `flinkc man`

use super::{Cli, Failure, Verdict};
use clap::{Args, CommandFactory};
use clap_mangen::Man;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Prints the manual page, or writes the pages of all commands
///
/// `flinkc man | man -l -` shows the page. `flinkc man ~/.local/share/man/man1` installs all of them.
#[derive(Debug, Args)]
pub(super) struct Manual {
    /// Where to write `flinkc.1`, `flinkc-check.1` and so on; created if it does not exist
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(super) fn run(command: &Manual) -> Result<Verdict, Failure> {
    let mut whole = Cli::command().disable_help_subcommand(true);
    // Gives each command the name that it is called by, and what its parents hand down.
    whole.build();
    match &command.directory {
        None => io::stdout().lock().write_all(&page(whole)?)?,
        Some(directory) => {
            let refused = |path: &Path, error: io::Error| format!("`{}` cannot be written: {error}", path.display());
            fs::create_dir_all(directory).map_err(|error| refused(directory, error))?;
            for (name, page) in pages(whole)? {
                let path = directory.join(name);
                fs::write(&path, page).map_err(|error| refused(&path, error))?;
            }
        }
    }
    Ok(Verdict::Fine)
}

/// The pages of a command and of all below it, by the names of their files.
fn pages(command: clap::Command) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut pages = Vec::new();
    let mut rest = vec![command];
    while let Some(command) = rest.pop() {
        rest.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
        let name = command.get_display_name().unwrap_or(command.get_name());
        pages.push((format!("{name}.1"), page(command)?));
    }
    Ok(pages)
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}
