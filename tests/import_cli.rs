//! `flinkc import` as users call it: what it reads, writes, refuses and says.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const WIDGETS: &str = include_str!("import/scalars.yaml");

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

/// Runs the command in a directory and gives its exit code, stdout and stderr.
fn import(directory: &Path, arguments: &[&str], stdin: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flinkc"))
        .current_dir(directory)
        .arg("import")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be run");
    child.stdin.take().expect("is piped").write_all(stdin.as_bytes()).expect("stdin can be written");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("is text");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn files_go_where_their_api_version_says() {
    let root = directory();
    fs::create_dir_all(root.path().join("crds/more")).expect("can be made");
    fs::write(root.path().join("crds/more/widgets.yml"), WIDGETS).expect("can be written");
    fs::write(root.path().join("crds/service.yaml"), "kind: Service\nmetadata: { name: web }\n")
        .expect("can be written");
    fs::write(root.path().join("crds/README.md"), "[").expect("can be written");

    let (code, stdout, stderr) = import(root.path(), &["crds", "--out", "lib"], "");
    assert_eq!(
        stderr,
        "note: crds/service.yaml: Service `web` is passed over; only CustomResourceDefinitions can be imported so far\n"
    );
    assert_eq!(code, Some(0));
    assert_eq!(
        stdout,
        "lib/kinds/example.com/v1.flink written\n1 kind imported; a program beside `kinds` knows them by:\n\
         import \"kinds/example.com\" as example\n"
    );
    let path = root.path().join("lib/kinds/example.com/v1.flink");
    let text = fs::read_to_string(&path).expect("was written");
    assert!(text.contains("kind example.com/v1 Widget {"), "{text}");

    // What it made it makes again, but nothing else is overwritten.
    assert_eq!(import(root.path(), &["crds", "--out", "lib", "--docs", "none", "--origin", "here"], "").0, Some(0));
    let text = fs::read_to_string(&path).expect("was written");
    assert!(text.contains("widgets.example.com\n//! of here.\n") && !text.contains("///"), "{text}");
    fs::write(&path, "// mine\n").expect("can be written");
    let (code, stdout, stderr) = import(root.path(), &["crds/more", "--out", "lib"], "");
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        "error: `lib/kinds/example.com/v1.flink` was not made by `flinkc import` and is not overwritten\n"
    );
    assert_eq!(fs::read_to_string(&path).expect("is there"), "// mine\n");
}

#[test]
fn a_pipe_goes_in_and_out() {
    let root = directory();
    let (code, stdout, stderr) = import(root.path(), &["-", "--stdout"], WIDGETS);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.starts_with("//! Made by `flinkc import` from"), "{stdout}");
    assert!(fs::read_dir(root.path()).expect("can be listed").next().is_none());
}

#[test]
fn what_cannot_be_done_is_said() {
    let root = directory();
    let (code, stdout, stderr) = import(root.path(), &["-"], &WIDGETS.replace("scope: Namespaced", "scope: 1"));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("<stdin>: spec.scope: expected text, found a number"), "{stderr}");
    assert!(fs::read_dir(root.path()).expect("can be listed").next().is_none());

    let (code, _, stderr) = import(root.path(), &["nowhere"], "");
    assert_eq!((code, stderr.as_str()), (Some(2), "error: `nowhere` does not exist\n"));
    let (code, _, stderr) = import(root.path(), &["-"], "");
    assert_eq!((code, stderr.as_str()), (Some(2), "error: there is no CustomResourceDefinition to import\n"));
}
