//! A case: what it runs, on which files, and what it expects; read from text and written as text.

use super::expectation::{Expectation, Place, Said};
use std::collections::BTreeMap;

/// A case.
pub struct Case {
    /// The lines that say what to run.
    directive_line: String,
    pub directive: Directive,
    /// Comment lines between them and the first section.
    preamble: Vec<String>,
    pub files: Vec<CaseFile>,
    pub expected: Found,
}

/// What a case runs.
pub struct Directive {
    pub command: Command,
    pub settings: Vec<(String, String)>,
    pub module: String,
    pub file: Option<String>,
}

pub enum Command {
    Check,
    Render { environment: String, only: Option<String> },
    Build { listed: bool },
}

/// A file of the program, without the expectations.
pub struct CaseFile {
    pub path: String,
    pub lines: Vec<String>,
    /// Whether a `//-` line starts it.
    named: bool,
}

impl CaseFile {
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

/// What a run gives, or should give.
#[derive(Default)]
pub struct Found {
    /// In the order of places.
    pub diagnostics: Vec<Expectation>,
    /// Section → text.
    pub outputs: BTreeMap<String, String>,
}

/// Says that a text does not end with a line end.
const UNENDED: &str = "\\ no line end\n";

impl Case {
    /// Reads a case. The error says what is wrong with its form.
    pub fn parse(text: &str) -> Result<Case, String> {
        let mut lines = text.lines_kept().peekable();
        let directive_line = lines.next().unwrap_or_default().to_owned();
        let directive = Directive::parse(&directive_line)?;
        let mut expected = Found::default();
        while let Some(line) = lines.next_if(|line| line.starts_with("//@ ")) {
            placeless(&line[4..], &mut expected.diagnostics)?;
        }
        let mut sections: Vec<(Option<&str>, Vec<&str>)> = vec![(None, Vec::new())];
        for line in lines {
            match line.strip_prefix("//- ") {
                Some(name) => sections.push((Some(name.trim_end()), Vec::new())),
                None => sections.last_mut().expect("there is always one").1.push(line),
            }
        }
        let mut case = Case { directive_line, directive, preamble: Vec::new(), files: Vec::new(), expected };
        let is_file = |name: &str| name != "output" && !name.starts_with("expected: ");
        let named = sections.iter().any(|(name, _)| name.is_some_and(is_file));
        for (name, lines) in sections {
            match name {
                Some(name) if is_file(name) => case.add_file(name, &lines, true)?,
                Some(name) => case.add_output(name, &lines),
                None if !named => case.add_file("main.flink", &lines, false)?,
                None => case.add_preamble(&lines)?,
            }
        }
        case.expected.diagnostics.sort();
        Ok(case)
    }

    fn add_preamble(&mut self, lines: &[&str]) -> Result<(), String> {
        if let Some(line) = lines.iter().find(|line| !line.is_empty() && !line.starts_with("//")) {
            return Err(format!("`{line}` stands before the first file"));
        }
        self.preamble = lines.iter().map(|line| (*line).to_owned()).collect();
        Ok(())
    }

    fn add_file(&mut self, path: &str, lines: &[&str], named: bool) -> Result<(), String> {
        let number = self.files.len();
        let mut file = CaseFile { path: path.to_owned(), lines: Vec::new(), named };
        for line in lines {
            let above = file.lines.len().saturating_sub(1);
            let parsed = Place::parse(line, number, above);
            match parsed.and_then(|(place, rest)| Some((place, Said::parse(rest)?))) {
                Some((place, said)) => add(place, said, &mut self.expected.diagnostics)?,
                None => file.lines.push((*line).to_owned()),
            }
        }
        self.files.push(file);
        Ok(())
    }

    fn add_output(&mut self, name: &str, lines: &[&str]) {
        let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        let text = text.strip_suffix(&format!("\n{UNENDED}")).map_or(text.clone(), str::to_owned);
        self.expected.outputs.insert(name.to_owned(), text);
    }

