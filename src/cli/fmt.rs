//! `flinkc fmt`

mod sources;

use super::{Failure, Verdict, report};
use crate::diagnostic::Diagnostics;
use crate::driver::Outcome;
use crate::fmt;
use crate::host::replace_file;
use crate::source::Files;
use clap::Args;
use similar::TextDiff;
use sources::Source;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Lines of a difference that are shown of one file.
const MOST_LINES: usize = 40;

/// Lines that are shown around a change.
const CONTEXT: usize = 2;

/// Brings `.flink` files into their one layout
#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Files, and directories with all `.flink` files below; `-` for stdin to stdout
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Writes nothing; names the files that are not formatted, shows what would change, and exits with 1
    #[arg(long)]
    check: bool,
}

/// What is said and done about texts.
struct Run {
    check: bool,
    files: Files,
    sink: Diagnostics,
    /// Whether nothing is wrong or, in a check, nothing is to be formatted.
    is_fine: bool,
}

/// What to do with a text.
enum Todo {
    Nothing,
    Replace(String),
}

pub(super) fn run(command: &Fmt) -> Result<Verdict, Failure> {
    let Fmt { paths, check } = command;
    let mut run = Run { check: *check, files: Files::default(), sink: Diagnostics::default(), is_fine: true };
    let mut failures = Vec::new();
    if paths.iter().any(|path| path == Path::new("-")) {
        if paths.len() > 1 {
            return Err(Failure::Told("`-` stands for stdin, and alone".to_owned()));
        }
        run.stdin()?;
    } else {
        for source in sources::find(paths)? {
            match run.source(&source) {
                Ok(()) => {}
                Err(Failure::Told(text)) => failures.push(text),
                Err(Failure::NobodyReads) => return Err(Failure::NobodyReads),
            }
        }
    }
    let Run { check: _, files, sink, is_fine } = run;
    report::take(Outcome { files, diagnostics: sink.finish(&[]), value: Some(()) });
    let last = failures.pop();
    failures.iter().for_each(|text| report::error(text));
    match last {
        Some(text) => Err(Failure::Told(text)),
        None => Ok(if is_fine { Verdict::Fine } else { Verdict::Wrong }),
    }
}

impl Run {
    fn stdin(&mut self) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        let mut stdin = io::stdin().lock().take(sources::LARGEST + 1);
        stdin.read_to_end(&mut bytes).map_err(|error| format!("stdin cannot be read: {error}"))?;
        let text = sources::text("<stdin>", bytes)?;
        match self.format("<stdin>", &text)? {
            Todo::Replace(formatted) => io::stdout().lock().write_all(formatted.as_bytes())?,
            Todo::Nothing if self.is_fine && !self.check => io::stdout().lock().write_all(text.as_bytes())?,
            Todo::Nothing => {}
        }
        Ok(())
    }

    fn source(&mut self, source: &Source) -> Result<(), Failure> {
        let text = source.read()?;
        if let Todo::Replace(formatted) = self.format(&source.name, &text)? {
            let Source { name, path } = source;
            replace_file(path, name, formatted.as_bytes()).map_err(|error| error.to_string())?;
            writeln!(io::stdout().lock(), "{}: formatted", source.name)?;
        }
        Ok(())
    }

    /// Formats a text, or says in a check what that would change.
    fn format(&mut self, name: &str, text: &str) -> Result<Todo, Failure> {
        let id = self.files.add(name, text);
        match fmt::format(id, text) {
            Err(sink) => {
                self.sink.extend(sink);
                self.is_fine = false;
                Ok(Todo::Nothing)
            }
            Ok(formatted) if formatted == text => Ok(Todo::Nothing),
            Ok(formatted) if self.check => {
                self.is_fine = false;
                show(name, text, &formatted)?;
                Ok(Todo::Nothing)
            }
            Ok(formatted) => Ok(Todo::Replace(formatted)),
        }
    }
}

/// Says what formatting would change.
fn show(name: &str, text: &str, formatted: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{name}: not formatted")?;
    let diff = TextDiff::from_lines(text, formatted);
    let diff = diff.unified_diff().context_radius(CONTEXT).header(name, "formatted").to_string();
    let mut lines = diff.split_inclusive('\n');
    for line in lines.by_ref().take(MOST_LINES) {
        stdout.write_all(line.as_bytes())?;
    }
    let rest = lines.count();
    if rest > 0 {
        writeln!(stdout, "… and {rest} more lines")?;
    }
    Ok(())
}
