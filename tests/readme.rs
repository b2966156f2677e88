//! What the README and the guides show is what happens: their programs build, their commands print what stands below
//! them.

use std::path::Path;
use std::process::Command;

/// A fenced block: what its fence says, and its text.
#[derive(Debug)]
enum Block {
    /// A program; the first is the project's `main.flink`.
    Program(String),
    /// Commands after `$`, each with what it prints.
    Console(Vec<(String, String)>),
    /// `<!-- edit: FROM => TO -->`: a change of the program that the text describes.
    Edit(String, String),
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((from, to)) = line
            .strip_prefix("<!-- edit: ")
            .and_then(|rest| rest.strip_suffix(" -->"))
            .and_then(|rest| rest.split_once(" => "))
        {
            blocks.push(Block::Edit(from.to_owned(), to.to_owned()));
        }
        let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else { continue };
        let inner: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match fence {
            "flink" => blocks.push(Block::Program(inner.join("\n") + "\n")),
            "console" => blocks.push(Block::Console(commands(&inner))),
            _ => {}
        }
    }
    blocks
}

fn commands(lines: &[&str]) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    commands
}

/// What a command prints, on both streams.
fn run(command: &str, directory: &Path) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let program = if words[0] == "flinkc" { env!("CARGO_BIN_EXE_flinkc") } else { words[0] };
    let output = Command::new(program)
        .args(&words[1..])
        .current_dir(directory)
        .env("LC_ALL", "C")
        .output()
        .unwrap_or_else(|error| panic!("{command}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).expect("commands print UTF-8")
}

/// A text without the lines and columns of the standard library, which move with every change of it.
fn placeless(text: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix("std:").and_then(|rest| rest.split_once(".flink:")) {
        Some((file, rest)) => {
            let said = rest.splitn(3, ':').last().unwrap_or_default();
            format!("  std:{file}.flink:{said}\n")
        }
        None => format!("{line}\n"),
    };
    text.trim_end().lines().map(line).collect()
}

#[test]
fn the_readme_tells_the_truth() {
    tells_the_truth("README.md");
}

#[test]
fn the_guide_to_explain_tells_the_truth() {
    tells_the_truth("docs/explain.md");
}

fn tells_the_truth(page: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(page)).expect("the page is there");
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let main = directory.path().join("main.flink");
    let mut ran = 0;
    for block in blocks(&text) {
        match block {
            Block::Program(program) => std::fs::write(&main, program).expect("the directory is writable"),
            Block::Edit(from, to) => {
                let program = std::fs::read_to_string(&main).expect("the program comes first");
                assert!(program.contains(&from), "`{from}` is in the program");
                std::fs::write(&main, program.replace(&from, &to)).expect("the directory is writable");
            }
            Block::Console(commands) => {
                for (command, expected) in commands {
                    let printed = run(&command, directory.path());
                    assert_eq!(placeless(&printed), placeless(&expected), "`{command}`");
                    ran += 1;
                }
            }
        }
    }
    assert!(ran >= 4, "{page} shows commands");
}

#[test]
fn links_in_the_readme_and_guides_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages =
        ["argocd", "explain", "flux", "gitops", "kinds", "language", "stdlib"].map(|page| format!("docs/{page}.md"));
    for page in pages.iter().map(String::as_str).chain(["README.md"]) {
        let text = std::fs::read_to_string(root.join(page)).expect("the page is there");
        let base = root.join(page).parent().expect("pages lie in a directory").to_owned();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let path = target.split('#').next().unwrap_or_default();
            assert!(base.join(path).exists(), "{page} links to {target}");
        }
    }
}
