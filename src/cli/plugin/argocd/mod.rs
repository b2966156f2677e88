//! `flinkc plugin argocd`: a configuration management plugin of Argo CD.
//!
//! argocd-cmp-server unpacks the repository, starts one of these commands in the Application's directory, and takes
//! what it prints. An empty result would have Argo CD delete everything, so that nothing but objects goes to stdout,
//! and only when all is well. What goes to stderr is shown to whoever may see the Application: it names places in the
//! source and never quotes the source itself.

mod announcement;
mod application;

use super::choice;
use super::limits::Limits;
use crate::cli::{Failure, Verdict, report};
use crate::driver::{self, Request, Way};
use application::Application;
use clap::{Args, Subcommand};
use std::io::{self, Write};

/// Makes manifests for Argo CD, as a configuration management plugin
///
/// argocd-cmp-server calls these commands in an Application's directory; docs/argocd.md says how to install them.
#[derive(Debug, Args)]
pub(super) struct ArgoCd {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(Generate),
    Discover(Discover),
    Parameters(Parameters),
}

/// Prints the objects of the environment that the Application names
#[derive(Debug, Args)]
struct Generate {
    /// Allows that there is no object at all, for which Argo CD would delete everything
    #[arg(long)]
    allow_empty: bool,

    #[command(flatten)]
    limits: Limits,
}

/// Prints the environments of the program in the Application's directory, or nothing where there is none
#[derive(Debug, Args)]
struct Discover {
    #[command(flatten)]
    limits: Limits,
}

/// Prints the parameters that an Application can set, as Argo CD announces them
#[derive(Debug, Args)]
struct Parameters {
    #[command(flatten)]
    limits: Limits,
}

pub(super) fn run(command: &ArgoCd) -> Result<Verdict, Failure> {
    match &command.command {
        Command::Generate(command) => generate(command),
        Command::Discover(command) => discover(command),
        Command::Parameters(command) => parameters(command),
    }
}

fn generate(command: &Generate) -> Result<Verdict, Failure> {
    command.limits.watch()?;
    let project = application::project()?;
    let application = Application::read()?;
    let Some(environment) = &application.environment else {
        return Err(unnamed(&driver::environments(&project)));
    };
    let request = Request {
        given: &application.given,
        way: Way::Application,
        environment,
        only: application.only.as_deref(),
        most_steps: command.limits.max_steps,
        cluster: &application.cluster,
    };
    let Some(mut manifests) = report::take_for_log(driver::manifests(&project, request)) else {
        return Ok(Verdict::Wrong);
    };
    if manifests.count == 0 && !command.allow_empty {
        let what = application.only.map_or_else(String::new, |only| format!(" of `{only}`"));
        let text = format!(
            "there are no objects{what} in environment `{environment}`, and Argo CD would delete everything; if that \
             is meant, `flinkc plugin argocd generate` needs `--allow-empty` in plugin.yaml"
        );
        return Err(Failure::Told(text));
    }
    if manifests.count > 0 {
        // argocd-cmp-server takes the last line end away: one too many for a text of several empty lines, where that
        // is the end of the last object.
        manifests.text.push(b'\n');
    }
    print(&command.limits, &manifests.text)
}

fn discover(command: &Discover) -> Result<Verdict, Failure> {
    command.limits.watch()?;
    let environments = driver::environments(&application::project()?);
    let lines: String = environments.iter().flat_map(|name| [name, "\n"]).collect();
    print(&command.limits, lines.as_bytes())
}

fn parameters(command: &Parameters) -> Result<Verdict, Failure> {
    command.limits.watch()?;
    let project = application::project()?;
    let application = Application::read()?;
    let environment = application.environment.as_deref();
    let Some(offer) = report::take_for_log(driver::offer(&project, environment, command.limits.max_steps)) else {
        return Ok(Verdict::Wrong);
    };
    let text = announcement::json(&offer, &application)?;
    print(&command.limits, text.as_bytes())
}

/// Nothing is written before all of it is there.
fn print(limits: &Limits, text: &[u8]) -> Result<Verdict, Failure> {
    limits.check_output(text.len())?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()?;
    Ok(Verdict::Fine)
}

/// Says which environments there are, where the Application names none.
fn unnamed(environments: &[String]) -> Failure {
    Failure::Told(format!(
        "the Application names no environment: set its parameter `{}`, or `ENV` in its plugin's env; {}",
        application::ENVIRONMENT,
        choice(environments)
    ))
}
