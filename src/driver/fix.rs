//! Puts mistakes right that have one right answer, until none is left.

use super::{Outcome, Project, check_with};
use crate::diagnostic::{Diagnostics, Done, Repaired, repair};
use crate::host::OsHost;
use crate::source::{FileId, Files};
use crate::syntax;
use std::io;

/// A fix may bring to light what another puts right; more often than this none does that helps.
const ROUNDS: usize = 10;

/// What became of a program.
#[derive(Debug)]
pub struct Fixed {
    /// What was changed, in order, each as `file:line: title`. The line is that of the file before its round.
    pub done: Vec<String>,
    /// What is left to say. The error, a text for the user, says why a file could not be written.
    pub left: Result<Outcome<()>, String>,
}

/// Changes the program's files below the project's root: makes all fixes that do not touch each other, checks again,
/// and so on. The standard library is never changed, nor a file that would then have more mistakes of syntax.
#[must_use]
pub fn fix(project: &Project, settings: &[(String, String)]) -> Fixed {
    let host = match OsHost::new(&project.root) {
        Ok(host) => host,
        Err(error) => return Fixed { done: Vec::new(), left: Err(error.to_string()) },
    };
    let check = || check_with(&host, &project.module, project.file.as_deref(), settings);
    fix_with(check, |path, before, after| host.replace(path, before.as_bytes(), after.as_bytes()))
}

/// [`fix`] with a program from anywhere: `replace` is given a path, the text that the file must still have, and the
/// text to give it.
pub fn fix_with(
    mut check: impl FnMut() -> Outcome<()>,
    mut replace: impl FnMut(&str, &str, &str) -> io::Result<()>,
) -> Fixed {
    let mut done = Vec::new();
    let mut outcome = check();
    for _ in 0..ROUNDS {
        let repaired = repair(&outcome.diagnostics, &outcome.files);
        let sound: Vec<&Repaired> = repaired.iter().filter(|repaired| is_sound(repaired, &outcome.files)).collect();
        if sound.is_empty() {
            break;
        }
        for Repaired { file, text, done: of_file } in sound {
            let source = outcome.files.get(*file);
            if let Err(error) = replace(&source.name, &source.text, text) {
                return Fixed { done, left: Err(error.to_string()) };
            }
            done.extend(of_file.iter().map(|Done { line, title }| format!("{}:{line}: {title}", source.name)));
        }
        outcome = check();
    }
    Fixed { done, left: Ok(outcome) }
}

/// Whether a changed file is no harder to parse than before.
fn is_sound(repaired: &Repaired, files: &Files) -> bool {
    let Repaired { file, text, done: _ } = repaired;
    mistakes(*file, text) <= mistakes(*file, &files.get(*file).text)
}

fn mistakes(file: FileId, text: &str) -> usize {
    let mut sink = Diagnostics::default();
    let _ = syntax::parse(file, text, &mut sink);
    sink.finish(&[]).len()
}
