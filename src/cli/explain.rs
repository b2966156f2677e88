//! `flinkc explain`

use super::{Failure, Verdict, report, setting};
use crate::driver::{self, Question};
use crate::explain::Page;
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Says what an error code, a type, a field means, and why a value is what it is
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// An error code, a type, an environment
    subject: String,

    /// A field of the type; an object of the environment as `Kind/name`
    object: Option<String>,

    /// A field of the object; all without it
    path: Option<String>,

    /// The program: a directory or a file
    #[arg(long, value_name = "PATH", default_value = ".")]
    project: PathBuf,

    /// Sets a param of the program; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  flinkc explain prod                                           the objects of an environment
  flinkc explain prod Deployment/web                            where each of its values was set
  flinkc explain prod deploy/web spec.replicas                  who set it, who lost, what it was computed from";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people
    Text,
    /// JSON for programs
    Json,
}

/// Columns where nobody says how many there are.
const WIDTH: usize = 120;

pub(super) fn run(command: &Explain) -> Result<Verdict, Failure> {
    match &command.object {
        Some(object) => value(command, object),
        None => environment(command),
    }
}

fn value(command: &Explain, object: &str) -> Result<Verdict, Failure> {
    let project = driver::open(&command.project)?;
    let question = Question { environment: &command.subject, object: Some(object), path: command.path.as_deref() };
    let Some(values) = report::take(driver::explain_value(&project, &command.settings, question)) else {
        return Ok(Verdict::Wrong);
    };
    let text = match command.format {
        Format::Text => values.iter().map(|values| values.text(page())).collect(),
        Format::Json => values.iter().map(|values| json(values)).collect::<String>(),
    };
    print(&text)
}

fn environment(command: &Explain) -> Result<Verdict, Failure> {
    let project = driver::open(&command.project)?;
    if command.format == Format::Json {
        let question = Question { environment: &command.subject, object: None, path: None };
        return match report::take(driver::explain_value(&project, &command.settings, question)) {
            Some(values) => print(&json(&values)),
            None => Ok(Verdict::Wrong),
        };
    }
    let Some(objects) = report::take(driver::objects_of(&project, &command.settings, &command.subject)) else {
        return Ok(Verdict::Wrong);
    };
    let width = objects.iter().map(|(object, _)| object.chars().count()).max().unwrap_or(0);
    let lines: String = objects.iter().map(|(object, unit)| format!("{object:width$}  {unit}\n")).collect();
    print(&lines)
}

fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("strings and numbers can always be written");
    text.push('\n');
    text
}

fn print(text: &str) -> Result<Verdict, Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(Verdict::Fine)
}

fn page() -> Page {
    let terminal = Some(io::stdout()).filter(IsTerminal::is_terminal);
    let width = terminal.and_then(terminal_size::terminal_size_of).map_or(WIDTH, |(width, _)| usize::from(width.0));
    Page { width }
}
