//! `flinkc push`, held against the reference registry and Flux's own client: what comes out there is what `render` prints.
#![cfg(feature = "real")]

mod kustomize;

use flinkc::driver;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long the registry may take to be there.
const LONGEST_START: Duration = Duration::from_secs(60);

/// What nobody may read anywhere.
const PASSWORD: &str = "correct-horse-battery";

/// The program in Go that is registry and client, built once.
fn tool() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flux");
        let mut go = Command::new("go");
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/flux");
        go.args(["build", "-o"]).arg(&program).arg(".").current_dir(module);
        let output = go.output().expect("these tests need Go, which builds the registry and Flux's client");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    });
    Command::new(program)
}

/// What the tool prints; it must succeed.
fn asked(tool: &mut Command) -> Vec<u8> {
    let Output { status, stdout, stderr } = tool.output().expect("it can be run");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// A running registry. It ends with the test that started it.
struct Registry {
    directory: TempDir,
    address: SocketAddr,
    process: Child,
}

impl Registry {
    /// Starts one in a directory that was made ready for it, at an address of the machine's own.
    fn start(directory: TempDir, ip: &str) -> Registry {
        let free = TcpListener::bind((ip, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port");
        let process = tool()
            .args(["registry", &address.to_string()])
            .arg(directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be run");
        let registry = Registry { directory, address, process };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < LONGEST_START, "the registry does not come");
            thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    fn open() -> Registry {
        Registry::start(directory(), "127.0.0.1")
    }

    /// One that wants to know who comes.
    fn guarded() -> Registry {
        let directory = directory();
        asked(tool().args(["registry", "user"]).arg(directory.path()).args(["ci", PASSWORD]));
        Registry::start(directory, "127.0.0.1")
    }

    fn url(&self, rest: &str) -> String {
        format!("oci://{}/{rest}", self.address)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // One that ended before has nobody left to be told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// Pushes a program for somebody whose home has this configuration of Docker.
fn push_as(configuration: Option<&Json>, url: &str, program: &Path, arguments: &[&str]) -> Output {
    let home = directory();
    if let Some(configuration) = configuration {
        fs::create_dir(home.path().join(".docker")).expect("it can be made");
        let path = home.path().join(".docker/config.json");
        fs::write(path, configuration.to_string()).expect("it can be written");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    for variable in ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"] {
        command.env_remove(variable);
    }
    command.env("HOME", home.path()).args(["push", url]).arg(program).args(arguments);
    let output = command.output().expect("flinkc can be run");
    for text in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(text).contains(PASSWORD), "a secret is shown");
    }
    output
}

/// Pushes, and gives the digest.
fn pushed(url: &str, program: &Path, arguments: &[&str]) -> String {
    digest(&push_as(None, url, program, arguments))
}

fn digest(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, digest) = text.trim_end().split_once('@').expect("the digest stands behind `@`");
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    digest.to_owned()
}

/// Expects that nothing was pushed, and gives what was said.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Pulls as Flux does, into a directory; what Flux says of it.
fn pulled(url: &str, directory: &Path, user: Option<(&str, &str)>) -> Json {
    let mut tool = tool();
    tool.arg("pull").arg(url.trim_start_matches("oci://")).arg(directory);
    if let Some((name, password)) = user {
        tool.args([name, password]);
    }
    serde_json::from_slice(&asked(&mut tool)).expect("it is JSON")
}

fn basic(registry: &Registry, user: &str, password: &str) -> Json {
    json!({ "auths": { registry.address.to_string(): { "username": user, "password": password } } })
}

#[test]
fn flux_gets_what_render_prints() {
    let engines = kustomize::engines().expect("the engines can be built");
    let registry = Registry::open();
    for (name, environments) in [("clicks", ["local", "prod"].as_slice()), ("operator", &["dev"]), ("flux", &["dev"])] {
        let program = example(name);
        let project = driver::open(&program).expect("it is there");
        for environment in environments {
            let url = registry.url(&format!("{name}:{environment}"));
            let arguments =
                ["--env", *environment, "--revision", "main@sha1:0a", "--source", "https://x:y@git.example.com/a"];
            let digest = pushed(&url, &program, &arguments);
            assert_eq!(pushed(&url, &program, &arguments), digest, "twice is once");
            let mut dry = arguments.to_vec();
            dry.push("--dry-run");
            assert_eq!(pushed(&url, &program, &dry), digest, "a dry run knows the digest");

            let output = directory();
            let said = pulled(&url, output.path(), None);
            assert!(said["digest"].as_str().expect("it has one").ends_with(&digest), "{said}");
            assert_eq!(said["revision"], "main@sha1:0a");
            assert_eq!(said["source"], "https://git.example.com/a");
            let root = output.path().canonicalize().expect("it is there");
            let text = driver::render(&project, &[], environment, None).value.expect("it is sound");
            let text = String::from_utf8(text).expect("output is UTF-8");
            kustomize::objects::check_directory(engines, &root, &format!("overlays/{environment}"), &text)
                .unwrap_or_else(|error| panic!("{name}/{environment}: {error}"));
        }
    }
}

#[test]
fn an_artifact_of_all_environments_is_the_output_of_build() {
    let registry = Registry::open();
    let (program, output, built) = (example("clicks"), directory(), directory());
    pushed(&registry.url("clicks:all"), &program, &["--env", "all"]);
    pulled(&registry.url("clicks:all"), output.path(), None);
    let tree = driver::build(&driver::open(&program).expect("it is there"), &[]).value.expect("it is sound");
    flinkc::write::write(&tree, built.path(), flinkc::write::Edited::Refuse).expect("an empty directory takes it");
    for (path, content) in &tree.files {
        assert_eq!(&fs::read(output.path().join(path)).expect(path), content, "{path}");
    }
    let files = walkdir::WalkDir::new(output.path()).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    assert_eq!(files.count(), tree.files.len());
}

/// Flux pushes the same files; all that differs is the compression of the layer.
#[test]
fn artifacts_have_the_shape_that_flux_gives_them() {
    let registry = Registry::open();
    let (program, output, ignored) = (example("clicks"), directory(), directory());
    let ours = registry.url("clicks:ours");
    pushed(&ours, &program, &["--env", "all", "--source", "here", "--revision", "main@sha1:0a"]);
    let mut ours = pulled(&ours, output.path(), None);
    for entry in walkdir::WalkDir::new(output.path()) {
        let entry = entry.expect("it can be read");
        let mode = if entry.file_type().is_dir() { 0o755 } else { 0o644 };
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(entry.path(), permissions).expect("they can be set");
    }
    let theirs = registry.address.to_string() + "/clicks:theirs";
    asked(tool().args(["push", &theirs]).arg(output.path()));
    let mut theirs = pulled(&theirs, ignored.path(), None);
    // The archive itself is the same, to the byte, and so the configuration, which has its digest.
    assert_eq!(ours["config"], theirs["config"]);
    for manifest in [&mut ours, &mut theirs] {
        for field in ["size", "digest"] {
            manifest["manifest"]["layers"][0][field] = Json::Null;
        }
    }
    assert_eq!(ours["manifest"], theirs["manifest"]);
}

#[test]
fn credentials_come_from_where_docker_keeps_them() {
    let registry = Registry::guarded();
    let (program, url) = (example("hello"), registry.url("hello:dev"));
    let push = |configuration: Option<&Json>| push_as(configuration, &url, &program, &["--env", "dev"]);
    let host = registry.address.to_string();
    let said = refusal(&push(None));
    assert_eq!(said, format!("error: `{host}` wants credentials, and there are none: run `docker login {host}`\n"));
    for wrong in [basic(&registry, "ci", "wrong"), basic(&registry, "other", PASSWORD)] {
        let said = refusal(&push(Some(&wrong)));
        assert!(said.contains("does not accept the credentials"), "{said}");
    }
    let right = digest(&push(Some(&basic(&registry, "ci", PASSWORD))));
    let output = directory();
    let said = pulled(&url, output.path(), Some(("ci", PASSWORD)));
    assert!(said["digest"].as_str().expect("it has one").ends_with(&right));
    // A dry run needs none.
    let dry = push_as(None, &url, &program, &["--env", "dev", "--dry-run"]);
    assert_eq!(digest(&dry), right);
    let unreadable = json!({ "auths": PASSWORD });
    let said = refusal(&push(Some(&unreadable)));
    assert!(said.contains("is not what `docker login` writes: line 1"), "{said}");
}

#[test]
fn helpers_are_asked() {
    let registry = Registry::guarded();
    let (program, bin) = (example("hello"), directory());
    let helper = |name: &str, script: &str| {
        let path = bin.path().join(format!("docker-credential-{name}"));
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("it can be written");
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, permissions).expect("they can be set");
    };
    // A helper that says what it was asked for knows the registry's name.
    let answer = format!(r#"printf '{{"ServerURL":"%s","Username":"ci","Secret":"{PASSWORD}"}}' "$host""#);
    helper("right", &format!("read -r host\n[ \"$1 $host\" = 'get {}' ] && {answer}", registry.address));
    helper("empty", "echo 'credentials not found in native keychain'; exit 1");
    helper("broken", &format!("echo {PASSWORD}; echo {PASSWORD} >&2; exit 3"));
    helper("identity", &format!(r#"echo '{{"Username":"<token>","Secret":"{PASSWORD}"}}'"#));
    // One that answers and stays, without its end of the pipe.
    helper("staying", &format!("host={}\n{answer}\nexec sleep 60 >&- 2>&-", registry.address));
    let host = registry.address.to_string();
    let push = |configuration: &Json| {
        let home = directory();
        fs::write(home.path().join("config.json"), configuration.to_string()).expect("it can be written");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
        command.env("DOCKER_CONFIG", home.path()).env("PATH", format!("{}:{path}", bin.path().display()));
        command.args(["push", &registry.url("hello:dev"), "--env", "dev"]).arg(&program);
        let output = command.output().expect("flinkc can be run");
        assert!(!String::from_utf8_lossy(&output.stderr).contains(PASSWORD), "a secret is shown");
        output
    };
    digest(&push(&json!({ "credHelpers": { &host: "right" }, "credsStore": "broken" })));
    digest(&push(&json!({ "auths": { &host: {} }, "credsStore": "right" })));
    let cases = [
        ("empty", "wants credentials, and there are none"),
        ("broken", "the credential helper `docker-credential-broken` failed"),
        ("identity", "is an identity token"),
        ("staying", "the credential helper `docker-credential-staying` failed"),
        ("absent", "the credential helper `docker-credential-absent` is not installed"),
        ("../right", "is no name of a program"),
    ];
    for (name, part) in cases {
        let said = refusal(&push(&json!({ "credsStore": name })));
        assert!(said.contains(part), "{name}: {said}");
    }
}

/// Hands bytes to the registry until it has handed on `budget` of them, then breaks all connections. What is left of the
/// budget can be read.
fn dying(registry: SocketAddr, budget: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let left = Arc::new(AtomicUsize::new(budget));
    let handed_out = left.clone();
    // Ends with the process, and takes nothing once the budget is used up.
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if left.load(Ordering::SeqCst) == 0 {
                continue;
            }
            let server = TcpStream::connect(registry).expect("the registry is there");
            let (mut answers, mut client_end) =
                (server.try_clone().expect("it can"), client.try_clone().expect("it can"));
            thread::spawn(move || std::io::copy(&mut answers, &mut client_end));
            let left = left.clone();
            thread::spawn(move || hand_on(client, server, &left));
        }
    });
    (address, handed_out)
}

fn hand_on(mut client: TcpStream, mut server: TcpStream, left: &AtomicUsize) {
    let mut buffer = [0; 256];
    while let Ok(read) = client.read(&mut buffer) {
        let allowed = left.load(Ordering::SeqCst).min(read);
        if read == 0 || server.write_all(&buffer[..allowed]).is_err() {
            break;
        }
        left.fetch_sub(allowed, Ordering::SeqCst);
        if allowed < read {
            break;
        }
    }
    // Both may be closed already.
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

#[test]
fn a_registry_that_dies_in_the_middle_has_no_half_artifact() {
    let registry = Registry::open();
    let program = example("clicks");
    let (address, left) = dying(registry.address, usize::MAX);
    pushed(&format!("oci://{address}/clicks:dev"), &program, &["--env", "all"]);
    let all = usize::MAX - left.load(Ordering::SeqCst);
    assert!(all > 4000, "{all}");
    // From the first question over the layer to the manifest, which is the last that is sent.
    for budget in [100, 600, all / 2, all - 1500, all - 100, all - 1] {
        let repository = format!("clicks-{budget}:dev");
        let url = format!("oci://{}/{repository}", dying(registry.address, budget).0);
        let output = push_as(None, &url, &program, &["--env", "all"]);
        let said = refusal(&output);
        assert!(said.starts_with("error: ") && said.lines().count() == 1, "{said}");
        assert!(said.contains("broke") || said.contains("cannot be reached"), "{budget}: {said}");
        let tag =
            tool().arg("pull").arg(registry.url(&repository).trim_start_matches("oci://")).arg("/nowhere").output();
        assert!(!tag.expect("it can be run").status.success(), "{budget}: there is no tag");
        // The next push makes it whole.
        pushed(&registry.url(&repository), &program, &["--env", "all"]);
        pulled(&registry.url(&repository), directory().path(), None);
    }
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    let program = example("hello");
    let push = |url: &str, arguments: &[&str]| {
        refusal(&push_as(None, url, &program, &[["--env", "dev"].as_slice(), arguments].concat()))
    };
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let said = push(&format!("oci://{nobody}/hello:dev"), &[]);
    assert_eq!(said, format!("error: `{nobody}` cannot be reached: Connection refused (os error 111)\n"));

    let silent = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = silent.local_addr().expect("it has an address");
    let start = Instant::now();
    let said = push(&format!("oci://{address}/hello:dev"), &["--timeout", "1"]);
    assert!(said.contains("did not take everything within 1 s"), "{said}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());

    // What answers, but is no registry.
    let server = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = server.local_addr().expect("it has an address");
    thread::spawn(move || {
        for mut client in server.incoming().flatten() {
            let mut buffer = [0; 4096];
            let _ = client.read(&mut buffer);
            let _ = client.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>");
        }
    });
    let said = push(&format!("oci://{address}/hello:dev"), &[]);
    assert_eq!(said, format!("error: `{address}` refused the artifact with status 404\n"));
}

#[test]
fn certificates_are_checked() {
    let place = directory();
    asked(tool().args(["registry", "certificate"]).arg(place.path()));
    let registry = Registry::start(place, "127.0.0.2");
    let (program, url) = (example("hello"), registry.url("hello:dev"));
    let said = refusal(&push_as(None, &url, &program, &["--env", "dev"]));
    assert!(said.contains("certificate") && said.contains("SSL_CERT_FILE"), "{said}");

    let mut trusting = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    trusting.env("SSL_CERT_FILE", registry.directory.path().join("ca.pem")).env("DOCKER_CONFIG", "/nowhere");
    trusting.args(["push", &url, "--env", "dev"]).arg(&program);
    digest(&trusting.output().expect("flinkc can be run"));

    // A registry without TLS is only talked to where that is asked for.
    let plain = Registry::start(directory(), "127.0.0.2");
    let url = plain.url("hello:dev");
    let said = refusal(&push_as(None, &url, &program, &["--env", "dev"]));
    assert!(said.contains("--insecure-registry"), "{said}");
    digest(&push_as(None, &url, &program, &["--env", "dev", "--insecure-registry"]));
}

#[test]
fn wrong_programs_are_not_pushed() {
    let root = directory();
    let registry = Registry::open();
    let push = |program: &str, environment: &str| {
        fs::write(root.path().join("main.flink"), program).expect("it can be written");
        push_as(None, &registry.url("x:y"), root.path(), &["--env", environment])
    };
    let wrong = push("environment dev {}\nresource v1 ConfigMap x { date {} }\n", "dev");
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    assert!(wrong.stdout.is_empty());
    let unknown = push("environment dev {}\nresource v1 ConfigMap x {}\n", "prod");
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no environment `prod`"), "{unknown:?}");
    let nothing = refusal(&push("environment dev {}\n", "dev"));
    assert!(nothing.contains("nothing is pushed"), "{nothing}");
}
