//! `flinkc fmt` as users call it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const UGLY: &str = "let x=[ 1,2 ]\n";
const FINE: &str = "let x = [1, 2]\n";
const BROKEN: &str = "let y = \n";

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("is below the directory")).expect("can be made");
        fs::write(path, text).expect("can be written");
    }
    directory
}

fn flinkc(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    command.current_dir(directory).arg("fmt").args(arguments);
    command
}

/// Runs in a directory; the exit code, stdout and stderr.
fn run(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    said(flinkc(directory, arguments).output().expect("the program can be run"))
}

fn said(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("is text");
    (output.status.code().expect("ends by itself"), text(output.stdout), text(output.stderr))
}

fn read(directory: &TempDir, path: &str) -> String {
    fs::read_to_string(directory.path().join(path)).expect("is there")
}

#[test]
fn a_directory_is_formatted_but_for_what_is_not_source() {
    let manifest = ("deploy/.flinkc-manifest", "");
    let sources = ["main.flink", "lib/a.flink"];
    let others = ["target/x.flink", ".git/x.flink", "deploy/base/x.flink", "notes.txt"];
    let files: Vec<(&str, &str)> = sources.iter().chain(&others).map(|path| (*path, UGLY)).chain([manifest]).collect();
    let root = directory(&files);
    let (code, stdout, stderr) = run(root.path(), &[]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "lib/a.flink: formatted\nmain.flink: formatted\n");
    assert!(sources.iter().all(|path| read(&root, path) == FINE));
    assert!(others.iter().all(|path| read(&root, path) == UGLY));
    assert_eq!(run(root.path(), &["lib", "main.flink", "."]), (0, String::new(), String::new()));
    let left: Vec<_> =
        fs::read_dir(root.path()).expect("is there").map(|entry| entry.expect("is").file_name()).collect();
    assert_eq!(left.len(), 6, "nothing is left behind: {left:?}");
}

#[test]
fn a_check_shows_what_would_change_and_changes_nothing() {
    let root = directory(&[("a.flink", UGLY), ("b.flink", FINE)]);
    let (code, stdout, stderr) = run(root.path(), &["--check"]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert_eq!(
        stdout,
        "a.flink: not formatted\n--- a.flink\n+++ formatted\n@@ -1 +1 @@\n-let x=[ 1,2 ]\n+let x = [1, 2]\n"
    );
    assert_eq!(read(&root, "a.flink"), UGLY);
    assert_eq!(run(root.path(), &["--check", "b.flink"]), (0, String::new(), String::new()));

    fs::write(root.path().join("a.flink"), UGLY.repeat(100)).expect("can be written");
    let (_, stdout, _) = run(root.path(), &["--check", "a.flink"]);
    assert!(stdout.ends_with("more lines\n") && stdout.lines().count() < 50, "{stdout}");
}

#[test]
fn a_broken_file_is_reported_and_the_others_are_formatted() {
    let root = directory(&[("a.flink", UGLY), ("b.flink", BROKEN), ("c.flink", UGLY)]);
    let (code, stdout, stderr) = run(root.path(), &["."]);
    assert_eq!((code, stdout.as_str()), (1, "a.flink: formatted\nc.flink: formatted\n"));
    assert!(stderr.starts_with("error[syntax]: b.flink:1:8: expected a value"), "{stderr}");
    assert_eq!(read(&root, "b.flink"), BROKEN);
}

#[test]
fn stdin_goes_to_stdout() {
    let root = directory(&[]);
    let pipe = |text: &str, arguments: &[&str]| {
        let mut command = flinkc(root.path(), arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        child.stdin.take().expect("is a pipe").write_all(text.as_bytes()).expect("is read");
        said(child.wait_with_output().expect("ends"))
    };
    assert_eq!(pipe(UGLY, &["-"]), (0, FINE.to_owned(), String::new()));
    assert_eq!(pipe(FINE, &["-"]), (0, FINE.to_owned(), String::new()));
    assert_eq!(pipe("", &["-"]), (0, String::new(), String::new()));
    let (code, stdout, stderr) = pipe(BROKEN, &["-"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.starts_with("error[syntax]: <stdin>:1:8"), "{stderr}");
    let (code, stdout, _) = pipe(UGLY, &["--check", "-"]);
    assert!(code == 1 && stdout.starts_with("<stdin>: not formatted\n"), "{stdout}");
    let (code, _, stderr) = run(root.path(), &["-", "a.flink"]);
    assert_eq!((code, stderr.as_str()), (2, "error: `-` stands for stdin, and alone\n"));
}

#[test]
fn what_cannot_be_done_is_said() {
    let root = directory(&[("notes.txt", ""), ("bytes.flink", "")]);
    let refused = |path: &str, text: &str| {
        assert_eq!(run(root.path(), &[path]), (2, String::new(), format!("error: {text}\n")));
    };
    refused("nowhere", "`nowhere` does not exist");
    refused("notes.txt", "`notes.txt` is neither a directory nor a `.flink` file");
    fs::write(root.path().join("bytes.flink"), b"let x = \"\xff\"").expect("can be written");
    refused("bytes.flink", "`bytes.flink` is not UTF-8: byte 9 begins no character");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = directory(&[("project/a.flink", UGLY), ("outside/b.flink", UGLY), ("locked.flink", UGLY)]);
    let path = |name: &str| root.path().join(name);
    fs::set_permissions(path("project/a.flink"), fs::Permissions::from_mode(0o640)).expect("can be set");
    fs::set_permissions(path("locked.flink"), fs::Permissions::from_mode(0o444)).expect("can be set");
    symlink("../outside/b.flink", path("project/link.flink")).expect("can be made");
    symlink("../outside", path("project/directory")).expect("can be made");
    assert_eq!(run(root.path(), &["project"]).1, "project/a.flink: formatted\n");
    let mode = fs::metadata(path("project/a.flink")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(read(&root, "outside/b.flink"), UGLY);
    // A link that is named is followed, and stays one.
    assert_eq!(run(root.path(), &["project/link.flink"]).1, "project/link.flink: formatted\n");
    assert!(path("project/link.flink").is_symlink());
    assert_eq!(read(&root, "outside/b.flink"), FINE);
    let (code, _, stderr) = run(root.path(), &["locked.flink"]);
    assert_eq!((code, stderr.as_str()), (2, "error: `locked.flink` cannot be written: it is read-only\n"));
}

#[test]
fn the_standard_library_and_the_examples_are_formatted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, stdout, stderr) = run(root, &["--check", "stdlib", "examples"]);
    assert_eq!(code, 0, "flinkc fmt stdlib examples\n{stdout}{stderr}");
}
