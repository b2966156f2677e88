//! `flinkc diff --against`: two revisions of a program in a Git repository.

#[path = "shape/diff.rs"]
mod shape;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const PROGRAM: &str = "\
environment dev { namespace = \"dev\" }
environment prod { namespace = \"prod\" }

resource v1 ConfigMap settings {
  data { \"a.txt\" = file(\"files/a.txt\"), level = \"info\" }
  when prod { data.level = \"warn\" }
}
";

fn put(root: &Path, path: &str, text: &str) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().expect("it has one")).expect("can be made");
    fs::write(place, text).expect("can be written");
}

fn git(root: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").arg("-C").arg(root).args(identity).args(arguments).output().expect("git is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with the program in a directory of its own, committed.
fn repository() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory can be made");
    put(root.path(), "apps/main.flink", PROGRAM);
    put(root.path(), "apps/files/a.txt", "one\ntwo\n");
    git(root.path(), &["init", "-q"]);
    commit(root.path());
    root
}

fn commit(root: &Path) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "a change"]);
}

fn diff(root: &Path, arguments: &[&str]) -> Output {
    let mut flinkc = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    flinkc.arg("diff").args(arguments).current_dir(root).output().expect("flinkc runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn nothing_changed_ends_with_0() {
    let root = repository();
    let output = diff(root.path(), &["apps", "--against", "HEAD"]);
    assert_eq!((text(&output).as_str(), output.status.code()), ("dev: no changes\nprod: no changes\n", Some(0)));
}

#[test]
fn a_change_of_a_file_or_the_program_ends_with_1() {
    let root = repository();
    put(root.path(), "apps/main.flink", &PROGRAM.replace("warn", "error"));
    let output = diff(root.path(), &["apps/main.flink", "--against", "main"]);
    let expected = "dev: no changes\nprod: 1 changed\n~ v1 ConfigMap prod/settings\n    data.level: warn -> error\n\n";
    assert_eq!((text(&output).as_str(), output.status.code()), (expected, Some(1)));
    put(root.path(), "apps/files/a.txt", "one\n2\n");
    commit(root.path());
    let output = diff(root.path(), &["apps", "--against", "HEAD~1", "--env", "dev"]);
    let expected =
        "dev: 1 changed\n~ v1 ConfigMap dev/settings\n    data[\"a.txt\"]:\n      one\n  -   two\n  +   2\n\n";
    assert_eq!((text(&output).as_str(), output.status.code()), (expected, Some(1)));
    let output = diff(root.path(), &["apps", "--against", "HEAD~1", "--format", "json"]);
    shape::hold(&text(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let object = &json["environments"][1]["objects"][0];
    assert_eq!((object["change"].as_str(), object["declaration"].as_str()), (Some("changed"), Some("apps")));
    assert_eq!(object["paths"][1]["steps"], serde_json::json!(["data", "level"]));
    assert_eq!(object["paths"][1]["after"], "error");
}

#[test]
fn rules_of_the_program_say_what_a_change_costs() {
    let root = repository();
    let rules = "
change v1 ConfigMap (before, after) {
  data : nothing
  data.level : if (after.data?.level ?? \"\") == \"error\" then restart else rolling : \"from \\(before.data?.level ?? \"none\")\"
}
";
    put(root.path(), "apps/main.flink", &format!("{}{rules}", PROGRAM.replace("warn", "error")));
    put(root.path(), "apps/files/a.txt", "1\n");
    let output = diff(root.path(), &["apps", "--against", "HEAD", "--env", "prod"]);
    let text = text(&output);
    assert!(text.starts_with("prod: at worst restart: 1 changed\n"), "{output:?}");
    assert!(text.contains("    data.level: warn -> error  [restart: from warn]\n"), "{text}");
    assert!(text.contains("    data[\"a.txt\"]:  [nothing]\n"), "{text}");
}

#[test]
fn rules_of_the_program_say_what_it_costs_that_an_object_goes() {
    let root = repository();
    let rule = "
change v1 ConfigMap (before, after) {
  metadata.name : if after.metadata.name == \"\" then state_lost else recreate : \"now `\\(after.metadata.name)`\"
}
";
    let program = format!("{}{rule}", PROGRAM.replace("settings {", "settings {\n  metadata.name = \"other\""));
    put(root.path(), "apps/main.flink", &program);
    let renamed = text(&diff(root.path(), &["apps", "--against", "HEAD", "--env", "prod"]));
    assert!(renamed.starts_with("prod: at worst recreate: 1 created, 1 deleted\n"), "{renamed}");
    assert!(renamed.contains("\n- v1 ConfigMap prod/settings  [recreate: now `other`]\n"), "{renamed}");
    let without = format!("environment prod {{ namespace = \"prod\" }}\n{rule}");
    put(root.path(), "apps/main.flink", &without);
    let gone = text(&diff(root.path(), &["apps", "--against", "HEAD", "--env", "prod"]));
    assert!(gone.ends_with("- v1 ConfigMap prod/settings  [state_lost: now ``]\n\n"), "{gone}");
}

#[test]
fn environments_and_programs_come_and_go() {
    let root = repository();
    put(root.path(), "apps/main.flink", &PROGRAM.replace("prod", "live"));
    let output = text(&diff(root.path(), &["apps", "--against", "HEAD"]));
    let heads: Vec<&str> = output.lines().filter(|line| !line.starts_with(' ')).collect();
    let wanted = ["dev: no changes", "live: 1 created", "+ v1 ConfigMap live/settings", "", "prod: 1 deleted"];
    assert_eq!(heads[..5], wanted);
    put(root.path(), "new/main.flink", "environment dev {}\nresource v1 ConfigMap c { data { a = \"b\" } }\n");
    let output = diff(root.path(), &["new", "--against", "HEAD"]);
    assert!(text(&output).starts_with("dev: 1 created\n+ v1 ConfigMap default/c\n"), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "note: `HEAD` has no program here: everything is new\n");
}

#[test]
fn what_cannot_be_compared_ends_with_2() {
    let root = repository();
    let error = complaint(&diff(root.path(), &["apps", "--against", "nowhere"]));
    assert!(error.starts_with("error: there is no revision `nowhere`"), "{error}");
    assert!(complaint(&diff(root.path(), &["apps", "--against=--all"])).contains("there is no revision `--all`"));
    assert!(complaint(&diff(root.path(), &["apps", "--against", "HEAD", "--env", "test"])).contains("no environment"));
    put(root.path(), "apps/main.flink", "resource v1 ConfigMap c { nothing = 1 }\n");
    assert!(complaint(&diff(root.path(), &["apps", "--against", "HEAD"])).contains("nothing"));
    commit(root.path());
    put(root.path(), "apps/main.flink", PROGRAM);
    let error = complaint(&diff(root.path(), &["apps", "--against", "HEAD"]));
    assert!(error.starts_with("error: the program of `HEAD` is wrong"), "{error}");
    let bare = tempfile::tempdir().expect("a temporary directory can be made");
    put(bare.path(), "main.flink", "environment dev {}\n");
    assert!(complaint(&diff(bare.path(), &[".", "--against", "HEAD"])).contains("there is no revision `HEAD`"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_as_on_disk() {
    use std::os::unix::fs::symlink;
    let root = repository();
    put(root.path(), "shared/b.txt", "b\n");
    fs::remove_dir_all(root.path().join("apps/files")).expect("it is there");
    symlink("../shared", root.path().join("apps/files")).expect("can be made");
    symlink("b.txt", root.path().join("shared/a.txt")).expect("can be made");
    commit(root.path());
    let output = diff(root.path(), &["apps", "--against", "HEAD"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fs::remove_file(root.path().join("shared/a.txt")).expect("it is there");
    symlink("/etc/hostname", root.path().join("shared/a.txt")).expect("can be made");
    commit(root.path());
    fs::remove_file(root.path().join("shared/a.txt")).expect("it is there");
    put(root.path(), "shared/a.txt", "a\n");
    let error = complaint(&diff(root.path(), &["apps", "--against", "HEAD"]));
    assert!(error.contains("is or lies behind a symbolic link that leaves the project"), "{error}");
}
