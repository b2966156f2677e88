//! Flux replaces `${…}` in what it applies, and refuses names that it does not know.

use super::check;
use crate::kustomize::{self, objects};
use flinkc::layers::Tree;

fn config(text: &str, annotations: &str) -> String {
    format!(
        "
apiVersion: v1
kind: ConfigMap
metadata: {{ name: c, namespace: web{annotations} }}
data: {{ run.sh: {text:?} }}
---
apiVersion: v1
kind: ConfigMap
hashed: true
metadata: {{ name: g, namespace: web{annotations} }}
data: {{ run.sh: {text:?} }}
"
    )
}

/// What Flux makes of an object that stands in a directory as it is.
fn applied(engines: &kustomize::Engines, object: &str) -> Result<serde_json::Value, String> {
    let output = tempfile::tempdir().expect("a temporary directory can be made");
    let root = output.path().canonicalize().expect("it is there");
    let files = [("kustomization.yaml", "resources: [object.yaml]\n"), ("object.yaml", object)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    objects::write(&Tree { files: files.into_iter().collect() }, &root).expect("an empty directory takes it");
    engines.flux(&root, &root).map(|mut objects| objects.remove(0))
}

#[test]
fn the_judge_substitutes_and_is_strict() {
    let Some(engines) = kustomize::engines() else { return };
    let object =
        |text: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}, data: {{a: '{text}'}}}}");
    let substituted = applied(engines, &object("-${set_by_the_test}-")).expect("it knows this one");
    assert_eq!(substituted["data"]["a"], "-x-");
    let refused = applied(engines, &object("${HOME}")).expect_err("nobody sets this one");
    assert!(refused.contains("HOME"), "{refused}");
}

#[test]
fn variables_of_shells_and_loggers_arrive_as_they_are() {
    let texts = ["echo ${HOME}", "${set_by_the_test}", "${sys:log.file}", "$${A}", "${A:-b}", "${", "$HOME $(A)"];
    for text in texts {
        // In every environment, in one of them only, and in different places.
        check(&[&config(text, ""), &config(text, "")]);
        check(&[&config("a", ""), &config(text, ""), &config("b", ", annotations: { note: '${A}' }")]);
    }
}

#[test]
fn who_asks_for_substitution_gets_it() {
    let Some(project) = check(&[&config("a", ""), &config("b", "")]) else { return };
    assert!(!project.listing().contains("substitute"));
    let asked = ", annotations: { kustomize.toolkit.fluxcd.io/substitute: enabled }";
    let Some(project) = check(&[&config("a", asked), &config("b", asked)]) else { return };
    assert!(!project.listing().contains("substitute: disabled"));
}
