//! `flinkc check --fix`: what it changes, what it leaves alone, and what it says. What each fix is, the cases show.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const FINE: i32 = 0;
const WRONG: i32 = 1;
const IMPOSSIBLE: i32 = 2;

fn project(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory can be made");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("is below the root")).expect("can be made");
        fs::write(path, text).expect("can be written");
    }
    root
}

fn flinkc(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flinkc")).current_dir(directory).args(arguments).output().expect("can be run")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("is text")
}

fn read(root: &TempDir, path: &str) -> String {
    fs::read_to_string(root.path().join(path)).expect("is there")
}

const SCHEMA: &str = "schema App {\n  replicas: int\n  image: string\n}\n";

#[test]
fn fixes_what_has_one_right_answer_and_tells_the_rest() {
    let root = project(&[
        (
            "lib/app.flink",
            "schema App {\n  replicas: int\n  image: string\n}\nlet spare: App = { replica = 1, image = web }\n",
        ),
        (
            "main.flink",
            "import \"lib\"\r\nlet a: lib.App = {\r\n  replica: \"3\"   // three\r\n  image: 'x'\r\n}\r\nlet b: int = \"many\"\r\n",
        ),
    ]);
    let output = flinkc(root.path(), &["check", "--fix"]);
    assert_eq!(output.status.code(), Some(WRONG), "{output:?}");
    let main = "import \"lib\"\r\nlet a: lib.App = {\r\n  replicas = 3   // three\r\n  image = \"x\"\r\n}\r\nlet b: int = \"many\"\r\n";
    assert_eq!(read(&root, "main.flink"), main);
    assert_eq!(
        read(&root, "lib/app.flink"),
        "schema App {\n  replicas: int\n  image: string\n}\nlet spare: App = { replicas = 1, image = \"web\" }\n"
    );
    let told = text(&output.stdout);
    for line in [
        "main.flink:3: write `=` for `:`",
        "main.flink:3: replace `replica` with `replicas`",
        "main.flink:3: take the quotes away",
        "lib/app.flink:5: put `web` in quotes",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
    let left = text(&output.stderr);
    assert!(left.starts_with("error[type-mismatch]: main.flink:6:14:") && left.ends_with("\n1 error\n"), "{left}");

    // There is nothing left to do, so nothing is done.
    let again = flinkc(root.path(), &["check", "--fix"]);
    assert_eq!((text(&again.stdout), again.status.code()), ("", Some(WRONG)));
    assert_eq!(read(&root, "main.flink"), main);
}

#[test]
fn a_program_that_is_right_afterwards_is_fine() {
    let program = format!("{SCHEMA}environment dev {{}}\nlet _a: App = {{ replicas = 1, image = web }}\n");
    let root = project(&[("main.flink", &program)]);
    let output = flinkc(root.path(), &["check", "--fix"]);
    assert_eq!(output.status.code(), Some(FINE), "{output:?}");
    assert_eq!(text(&output.stdout), "main.flink:6: put `web` in quotes\n");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn formats_for_programs_keep_stdout_to_themselves() {
    for format in ["json", "github", "sarif"] {
        let root = project(&[("main.flink", "environment dev {}\nlet a: string = web\nlet b: int = \"many\"\n")]);
        let output = flinkc(root.path(), &["check", "--fix", "--format", format]);
        assert_eq!(text(&output.stderr), "main.flink:2: put `web` in quotes\n");
        let told = text(&output.stdout);
        assert!(told.contains("type-mismatch") && !told.contains("web"), "{told}");
        assert_eq!(output.status.code(), Some(WRONG));
    }
}

#[test]
fn a_file_or_a_module_is_fixed_with_what_it_imports() {
    let root = project(&[
        (".git/HEAD", ""),
        ("lib/a.flink", "let level: string = info\n"),
        ("app/main.flink", "import \"../lib\"\nlet a = lib.level\n"),
        ("app/other.flink", "let c: string = other\n"),
    ]);
    let output = flinkc(root.path(), &["check", "--fix", "app/main.flink"]);
    assert_eq!(text(&output.stdout), "lib/a.flink:1: put `info` in quotes\n", "{output:?}");
    assert_eq!(read(&root, "lib/a.flink"), "let level: string = \"info\"\n");
    // It is no part of what was named.
    assert_eq!(read(&root, "app/other.flink"), "let c: string = other\n");
}

#[test]
fn many_rounds_are_bounded_and_each_leaves_a_program_that_parses() {
    // One slip in each of many nested blocks: a round finds the outermost of a declaration.
    let depth = 30;
    let nested = format!("let a = {}{}{}\n", "{ b: ".repeat(depth), "1", " }".repeat(depth));
    let root = project(&[("main.flink", &nested)]);
    let output = flinkc(root.path(), &["check", "--fix"]);
    assert!(text(&output.stdout).lines().count() >= 10, "{output:?}");
    let left = read(&root, "main.flink").matches(':').count();
    assert_eq!(left + text(&output.stdout).lines().count(), depth, "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_named_and_left() {
    use std::os::unix::fs::PermissionsExt;
    let root = project(&[("main.flink", "let a: string = web\n")]);
    let path = root.path().join("main.flink");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("can be set");
    let output = flinkc(root.path(), &["check", "--fix"]);
    assert_eq!(output.status.code(), Some(IMPOSSIBLE), "{output:?}");
    assert_eq!(text(&output.stderr), "error: `main.flink` cannot be written: it is read-only\n");
    assert_eq!(read(&root, "main.flink"), "let a: string = web\n");
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_project_is_changed() {
    let outside = project(&[("a.flink", "let level: string = info\n")]);
    let root = project(&[("main.flink", "import \"lib\"\nlet a = lib.level\n")]);
    std::os::unix::fs::symlink(outside.path(), root.path().join("lib")).expect("can be made");
    let output = flinkc(root.path(), &["check", "--fix"]);
    assert_eq!((text(&output.stdout), output.status.code()), ("", Some(WRONG)), "{output:?}");
    assert_eq!(read(&outside, "a.flink"), "let level: string = info\n");
}
