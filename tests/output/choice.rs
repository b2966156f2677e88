//! Which of an environment's values stand in the base.

use super::built;
use std::collections::BTreeMap;

/// A ConfigMap's value in the base, and the environments that patch it, of a program in three environments.
fn chosen(declarations: &str) -> (String, Vec<String>) {
    let program = format!("environment a {{}}\nenvironment b {{}}\nenvironment c {{}}\n{declarations}");
    let tree = built(&BTreeMap::from([("main.flink".to_owned(), program)]));
    let base = tree.files.iter().find(|(path, _)| path.ends_with("/base/c-configmap.yaml")).expect("the base has it");
    let base = String::from_utf8_lossy(base.1);
    let value = base.lines().find_map(|line| line.strip_prefix("  x: ")).expect("it has a value").to_owned();
    let is_patched = |name: &&&str| {
        let patch = format!("/overlays/{name}/patches/c-configmap.yaml");
        tree.files.keys().any(|path| path.ends_with(&patch))
    };
    (value, ["a", "b", "c"].iter().filter(is_patched).map(|name| (*name).to_owned()).collect())
}

#[test]
fn the_base_is_the_program_without_its_conditions() {
    let program = "resource v1 ConfigMap c { data { x = \"0\" }\n when a { data.x = \"1\" }\n}\n";
    assert_eq!(chosen(program), ("\"0\"".to_owned(), vec!["a".to_owned()]));
}

#[test]
fn what_every_environment_replaces_is_nowhere() {
    let values = |values: [&str; 3]| {
        let whens = ["a", "b", "c"].iter().zip(values);
        let whens: String = whens.map(|(name, value)| format!("\n when {name} {{ data.x = {value:?} }}")).collect();
        chosen(&format!("resource v1 ConfigMap c {{ data {{ x = \"0\" }}{whens}\n}}\n"))
    };
    // What most have.
    assert_eq!(values(["1", "2", "2"]), ("\"2\"".to_owned(), vec!["a".to_owned()]));
    // Where none is more frequent, what the first declared of the plainest environments has.
    assert_eq!(values(["1", "2", "3"]), ("\"1\"".to_owned(), vec!["b".to_owned(), "c".to_owned()]));
}

#[test]
fn the_plainest_environment_decides_where_no_value_is_more_frequent() {
    let program = "group early = a, b\n\
        resource v1 ConfigMap c { data { x = environment.name }\n\
          when a { metadata.labels.y = \"1\" }\n when early { metadata.labels.z = \"1\" }\n}\n";
    assert_eq!(chosen(program).0, "c");
}
