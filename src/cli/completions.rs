//! `flinkc completions`

use super::{Cli, Failure, Verdict};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;

/// Prints what a shell needs to complete flinkc's commands and options
///
/// For bash: `source <(flinkc completions bash)` in `~/.bashrc`; zsh: `flinkc completions zsh > ~/.zfunc/_flinkc`, with
/// `~/.zfunc` in `fpath`; fish: `flinkc completions fish > ~/.config/fish/completions/flinkc.fish`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(command: &Completions) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "flinkc", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Verdict::Fine)
}
