//! `flinkc plugin`: what the engines of GitOps call.

mod argocd;
mod krm;
mod limits;

use super::{Failure, Verdict};
use clap::{Args, Subcommand};

/// Speaks the protocol of a GitOps engine, which calls flinkc instead of reading built directories
#[derive(Debug, Args)]
pub(super) struct Plugin {
    #[command(subcommand)]
    engine: Engine,
}

#[derive(Debug, Subcommand)]
enum Engine {
    Argocd(argocd::ArgoCd),
    Krm(krm::Krm),
}

pub(super) fn run(command: &Plugin) -> Result<Verdict, Failure> {
    match &command.engine {
        Engine::Argocd(command) => argocd::run(command),
        Engine::Krm(command) => krm::run(command),
    }
}

/// Which environments there are, for whoever names none.
fn choice(environments: &[String]) -> String {
    let listed: Vec<String> = environments.iter().map(|name| format!("`{name}`")).collect();
    match &listed[..] {
        [] => "the program declares none".to_owned(),
        [only] => format!("there is {only}"),
        [first @ .., last] => format!("there are {} and {last}", first.join(", ")),
    }
}
