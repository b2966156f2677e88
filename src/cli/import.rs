//! `flinkc import`

use super::{Failure, Verdict, report};
use crate::driver::Outcome;
use crate::import::{self, Docs, HEAD, Imported, Options, Source};
use crate::source::Files;
use clap::{Args, ValueEnum};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// What the text from stdin is called in messages.
const STDIN: &str = "<stdin>";

/// Bytes of the largest input file.
const LARGEST: u64 = 64 << 20;

/// Makes `.flink` files of CustomResourceDefinitions
#[derive(Debug, Args)]
pub(super) struct Import {
    /// YAML or JSON files, directories of them, or `-` for stdin
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,

    /// Where to: the files are written to `kinds/GROUP/VERSION.flink` below it
    #[arg(long, value_name = "DIR", default_value = ".", conflicts_with = "stdout")]
    out: PathBuf,

    /// Prints the files instead
    #[arg(long)]
    stdout: bool,

    /// How much of the descriptions to keep
    #[arg(long, value_enum, default_value_t = Keep::All)]
    docs: Keep,

    /// Where the definitions come from, such as `example.com/widgets v1.2.3`; stands in the files' heads
    #[arg(long, value_name = "TEXT")]
    origin: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Keep {
    /// The whole text
    All,
    /// The first sentence of each
    First,
    /// Nothing
    None,
}

pub(super) fn run(command: &Import) -> Result<Verdict, Failure> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for input in &command.inputs {
        read(input, &mut texts)?;
    }
    let sources: Vec<Source> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let docs = match command.docs {
        Keep::All => Docs::All,
        Keep::First => Docs::First,
        Keep::None => Docs::None,
    };
    let Imported { files, kinds, notes, diagnostics } =
        import::import_crds(&sources, Options { docs, origin: command.origin.as_deref() });
    notes.iter().for_each(|note| report::note(note));
    let value = diagnostics.is_empty().then_some(files);
    let Some(files) = report::take(Outcome { files: Files::default(), diagnostics, value }) else {
        return Ok(Verdict::Wrong);
    };
    if files.is_empty() {
        return Err(Failure::Told("there is no CustomResourceDefinition to import".to_owned()));
    }
    if command.stdout { print(&files) } else { write(&files, kinds, &command.out) }
}

/// Adds the texts of a file, or of all YAML and JSON files in a directory, sorted by name.
fn read(input: &Path, texts: &mut Vec<(String, String)>) -> Result<(), Failure> {
    if input == Path::new("-") {
        let text = text(STDIN, &mut io::stdin().lock())?;
        texts.push((STDIN.to_owned(), text));
        return Ok(());
    }
    // A file that was named is read whatever it is called.
    let named = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        path == input || extension.is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json"))
    };
    for entry in WalkDir::new(input).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let shown = error.path().unwrap_or(input).display().to_string();
            match error.io_error() {
                Some(cause) if cause.kind() == io::ErrorKind::NotFound => format!("`{shown}` does not exist"),
                Some(cause) => format!("`{shown}` cannot be read: {cause}"),
                None => format!("`{shown}` leads back to a directory around it"),
            }
        })?;
        if entry.file_type().is_file() && named(entry.path()) {
            let name = entry.path().display().to_string();
            let mut file = fs::File::open(entry.path()).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
            let text = text(&name, &mut file)?;
            texts.push((name, text));
        }
    }
    Ok(())
}

fn text(name: &str, from: &mut dyn Read) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::Told(format!("`{name}` is larger than {} MiB", LARGEST >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| Failure::Told(format!("`{name}` is not UTF-8")))
}

fn print(files: &[(String, String)]) -> Result<Verdict, Failure> {
    let mut stdout = io::stdout().lock();
    for (at, (_, text)) in files.iter().enumerate() {
        stdout.write_all(if at > 0 { b"\n" } else { b"" })?;
        stdout.write_all(text.as_bytes())?;
    }
    stdout.flush()?;
    Ok(Verdict::Fine)
}

/// Writes the files, none of them where one is in the way.
fn write(files: &[(String, String)], kinds: usize, out: &Path) -> Result<Verdict, Failure> {
    let out = out.strip_prefix(".").unwrap_or(out);
    for (path, _) in files {
        let path = out.join(path);
        match fs::read(&path) {
            Ok(found) if !found.starts_with(HEAD.as_bytes()) => {
                let shown = path.display();
                let message = format!("`{shown}` was not made by `flinkc import` and is not overwritten");
                return Err(Failure::Told(message));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::Told(format!("`{}` cannot be read: {error}", path.display()))),
        }
    }
    let mut stdout = io::stdout().lock();
    for (path, text) in files {
        let path = out.join(path);
        let directory = path.parent().unwrap_or(out);
        fs::create_dir_all(directory)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("`{}` cannot be written: {error}", path.display()))?;
        writeln!(stdout, "{} written", path.display())?;
    }
    let plural = if kinds == 1 { "kind" } else { "kinds" };
    writeln!(stdout, "{kinds} {plural} imported; a program beside `kinds` knows them by:")?;
    let mut modules: Vec<&str> = files.iter().filter_map(|(path, _)| Some(path.rsplit_once('/')?.0)).collect();
    modules.dedup();
    for module in modules {
        writeln!(stdout, "import \"{module}\" as {}", alias(module))?;
    }
    Ok(Verdict::Fine)
}

/// A name for a module: the first word of the group, such as `monitoring`.
fn alias(module: &str) -> &str {
    let group = module.rsplit('/').next().unwrap_or(module);
    let word = group.split('.').next().unwrap_or(group);
    // A name begins with a letter, and has no two hyphens in a row.
    if word.starts_with(|first: char| first.is_ascii_lowercase()) && !word.contains("--") { word } else { "kinds" }
}
