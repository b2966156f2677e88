//! Flux's kustomize-controller itself, against a real API server: what it makes of what is built, and whether that is what
//! `flinkc diff` has said.
#![cfg(feature = "real")]

mod apiserver;
#[path = "real_crds/origins.rs"]
#[allow(dead_code, reason = "only Flux's own definitions are installed")]
mod origins;
#[path = "real_crds/typescript.rs"]
#[allow(dead_code, reason = "only Flux's own definitions are installed")]
mod typescript;

use apiserver::Server;
use flate2::Compression;
use flate2::write::GzEncoder;
use flinkc::driver;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

const NAMESPACE: &str = "flux-system";

/// A program that uses what Flux could trip over: variables of shells, generated names, objects of an environment only.
const PROGRAM: &str = r#"
environment prod { namespace = "shop", kubernetes = "1.34", context = "admin" }

@hashed
resource v1 ConfigMap settings {
  data {
    "start.sh" = "echo ${HOME:-nowhere} $1"
    level = "info"
  }
}

resource apps/v1 Deployment web {
  spec {
    replicas = 2
    selector.matchLabels { app = "web" }
    template {
      metadata.labels { app = "web" }
      spec {
        volumes { settings { configMap.name = settings.name } }
        containers {
          web {
            image = "registry.example.com/web:1"
            volumeMounts { "/etc/web" { name = "settings" } }
          }
        }
      }
    }
  }
}

resource v1 Service front {
  metadata.name = "web"
  spec {
    selector { app = "web" }
    ports { http { port = 80 } }
  }
}
"#;

/// Serves bytes at every path, as source-controller does for artifacts.
struct Source {
    address: String,
    content: Arc<Mutex<Vec<u8>>>,
}

impl Source {
    fn open() -> Source {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let address = listener.local_addr().expect("it listens").to_string();
        let content = Arc::new(Mutex::new(Vec::new()));
        let served = content.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let content = served.lock().expect("nobody panics here").clone();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", content.len());
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&content));
            }
        });
        Source { address, content }
    }

    /// Serves a directory as an archive; gives the archive's digest.
    fn publish(&self, directory: &Path) -> String {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        archive.append_dir_all(".", directory).expect("it can be read");
        let bytes = archive.into_inner().expect("it fits").finish().expect("it fits");
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        *self.content.lock().expect("nobody panics here") = bytes;
        digest
    }
}

/// The controller, built from the module that `tests/tools/controller/go.mod` pins.
fn controller() -> PathBuf {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/controller");
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("below target").join("tools");
    fs::create_dir_all(&tools).expect("it can be made");
    let program = tools.join(format!("kustomize-controller{}", std::env::consts::EXE_SUFFIX));
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if modified(&program) < modified(&module.join("go.mod")) {
        let mut go = Command::new("go");
        go.args(["build", "-trimpath", "-ldflags=-s -w", "-o"]).arg(&program);
        go.arg("github.com/fluxcd/kustomize-controller").current_dir(&module);
        let output = go.output().expect("install Go");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let built = File::options().append(true).open(&program).expect("it was made");
        built.set_modified(std::time::SystemTime::now()).expect("it is ours");
    }
    program
}

/// Ends with the test.
struct Controller(Child);

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(server: &Server, log: &Path) -> Controller {
    let log = File::create(log).expect("it can be made");
    let mut command = Command::new(controller());
    command.args(["--watch-all-namespaces=true", "--enable-leader-election=false", "--log-level=debug"]);
    command.args(["--metrics-addr=127.0.0.1:0", "--health-addr=127.0.0.1:0", "--events-addr="]);
    command.env("KUBECONFIG", server.kubeconfig()).env("RUNTIME_NAMESPACE", NAMESPACE).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("it is open")).stderr(log);
    Controller(command.spawn().expect("it was built"))
}

/// Flux's definitions, all those that the controller watches.
fn definitions() -> String {
    let flux = origins::go_modules().into_iter().filter(|origin| origin.name.contains("fluxcd"));
    let texts: Vec<String> = flux.flat_map(|origin| origin.files).map(|file| file.text).collect();
    texts.join("\n---\n")
}

struct Cluster {
    server: Server,
    source: Source,
    directory: tempfile::TempDir,
    revision: usize,
}

impl Cluster {
    fn open() -> (Cluster, Controller) {
        let server = Server::start();
        server.succeed(["apply", "--server-side", "-f", "-"], &definitions());
        for namespace in [NAMESPACE, "shop"] {
            server.succeed(["create", "namespace", namespace], "");
        }
        let cluster = Cluster {
            server,
            source: Source::open(),
            directory: tempfile::tempdir().expect("it can be made"),
            revision: 0,
        };
        let spec = json!({"interval": "1h", "url": "https://git.example.com/shop", "ref": {"branch": "main"}});
        cluster.create("source.toolkit.fluxcd.io/v1", "GitRepository", spec);
        let source = json!({"kind": "GitRepository", "name": "shop"});
        let spec = json!({
            "interval": "1h", "prune": true, "path": "./overlays/prod", "sourceRef": source,
            // Something is replaced, so that everything goes through strict substitution.
            "postBuild": {"substitute": {"anything": "at all"}},
        });
        cluster.create("kustomize.toolkit.fluxcd.io/v1", "Kustomization", spec);
        let controller = start(&cluster.server, &cluster.log());
        (cluster, controller)
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("controller.log")
    }

