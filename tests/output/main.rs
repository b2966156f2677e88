//! What output is like: how large overlays are, how long Kustomize takes, what an edit changes, and how texts are
//! written.

mod change;
mod choice;
#[path = "../kustomize/mod.rs"]
mod kustomize;
mod scalars;
mod time;

use flinkc::driver::build_with;
use flinkc::host::MemoryHost;
use flinkc::layers::Tree;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

const EXAMPLES: [&str; 6] = ["clicks", "hello", "native", "operator", "platform", "session"];

/// The files of an example, by path.
fn example(name: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let files = walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.expect("examples can be read"));
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(&root).expect("is below").to_string_lossy().replace('\\', "/");
            (path, std::fs::read_to_string(entry.path()).expect("examples are text"))
        })
        .collect()
}

fn host(files: &BTreeMap<String, String>) -> MemoryHost {
    MemoryHost::new(files.iter().map(|(path, text)| (path.clone(), text.clone())))
}

fn built(files: &BTreeMap<String, String>) -> Tree {
    let outcome = build_with(&host(files), "", None, &[]);
    let messages: Vec<&str> = outcome.diagnostics.iter().map(|diagnostic| &*diagnostic.message).collect();
    outcome.value.unwrap_or_else(|| panic!("{messages:?}"))
}

/// Bytes of all files below directories of a name.
fn bytes(tree: &Tree, directory: &str) -> usize {
    let is_below = |path: &str| path.contains(&format!("/{directory}/"));
    tree.files.iter().filter(|(path, _)| is_below(path)).map(|(_, content)| content.len()).sum()
}

#[test]
fn overlays_are_small_beside_their_base() {
    // Percent of the base that an environment's overlay has. What an environment has alone, such as the objects of high
    // availability in `clicks`, is in it as well.
    let most = [("clicks", 55), ("hello", 60), ("native", 60), ("operator", 60), ("platform", 15), ("session", 60)];
    for (name, most) in most {
        let tree = built(&example(name));
        let environments = tree.files.keys().filter(|path| path.starts_with("overlays/")).count();
        let (base, groups, overlays) = (bytes(&tree, "base"), bytes(&tree, "groups"), bytes(&tree, "overlays"));
        let share = 100 * (groups + overlays) / environments / base;
        println!("{name}: base {base}, groups {groups}, overlays {overlays} bytes; {share} % an environment");
        assert!(share <= most, "{name}: {share} % of the base, more than {most} %");
    }
}

#[test]
fn no_directory_says_whole_objects_again_or_needs_a_strategic_merge() {
    for name in EXAMPLES {
        for (path, content) in built(&example(name)).files {
            let text = String::from_utf8(content).expect("output is text");
            if path.contains("/patches/") {
                let steps = text.lines().filter(|line| !line.starts_with('#'));
                let first = steps.clone().next().unwrap_or_default().to_owned();
                assert!(first.starts_with("- op: "), "{name}/{path} is no JSON patch: {first}");
            }
            assert!(!text.contains("$patch"), "{name}/{path}");
        }
    }
}

#[test]
fn nothing_lies_in_a_directory_that_is_not_built_from() {
    for name in EXAMPLES {
        let tree = built(&example(name));
        let mut named: Vec<String> = Vec::new();
        for (path, content) in tree.files.iter().filter(|(path, _)| path.ends_with("kustomization.yaml")) {
            let directory = path.trim_end_matches("kustomization.yaml");
            let kustomization: Json = serde_yaml::from_slice(content).expect("it is YAML");
            // What no engine's default build switches off, and no version deprecates.
            let known = ["apiVersion", "kind", "namespace", "resources", "labels", "images", "replicas"];
            let strange = kustomization.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
            let mut strange =
                strange.filter(|key| !known.contains(key) && !["configMapGenerator", "patches"].contains(key));
            assert_eq!(strange.next(), None, "{name}/{path}");
            let text = |value: &Json| value.as_str().map(str::to_owned);
            let resources = kustomization["resources"].as_array().into_iter().flatten().filter_map(text);
            let patches = kustomization["patches"].as_array().into_iter().flatten();
            let patches = patches.filter_map(|patch| text(&patch["path"]));
            let generators = kustomization["configMapGenerator"].as_array().into_iter().flatten();
            let files = generators.flat_map(|generator| generator["files"].as_array().into_iter().flatten());
            let files = files
                .filter_map(text)
                .map(|file| file.split_once('=').map_or(file.clone(), |(_, path)| path.to_owned()));
            named.extend(resources.chain(patches).chain(files).map(|file| format!("{directory}{file}")));
            named.push(path.clone());
        }
        let stray: Vec<&String> = tree.files.keys().filter(|path| !named.contains(path)).collect();
        assert!(stray.is_empty(), "{name}: {stray:?}");
    }
}

fn flinkc(root: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut flinkc = std::process::Command::new(env!("CARGO_BIN_EXE_flinkc"));
    let output = flinkc.args(arguments).current_dir(root).output().expect("flinkc runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn one_form_takes_the_place_of_the_other_and_edits_are_named() {
    let root = tempfile::tempdir().expect("a temporary directory can be made");
    let program = "environment dev {}\nresource v1 ConfigMap c { data { a = \"b\" } }\n";
    std::fs::write(root.path().join("main.flink"), program).expect("can be written");
    let run = |arguments: &[&str]| flinkc(root.path(), arguments);
    let unit = root.path().file_name().expect("it has one").to_string_lossy().into_owned();
    let there = |path: &str| root.path().join("deploy").join(path.replace("UNIT", &unit)).is_file();
    assert_eq!(run(&["build"]).1, "deploy: 4 written, 0 unchanged, 0 removed\n");
    let overlays = std::fs::read_dir(root.path().join("deploy")).expect("is there").count();
    assert_eq!(overlays, 3, "a unit, the overlays and the list");
    assert_eq!(run(&["build", "--rendered"]).1, "deploy: 3 written, 0 unchanged, 4 removed\n");
    assert!(there("dev/kustomization.yaml") && !there("overlays/dev/kustomization.yaml"));
    assert_eq!(run(&["build", "--rendered", "--check"]).0, Some(0));
    assert_eq!(run(&["build", "--check"]).0, Some(1));

    let edited = root.path().join("deploy/dev/kustomization.yaml");
    std::fs::write(&edited, "mine").expect("can be written");
    std::fs::write(root.path().join("main.flink"), format!("{program}environment prod {{}}\n"))
        .expect("can be written");
    let (code, _, complaint) = run(&["build", "--rendered"]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("`dev/kustomization.yaml` was changed since flinkc wrote it"), "{complaint}");
    assert!(complaint.contains("--force") && !there("prod/kustomization.yaml"), "{complaint}");
    assert_eq!(run(&["build", "--rendered", "--force"]).0, Some(0));
    assert!(there("prod/kustomization.yaml"));
    assert_ne!(std::fs::read_to_string(&edited).expect("is there"), "mine");
}
