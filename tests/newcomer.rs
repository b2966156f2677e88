//! What a newcomer reads: the programs below `tests/newcomer` were written before anybody looked at the messages.
//!
//! Each program has its diagnostics beside it, as a terminal shows them, without colour. A program that is called
//! `NN-name.2.flink` is what the newcomer tries next, after the advice for `NN-name.flink`.
//! `UPDATE_NEWCOMER=1 cargo test --test newcomer` rewrites what is beside the programs.

use flinkc::diagnostic::render::{Color, Look, human};
use flinkc::driver;
use flinkc::host::MemoryHost;
use std::fs;
use std::path::{Path, PathBuf};

/// Columns of the terminal.
const WIDTH: usize = 120;

#[test]
fn programs_of_a_newcomer() {
    let update = std::env::var_os("UPDATE_NEWCOMER").is_some_and(|value| !value.is_empty() && value != "0");
    let programs = programs();
    assert!(programs.len() >= 20, "there are {} programs", programs.len());
    let mut failures = String::new();
    for program in programs {
        let beside = program.with_extension("txt");
        let found = told(&program);
        if update {
            fs::write(&beside, &found).expect("the messages can be written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if found != expected {
            failures.push_str(&format!("── {} ──\n{found}\n", program.display()));
        }
    }
    assert!(failures.is_empty(), "{failures}\nUPDATE_NEWCOMER=1 cargo test --test newcomer rewrites the messages");
}

fn programs() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/newcomer");
    let entries = fs::read_dir(directory).expect("there are programs");
    let paths = entries.map(|entry| entry.expect("the directory can be read").path());
    let mut programs: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|is| is == "flink")).collect();
    programs.sort();
    programs
}

/// What the compiler says of a program, under the file's own name.
fn told(program: &Path) -> String {
    let text = fs::read_to_string(program).expect("a program is text");
    let name = program.file_name().and_then(|name| name.to_str()).expect("the names are ASCII");
    let host = MemoryHost::new([(name, text.as_str())]);
    let outcome = driver::check_with(&host, "", Some(name), &[]);
    human(&outcome.diagnostics, &outcome.files, Look::Drawn { color: Color::Never, width: WIDTH })
}