    fn create(&self, api_version: &str, kind: &str, spec: Json) {
        let metadata = json!({"name": "shop", "namespace": NAMESPACE});
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}).to_string();
        let deadline = Instant::now() + Duration::from_secs(60);
        // The definitions take a moment.
        while !self.server.kubectl(["apply", "--server-side", "-f", "-"], &object).status.success() {
            assert!(Instant::now() < deadline, "{object}");
            sleep(Duration::from_millis(500));
        }
    }

    /// Builds a program, and waits until the controller has applied what was built.
    fn deliver(&mut self, program: &str) {
        let project = self.program(program);
        let built = tempfile::tempdir().expect("it can be made");
        let project = driver::open(&project).expect("it is there");
        let tree = driver::build(&project, &[]).value.expect("the program is right");
        flinkc::write::write(&tree, built.path(), flinkc::write::Edited::Refuse).expect("an empty directory takes it");
        let digest = self.source.publish(built.path());
        self.revision += 1;
        let revision = format!("main@sha1:{:040}", self.revision);
        let artifact = json!({
            "digest": format!("sha256:{digest}"), "lastUpdateTime": "2026-01-01T00:00:00Z", "path": "shop.tar.gz",
            "revision": revision, "url": format!("http://{}/shop.tar.gz", self.source.address),
        });
        let ready = json!({
            "type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored", "observedGeneration": 1,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        });
        let status =
            json!({"status": {"artifact": artifact, "conditions": [ready], "observedGeneration": 1}}).to_string();
        let patch = ["patch", "gitrepository", "shop", "-n", NAMESPACE, "--subresource=status", "--type=merge", "-p"];
        self.server.succeed(patch.iter().copied().chain([status.as_str()]), "");
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let text = self.server.succeed(["get", "kustomization", "shop", "-n", NAMESPACE, "-o", "json"], "");
            let found: Json = serde_json::from_str(&text).expect("it is JSON");
            if found["status"]["lastAppliedRevision"] == *revision {
                return;
            }
            let log = || fs::read_to_string(self.log()).unwrap_or_default();
            assert!(Instant::now() < deadline, "{}\n{}", found["status"], log());
            sleep(Duration::from_millis(300));
        }
    }

    fn program(&self, text: &str) -> PathBuf {
        let path = self.directory.path().join("main.flink");
        fs::write(&path, text).expect("it can be written");
        path
    }

    /// What `flinkc diff` says of a program.
    fn diff(&self, program: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
        command.arg("diff").arg(self.program(program)).args(["--env", "prod", "--kubeconfig"]);
        let Output { status, stdout, stderr } =
            command.arg(self.server.kubeconfig()).output().expect("flinkc can be run");
        assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
        (status.code(), String::from_utf8(stdout).expect("it is text"))
    }

    fn objects(&self, kinds: &str) -> Vec<String> {
        let text = self
            .server
            .succeed(["get", kinds, "-n", "shop", "-o", "name", "-l", "kustomize.toolkit.fluxcd.io/name"], "");
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn flux_does_what_was_said() {
    let (mut cluster, _controller) = Cluster::open();
    let (code, said) = cluster.diff(PROGRAM);
    assert!(code == Some(1) && said.starts_with("prod: 3 created"), "{said}");
    cluster.deliver(PROGRAM);
    let (code, said) = cluster.diff(PROGRAM);
    assert!(code == Some(0) && said.starts_with("prod: no changes\n"), "{said}");
    assert!(said.contains("applied by kustomize-controller, server-side apply"), "{said}");
    // Variables of shells came through strict substitution as they are.
    let settings = cluster.server.succeed(["get", "configmaps", "-n", "shop", "-o", "json"], "");
    assert!(settings.contains("echo ${HOME:-nowhere} $1"), "{settings}");

    // Somebody changes by hand what Flux owns, and what nobody does.
    cluster.server.succeed(["scale", "deployment", "web", "-n", "shop", "--replicas=5"], "");
    cluster.server.succeed(["label", "deployment", "web", "-n", "shop", "by=hand"], "");
    let (code, said) = cluster.diff(PROGRAM);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("spec.replicas: 5 -> 2") && said.contains("by: hand"), "{said}");
    // What Flux prunes, replaces and leaves is what was said.
    let next = PROGRAM.replace("metadata.name = \"web\"", "metadata.name = \"other\"").replace("\"info\"", "\"debug\"");
    let (code, said) = cluster.diff(&next);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("+ v1 Service shop/other\n") && said.contains("- v1 Service shop/web"), "{said}");
    assert!(said.contains("pruned by the Kustomization `flux-system/shop`"), "{said}");
    cluster.deliver(&next);
    assert_eq!(cluster.objects("services"), ["service/other"]);
    assert_eq!(cluster.objects("configmaps").len(), 1, "the former one is pruned");
    let deployment = cluster.server.succeed(["get", "deployment", "web", "-n", "shop", "-o", "json"], "");
    let deployment: Json = serde_json::from_str(&deployment).expect("it is JSON");
    assert_eq!((&deployment["spec"]["replicas"], &deployment["metadata"]["labels"]["by"]), (&json!(2), &Json::Null));
    let (code, said) = cluster.diff(&next);
    assert!(code == Some(0) && said.starts_with("prod: no changes\n"), "{said}");
}
