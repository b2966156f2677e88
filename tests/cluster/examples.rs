//! Every example in every environment: created where there is nothing, and no difference once it is applied.

use crate::{connect, direct::Direct, predicted, rendered, server, stream, text};
use flinkc::diff::{Difference, Evidence};
use flinkc::driver::environments;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Whoever applies, and how.
const APPLIERS: [(&str, &[&str]); 4] = [
    ("argocd-controller", &["--server-side", "--field-manager=argocd-controller"]),
    ("kustomize-controller", &["--server-side", "--field-manager=kustomize-controller"]),
    ("kubectl", &["--server-side"]),
    ("kubectl-client-side-apply", &[]),
];

/// Names of examples with their environments.
fn all() -> Vec<(String, String)> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("there are examples") {
        let name = entry.expect("it can be read").file_name().into_string().expect("text");
        found.extend(environments(&crate::example(&name)).into_iter().map(|environment| (name.clone(), environment)));
    }
    found.sort();
    found
}

#[test]
fn what_was_applied_is_no_difference() {
    let server = server();
    let (cluster, direct) = (connect(&server.kubeconfig(), "admin"), Direct::new(&server));
    let mut objects = 0;
    for (name, environment) in all() {
        let manifests = rendered(&name, &environment);
        let namespaces: BTreeSet<&str> =
            manifests.iter().filter_map(|manifest| manifest["metadata"]["namespace"].as_str()).collect();
        let program_makes = |namespace: &str| {
            manifests.iter().any(|object| object["kind"] == "Namespace" && object["metadata"]["name"] == *namespace)
        };
        for namespace in namespaces.iter().filter(|namespace| !program_makes(namespace)) {
            server.kubectl(["create", "namespace", namespace], "");
        }
        for (manager, arguments) in APPLIERS {
            let called = format!("{name} {environment} {manager}");
            let before = predicted(&cluster, &manifests, Some(manager));
            assert!(before.failures.is_empty() && !before.has_failed(), "{called}: {}", text(&before));
            assert_eq!(before.objects.len(), manifests.len(), "{called}: {}", text(&before));
            for change in &before.objects {
                assert!(matches!(change.difference, Difference::Created(_)), "{called}: {}", text(&before));
                let prediction = change.prediction.as_ref().expect("it is predicted");
                let is_asked = prediction.evidence == Evidence::Server;
                let waits = prediction.notes.iter().any(|note| note.contains("part of the same change"));
                assert!(is_asked || waits, "{called}: {}", text(&before));
            }
            let arguments = ["apply"].iter().chain(arguments).chain(&["-f", "-"]);
            server.succeed(arguments, &stream(&manifests));
            let after = predicted(&cluster, &manifests, None);
            assert!(after.objects.is_empty() && !after.has_failed(), "{called}: {}", text(&after));
            assert!(after.notes.iter().any(|note| note.contains(manager)), "{called}: {}", text(&after));
            objects += manifests.len();
            manifests
                .iter()
                .filter(|object| object["kind"] != "Namespace")
                .for_each(|object: &Json| direct.delete(object));
        }
    }
    println!("objects applied and compared: {objects}");
    assert!(objects > 300, "{objects} objects are too few to tell");
}
