//! `flinkc diff` against a real API server: what it says an apply would do is what the apply then does.
#![cfg(feature = "real")]

#[path = "../apiserver/mod.rs"]
mod apiserver;
mod direct;
mod examples;
mod failures;
mod leaves;
#[path = "../real_crds/origins.rs"]
#[allow(dead_code, reason = "only some origins are installed")]
mod origins;
mod scenarios;
#[path = "../shape/diff.rs"]
mod shape;
mod sweep;
#[path = "../real_crds/typescript.rs"]
mod typescript;

use apiserver::Server;
use flinkc::cluster::{Access, Cluster};
use flinkc::diagnostic::Diagnostics;
use flinkc::diff::live::{LiveObject, Question, Unmanaged};
use flinkc::diff::{self, EnvironmentDiff, Look, Mask};
use flinkc::driver::{Against, Source, diff_live_with, predict_on};
use flinkc::eval::value::Str;
use flinkc::host::MemoryHost;
use flinkc::kinds;
use flinkc::kubernetes::Object;
use flinkc::modules::{self, RootModule, WithStandard};
use flinkc::schema::Api;
use flinkc::source::Files;
use serde_json::Value as Json;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What is installed beside the Flink operator's definitions, as ends of the names of files.
const KINDS: [&str; 8] = [
    "/application-crd.yaml",
    "/applicationset-crd.yaml",
    "/cert-manager.io_certificates.yaml",
    "/kustomize.toolkit.fluxcd.io_kustomizations.yaml",
    "/monitoring.coreos.com_podmonitors.yaml",
    "/monitoring.coreos.com_servicemonitors.yaml",
    "/source.toolkit.fluxcd.io_gitrepositories.yaml",
    "/source.toolkit.fluxcd.io_ocirepositories.yaml",
];

const QUIET: &dyn Fn(usize, usize) = &|_, _| {};

/// A server with the definitions that examples need.
fn server() -> Server {
    static DEFINITIONS: OnceLock<String> = OnceLock::new();
    let server = Server::start();
    server.succeed(["apply", "--server-side", "-f", "-"], DEFINITIONS.get_or_init(definitions));
    await_definitions(&server);
    server
}

/// Waits until all definitions are served. kubectl fails where one has no status yet.
fn await_definitions(server: &Server) {
    let established = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"];
    let deadline = Instant::now() + Duration::from_secs(60);
    while !server.kubectl(established, "").status.success() {
        assert!(Instant::now() < deadline, "the definitions are not served after a minute");
    }
}

fn definitions() -> String {
    let mut all: Vec<origins::File> = origins::flink().files.into_iter().map(completed).collect();
    let of_modules = origins::go_modules().into_iter().flat_map(|origin| origin.files);
    all.extend(of_modules.filter(|file| KINDS.iter().any(|end| file.path.ends_with(end))));
    let texts: Vec<String> = all.into_iter().map(|file| file.text).collect();
    texts.join("\n---\n")
}

/// A definition as a server takes it: TypeScript says of `apiVersion` and `kind` only what stands there.
fn completed(file: origins::File) -> origins::File {
    let mut definition: Json = serde_json::from_str(&file.text).expect("it was made as JSON");
    for version in definition["spec"]["versions"].as_array_mut().into_iter().flatten() {
        let properties = &mut version["schema"]["openAPIV3Schema"]["properties"];
        for name in ["apiVersion", "kind"] {
            properties[name] = serde_json::json!({"type": "string"});
        }
        properties["metadata"] = serde_json::json!({"type": "object"});
        version["subresources"] = serde_json::json!({"status": {}});
    }
    origins::File { text: definition.to_string(), ..file }
}

/// A connection to the cluster of a context.
fn connect(kubeconfig: &Path, context: &str) -> Cluster {
    let access = Access { kubeconfig: Some(kubeconfig), context: Some(context) };
    Cluster::connect(access).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// The types of everything that the library knows.
fn api() -> &'static Api {
    static API: OnceLock<Api> = OnceLock::new();
    API.get_or_init(|| {
        let host = MemoryHost::new([("main.flink".to_owned(), "import std.flink\n".to_owned())]);
        let (mut files, mut sink) = (Files::default(), Diagnostics::default());
        let root = RootModule::File("main.flink".to_owned());
        let modules = modules::load(&WithStandard(&host), &root, &mut files, &mut sink);
        Api::with(kinds::declare(&modules, &mut sink))
    })
}

/// Objects as a program would make them.
fn made(manifests: &[Json]) -> Vec<(Str, Object)> {
    let one = |manifest: &Json| LiveObject::new(manifest.clone()).expect("it says who it is").object();
    manifests.iter().map(|manifest| ("test".into(), one(manifest))).collect()
}

/// What applying objects would do, as the server says.
fn predicted(cluster: &Cluster, manifests: &[Json], manager: Option<&str>) -> EnvironmentDiff {
    let mask = Mask::new([7; 32]);
    let question = Question { api: api(), manager, unmanaged: Unmanaged::Hide, labels: &[], mask: &mask, answers: &[] };
    let prognosis = predict_on(cluster, &made(manifests), question, QUIET);
    let said = EnvironmentDiff {
        environment: "test".to_owned(),
        objects: prognosis.objects,
        notes: prognosis.notes,
        failures: prognosis.failures,
    };
    if manifests.len() < 100 {
        shape::hold(&diff::json(std::slice::from_ref(&said)));
    }
    said
}

fn text(environment: &EnvironmentDiff) -> String {
    diff::text(std::slice::from_ref(environment), Look::default())
}

/// The program of an example.
fn example(name: &str) -> flinkc::driver::Project {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    flinkc::driver::open(&path).expect("the example is there")
}

/// The objects that an example makes in an environment.
fn rendered(name: &str, environment: &str) -> Vec<Json> {
    let stream = flinkc::driver::render(&example(name), &[], environment, None).value.expect("the example is right");
    let (documents, problem) = flinkc::import::documents(&String::from_utf8(stream).expect("text"));
    assert_eq!(problem, None);
    documents
}

/// Documents as a stream that kubectl reads.
fn stream(manifests: &[Json]) -> String {
    let texts: Vec<String> = manifests.iter().map(Json::to_string).collect();
    texts.join("\n---\n")
}

/// What applying a program to the cluster of a server would do.
fn program_against(server: &Server, program: &str, manager: Option<&str>) -> EnvironmentDiff {
    let host = MemoryHost::new([("main.flink".to_owned(), program.to_owned())]);
    let kubeconfig = server.kubeconfig();
    let access = Access { kubeconfig: Some(&kubeconfig), context: Some("admin") };
    let source = Source::Server { access, progress: QUIET };
    let mask = Mask::new([7; 32]);
    let against =
        Against { environment: "prod", source, manager, unmanaged: Unmanaged::Hide, labels: &[], mask: &mask };
    let outcome = diff_live_with(&host, "", Some("main.flink"), &[], against);
    let found: Vec<&str> = outcome.diagnostics.iter().map(|known| known.message.as_str()).collect();
    outcome.value.unwrap_or_else(|| panic!("{found:?}")).unwrap_or_else(|trouble| panic!("{trouble}"))
}
