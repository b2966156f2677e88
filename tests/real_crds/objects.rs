//! Checks objects of the standard library's kinds that others wrote: the examples and test data of the projects that
//! define these kinds. What their API servers take, the compiler takes.

use crate::origins;
use flinkc::diagnostic::{Code, Diagnostic, Severity};
use flinkc::driver::check_with;
use flinkc::host::MemoryHost;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Where objects lie in the modules of `tests/tools/crds/go.mod`.
const DIRECTORIES: &[(&str, &[&str])] = &[
    ("github.com/argoproj/argo-cd/v3", &["applicationset/examples", "resource_customizations"]),
    ("github.com/external-secrets/external-secrets", &["docs/snippets"]),
    ("github.com/fluxcd/kustomize-controller", &["config/samples", "config/testdata"]),
    ("github.com/fluxcd/source-controller", &["config/samples", "config/testdata"]),
    ("github.com/kedacore/keda/v2", &["config/samples"]),
    ("github.com/prometheus-operator/prometheus-operator", &["example"]),
    ("sigs.k8s.io/gateway-api", &["examples/standard"]),
];

/// The kinds that the standard library declares.
const KINDS: [(&str, &str); 14] = [
    ("argoproj.io/v1alpha1", "Application"),
    ("argoproj.io/v1alpha1", "ApplicationSet"),
    ("cert-manager.io/v1", "Certificate"),
    ("cert-manager.io/v1", "ClusterIssuer"),
    ("cert-manager.io/v1", "Issuer"),
    ("external-secrets.io/v1", "ExternalSecret"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("gateway.networking.k8s.io/v1beta1", "HTTPRoute"),
    ("keda.sh/v1alpha1", "ScaledObject"),
    ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("source.toolkit.fluxcd.io/v1", "GitRepository"),
    ("source.toolkit.fluxcd.io/v1", "OCIRepository"),
];

/// Files whose objects an API server refuses too, and what is wrong with them: proposals that were never carried out,
/// fields that are gone, required fields that are missing.
const WRONG: [(&str, &str); 14] = [
    ("design-doc/applicationset-fasttemplate.yaml", "needs `project`"),
    ("design-doc/applicationset.yaml", "needs `project`"),
    ("design-doc/git-directory-discovery-fasttemplate.yaml", "needs `revision`"),
    ("design-doc/git-directory-discovery.yaml", "needs `revision`"),
    ("design-doc/git-files-discovery-fasttemplate.yaml", "needs `revision`"),
    ("design-doc/git-files-discovery.yaml", "needs `revision`"),
    ("design-doc/git-files-literal-fasttemplate.yaml", "needs `revision`"),
    ("design-doc/git-files-literal.yaml", "needs `revision`"),
    ("design-doc/proposal/filters.yaml", "no field `filters`"),
    ("matrix/matrix-and-union-in-matrix-fasttemplate.yaml", "no field `union`"),
    ("matrix/matrix-and-union-in-matrix.yaml", "no field `union`"),
    ("cert-manager.io/ClusterIssuer/testdata", "no field `http01`"),
    ("scrapeclass/scrapeclass-example-podmonitor.yaml", "needs `selector`"),
    ("scrapeclass/scrapeclass-example-servicemonitor.yaml", "needs `selector`"),
];

/// A constant in the language's notation.
fn constant(out: &mut String, value: &Json) {
    match value {
        Json::String(text) => string(out, text),
        Json::Array(items) => {
            out.push('[');
            for item in items {
                constant(out, item);
                out.push_str(", ");
            }
            out.push(']');
        }
        Json::Object(entries) => {
            out.push_str("{ ");
            for (key, value) in entries {
                string(out, key);
                out.push_str(" = ");
                constant(out, value);
                out.push_str(", ");
            }
            out.push('}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => write!(out, "{value}").expect("text takes all"),
    }
}

fn string(out: &mut String, text: &str) {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    write!(out, "\"{}\"", text.replace('\r', "\\r")).expect("text takes all");
}

/// A program with the object and nothing else.
fn program(object: &Json) -> String {
    let word = |key: &str| object[key].as_str().expect("an object has a kind");
    let mut out =
        format!("environment dev {{ namespace = \"a\" }}\nresource {} {} o {{\n", word("apiVersion"), word("kind"));
    for (key, value) in object.as_object().expect("an object is a map") {
        if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "status") {
            write!(out, "  {key} = ").expect("text takes all");
            constant(&mut out, value);
            out.push('\n');
        }
    }
    out.push_str("}\n");
    out
}

/// What is wrong with an object, but for what it names: that lies elsewhere.
fn problems(object: &Json) -> Vec<Diagnostic> {
    let host = MemoryHost::new([("main.flink", program(object))]);
    let found = check_with(&host, "", None, &[]).diagnostics;
    found.into_iter().filter(|found| found.severity == Severity::Error && found.code != Code::BrokenLink).collect()
}

/// The objects of known kinds in the YAML files of a directory. Files that are templates are no YAML.
fn objects(directory: &Path) -> Vec<(String, Json)> {
    let mut objects = Vec::new();
    for entry in walkdir::WalkDir::new(directory).sort_by_file_name() {
        let path = entry.expect("a module can be read").into_path();
        if path.extension().is_none_or(|extension| extension != "yaml" && extension != "yml") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for document in serde_yaml::Deserializer::from_str(&text) {
            let Ok(object) = <Json as serde::Deserialize>::deserialize(document) else { break };
            let is =
                |(api_version, kind): &(&str, &str)| object["apiVersion"] == *api_version && object["kind"] == *kind;
            if KINDS.iter().any(is) {
                objects.push((path.display().to_string(), object));
            }
        }
    }
    objects
}

#[test]
fn real_objects_are_right() {
    let directories = origins::module_directories();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut failures, mut wrong) = (String::new(), 0);
    for (module, below) in DIRECTORIES {
        for (path, object) in below.iter().flat_map(|below| objects(&directories[*module].join(below))) {
            *counts.entry(format!("{} {}", object["apiVersion"], object["kind"])).or_default() += 1;
            let problems = problems(&object);
            match WRONG.iter().find(|(wrong, _)| path.contains(wrong)) {
                Some((_, what)) => {
                    let found = problems.iter().any(|problem| problem.message.contains(what));
                    assert!(found, "{path}: {what}: {problems:#?}");
                    wrong += 1;
                }
                None => {
                    for Diagnostic { code, message, notes, .. } in problems {
                        writeln!(failures, "{path}: {}: {message}\n  {notes:?}", code.name()).expect("text takes all");
                    }
                }
            }
        }
    }
    let all: usize = counts.values().sum();
    println!("{all} objects, {wrong} of them wrong: {counts:#?}");
    assert!(failures.is_empty(), "{failures}");
    assert!(all >= 200 && wrong < 20, "{counts:?}");
}

/// What Gateway API's own tests expect its API server to refuse, the compiler refuses too.
#[test]
fn invalid_routes_are_refused() {
    let directories = origins::module_directories();
    let examples = objects(&directories["sigs.k8s.io/gateway-api"].join("hack/invalid-examples/standard/httproute"));
    assert!(examples.len() >= 18, "the examples were not found");
    let wrong = examples.into_iter().filter(|(_, object)| problems(object).is_empty());
    let taken: Vec<String> = wrong.map(|(path, _)| path).collect();
    assert!(taken.is_empty(), "{taken:#?}");
}
