//! `flinkc explain`

use super::{Failure, Verdict, report, setting};
use crate::diagnostic::Code;
use crate::driver::{self, Project, Question};
use crate::explain::{Page, Problem, topics_text};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Says what an error code, a type or a field means, and why a value is what it is
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// An error code, a declaration, a type or an environment
    subject: String,

    /// A field of the type, or an object of the environment as `Kind/name`, or a declaration
    #[arg(value_name = "FIELD|OBJECT|DECLARATION")]
    part: Option<String>,

    /// A field of the object, all without it; or a topic of the declaration
    #[arg(value_name = "PATH|TOPIC")]
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
  flinkc explain unknown-field                         what a diagnostic is about
  flinkc explain apps/v1 Deployment.spec.strategy      a field of a Kubernetes type
  flinkc explain flink.application job                 a field of a component
  flinkc explain prod                                  the objects of an environment
  flinkc explain prod Deployment/web                   where each value of an object was set
  flinkc explain prod deploy/web spec.replicas         who set a value, who lost, what it was computed from
  flinkc explain prod clicks memory                    an answer of what `clicks` declares; without a topic all topics";

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
    let Explain { subject, part, path, project, .. } = command;
    // An object is named with a slash; so is an API version, but it comes first.
    if let Some(object) = part.as_ref().filter(|part| part.contains('/')) {
        return value(command, object);
    }
    if let (Some(unit), Some(topic)) = (part, path) {
        return topics(command, unit, Some(topic));
    }
    if part.is_none()
        && let Some(code) = Code::from_name(subject)
    {
        return print(&match command.format {
            Format::Text => code.page().to_owned(),
            Format::Json => {
                json(&serde_json::json!({ "code": code.name(), "summary": code.summary(), "page": code.page() }))
            }
        });
    }
    // Without a program there is still the standard library, and Kubernetes.
    let project = driver::open(project).ok();
    match driver::explain_type(project.as_ref(), subject, part.as_deref()) {
        Ok(description) => print(&match command.format {
            Format::Text => description.text(page()),
            Format::Json => json(&description),
        }),
        Err(problem) => {
            let environments = project.as_ref().map(driver::environments).unwrap_or_default();
            match (environments.contains(subject), part) {
                (true, None) => environment(command),
                (true, Some(unit)) => topics(command, unit, None),
                (false, _) => refuse(&problem),
            }
        }
    }
}

fn refuse(Problem { message, help }: &Problem) -> Result<Verdict, Failure> {
    let help = help.as_ref().map_or(String::new(), |help| format!("\n  help: {help}"));
    Err(Failure::Told(format!("{message}{help}")))
}

fn value(command: &Explain, object: &str) -> Result<Verdict, Failure> {
    let project = driver::open(&command.project)?;
    let question = Question { environment: &command.subject, object: Some(object), path: command.path.as_deref() };
    let Some(values) = report::take(driver::explain_value(&project, &command.settings, question)) else {
        return Ok(Verdict::Wrong);
    };
    let text = match command.format {
        Format::Text => values.iter().map(|values| values.text(page())).collect(),
        Format::Json => values.iter().map(json).collect::<String>(),
    };
    print(&text)
}

/// What can be asked of a declaration, or an answer.
fn topics(command: &Explain, unit: &str, topic: Option<&str>) -> Result<Verdict, Failure> {
    let project = driver::open(&command.project)?;
    let outcome = driver::topics(&project, &command.settings, &command.subject, unit, topic);
    let Some(topics) = report::take(outcome) else { return Ok(Verdict::Wrong) };
    print(&match command.format {
        Format::Text if topics.is_empty() => format!(
            "nothing can be asked of `{unit}`; an object of its is named as `Kind/name`, such as `Deployment/{unit}`\n"
        ),
        Format::Text => topics_text(&topics),
        Format::Json => json(&topics),
    })
}

/// The objects of an environment; as JSON with all that is known of their values.
fn environment(command: &Explain) -> Result<Verdict, Failure> {
    let project: Project = driver::open(&command.project)?;
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
