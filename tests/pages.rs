//! Every diagnostic has a page in `docs/errors`, and what the pages show is what happens.
//!
//! A page holds programs as blocks that are fenced ```` ```flink wrong ```` and ```` ```flink right ````; a line
//! `//- PATH` starts a file of the program. `--set NAME=VALUE` behind `wrong` or `right` sets a param; a number behind
//! `wrong` says how many diagnostics the program gives, which is one without it. Below a wrong program stands a block
//! ```` ```text ````: what the compiler says of it. `UPDATE_PAGES=1 cargo test --test pages` rewrites those, and the
//! list of all pages.

use flinkc::diagnostic::render::{Look, human};
use flinkc::diagnostic::{Code, Diagnostic};
use flinkc::driver;
use flinkc::host::MemoryHost;
use flinkc::source::Files;
use std::fs;
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors")
}

/// A fenced block: what its fence says, and its lines, by their numbers in the page.
struct Block<'a> {
    fence: &'a str,
    lines: std::ops::Range<usize>,
}

fn blocks<'a>(lines: &[&'a str]) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    let mut start = None;
    for (number, line) in lines.iter().enumerate() {
        match (start, line.strip_prefix("```")) {
            (None, Some(fence)) => start = Some((fence, number + 1)),
            (Some((fence, from)), Some("")) => {
                blocks.push(Block { fence, lines: from..number });
                start = None;
            }
            (_, _) => {}
        }
    }
    assert!(start.is_none(), "a block is not closed");
    blocks
}

/// What the fence of a program says.
struct Fence {
    /// How many diagnostics the program gives; none where it is right.
    expected: usize,
    settings: Vec<(String, String)>,
}

impl Fence {
    /// Reads what stands behind `flink`; none where that is no such thing.
    fn parse(text: &str) -> Option<Fence> {
        let mut words = text.split_whitespace();
        let mut fence = match words.next()? {
            "wrong" => Fence { expected: 1, settings: Vec::new() },
            "right" => Fence { expected: 0, settings: Vec::new() },
            _ => return None,
        };
        while let Some(word) = words.next() {
            if word == "--set" {
                let (name, value) = words.next()?.split_once('=')?;
                fence.settings.push((name.to_owned(), value.to_owned()));
            } else {
                // One is what a wrong program gives anyway, and a right one gives nothing.
                fence.expected = word.parse().ok().filter(|count| fence.expected == 1 && *count > 1)?;
            }
        }
        Some(fence)
    }
}

/// What the compiler finds in a program of a page.
fn check(program: &[&str], settings: &[(String, String)]) -> (Files, Vec<Diagnostic>) {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in program {
        match (line.strip_prefix("//- "), files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(&format!("{line}\n")),
            (None, None) => files.push(("main.flink".to_owned(), format!("{line}\n"))),
        }
    }
    let outcome = driver::check_with(&MemoryHost::new(files), "", None, settings);
    (outcome.files, outcome.diagnostics)
}

/// What a page shows of diagnostics: all but their number, and without lines and columns of the standard library,
/// which move with every change of it.
fn shown(diagnostics: &[Diagnostic], files: &Files) -> String {
    let text = human(diagnostics, files, Look::Plain);
    let all = text.trim_end().rsplit_once("\n\n").map_or("", |(all, _)| all);
    let line = |line: &str| match line.trim_start().strip_prefix("std:").and_then(|rest| rest.split_once(".flink:")) {
        Some((file, rest)) => {
            format!("  std:{file}.flink: {}\n", rest.splitn(3, ':').last().unwrap_or_default().trim())
        }
        None => format!("{line}\n"),
    };
    all.lines().map(line).collect()
}

