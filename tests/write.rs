//! Builds that the system stops: the former output stays whole, and the next build puts everything right.
//!
//! The process under test is this test program itself, called again: under a limit on the size of files, on a small
//! disk, without rights, several times at once, or until it is killed.
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

/// Names the output directory for one of several processes that build it at once.
const SHARED: &str = "FLINKC_TEST_SHARED_OUTPUT";

/// What each of them runs; nothing in an ordinary run of the tests.
#[test]
fn some_builds() {
    if let Some(output) = std::env::var_os(SHARED) {
        for build in ["1", "2"].iter().cycle().take(9) {
            write(&wide_tree(build), Path::new(&output), Edited::Refuse).expect("waits for its turn");
        }
    }
}

#[test]
fn processes_that_build_at_once_take_turns() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let output = directory.path();
    let run = || {
        let mut program = Command::new(std::env::current_exe().expect("the tests are a program"));
        program.args(["--exact", "some_builds", "--nocapture"]).env(SHARED, output);
        program.stdout(std::process::Stdio::null()).spawn().expect("the tests run")
    };
    let processes = [run(), run(), run()];
    for mut process in processes {
        assert!(process.wait().expect("it ends").success());
    }
    assert_eq!(check(&wide_tree("1"), output).expect("can be read"), []);
}

/// Names the directory for the process that has no more rights than others.
const UNPRIVILEGED: &str = "FLINKC_TEST_UNPRIVILEGED_OUTPUT";
/// A user whom every system has, and who owns nothing.
const NOBODY: u32 = 65_534;

/// What that process runs; nothing in an ordinary run of the tests.
#[test]
fn builds_without_rights() {
    use std::os::unix::fs::PermissionsExt;
    let Some(output) = std::env::var_os(UNPRIVILEGED) else { return };
    let output = Path::new(&output).join("deploy");
    let allow = |path: &str, mode: u32| {
        fs::set_permissions(output.join(path), fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    let build = |tree: &Tree| write(tree, &output, Edited::Refuse);
    build(&tree("1")).expect("can be written");
    let before = files(&output);

    allow(".", 0o555);
    let error = build(&tree("2")).expect_err("the directory is read-only").to_string();
    assert!(error.ends_with(".flinkc-new` cannot be created: permission denied"), "{error}");
    assert_eq!(files(&output), before);
    assert_eq!(build(&tree("1")).expect("there is nothing to write").unchanged, 30);

    // What is below can be found out on the way only: each file is the former or the new one.
    allow(".", 0o755);
    allow("dir1", 0o555);
    let error = build(&tree("2")).expect_err("a directory in it is read-only").to_string();
    assert!(error.contains("/dir1/file") && error.ends_with("cannot be written: permission denied"), "{error}");
    for (path, content) in files(&output).iter().filter(|(path, _)| *path != MANIFEST) {
        assert!([tree("1"), tree("2")].iter().any(|tree| tree.files[path] == *content), "{path} is half written");
    }
    allow("dir1", 0o755);
    build(&tree("2")).expect("can be repaired");
    assert_eq!(check(&tree("2"), &output).expect("can be read"), []);

    allow("dir2/file2", 0o000);
    let error = build(&tree("2")).expect_err("a file cannot be read").to_string();
    assert!(error.ends_with("/dir2/file2` cannot be read: permission denied"), "{error}");
}

#[test]
fn read_only_directories_are_named_and_nothing_is_lost() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
    // The administrator may write everywhere, so that somebody else must try, who may not see the original.
    let program = directory.path().join("tests");
    fs::copy(std::env::current_exe().expect("the tests are a program"), &program).expect("can be copied");
    let run = |user: Option<u32>| {
        let mut command = Command::new(&program);
        command.args(["--exact", "builds_without_rights", "--nocapture"]).env(UNPRIVILEGED, directory.path());
        if let Some(user) = user {
            command.uid(user);
        }
        command.current_dir(directory.path()).output()
    };
    // Only the administrator can become somebody else.
    let result = run(Some(NOBODY)).or_else(|_| run(None)).expect("the tests run");
    assert!(result.status.success(), "{result:?}");
}

/// Names the mount point for the process that has a disk of its own.
const SMALL_DISK: &str = "FLINKC_TEST_SMALL_DISK";

/// What that process runs; nothing in an ordinary run of the tests.
#[test]
fn builds_on_a_small_disk() {
    let Some(output) = std::env::var_os(SMALL_DISK) else { return };
    let output = Path::new(&output);
    write(&tree("1"), output, Edited::Refuse).expect("there is room");
    let before = files(output);
    let large = Tree { files: tree("1").files.keys().map(|path| (path.clone(), vec![b'x'; 50_000])).collect() };
    let error = write(&large, output, Edited::Refuse).expect_err("there is no room").to_string();
    assert!(error.contains("cannot be written: ") && error.contains("space"), "{error}");
    assert_eq!(files(output), before, "the former output, list and all");
    assert!(!output.join(".flinkc-new").exists(), "what was staged gave its room back");
    let small = Tree { files: tree("1").files.keys().map(|path| (path.clone(), b"2".to_vec())).collect() };
    write(&small, output, Edited::Refuse).expect("there is room");
    assert_eq!(check(&small, output).expect("can be read"), []);
}

/// What the shell answers where the system gives it no disk.
const NO_DISK: i32 = 77;

#[test]
fn a_disk_without_space_leaves_the_former_output() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let mount =
        "mount -t tmpfs -o size=512k none \"$1\" || exit 77; exec \"$2\" --exact builds_on_a_small_disk --nocapture";
    let script = format!("unshare -m true && how=-m || how=-rm; exec unshare $how sh -c '{mount}' sh \"$1\" \"$2\"");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script, "sh"])
        .arg(directory.path())
        .arg(std::env::current_exe().expect("the tests are a program"));
    let result = shell.env(SMALL_DISK, directory.path()).output().expect("there is a shell");
    let text = String::from_utf8_lossy(&result.stdout);
    if result.status.code() == Some(NO_DISK) || !text.contains("running 1 test") {
        eprintln!("NOT RUN: this test needs leave to mount a disk: {result:?}");
        return;
    }
    assert!(result.status.success(), "{result:?}");
}
