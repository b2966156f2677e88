//! Builds that the system stops: the former output stays whole, and the next build puts everything right.
//!
//! The process under test is this test program itself, called again under a limit on the size of files.
#![cfg(unix)]

use flinkc::layers::Tree;
use flinkc::write::{Edited, MANIFEST, check, write};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Names the output directory for the process that is to be stopped.
const OUTPUT: &str = "FLINKC_TEST_OUTPUT";

/// Thirty files, of which the last is larger than the limit in the second build.
fn tree(build: &str) -> Tree {
    let large = if build == "2" { 200_000 } else { 10 };
    let file = |number: usize| {
        let length = if number == 29 { large } else { 10 };
        (format!("dir{}/file{number}", number % 3), build.repeat(length).into_bytes())
    };
    Tree { files: (0..30).map(file).collect() }
}

/// What the stopped process runs; nothing in an ordinary run of the tests.
#[test]
fn second_build() {
    if let Some(output) = std::env::var_os(OUTPUT)
        && let Err(error) = write(&tree("2"), Path::new(&output), Edited::Refuse)
    {
        eprintln!("{error}");
        std::process::exit(2);
    }
}

/// Runs the second build under a limit of some kilobytes a file, after a preparation in the shell.
fn second_build_under_limit(output: &Path, preparation: &str) -> Output {
    let script = format!("{preparation} ulimit -c 0; ulimit -f 16; exec \"$0\" --exact second_build --nocapture");
    let program = std::env::current_exe().expect("the tests are a program");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(program).env(OUTPUT, output);
    shell.output().expect("there is a shell")
}

fn files(output: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(output)
        .into_iter()
        .map(|entry| entry.expect("can be read"))
        .filter(|entry| {
            entry.file_type().is_file() && !entry.path().components().any(|c| c.as_os_str() == ".flinkc-new")
        })
        .map(|entry| {
            let path = entry.path().strip_prefix(output).expect("is below").to_string_lossy().into_owned();
            (path, fs::read(entry.path()).expect("can be read"))
        })
        .collect()
}

/// Stops the second build, looks at what it left, and lets it run to its end.
fn stopped(preparation: &str) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let output = directory.path();
    write(&tree("1"), output, Edited::Refuse).expect("can be written");
    let before = files(output);

    let result = second_build_under_limit(output, preparation);
    assert!(!result.status.success(), "the limit did not hold: {result:?}");
    assert_eq!(files(output), before, "the former output, list and all");

    write(&tree("2"), output, Edited::Refuse).expect("can be written");
    assert_eq!(check(&tree("2"), output).expect("can be read"), []);
    assert!(!output.join(".flinkc-new").exists());
    assert!(output.join(MANIFEST).exists());
    result
}

#[test]
fn a_killed_build_leaves_the_former_output() {
    let result = stopped("");
    assert_eq!(result.status.code(), None, "is killed by a signal: {result:?}");
}

#[test]
fn a_full_disk_leaves_the_former_output() {
    let result = stopped("trap '' XFSZ;");
    assert_eq!(result.status.code(), Some(2), "{result:?}");
    let text = String::from_utf8_lossy(&result.stderr);
    assert!(text.contains("dir2/file29` cannot be written: "), "{text}");
}

/// Names the output directory for the process that builds until it is killed.
const ENDLESS: &str = "FLINKC_TEST_ENDLESS_OUTPUT";

/// Two hundred files, whose names and contents tell the builds apart.
fn wide_tree(build: &str) -> Tree {
    let shared = (0..150).map(|number| (format!("shared{}/file{number}", number % 7), build.repeat(500).into_bytes()));
    let own = (0..50).map(|number| (format!("of-{build}/file{number}"), build.repeat(500).into_bytes()));
    Tree { files: shared.chain(own).collect() }
}

/// What the killed process runs; nothing in an ordinary run of the tests.
#[test]
fn endless_builds() {
    if let Some(output) = std::env::var_os(ENDLESS) {
        for build in ["1", "2"].iter().cycle() {
            write(&wide_tree(build), Path::new(&output), Edited::Refuse).expect("can be written");
        }
    }
}

#[test]
fn a_build_that_is_killed_at_any_moment_leaves_whole_files_and_is_repaired() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let output = directory.path();
    write(&wide_tree("1"), output, Edited::Refuse).expect("can be written");
    for round in 0..12 {
        let mut program = Command::new(std::env::current_exe().expect("the tests are a program"));
        program.args(["--exact", "endless_builds", "--nocapture"]).env(ENDLESS, output);
        let mut child = program.stdout(std::process::Stdio::null()).spawn().expect("the tests run");
        // No two rounds end at the same place of a build.
        std::thread::sleep(std::time::Duration::from_millis(30 + round * 7));
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        for (path, content) in files(output).into_iter().filter(|(path, _)| path != MANIFEST) {
            let is_whole = ["1", "2"].iter().any(|build| content == build.repeat(500).as_bytes());
            assert!(is_whole, "{path} is half written");
        }
        // A person's file would be refused here: all that the killed build left is known to be its own.
        let build = if round % 2 == 0 { "1" } else { "2" };
        write(&wide_tree(build), output, Edited::Refuse).expect("can be repaired");
        assert_eq!(check(&wide_tree(build), output).expect("can be read"), []);
        assert!(!output.join(".flinkc-new").exists());
    }
}