/// The page with what the compiler says today; what is wrong with it is added to `problems`.
fn renewed(code: Code, page: &str, problems: &mut Vec<String>) -> String {
    let name = code.name();
    let mut problem = |text: String| problems.push(format!("{name}.md: {text}"));
    if !page.starts_with(&format!("# {name}\n\n")) {
        problem(format!("does not begin with `# {name}`"));
    }
    let lines: Vec<&str> = page.lines().collect();
    let blocks = blocks(&lines);
    let mut text = String::new();
    let mut copied = 0;
    let (mut wrong, mut right) = (0, 0);
    for (number, block) in blocks.iter().enumerate() {
        let Some(fence) = block.fence.strip_prefix("flink") else { continue };
        let Some(Fence { expected, settings }) = Fence::parse(fence) else {
            problem(format!("`{}` is neither `flink wrong` nor `flink right`", block.fence));
            continue;
        };
        let (files, diagnostics) = check(&lines[block.lines.clone()], &settings);
        let said = shown(&diagnostics, &files);
        if diagnostics.len() != expected || diagnostics.iter().any(|diagnostic| diagnostic.code != code) {
            let line = block.lines.start;
            problem(format!("the program of line {line} does not give {expected} of this code, but\n{said}"));
        }
        if expected == 0 {
            right += 1;
            continue;
        }
        wrong += 1;
        match blocks.get(number + 1).filter(|next| next.fence == "text") {
            Some(next) => {
                text.extend(lines[copied..next.lines.start].iter().flat_map(|line| [line, "\n"]));
                text.push_str(&said);
                copied = next.lines.end;
            }
            None => problem(format!("what the program of line {} gives is not shown", block.lines.start)),
        }
    }
    if wrong == 0 || right == 0 {
        problem("there is no wrong or no right program".to_owned());
    }
    text.extend(lines[copied..].iter().flat_map(|line| [line, "\n"]));
    text
}

/// The list of all pages.
fn index() -> String {
    let mut text = "# Diagnostics\n\n\
        What flinkc says of a program has a code, such as `error[unknown-field]`. Each code has a page with a wrong \
        program,\nwhat the compiler says of it, and a right one; `flinkc explain CODE` shows it too.\n\n\
        | code | what it is about |\n| --- | --- |\n"
        .to_owned();
    let mut codes: Vec<&Code> = Code::ALL.iter().collect();
    codes.sort_by_key(|code| code.name());
    for code in codes {
        text.push_str(&format!("| [`{0}`]({0}.md) | {1} |\n", code.name(), code.summary()));
    }
    text
}

#[test]
fn pages_tell_the_truth() {
    let update = std::env::var_os("UPDATE_PAGES").is_some_and(|value| !value.is_empty() && value != "0");
    let mut problems = Vec::new();
    let pages = Code::ALL.iter().map(|code| {
        let path = directory().join(format!("{}.md", code.name()));
        let page = fs::read_to_string(&path).expect("every code has a page");
        let renewed = renewed(*code, &page, &mut problems);
        (path, page, renewed)
    });
    let mut all: Vec<(PathBuf, String, String)> = pages.collect();
    let path = directory().join("README.md");
    let listed = fs::read_to_string(&path).unwrap_or_default();
    all.push((path, listed, index()));
    for (path, page, renewed) in all.into_iter().filter(|(_, page, renewed)| page != renewed) {
        if update {
            fs::write(&path, renewed).expect("a page can be written");
            continue;
        }
        let diff = similar::TextDiff::from_lines(&page, &renewed).unified_diff().header("shown", "said").to_string();
        problems.push(format!("{}:\n{diff}", path.display()));
    }
    let hint = "UPDATE_PAGES=1 cargo test --test pages rewrites what the compiler says";
    assert!(problems.is_empty(), "{}\n{hint}", problems.join("\n"));
}

#[test]
fn there_is_no_page_without_a_code() {
    for entry in fs::read_dir(directory()).expect("there are pages") {
        let path = entry.expect("the directory can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("the names are ASCII");
        assert!(name == "README" || Code::from_name(name).is_some(), "{} is the page of nothing", path.display());
    }
}
