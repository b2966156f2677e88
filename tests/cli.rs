//! The program as users call it: exit codes, and what it says when something cannot be done.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

const FINE: i32 = 0;
const WRONG: i32 = 1;
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
fn init_also_writes_what_the_engines_need() {
    let root = directory();
    let output = run(root.path(), ["init", "p", "--flux", "--argocd"]);
    assert_eq!(output.status.code(), Some(FINE), "{output:?}");
    // What they apply is where the program is built to, under its names.
    assert_eq!(run(root.path(), ["build", "p"]).status.code(), Some(FINE));
    for (engine, environment) in [("flux", "dev"), ("argocd", "argocd")] {
        let directory = format!("p/{engine}");
        let output = run(root.path(), ["render", &directory, "--env", environment]);
        assert_eq!(output.status.code(), Some(FINE), "{output:?}");
        let text = stdout(&output);
        assert!(text.contains("deploy/hello/overlays/dev"), "{text}");
    }
    assert!(root.path().join("p/deploy/hello/overlays/dev/kustomization.yaml").is_file());

    // Nothing is written where something is in the way.
    fs::remove_file(root.path().join("p/main.flink")).expect("is there");
    assert_eq!(refusal(root.path(), ["init", "p", "--flux"]), "error: `p/flux/main.flink` is there already\n");
    assert!(!root.path().join("p/main.flink").exists());
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
fn a_kubeconfig_that_is_not_there_is_named() {
    let directory = tempfile::tempdir().expect("it can be made");
    let program = "environment dev {}\nresource v1 ConfigMap settings { data { a = \"b\" } }\n";
    fs::write(directory.path().join("main.flink"), program).expect("it can be written");
    let output = run(directory.path(), ["diff", "--env", "dev", "--kubeconfig", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    let expected = "error: the cluster cannot be asked: the kubeconfig `nowhere.yaml` cannot be read: ";
    assert!(said.starts_with(expected) && said.contains("--kubeconfig"), "{said}");
    let output = run(directory.path(), ["diff"]);
    let expected = "error: name the environment of the program to compare, with `--env`: it has dev\n";
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(2), expected));
}

#[test]
fn a_dry_push_needs_nobody_and_says_the_digest() {
    let root = directory();
    assert_eq!(run(root.path(), ["init", "p"]).status.code(), Some(FINE));
    let url = "oci://registry.invalid/streams:dev";
    let push = |arguments: &[&str]| run(root.path(), [&["push", url, "p", "--dry-run", "--env"], arguments].concat());
    let said = stdout(&push(&["dev"]));
    let digest = said.trim_end().strip_prefix("registry.invalid/streams@").expect("repository and digest");
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{said}");
    let json: serde_json::Value = serde_json::from_str(&stdout(&push(&["dev", "--format", "json"]))).expect("JSON");
    let expected = serde_json::json!({ "repository": "registry.invalid/streams", "tag": "dev", "digest": digest });
    assert_eq!(json, expected);
    // Annotations are part of what the digest names.
    assert_ne!(stdout(&push(&["dev", "--revision", "main@sha1:0a"])), said);

    for address in ["oci://ci:hunter2@registry.invalid/streams:dev", "registry.invalid/streams:dev", "oci://a.b/c"] {
        let said = refusal(root.path(), ["push", address, "p", "--env", "dev", "--dry-run"]);
        assert!(said.starts_with("error: the address of the artifact is wrong: "), "{said}");
        assert!(!said.contains("hunter2") && said.lines().count() == 1, "{said}");
    }
    assert!(refusal(root.path(), ["push", url, "p"]).contains("--env"));
}

#[test]
fn help_and_version_go_to_stdout() {
    let root = directory();
    let help = run(root.path(), ["--help"]);
    assert_eq!(help.status.code(), Some(FINE));
    for command in ["init", "check", "build", "render", "push", "explain", "completions", "man"] {
        assert!(stdout(&help).contains(command), "{}", stdout(&help));
    }
    assert_eq!(stdout(&run(root.path(), ["--version"])), concat!("flinkc ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn formats_for_programs_go_to_stdout_and_keep_the_exit_code() {
    let root = directory();
    for (text, code) in [("environment dev {}\n", FINE), ("let a = b\n", WRONG)] {
        fs::write(root.path().join("main.flink"), text).expect("can be written");
        for (format, start) in [("json", "{\n  \"version\": 1"), ("sarif", "{\n  \"$schema\""), ("github", "::error ")]
        {
            let output = run(root.path(), ["check", "--format", format]);
            assert_eq!((output.status.code(), &*stderr(&output)), (Some(code), ""), "{format}");
            assert!(stdout(&output).starts_with(start) || format == "github" && code == FINE, "{output:?}");
            // Where the project lies is nobody's business.
            let place = root.path().to_str().expect("is UTF-8");
            assert!(!stdout(&output).contains(place), "{output:?}");
        }
    }
}

#[test]
fn the_documented_json_is_what_is_printed() {
    let text = include_str!("../docs/diagnostics.md");
    let block = |language: &str| {
        let start = format!("```{language}\n");
        text.split(&start).nth(1).and_then(|rest| rest.split("```").next()).expect("there is such a block")
    };
    let root = directory();
    fs::write(root.path().join("main.flink"), block("flink")).expect("can be written");
    let printed: serde_json::Value =
        serde_json::from_str(&stdout(&run(root.path(), ["check", "--format", "json"]))).expect("is JSON");
    let documented: serde_json::Value = serde_json::from_str(block("json")).expect("is JSON");
    assert_eq!(printed, documented);
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

/// Runs a program with stderr on a terminal that is 100 columns wide, and gives what it shows.
#[cfg(target_os = "linux")]
fn on_a_terminal(directory: &Path, variables: &[(&str, &str)]) -> String {
    // `script` of util-linux opens the terminal; what is not there cannot be tested.
    let Ok(output) = Command::new("script")
        .current_dir(directory)
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .envs(variables.iter().copied())
        .args(["-qec", &format!("{} check", env!("CARGO_BIN_EXE_flinkc")), "/dev/null"])
        .stdin(Stdio::null())
        .output()
    else {
        return String::new();
    };
    stdout(&output)
}

#[cfg(target_os = "linux")]
#[test]
fn colour_is_for_terminals_that_want_it() {
    let root = directory();
    fs::write(root.path().join("main.flink"), "let a = b\n").expect("can be written");
    let piped = run(root.path(), ["check"]);
    assert!(!stderr(&piped).contains('\u{1b}') && !stderr(&piped).contains('╭'), "{piped:?}");
    let shown = on_a_terminal(root.path(), &[]);
    if shown.is_empty() {
        eprintln!("there is no `script`: nothing was tested");
        return;
    }
    assert!(shown.contains("\u{1b}[") && shown.contains('╭'), "{shown:?}");
    // https://no-color.org: set, and not empty.
    assert!(on_a_terminal(root.path(), &[("NO_COLOR", "")]).contains("\u{1b}["));
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = on_a_terminal(root.path(), &[variable]);
        assert!(!plain.contains('\u{1b}') && plain.contains('╭'), "{variable:?}: {plain:?}");
    }
}

/// A program that builds.
const PROGRAM: &str = "environment dev {}\nresource v1 ConfigMap settings { data { level = \"1\" } }\n";

/// Runs, expects that the program is wrong, and gives what was said of it.
fn wrong<A: AsRef<OsStr>>(directory: &Path, arguments: impl IntoIterator<Item = A>) -> String {
    let output = run(directory, arguments);
    assert_eq!(output.status.code(), Some(WRONG), "{output:?}");
    stderr(&output)
}

#[test]
fn directories_without_a_program_are_wrong() {
    let root = directory();
    assert!(wrong(root.path(), ["check"]).contains("there are no `.flink` files here"));
    fs::write(root.path().join("main.flink"), [0xff, 0xfe]).expect("can be written");
    assert!(wrong(root.path(), ["check"]).contains("is not UTF-8"));
    fs::remove_file(root.path().join("main.flink")).expect("can be removed");
    fs::create_dir(root.path().join("main.flink")).expect("can be made");
    assert!(wrong(root.path(), ["check"]).contains("there are no `.flink` files here"));
}

#[test]
fn a_project_may_lie_anywhere() {
    let root = directory();
    for name in ["with space", "ünï", "new\nline", "-dash", "quote's \"$x\""] {
        let project = root.path().join(name);
        fs::create_dir(&project).expect("can be made");
        fs::write(project.join("main.flink"), PROGRAM).expect("can be written");
        let output = run(root.path(), [OsStr::new("build"), project.as_os_str()]);
        assert_eq!(output.status.code(), Some(FINE), "{output:?}");
        assert!(project.join("deploy/overlays/dev/kustomization.yaml").is_file());
        let output = run(root.path(), [OsStr::new("build"), OsStr::new("--check"), project.as_os_str()]);
        assert_eq!(output.status.code(), Some(FINE), "{output:?}");
        let output = run(&project, ["build", "--check"]);
        assert_eq!(output.status.code(), Some(FINE), "the same from inside: {output:?}");
    }
}

#[test]
fn output_goes_where_nobody_is_in_the_way() {
    let root = directory();
    fs::write(root.path().join("main.flink"), PROGRAM).expect("can be written");
    fs::write(root.path().join("taken"), "mine").expect("can be written");
    assert!(refusal(root.path(), ["build", "--out", "taken"]).contains("taken"));
    assert_eq!(fs::read_to_string(root.path().join("taken")).expect("is there"), "mine");

    // The project's own directory is no worse than another: sources stay.
    let output = run(root.path(), ["build", "--out", "."]);
    assert_eq!(output.status.code(), Some(FINE), "{output:?}");
    assert_eq!(fs::read_to_string(root.path().join("main.flink")).expect("is there"), PROGRAM);
    assert_eq!(run(root.path(), ["check"]).status.code(), Some(FINE));

    // A person's file where one is to be written stays as well.
    let place = root.path().join("deploy/overlays/dev");
    fs::create_dir_all(&place).expect("can be made");
    fs::write(place.join("kustomization.yaml"), "mine").expect("can be written");
    assert!(refusal(root.path(), ["build"]).contains("kustomization.yaml"));
    assert_eq!(fs::read_to_string(place.join("kustomization.yaml")).expect("is there"), "mine");
    assert_eq!(run(root.path(), ["build", "--check"]).status.code(), Some(WRONG));
}

#[test]
fn builds_at_once_leave_one_output() {
    let root = directory();
    fs::write(root.path().join("main.flink"), PROGRAM).expect("can be written");
    let start =
        || flinkc(root.path()).arg("build").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("can be run");
    let mut children: Vec<Child> = (0..6).map(|_| start()).collect();
    for child in &mut children {
        // One that comes while another writes may say that it could not be done.
        assert_ne!(child.wait().expect("it ends").code(), None);
    }
    let output = run(root.path(), ["build"]);
    assert_eq!(output.status.code(), Some(FINE), "{output:?}");
    assert_eq!(run(root.path(), ["build", "--check"]).status.code(), Some(FINE));
}

#[test]
fn strange_settings_are_explained() {
    let root = directory();
    fs::write(root.path().join("main.flink"), "param x: int = 1\nenvironment dev {}\n").expect("can be written");
    let deep = format!("x={}", "[".repeat(100_000));
    for setting in ["x=", "x=nan", "x=[1, 2", "x=9999999999999999999999", "x={a: *b}", "x=!!int a", "y=1", &deep] {
        let text = wrong(root.path(), ["check", "--set", setting]);
        assert!(text.starts_with("error[bad-param]") && text.len() < 10_000, "{text}");
    }
}

#[test]
fn explain_answers_by_what_it_is_asked() {
    let root = directory();
    // Kubernetes and the standard library are known without a program.
    let output = run(root.path(), ["explain", "apps/v1", "Deployment.spec.strategy"]);
    assert!(stdout(&output).starts_with("field apps/v1 Deployment.spec.strategy: DeploymentStrategy\n"), "{output:?}");
    let output = run(root.path(), ["explain", "unknown-field"]);
    assert!(stdout(&output).starts_with("# unknown-field\n\nA field is set or read that"), "{output:?}");
    let text = refusal(root.path(), ["explain", "unknown-feild"]);
    assert!(text.ends_with("help: did you mean `unknown-field`?\n"), "{text}");
    let text = refusal(root.path(), ["explain", "flink.aplication"]);
    assert_eq!(text, "error: nothing is called `flink.aplication`\n  help: did you mean `flink.application`?\n");

    fs::write(root.path().join("main.flink"), PROGRAM).expect("can be written");
    assert_eq!(stdout(&run(root.path(), ["explain", "dev"])), "ConfigMap/settings  main\n");
    let output = run(root.path(), ["explain", "dev", "cm/settings", "data.level"]);
    assert!(stdout(&output).starts_with("dev ConfigMap/settings data.level = \"1\"\n"), "{output:?}");
    let output = run(root.path(), ["explain", "dev", "cm/settings", "--format", "json"]);
    assert!(stdout(&output).starts_with("{\n  \"environment\": \"dev\","), "{output:?}");
    let output = run(root.path(), ["explain", "dev", "--format", "json"]);
    assert!(stdout(&output).starts_with("[\n"), "{output:?}");
    assert!(wrong(root.path(), ["explain", "prod", "cm/settings"]).contains("there is no environment `prod`"));
    assert!(wrong(root.path(), ["explain", "dev", "cm/setting"]).contains("did you mean `ConfigMap/settings`?"));
    assert!(wrong(root.path(), ["explain", "dev", "settings", "data"]).contains("named as `Kind/name`"));
    assert!(wrong(root.path(), ["explain", "dev", "settings"]).contains("named as `Kind/name`"));
    assert!(stdout(&run(root.path(), ["explain", "dev", "main"])).starts_with("nothing can be asked of `main`"));
    assert!(wrong(root.path(), ["explain", "dev", "main", "memory"]).contains("there is no topic `memory`"));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::fs::File;
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
    fn what_is_no_file_is_refused_and_not_opened() {
        let root = directory();
        fs::write(root.path().join("main.flink"), PROGRAM.replace("\"1\"", "file(\"pipe\")")).expect("can be written");
        let pipe = Command::new("mkfifo").arg(root.path().join("pipe")).status().expect("there is a mkfifo");
        assert!(pipe.success());
        let text = wrong(root.path(), ["check"]);
        assert!(text.contains("`pipe` is not a regular file"), "{text}");
        fs::remove_file(root.path().join("pipe")).expect("can be removed");
        for (target, why) in [("/dev/zero", "leaves the project"), ("/etc/passwd", "leaves the project")] {
            std::os::unix::fs::symlink(target, root.path().join("pipe")).expect("can be made");
            let text = wrong(root.path(), ["check"]);
            assert!(text.contains(why), "{text}");
            fs::remove_file(root.path().join("pipe")).expect("can be removed");
        }
        std::os::unix::fs::symlink("/dev/zero", root.path().join("other.flink")).expect("can be made");
        assert!(wrong(root.path(), ["check"]).contains("`other.flink` is a symbolic link that leaves the project"));
    }

    #[test]
    fn modules_behind_a_link_that_leaves_the_project_are_refused() {
        let (root, outside) = (directory(), directory());
        fs::write(outside.path().join("a.flink"), "let x = 1\n").expect("can be written");
        std::os::unix::fs::symlink(outside.path(), root.path().join("lib")).expect("can be made");
        fs::write(root.path().join("main.flink"), "import \"lib\"\n").expect("can be written");
        let text = wrong(root.path(), ["check"]);
        assert!(text.contains("`lib` is a symbolic link that leaves the project"), "{text}");
    }

    #[test]
    fn a_source_without_permission_is_named() {
        let root = directory();
        let path = root.path().join("main.flink");
        fs::write(&path, PROGRAM).expect("can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("can be set");
        if fs::read(&path).is_err() {
            assert!(wrong(root.path(), ["check"]).contains("`main.flink` cannot be read: permission denied"));
        } else {
            eprintln!("permissions do not bind the administrator: nothing was tested");
        }
    }

    #[test]
    fn an_output_that_cannot_be_written_is_named() {
        let root = directory();
        fs::write(root.path().join("main.flink"), PROGRAM).expect("can be written");
        let locked = root.path().join("locked");
        fs::create_dir(&locked).expect("can be made");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).expect("can be set");
        if File::create(locked.join("probe")).is_err() {
            let text = refusal(root.path(), ["build", "--out", "locked/deploy"]);
            assert!(text.contains("locked") && text.to_lowercase().contains("permission denied"), "{text}");
        } else {
            eprintln!("permissions do not bind the administrator: nothing was tested");
        }
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).expect("can be set");
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