    /// The case as text, with these expectations in place of its own.
    pub fn text(&self, expected: &Found) -> String {
        let mut text = format!("{}\n", self.directive_line);
        let at = |wanted: &dyn Fn(&Place) -> bool, text: &mut String| {
            for diagnostic in expected.diagnostics.iter().filter(|diagnostic| wanted(&diagnostic.place)) {
                diagnostic.push_lines(text);
            }
        };
        at(&|place| matches!(place, Place::Nowhere | Place::Elsewhere(_)), &mut text);
        for line in &self.preamble {
            text.push_str(&format!("{line}\n"));
        }
        for (number, CaseFile { path, lines, named }) in self.files.iter().enumerate() {
            if *named {
                text.push_str(&format!("//- {path}\n"));
            }
            // An empty file has a first line too, when it comes to places.
            for row in 0..lines.len().max(1) {
                if let Some(line) = lines.get(row) {
                    text.push_str(&format!("{line}\n"));
                }
                at(
                    &|place| matches!(place, Place::In { file, line, .. } if (*file, *line) == (number, row)),
                    &mut text,
                );
            }
        }
        for (name, output) in &expected.outputs {
            text.push_str(&format!("//- {name}\n{output}"));
            if !output.is_empty() && !output.ends_with('\n') {
                text.push_str(&format!("\n{UNENDED}"));
            }
        }
        text
    }
}

/// Takes what an expectation line says.
fn add(place: Place, said: Said, diagnostics: &mut Vec<Expectation>) -> Result<(), String> {
    match said {
        Said::Title(title) => diagnostics.push(Expectation { place, title, details: Vec::new() }),
        Said::Detail(kind, text) => match diagnostics.last_mut() {
            Some(last) if last.place == place => last.details.push((kind, text)),
            Some(_) | None => return Err(format!("`{text}` belongs to no error or warning at the same place")),
        },
    }
    Ok(())
}

/// Takes an expectation for no line of the case.
fn placeless(text: &str, diagnostics: &mut Vec<Expectation>) -> Result<(), String> {
    if let Some(said) = Said::parse(text) {
        return add(Place::Nowhere, said, diagnostics);
    }
    let elsewhere = text.split_once(' ').and_then(|(place, rest)| Some((place, Said::parse(rest)?)));
    let (place, said) = elsewhere.ok_or_else(|| format!("`//@ {text}` is no expectation"))?;
    add(Place::Elsewhere(place.to_owned()), said, diagnostics)
}

impl Directive {
    fn parse(line: &str) -> Result<Directive, String> {
        let text = line.strip_prefix("//# ").ok_or("the first line must begin with `//# ` and say what to run")?;
        let mut words = text.split_whitespace();
        let mut directive = Directive { command: Command::Check, settings: vec![], module: String::new(), file: None };
        directive.command = match words.next() {
            Some("check") => Command::Check,
            Some("build") => Command::Build { listed: false },
            Some("render") => {
                let environment = words.next().ok_or("`//# render` wants an environment")?.to_owned();
                Command::Render { environment, only: None }
            }
            other => return Err(format!("`{}` is not check, render or build", other.unwrap_or_default())),
        };
        while let Some(flag) = words.next() {
            if let (Command::Build { listed }, "--listed") = (&mut directive.command, flag) {
                *listed = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("`{flag}` is unknown or wants a value"))?.to_owned();
            match (flag, &mut directive.command) {
                ("--set", _) => {
                    let (name, value) = value.split_once('=').ok_or("`--set` wants NAME=VALUE")?;
                    directive.settings.push((name.to_owned(), value.to_owned()));
                }
                ("--module", _) => directive.module = value,
                ("--file", _) => directive.file = Some(value),
                ("--only", Command::Render { only, .. }) => *only = Some(value),
                (flag, _) => return Err(format!("`{flag}` is unknown here")),
            }
        }
        Ok(directive)
    }
}

/// Lines without their `\n`, which keep a `\r` that stands before it: a case may be about that.
trait LinesKept {
    fn lines_kept(&self) -> impl Iterator<Item = &str>;
}

impl LinesKept for str {
    fn lines_kept(&self) -> impl Iterator<Item = &str> {
        self.strip_suffix('\n').unwrap_or(self).split('\n')
    }
}
