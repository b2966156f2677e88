//! Texts that YAML readers take for something else, from the program to the objects that Kubernetes reads.

use super::{built, kustomize};
use kustomize::texts::TREACHEROUS;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[test]
fn strings_stay_strings_for_kubernetes_wherever_they_stand() {
    let Some(engines) = kustomize::engines() else { return };
    // What a program says in one line; texts of several lines are the law's.
    let lines = TREACHEROUS.iter().filter(|text| text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let named: Vec<(String, &str)> = lines.enumerate().map(|(at, text)| (format!("k{at}"), *text)).collect();
    assert!(named.len() > 60);
    let entries = |prefix: &str| {
        named.iter().fold(String::new(), |mut all, (key, text)| {
            let _ = writeln!(all, "    \"{prefix}{key}\" = {text:?}");
            all
        })
    };
    // A label's value is a word; the others may be anything.
    let is_word = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
            && text.ends_with(|letter: char| letter.is_ascii_alphanumeric())
    };
    let labels: String =
        named.iter().filter(|(_, text)| is_word(text)).map(|(key, text)| format!("    {key} = {text:?}\n")).collect();
    let env: String = named.iter().map(|(key, text)| format!("    {key} = {text:?}\n")).collect();
    let program = format!(
        "import std.flink
environment dev {{ namespace = \"n\" }}
flink.session web {{
  flink = \"1.20\"
  config {{
{}  }}
  env {{
{env}  }}
  taskmanager {{ memory = 2Gi }}
}}
resource v1 ConfigMap plain {{
  metadata {{ labels {{
{labels}  }}, annotations {{
{}  }} }}
  data {{
{}  }}
}}
",
        entries("metrics.reporter.x."),
        entries(""),
        entries("")
    );
    let files = BTreeMap::from([("main.flink".to_owned(), program)]);
    let output = tempfile::tempdir().expect("a temporary directory can be made");
    kustomize::objects::write(&built(&files), output.path()).expect("an empty directory takes it");
    let objects = engines.kustomize(&output.path().join("overlays/dev")).expect("Kustomize builds it");
    let of = |kind: &str, name: &str| {
        let is_it = |object: &&Json| {
            object["kind"] == kind && object["metadata"]["name"].as_str().is_some_and(|known| known.starts_with(name))
        };
        objects.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}"))
    };
    let plain = of("ConfigMap", "plain");
    let config = of("ConfigMap", "web-config")["data"]["config.yaml"].as_str().expect("it is a text");
    let config = engines.read(config).expect("it is YAML").remove(0);
    let containers = &of("Deployment", "web-jobmanager")["spec"]["template"]["spec"]["containers"];
    let variables = containers[0]["env"].as_array().expect("it has variables");
    for (key, text) in &named {
        assert_eq!(plain["data"][key], *text);
        assert_eq!(plain["metadata"]["annotations"][key], *text);
        if is_word(text) {
            assert_eq!(plain["metadata"]["labels"][key], *text);
        }
        assert_eq!(config[format!("metrics.reporter.x.{key}")], *text);
        let variable = variables.iter().find(|variable| variable["name"] == **key).expect("it is set");
        assert_eq!(variable["value"], *text);
    }
}
