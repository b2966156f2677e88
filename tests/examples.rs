//! Every example is sound, builds the same bytes each time, and Kustomize makes of it what `render` prints.

mod kustomize;

use flinkc::driver::{self, Project};
use flinkc::layers::Tree;
use kustomize::objects::{check_directory, documents};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const EXAMPLES: [&str; 8] = ["argocd", "clicks", "flux", "hello", "native", "operator", "platform", "session"];

fn directory(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)
}

fn project(example: &str) -> Project {
    driver::open(&directory(example)).expect("the example is there")
}

fn built(example: &str) -> Tree {
    let outcome = driver::build(&project(example), &[]);
    assert_eq!(outcome.diagnostics, [], "{example} has nothing to be said about");
    outcome.value.expect("what is sound has a result")
}

fn environments(tree: &Tree) -> Vec<String> {
    let gathered =
        tree.files.keys().filter_map(|path| path.strip_prefix("overlays/")?.strip_suffix("/kustomization.yaml"));
    gathered.map(str::to_owned).collect()
}

fn units(tree: &Tree, environment: &str) -> Vec<String> {
    let end = format!("/overlays/{environment}/kustomization.yaml");
    tree.files.keys().filter_map(|path| path.strip_suffix(&end)).map(str::to_owned).collect()
}

fn rendered(example: &str, environment: &str, only: Option<&str>) -> String {
    let outcome = driver::render(&project(example), &[], environment, only);
    assert_eq!(outcome.diagnostics, [], "{example} renders for {environment}");
    String::from_utf8(outcome.value.expect("what is sound has a result")).expect("YAML is UTF-8")
}

#[test]
fn there_is_a_test_for_every_example() {
    let listed = std::fs::read_dir(directory("")).expect("there are examples");
    let mut names: Vec<String> = listed
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, EXAMPLES);
    for example in EXAMPLES {
        assert!(directory(example).join("README.md").is_file(), "{example} says what it shows");
    }
}

#[test]
fn examples_build_the_same_bytes_each_time() {
    for example in EXAMPLES {
        assert_eq!(built(example), built(example), "{example}");
    }
}

#[test]
fn engines_make_of_every_example_what_render_prints() {
    let Some(engines) = kustomize::engines() else { return };
    for example in EXAMPLES {
        let tree = built(example);
        let output = tempfile::tempdir().expect("a temporary directory can be made");
        flinkc::write::write(&tree, output.path(), flinkc::write::Edited::Refuse).expect("an empty directory takes it");
        let root = output.path().canonicalize().expect("it is there");
        let environments = environments(&tree);
        assert!(!environments.is_empty(), "{example} has environments");
        for environment in &environments {
            let mut roots = vec![(format!("overlays/{environment}"), None)];
            roots.extend(
                units(&tree, environment)
                    .into_iter()
                    .map(|unit| (format!("{unit}/overlays/{environment}"), Some(unit))),
            );
            for (directory, only) in roots {
                let wanted = rendered(example, environment, only.as_deref());
                check_directory(engines, &root, &directory, &wanted)
                    .unwrap_or_else(|error| panic!("{example}/{error}"));
            }
        }
    }
}

#[test]
fn engines_make_the_same_of_whole_objects() {
    let Some(engines) = kustomize::engines() else { return };
    for example in EXAMPLES {
        let outcome = driver::build_rendered(&project(example), &[]);
        assert_eq!(outcome.diagnostics, [], "{example} has nothing to be said about");
        let tree = outcome.value.expect("what is sound has a result");
        let output = tempfile::tempdir().expect("a temporary directory can be made");
        flinkc::write::write(&tree, output.path(), flinkc::write::Edited::Refuse).expect("an empty directory takes it");
        let root = output.path().canonicalize().expect("it is there");
        for environment in environments(&built(example)) {
            let wanted = rendered(example, &environment, None);
            check_directory(engines, &root, &environment, &wanted).unwrap_or_else(|error| panic!("{example}/{error}"));
        }
        // An application of the engines may take any directory: each has what makes it one.
        let directories: std::collections::BTreeSet<&str> =
            tree.files.keys().filter_map(|path| path.rsplit_once('/').map(|(directory, _)| directory)).collect();
        for directory in directories {
            assert!(tree.files.contains_key(&format!("{directory}/kustomization.yaml")), "{example}/{directory}");
        }
    }
}

/// The whole output of an example as one text. Of `platform`, with a dozen applications alike, only the paths.
fn snapshot(example: &str) -> String {
    let mut text = String::new();
    for (path, bytes) in built(example).files {
        let content = String::from_utf8(bytes).expect("output is UTF-8");
        let _ = writeln!(text, "//- {path}");
        if example != "platform" {
            text.push_str(&content);
        }
    }
    text
}

/// `UPDATE_CASES=1 cargo test --test examples` rewrites what is expected.
#[test]
fn output_of_examples_is_as_it_was() {
    for example in EXAMPLES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{example}.txt"));
        let now = snapshot(example);
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("the directory can be made");
            std::fs::write(&path, &now).expect("the snapshot is writable");
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = similar::TextDiff::from_lines(&known, &now);
        assert!(known == now, "{example} changed:\n{}", difference.unified_diff());
    }
}

#[test]
fn production_is_highly_available_and_the_laptop_is_not() {
    let objects = |environment: &str| -> BTreeMap<String, serde_yaml::Value> {
        documents(&rendered("clicks", environment, None))
            .expect("render prints YAML")
            .into_iter()
            .map(|(identity, object)| (format!("{identity:?}"), serde_yaml::to_value(object).expect("JSON is YAML")))
            .collect()
    };
    let has = |environment: &str, kind: &str| objects(environment).keys().any(|identity| identity.contains(kind));
    assert!(has("prod", "RoleBinding") && has("prod", "Ingress") && has("prod", "ServiceMonitor"));
    assert!(!has("local", "RoleBinding") && !has("local", "Ingress"));
}
