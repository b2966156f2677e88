//! A real API server with etcd, on loopback, for as long as a test process runs.
//!
//! They are built from the pinned Go module in `tests/tools/apiserver`, or taken from the directory that
//! `KUBEBUILDER_ASSETS` names, as controller-runtime's tests take them.
#![allow(dead_code, reason = "each test that has this module uses a part of it")]

use base64::Engine;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The parts of a control plane, and its client.
#[derive(Debug, Clone)]
pub struct Tools {
    etcd: Vec<PathBuf>,
    server: Vec<PathBuf>,
    kubectl: Vec<PathBuf>,
}

/// An API server. Its context `admin` may do everything, `reader` may only read, `nobody` nothing.
pub struct Server {
    tools: Tools,
    directory: TempDir,
    // They end when their input does, at the latest with this process.
    processes: Vec<Child>,
}

impl Tools {
    /// The program that stands in for servers that fail, and for what is not in `KUBEBUILDER_ASSETS`.
    fn built() -> PathBuf {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/apiserver");
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("below target").join("tools");
        fs::create_dir_all(&tools).expect("it can be made");
        let lock = File::create(tools.join("apiserver.lock")).expect("it can be made");
        lock.lock().expect("it can be locked");
        let program = tools.join(format!("apiserver{}", std::env::consts::EXE_SUFFIX));
        let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        let sources = ["go.mod", "main.go"].map(|name| modified(&module.join(name)));
        if let Some(built) = modified(&program)
            && sources.iter().flatten().all(|source| *source <= built)
        {
            return program;
        }
        let pinned = fs::read_to_string(module.join("go.mod")).expect("it is there");
        let version = pinned.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"));
        let version = version.expect("Kubernetes is pinned");
        let minor = version.split('.').nth(1).expect("a version has a minor part");
        let known = "-X k8s.io/component-base/version";
        let flags = format!("-s -w {known}.gitVersion=v{version} {known}.gitMajor=1 {known}.gitMinor={minor}");
        let mut go = Command::new("go");
        go.args(["build", "-trimpath", "-ldflags", &flags, "-o"]).arg(&program).arg(".").current_dir(&module);
        let output = go.output().expect("install Go, or set KUBEBUILDER_ASSETS to where kube-apiserver and etcd are");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let built = File::options().append(true).open(&program).expect("it was made");
        built.set_modified(std::time::SystemTime::now()).expect("it is ours");
        program
    }

    pub fn new() -> Tools {
        let one = |name: &str| match std::env::var_os("KUBEBUILDER_ASSETS") {
            Some(assets) => {
                let path = Path::new(&assets).join(name);
                assert!(path.is_file(), "{} is missing: `setup-envtest use` installs it", path.display());
                vec![path]
            }
            None => vec![Tools::built(), PathBuf::from(name)],
        };
        Tools { etcd: one("etcd"), server: one("kube-apiserver"), kubectl: one("kubectl") }
    }
}

/// Runs a program that ends when this process does: the shell waits for the end of its own input.
fn run(program: &[PathBuf], arguments: &[String], log: &Path) -> Child {
    let log = File::create(log).expect("it can be made");
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$@\" & child=$!; cat > /dev/null; kill $child; wait $child", "sh"]);
    shell.args(program).args(arguments);
    shell.stdin(Stdio::piped()).stdout(log.try_clone().expect("it is open")).stderr(log);
    shell.spawn().expect("there is a shell")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    listener.local_addr().expect("it listens").port()
}

