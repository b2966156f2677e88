//! What a cluster has: as its API server says it, or read from files that somebody exported.

use super::{Diff, Failure, report};
use crate::cluster::Access;
use crate::diff::live::{LiveObject, Unmanaged, objects};
use crate::diff::{EnvironmentDiff, Mask};
use crate::driver::{self, Against, Project, Source};
use crate::import;
use std::cell::Cell;
use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use walkdir::WalkDir;

/// Bytes of the largest text that is read.
const LARGEST: u64 = 64 << 20;

/// What an apply would do; none where the program is wrong, which is told. Without a place the cluster is asked.
pub(super) fn diff(
    command: &Diff,
    project: &Project,
    place: Option<&str>,
    environment: &str,
    mask: &Mask,
) -> Result<Option<Vec<EnvironmentDiff>>, Failure> {
    let live = place.map(read).transpose()?;
    let meter = Meter::new();
    let progress = |done: usize, all: usize| meter.show(done, all);
    let source = match &live {
        Some(live) => Source::Written(live),
        None => {
            let access = Access { kubeconfig: command.kubeconfig.as_deref(), context: command.context.as_deref() };
            Source::Server { access, progress: &progress }
        }
    };
    let unmanaged = if command.show_unmanaged { Unmanaged::Show } else { Unmanaged::Hide };
    let (manager, labels) = (command.manager.as_deref(), command.prune_labels.as_slice());
    let against = Against { environment, source, manager, unmanaged, labels, mask };
    let outcome = driver::diff_live(project, &command.input.settings, against);
    meter.clear();
    match report::take(outcome) {
        Some(Ok(changes)) => Ok(Some(vec![changes])),
        Some(Err(trouble)) => Err(format!("the cluster cannot be asked: {trouble}").into()),
        None => Ok(None),
    }
}

/// How far the requests are, on a terminal.
struct Meter {
    is_shown: bool,
    last: Cell<usize>,
}

impl Meter {
    /// Fewer requests are over before anybody looks.
    const WORTH_SHOWING: usize = 100;

    fn new() -> Meter {
        Meter { is_shown: io::stderr().is_terminal(), last: Cell::new(0) }
    }

    fn show(&self, done: usize, all: usize) {
        // A line for each percent.
        let percent = done * 100 / all.max(1);
        if self.is_shown && all >= Meter::WORTH_SHOWING && percent != self.last.replace(percent) {
            let _ = write!(io::stderr().lock(), "\rasking the cluster: {done} of {all}\u{1b}[K");
        }
    }

    fn clear(&self) {
        if self.is_shown && self.last.get() > 0 {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

/// The objects of a file, of all files of a directory, or of standard input.
fn read(place: &str) -> Result<Vec<LiveObject>, Failure> {
    let mut live = Vec::new();
    let mut others = 0;
    for (name, text) in texts(place)? {
        let (documents, problem) = import::documents(&text);
        if let Some(problem) = problem {
            return Err(format!("`{name}` cannot be read: {problem}").into());
        }
        let (found, strange) = objects(documents);
        live.extend(found);
        others += strange;
    }
    if others > 0 {
        report::note(&format!("{others} documents of `{place}` are no objects of Kubernetes, and are passed over"));
    }
    if live.is_empty() {
        report::note(&format!("there are no objects in `{place}`: everything is new"));
    }
    Ok(live)
}

/// Names and texts, in the order of the names.
fn texts(place: &str) -> Result<Vec<(String, String)>, Failure> {
    if place == "-" {
        return Ok(vec![(place.to_owned(), text(place, io::stdin().lock())?)]);
    }
    let path = Path::new(place);
    if !path.is_dir() {
        let file = fs::File::open(path).map_err(|error| unreadable(place, &error))?;
        return Ok(vec![(place.to_owned(), text(place, file)?)]);
    }
    let mut texts = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| format!("`{place}` cannot be read: {error}"))?;
        let name = entry.path().display().to_string();
        let is_object = [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
        if is_object && entry.file_type().is_file() {
            let file = fs::File::open(entry.path()).map_err(|error| unreadable(&name, &error))?;
            texts.push((name.clone(), text(&name, file)?));
        }
    }
    Ok(texts)
}

fn text(name: &str, from: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    // One byte more shows that there is more.
    from.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unreadable(name, &error))?;
    if text.len() as u64 > LARGEST {
        return Err(format!("`{name}` is larger than {} MiB", LARGEST >> 20).into());
    }
    Ok(text)
}

fn unreadable(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("`{name}` does not exist"),
        io::ErrorKind::InvalidData => format!("`{name}` is not UTF-8"),
        _ => format!("`{name}` cannot be read: {error}"),
    }
}
