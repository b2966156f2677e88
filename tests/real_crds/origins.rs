//! CustomResourceDefinitions that others wrote: of Go modules, of a Java program, and of a npm package.

use crate::typescript;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file that holds definitions.
#[derive(Debug)]
pub struct File {
    /// From the top of what it belongs to.
    pub path: String,
    pub text: String,
}

/// A module or package, as the heads of files name it, with its definitions.
pub struct Origin {
    pub name: String,
    pub files: Vec<File>,
}

/// Where definitions lie in the modules of `tests/tools/crds/go.mod`.
const DIRECTORIES: &[(&str, &[&str])] = &[
    ("github.com/argoproj/argo-cd/v3", &["manifests/crds"]),
    ("github.com/cert-manager/cert-manager", &["deploy/crds"]),
    ("github.com/external-secrets/external-secrets", &["config/crds/bases"]),
    ("github.com/fluxcd/kustomize-controller", &["config/crd/bases"]),
    ("github.com/fluxcd/source-controller", &["config/crd/bases"]),
    ("github.com/kedacore/keda/v2", &["config/crd/bases"]),
    ("github.com/prometheus-operator/prometheus-operator", &["example/prometheus-operator-crd"]),
    ("sigs.k8s.io/gateway-api", &["config/crd/standard"]),
];

/// Classes of Strimzi's API that are kinds.
const STRIMZI: [&str; 10] = [
    "bridge.KafkaBridge",
    "connect.KafkaConnect",
    "connector.KafkaConnector",
    "kafka.Kafka",
    "mirrormaker2.KafkaMirrorMaker2",
    "nodepool.KafkaNodePool",
    "podset.StrimziPodSet",
    "rebalance.KafkaRebalance",
    "topic.KafkaTopic",
    "user.KafkaUser",
];

/// The npm package that has the Flink operator's definitions as TypeScript, and the release that they are of.
const FLINK_PACKAGE: &str = "@kubernetes-models/flink@1.0.1";
const FLINK: &str = "github.com/apache/flink-kubernetes-operator release-1.14.0";

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/crds")
}

/// Runs a program and gives what it printed.
fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {stderr}");
    output.stdout
}

/// What `go mod download -json` says of the modules, by path.
fn modules() -> BTreeMap<String, Json> {
    let output = run(Command::new("go").args(["mod", "download", "-json"]).current_dir(tools()));
    let modules = serde_json::Deserializer::from_slice(&output).into_iter::<Json>();
    let modules = modules.map(|module| module.expect("`go mod download -json` prints JSON"));
    modules.map(|module| (module["Path"].as_str().expect("a module has a path").to_owned(), module)).collect()
}

fn directory(module: &Json) -> PathBuf {
    PathBuf::from(module["Dir"].as_str().expect("the module was downloaded"))
}

/// Where each Go module lies.
pub fn module_directories() -> BTreeMap<String, PathBuf> {
    modules().into_iter().map(|(path, module)| (path, directory(&module))).collect()
}

/// All definitions of the Go modules.
pub fn go_modules() -> Vec<Origin> {
    let modules = modules();
    let origin = |(path, directories): &(&str, &[&str])| {
        let module = &modules[*path];
        let root = directory(module);
        let files = directories.iter().flat_map(|directory| yaml_files(&root, directory)).collect();
        Origin { name: format!("{path} {}", module["Version"].as_str().expect("a module has a version")), files }
    };
    DIRECTORIES.iter().map(origin).collect()
}

/// The YAML files of a directory, without those that only Kustomize reads.
fn yaml_files(root: &Path, directory: &str) -> Vec<File> {
    let entries = walkdir::WalkDir::new(root.join(directory)).sort_by_file_name();
    let paths = entries.into_iter().map(|entry| entry.expect("a module can be read").into_path());
    let wanted = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "yaml") && !path.ends_with("kustomization.yaml")
    };
    let file = |path: PathBuf| File {
        path: path.strip_prefix(root).expect("is below the root").display().to_string(),
        text: fs::read_to_string(&path).expect("a definition is text"),
    };
    paths.filter(wanted).map(file).collect()
}

/// Strimzi's definitions, made by its own program.
pub fn strimzi() -> Origin {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let libraries = directory.path().join("lib");
    let goal = "dependency:copy-dependencies";
    let pom = tools().join("strimzi/pom.xml");
    run(Command::new("mvn")
        .args(["-q", "-B", goal])
        .arg("-f")
        .arg(&pom)
        .arg(format!("-DoutputDirectory={}", libraries.display())));
    let classes = STRIMZI.iter().map(|class| {
        let name = class.rsplit('.').next().expect("a class has a name");
        (format!("io.strimzi.api.kafka.model.{class}"), format!("{name}.yaml"))
    });
    let files = classes.map(|(class, file)| {
        let path = directory.path().join(&file);
        run(Command::new("java").arg("-cp").arg(libraries.join("*")).args([
            "io.strimzi.crdgenerator.CrdGenerator",
            "--yaml",
            &format!("{class}={}", path.display()),
        ]));
        let text = fs::read_to_string(&path).expect("the program wrote the definition");
        File { path: file, text }
    });
    Origin { name: "io.strimzi:api".to_owned(), files: files.collect() }
}

/// The definitions of the Flink operator. Its newest release is no Go module; a npm package has them as TypeScript.
pub fn flink() -> Origin {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    run(Command::new("npm").args(["pack", "--silent", FLINK_PACKAGE]).current_dir(directory.path()));
    let archive = fs::read_dir(directory.path()).expect("can be listed").next().expect("npm left the package");
    let archive = archive.expect("can be read").path();
    run(Command::new("tar").arg("xzf").arg(&archive).current_dir(directory.path()));
    let kinds = ["FlinkBlueGreenDeployment", "FlinkDeployment", "FlinkSessionJob", "FlinkStateSnapshot"];
    let files = kinds.iter().map(|kind| {
        let path = format!("package/flink.apache.org/v1beta1/{kind}.d.ts");
        let text = fs::read_to_string(directory.path().join(&path)).expect("the package has the kind");
        let schema = typescript::schema(&text, &format!("I{kind}"));
        File { path: format!("{kind}.json"), text: definition(kind, &schema).to_string() }
    });
    Origin { name: FLINK.to_owned(), files: files.collect() }
}

fn definition(kind: &str, schema: &Json) -> Json {
    let plural = format!("{}s", kind.to_lowercase());
    serde_json::json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.flink.apache.org") },
        "spec": {
            "group": "flink.apache.org",
            "names": { "kind": kind, "plural": plural },
            "scope": "Namespaced",
            "versions": [
                { "name": "v1beta1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } },
            ],
        },
    })
}