impl Server {
    pub fn start() -> Server {
        let tools = Tools::new();
        let directory = tempfile::tempdir().expect("it can be made");
        let at = |name: &str| directory.path().join(name).display().to_string();
        let (peers, clients, port) = (free_port(), free_port(), free_port());
        let etcd = [
            format!("--data-dir={}", at("etcd")),
            format!("--listen-peer-urls=http://127.0.0.1:{peers}"),
            format!("--initial-advertise-peer-urls=http://127.0.0.1:{peers}"),
            format!("--initial-cluster=default=http://127.0.0.1:{peers}"),
            format!("--listen-client-urls=http://127.0.0.1:{clients}"),
            format!("--advertise-client-urls=http://127.0.0.1:{clients}"),
            // The data is thrown away: nothing has to be on the disk.
            "--unsafe-no-fsync=true".to_owned(),
            "--log-level=error".to_owned(),
        ];
        let etcd = run(&tools.etcd, &etcd, &directory.path().join("etcd.log"));
        let tokens = "admin,admin,admin,system:masters\nreader,reader,reader,readers\nnobody,nobody,nobody,\n";
        fs::write(at("tokens.csv"), tokens).expect("it can be written");
        fs::write(at("key.pem"), key()).expect("it can be written");
        let server = [
            format!("--etcd-servers=http://127.0.0.1:{clients}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={port}"),
            format!("--cert-dir={}", at("certificates")),
            format!("--token-auth-file={}", at("tokens.csv")),
            "--authorization-mode=RBAC".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/16".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={}", at("key.pem")),
            format!("--service-account-signing-key-file={}", at("key.pem")),
            "--disable-admission-plugins=ServiceAccount".to_owned(),
            "--runtime-config=admissionregistration.k8s.io/v1beta1=true".to_owned(),
            "--feature-gates=MutatingAdmissionPolicy=true".to_owned(),
        ];
        let server = run(&tools.server, &server, &directory.path().join("server.log"));
        fs::write(at("kubeconfig"), kubeconfig(&format!("https://127.0.0.1:{port}"))).expect("it can be written");
        let server = Server { tools, directory, processes: vec![etcd, server] };
        server.await_ready();
        server
    }

    fn await_ready(&self) {
        let started = Instant::now();
        while !self.kubectl(["get", "--raw", "/readyz"], "").status.success() {
            let log = fs::read_to_string(self.directory.path().join("server.log")).unwrap_or_default();
            let has_ended = log.contains("\"command failed\"");
            let is_late = started.elapsed() > Duration::from_secs(180);
            assert!(!has_ended && !is_late, "the API server is not ready: {log}");
            sleep(Duration::from_millis(200));
        }
        let rights = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: readers}\nrules: \
                      [{apiGroups: [\"*\"], resources: [\"*\"], verbs: [get, list]}]\n---\n\
                      apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: readers}\n\
                      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: readers}\nsubjects: \
                      [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers}]\n";
        self.succeed(["apply", "-f", "-"], rights);
    }

    pub fn kubeconfig(&self) -> PathBuf {
        self.directory.path().join("kubeconfig")
    }

    /// Runs kubectl with a text as its input.
    pub fn kubectl<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I, input: &str) -> Output {
        let [program, first @ ..] = &self.tools.kubectl[..] else { unreachable!("it has a path") };
        let mut kubectl = Command::new(program);
        kubectl.args(first).arg("--kubeconfig").arg(self.kubeconfig()).args(arguments);
        // What it remembers of a server belongs to that server.
        kubectl.env("HOME", self.directory.path()).env("KUBECTL_EXTERNAL_DIFF", "diff -u");
        let file = self.directory.path().join(format!("input-{}", free_port()));
        fs::write(&file, input).expect("it can be written");
        kubectl.stdin(File::open(&file).expect("it was written"));
        let output = kubectl.output().expect("kubectl can be run");
        fs::remove_file(file).expect("it is ours");
        output
    }

    /// Runs kubectl, which must succeed, and gives what it prints.
    pub fn succeed<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I, input: &str) -> String {
        let output = self.kubectl(arguments, input);
        assert!(output.status.success(), "{}\n{input}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("kubectl prints text")
    }

    /// A kubeconfig by which the server is reached through one that fails in that way.
    pub fn failing(&mut self, mode: &str) -> PathBuf {
        let address = format!("127.0.0.1:{}", free_port());
        let from = self.kubeconfig().display().to_string();
        let arguments = ["proxy", &address, mode, &from].map(str::to_owned);
        let log = self.directory.path().join(format!("{mode}.log"));
        self.processes.push(run(&[Tools::built()], &arguments, &log));
        let started = Instant::now();
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "{}", fs::read_to_string(&log).unwrap_or_default());
            sleep(Duration::from_millis(50));
        }
        let path = self.directory.path().join(mode);
        fs::write(&path, kubeconfig(&format!("http://{address}"))).expect("it can be written");
        path
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // The shell kills what it has started.
            drop(process.stdin.take());
            let _ = process.wait();
        }
    }
}

fn kubeconfig(server: &str) -> String {
    let contexts = ["admin", "reader", "nobody"];
    let users: String = contexts.iter().map(|name| format!("- {{name: {name}, user: {{token: {name}}}}}\n")).collect();
    let contexts: String =
        contexts.iter().map(|name| format!("- {{name: {name}, context: {{cluster: test, user: {name}}}}}\n")).collect();
    let verify = if server.starts_with("https") { ", insecure-skip-tls-verify: true" } else { "" };
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: admin\nclusters:\n- {{name: test, cluster: {{server: \
         \"{server}\"{verify}}}}}\nusers:\n{users}contexts:\n{contexts}"
    )
}

/// A key for the tokens of service accounts, which the server does not start without, in the form of RFC 5915.
fn key() -> String {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let pkcs8 = pkcs8.expect("there is randomness");
    let bytes = pkcs8.as_ref();
    let private = [0x02, 0x01, 0x01, 0x04, 0x20];
    let at = bytes.windows(private.len()).position(|part| part == private).expect("it holds a private key");
    let secret = &bytes[at + private.len()..][..32];
    let public = &bytes[bytes.len() - 65..];
    // The curve is named again, as P-256.
    let curve = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    let sequence = [&[0x30, 0x77][..], &private, secret, &curve, &[0xa1, 0x44, 0x03, 0x42, 0x00], public].concat();
    let text = base64::engine::general_purpose::STANDARD.encode(sequence);
    format!("-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n")
}
