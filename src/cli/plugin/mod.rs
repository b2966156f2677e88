//! `flinkc plugin`: what the engines of GitOps call.

mod argocd;
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
}

pub(super) fn run(command: &Plugin) -> Result<Verdict, Failure> {
    match &command.engine {
        Engine::Argocd(command) => argocd::run(command),
    }
}
