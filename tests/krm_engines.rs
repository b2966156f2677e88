//! Kustomize itself, built from its pinned module, runs `flinkc plugin krm`: in a build, and over a package's files with
//! the library that kpt runs functions with, too.
#![cfg(feature = "real")]

mod kustomize;

use flinkc::driver;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Kustomize's command, built once.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kustomize");
        let mut go = Command::new("go");
        go.args(["build", "-o"]).arg(&program).arg("sigs.k8s.io/kustomize/kustomize/v5");
        go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/krm"));
        let output = go.output().expect("these tests need Go, which builds Kustomize");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    })
}

/// A directory with all examples in `examples`, which may hold links to them: the root is the directory itself.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in walkdir::WalkDir::new(&examples) {
        let entry = entry.expect("examples can be read");
        let place = directory.path().join("examples").join(entry.path().strip_prefix(&examples).expect("is below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(&place).expect("can be made");
        } else {
            fs::copy(entry.path(), &place).expect("can be copied");
        }
    }
    directory
}

/// A configuration that says how the function is started.
fn configuration(project: &str, environment: &str) -> String {
    let flinkc = env!("CARGO_BIN_EXE_flinkc");
    format!(
        "apiVersion: flinkc.dev/v1\nkind: Flink\nmetadata:\n  name: streams\n  annotations:\n    \
         config.kubernetes.io/function: |\n      exec:\n        path: {flinkc}\n        args: [plugin, krm]\n    \
         config.kubernetes.io/local-config: 'true'\nspec:\n  project: {project}\n  environment: {environment}\n"
    )
}

fn write(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).expect("can be written");
}

fn kustomize(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).current_dir(directory).output().expect("Kustomize can be run")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("it is text")
}

const BUILD: [&str; 4] = ["build", "--enable-alpha-plugins", "--enable-exec", "."];

#[test]
fn kustomize_builds_what_render_prints() {
    let Some(engines) = kustomize::engines() else { return };
    let directory = directory();
    write(directory.path(), "kustomization.yaml", "generators: [flink.yaml]\n");
    let mut compared = 0;
    let examples = fs::read_dir(directory.path().join("examples")).expect("it was made");
    for example in examples {
        let example = example.expect("can be read").file_name().into_string().expect("it is text");
        let project = driver::open(&directory.path().join("examples").join(&example)).expect("it is there");
        for environment in driver::environments(&project) {
            write(directory.path(), "flink.yaml", &configuration(&format!("examples/{example}"), &environment));
            let built = stdout(&kustomize(directory.path(), &BUILD));
            let rendered = driver::render(&project, &[], &environment, None).value.expect("it is sound");
            let read = |text: &str| {
                let mut objects = engines.read(text).expect("it is YAML");
                objects.sort_by_key(ToString::to_string);
                objects
            };
            let rendered = read(&String::from_utf8(rendered).expect("it is text"));
            assert!(!rendered.is_empty() && read(&built) == rendered, "{example} {environment} differs");
            compared += 1;
        }
    }
    assert!(compared >= 12, "only {compared} were compared");
}

/// What the guide says, word for word: the files as they stand there, and the program beside them by a symbolic link.
#[test]
fn the_guides_example_is_built() {
    let guide = include_str!("../docs/krm.md");
    let block = |head: &str| {
        let from = guide.find(head).unwrap_or_else(|| panic!("the guide has no {head}")) + head.len();
        let text = &guide[from..];
        text[..text.find("```").expect("a block ends")].to_owned()
    };
    let Some(engines) = kustomize::engines() else { return };
    let directory = directory();
    let example = directory.path().join("examples/clicks");
    fs::rename(&example, directory.path().join("clicks")).expect("can be moved");
    write(directory.path(), "flink.yaml", &block("# flink.yaml\n"));
    write(directory.path(), "kustomization.yaml", &block("# kustomization.yaml\n"));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_flinkc"), directory.path().join("flinkc")).expect("can be made");
    let command: Vec<String> = block("```sh\n").split_whitespace().skip(1).map(str::to_owned).collect();
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let built = stdout(&kustomize(directory.path(), &command));
    let project = driver::open(&directory.path().join("clicks")).expect("it is there");
    let settings = [("image_tag".to_owned(), "2.10".to_owned())];
    let rendered = driver::render(&project, &settings, "prod", None).value.expect("it is sound");
    let read = |text: &str| {
        let mut objects = engines.read(text).expect("it is YAML");
        objects.sort_by_key(ToString::to_string);
        objects
    };
    assert_eq!(read(&built), read(&String::from_utf8(rendered).expect("it is text")));
    assert!(built.contains("clicks:2.10"), "{built}");
}

#[test]
fn kustomize_fails_with_what_is_wrong() {
    let directory = directory();
    write(directory.path(), "kustomization.yaml", "generators: [flink.yaml]\n");
    write(directory.path(), "flink.yaml", &configuration("examples/hello", "dve"));
    let output = kustomize(directory.path(), &BUILD);
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no environment `dve`") && said.contains("did you mean `dev`?"), "{said}");
}

#[test]
fn a_transformer_adds_to_what_is_there() {
    let directory = directory();
    write(directory.path(), "kustomization.yaml", "resources: [own.yaml]\ntransformers: [flink.yaml]\n");
    write(directory.path(), "own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: 'no'}\n");
    write(directory.path(), "flink.yaml", &configuration("examples/hello", "dev"));
    let built = stdout(&kustomize(directory.path(), &BUILD));
    assert!(built.contains("name: own\n") && built.contains("kind: Deployment"), "{built}");
}

/// The files of a directory and their texts, without `examples`.
fn files(directory: &Path) -> Vec<(String, String)> {
    let entries = walkdir::WalkDir::new(directory).sort_by_file_name().into_iter();
    entries
        .filter_entry(|entry| entry.file_name() != "examples")
        .map(|entry| entry.expect("can be read"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(directory).expect("is below").to_string_lossy().into_owned();
            (path, fs::read_to_string(entry.path()).expect("it is text"))
        })
        .collect()
}

#[test]
fn a_package_keeps_what_is_made_and_another_run_replaces_it() {
    let directory = directory();
    let package = directory.path().join("package");
    fs::create_dir(&package).expect("can be made");
    let own = "# ours\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\ndata:\n  a: 'no' # kept\n";
    write(&package, "own.yaml", own);
    let run = |environment: &str| {
        write(&package, "flink.yaml", &configuration("examples/session", environment));
        let output = kustomize(directory.path(), &["fn", "run", "package", "--enable-exec"]);
        assert!(output.status.success(), "{output:?}");
        files(&package)
    };
    let names = |files: &[(String, String)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let prod = run("prod");
    assert!(
        prod.len() > 4 && prod.iter().any(|(path, _)| path.starts_with("streams/deployment-")),
        "{:?}",
        names(&prod)
    );
    assert!(prod.contains(&("own.yaml".to_owned(), own.to_owned())), "{prod:?}");
    assert_eq!(run("prod"), prod, "the same once more");
    let staging = run("staging");
    assert!(staging.len() < prod.len(), "what staging lacks is gone: {:?}", names(&staging));
    assert!(names(&staging).contains(&"streams/role-analytics-election.yaml".to_owned()), "{:?}", names(&staging));
    assert_eq!(run("prod"), prod, "and there again");
}
