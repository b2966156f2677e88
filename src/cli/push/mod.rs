//! `flinkc push`

mod credentials;

use super::{Failure, Input, Verdict, report};
use crate::driver::{self, Part};
use crate::oci::artifact::{Artifact, Origin, pack};
use crate::oci::registry::{self, Address, Transport};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Pushes what `build` would write as an OCI artifact, which Flux applies
#[derive(Debug, Args)]
pub(super) struct Push {
    /// Where to: oci://HOST/REPOSITORY:TAG
    // Read by `run`: what `clap` says of a wrong value repeats it, with a password where somebody put one.
    #[arg(value_name = "URL")]
    address: String,

    #[command(flatten)]
    input: Input,

    /// The environment, or `all`
    #[arg(long = "env", value_name = "ENV")]
    environment: String,

    /// Where the program is kept, such as the address of its Git repository
    #[arg(long, value_name = "URL")]
    source: Option<String>,

    /// What of it is pushed, as Flux writes it: BRANCH@sha1:COMMIT
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,

    /// Annotates the artifact; may be repeated
    #[arg(short = 'a', long = "annotation", value_name = "NAME=VALUE", value_parser = super::setting)]
    annotations: Vec<(String, String)>,

    /// Speaks plain HTTP with the registry, as is done with those on this machine anyway
    #[arg(long)]
    insecure_registry: bool,

    /// Gives up after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,

    /// Pushes nothing, and asks nobody for anything; prints the digest that a push would have
    #[arg(long)]
    dry_run: bool,

    /// How the digest is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// HOST/REPOSITORY@DIGEST
    Text,
    /// An object with `repository`, `tag` and `digest`
    Json,
}

pub(super) fn run(command: &Push) -> Result<Verdict, Failure> {
    let address =
        &Address::parse(&command.address).map_err(|why| format!("the address of the artifact is wrong: {why}"))?;
    let project = driver::open(&command.input.path)?;
    let part = if command.environment == "all" { Part::All } else { Part::Environment(&command.environment) };
    let Some(tree) = report::take(driver::build_part(&project, &command.input.settings, part)) else {
        return Ok(Verdict::Wrong);
    };
    if tree.files.is_empty() {
        return Err(Failure::Told(
            "there are no objects, and Flux would delete all that it has: nothing is pushed".to_owned(),
        ));
    }
    let origin = Origin {
        source: command.source.as_deref().map(without_user),
        revision: command.revision.clone(),
        annotations: command.annotations.iter().cloned().collect(),
    };
    let artifact = pack(&tree, &origin);
    if !command.dry_run {
        let credentials = credentials::of(address.host(), address.repository())?;
        progress(address, &artifact);
        let transport = if command.insecure_registry { Transport::Plain } else { Transport::Secure };
        registry::push(address, &artifact, &credentials, transport, Duration::from_secs(command.timeout))?;
    }
    let (repository, digest) = (format!("{}/{}", address.host(), address.repository()), artifact.digest());
    let mut stdout = io::stdout().lock();
    match command.format {
        Format::Text => writeln!(stdout, "{repository}@{digest}")?,
        Format::Json => {
            writeln!(stdout, "{}", json!({ "repository": repository, "tag": address.tag(), "digest": digest }))?;
        }
    }
    Ok(Verdict::Fine)
}

/// Says on a terminal what is being waited for; a pipe gets the result only.
fn progress(address: &Address, artifact: &Artifact) {
    if io::stderr().is_terminal() {
        let (host, repository, tag) = (address.host(), address.repository(), address.tag());
        let size = artifact.layer.len().div_ceil(1024);
        report::note(&format!("pushing {size} KiB to {host}/{repository}:{tag}"));
    }
}

/// An address without user and password: CI gives Git addresses with a token in them, and everybody who may pull reads
/// annotations.
fn without_user(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split('/').next().unwrap_or_default();
            let start = authority.rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[start..])
        }
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out_of_addresses() {
        let cases = [
            ("https://ci:token@git.example.com/a/b@c", "https://git.example.com/a/b@c"),
            ("https://ci:to@ken@git.example.com", "https://git.example.com"),
            ("https://git.example.com/a", "https://git.example.com/a"),
            ("ssh://git@git.example.com/a", "ssh://git.example.com/a"),
            ("git@git.example.com:a", "git@git.example.com:a"),
        ];
        for (address, expected) in cases {
            assert_eq!(without_user(address), expected);
        }
    }
}
