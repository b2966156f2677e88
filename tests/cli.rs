//! The program as users call it: exit codes, and what it says when something cannot be done.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const FINE: i32 = 0;
const IMPOSSIBLE: i32 = 2;

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn flinkc(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    command.current_dir(directory).env_remove("NO_COLOR");
    command
}

fn run<A: AsRef<OsStr>>(directory: &Path, arguments: impl IntoIterator<Item = A>) -> Output {
    flinkc(directory).args(arguments).output().expect("the program can be run")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("is text")
}

/// Runs, expects that it could not be done, and gives what it said.
fn refusal<A: AsRef<OsStr>>(directory: &Path, arguments: impl IntoIterator<Item = A>) -> String {
    let output = run(directory, arguments);
    assert_eq!(output.status.code(), Some(IMPOSSIBLE), "{output:?}");
    assert_eq!(stdout(&output), "");
    stderr(&output)
}

#[test]
fn init_makes_a_project_once() {
    let root = directory();
    let output = run(root.path(), ["init", "new/project"]);
    assert_eq!(output.status.code(), Some(FINE), "{output:?}");
    let program = root.path().join("new/project/main.flink");
    let text = fs::read_to_string(&program).expect("was written");
    assert!(text.contains("environment"), "{text}");

    fs::write(&program, "mine").expect("can be written");
    assert_eq!(refusal(root.path(), ["init", "new/project"]), "error: `new/project/main.flink` is there already\n");
    assert_eq!(fs::read_to_string(&program).expect("is there"), "mine");
}

#[test]
fn init_leaves_other_programs_alone() {
    let root = directory();
    fs::write(root.path().join("other.flink"), "").expect("can be written");
    assert_eq!(refusal(root.path(), ["init"]), "error: `./other.flink` is there already\n");
    assert!(!root.path().join("main.flink").exists());
    fs::write(root.path().join("file"), "").expect("can be written");
    assert_eq!(refusal(root.path(), ["init", "file"]), "error: `file` is not a directory\n");
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let root = directory();
    fs::write(root.path().join("notes.txt"), "").expect("can be written");
    for command in [&["check"][..], &["build"], &["render", "--env", "dev"]] {
        let with = |path: &'static str| command.iter().copied().chain([path]);
        assert_eq!(refusal(root.path(), with("nowhere")), "error: `nowhere` does not exist\n");
        let text = refusal(root.path(), with("notes.txt"));
        assert_eq!(text, "error: `notes.txt` is neither a directory nor a `.flink` file\n");
    }
}

#[test]
fn wrong_arguments_are_explained() {
    let root = directory();
    assert!(refusal(root.path(), ["frobnicate"]).contains("unrecognized subcommand 'frobnicate'"));
    assert!(refusal(root.path(), ["check", "--set", "tag"]).contains("NAME=VALUE"));
    assert!(refusal(root.path(), ["check", "--set", "=1"]).contains("NAME=VALUE"));
    assert!(refusal(root.path(), ["render"]).contains("--env"));
    assert!(refusal(root.path(), ["build", "--check", "--force"]).contains("cannot be used with"));
}

#[test]
fn help_and_version_go_to_stdout() {
    let root = directory();
    let help = run(root.path(), ["--help"]);
    assert_eq!(help.status.code(), Some(FINE));
    for command in ["init", "check", "build", "render"] {
        assert!(stdout(&help).contains(command), "{}", stdout(&help));
    }
    assert_eq!(stdout(&run(root.path(), ["--version"])), concat!("flinkc ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn diagnostics_as_json_are_an_array() {
    let root = directory();
    fs::write(root.path().join("main.flink"), "").expect("can be written");
    let output = run(root.path(), ["check", "--format", "json"]);
    assert!(stdout(&output).starts_with('['), "{output:?}");
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let root = directory();
    fs::write(root.path().join("main.flink"), "environment dev {}\n").expect("can be written");
    for arguments in [&["--help"][..], &["render", "--env", "dev"], &["check", "--format", "json"]] {
        let mut child = flinkc(root.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be run");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(stderr(&output), "", "{arguments:?}");
        assert_ne!(output.status.code(), None, "{arguments:?} was killed by a signal");
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;

    /// Whether permissions bind the user who runs the tests; they do not bind the administrator.
    fn permissions_bind(locked: &Path) -> bool {
        fs::read_dir(locked).is_err()
    }

    #[test]
    fn a_directory_without_permission_is_named() {
        let root = directory();
        let locked = root.path().join("locked");
        fs::create_dir_all(locked.join("inner")).expect("can be made");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).expect("can be set");
        if permissions_bind(&locked) {
            let text = refusal(root.path(), ["check", "locked/inner"]);
            assert_eq!(text, "error: `locked/inner` cannot be read: permission denied\n");
            assert!(refusal(root.path(), ["init", "locked"]).contains("permission denied"));
        }
        // Or it could not be removed.
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).expect("can be set");
    }

    #[test]
    fn a_path_that_is_not_utf8_is_refused() {
        let root = directory();
        let name = OsStr::from_bytes(b"b\xffd");
        fs::create_dir(root.path().join(name)).expect("can be made");
        fs::create_dir(root.path().join(".git")).expect("can be made");
        assert!(refusal(root.path(), [OsStr::new("check"), name]).contains("is not UTF-8"));
        assert_eq!(refusal(root.path(), [OsStr::new("check"), OsStr::from_bytes(b"n\xff")]).lines().count(), 1);
        let setting = [OsStr::new("check"), OsStr::new("--set"), OsStr::from_bytes(b"a=\xff")];
        assert!(refusal(root.path(), setting).contains("UTF-8"));
    }

    #[test]
    fn a_closed_stderr_does_not_matter() {
        let root = directory();
        let mut child = flinkc(root.path())
            .args(["check", "nowhere"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be run");
        drop(child.stderr.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(IMPOSSIBLE));
    }
}
