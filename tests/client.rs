//! Flink's own client, from the artifacts that Maven Central has, runs what native mode hands it, against an API server
//! that only takes notes: that it reads the files, makes a cluster of them, and asks for nothing that its Role forbids.
#![cfg(feature = "real")]

use flinkc::driver;
use flinkc::host::MemoryHost;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

/// The oldest version and the newest, with the minor version that programs name.
const VERSIONS: [(&str, &str); 2] = [("1.17.2", "1.17"), ("2.3.0", "2.3")];

/// The class path of a version of Flink's client; Maven keeps the artifacts.
fn class_path(version: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file: PathBuf = root.join(format!("target/tools/client/{version}.classpath"));
    std::fs::create_dir_all(file.parent().expect("the file lies in a directory")).expect("target can be written to");
    let output = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(root.join("tests/tools/client/pom.xml"))
        .arg(format!("-Dflink.version={version}"))
        .arg(format!("-Dmdep.outputFile={}", file.display()))
        .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
        .output()
        .expect("mvn is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(file).expect("the plugin writes the class path")
}

/// What was asked of the server: the method, the path without its query, and the body.
type Notes = Arc<Mutex<Vec<(String, String, Value)>>>;

/// An API server that answers every request well, but knows only what was made, and `known` from the beginning.
fn server(known: Vec<Value>) -> (u16, Notes) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let notes = Notes::default();
    let (made, kept) = (Arc::new(Mutex::new(known)), notes.clone());
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let (made, kept) = (made.clone(), kept.clone());
            std::thread::spawn(move || while serve(&connection, &made, &kept).is_some() {});
        }
    });
    (port, notes)
}

/// Answers one request; none where the connection has ended.
fn serve(connection: &TcpStream, made: &Mutex<Vec<Value>>, notes: &Notes) -> Option<()> {
    let mut reader = BufReader::new(connection);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let path = target.split('?').next()?.to_owned();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut bytes = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut bytes).ok()?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let mut objects = made.lock().ok()?;
    let answer = match method.as_str() {
        "POST" => {
            let mut object = body.clone();
            object["metadata"]["uid"] = json!("00000000-0000-0000-0000-000000000001");
            objects.push(object.clone());
            Some(object)
        }
        "GET" => {
            let named = |object: &&Value| object["metadata"]["name"].as_str().is_some_and(|name| path.ends_with(name));
            objects.iter().find(named).cloned()
        }
        _ => Some(body.clone()),
    };
    notes.lock().ok()?.push((method, path, body));
    let (status, answer) = match answer {
        Some(answer) => ("200 OK", answer),
        None => ("404 Not Found", json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404 })),
    };
    let text = answer.to_string();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", text.len());
    (&*connection).write_all(format!("{head}{text}").as_bytes()).ok()
}

/// The objects of a native cluster `main`.
fn objects(component: &str, version: &str, body: &str) -> Vec<Value> {
    let program = format!(
        "import std.flink\nenvironment dev {{ namespace = \"streams\" }}\nflink.{component} main {{\n\
         flink = \"{version}\"\nmode = native\nimage = \"registry.example.com/flink:7\"\n\
         taskmanager {{ memory = 2Gi, slots = 2, replicas = 2 }}\nenv {{ TZ = \"UTC\" }}\n\
         pod.spec.containers {{ sidecar {{ image = \"c:1\" }} }}\ntls.internal {{ secret = \"s\", password = secret(\"s\", \"p\") }}\n\
         checkpoints {{ storage = \"file:///flink-state/c\", volume.size = 1Gi }}\nmonitoring {{}}\n{body}\n}}\n\
         external Secret s\n"
    );
    let host = MemoryHost::new([("main.flink", program.as_str())]);
    let outcome = driver::render_with(&host, "", None, &[], "dev", None);
    assert_eq!(outcome.diagnostics, []);
    let bytes = outcome.value.expect("what is sound has a result");
    let text = String::from_utf8(bytes).expect("YAML is UTF-8");
    let documents = serde_yaml::Deserializer::from_str(&text);
    documents.map(|document| Value::deserialize(document).expect("render prints YAML")).collect()
}

fn find<'a>(objects: &'a [Value], kind: &str, start: &str) -> &'a Value {
    let is_it = |object: &&Value| {
        object["kind"] == kind && object["metadata"]["name"].as_str().is_some_and(|name| name.starts_with(start))
    };
    objects.iter().find(is_it).unwrap_or_else(|| panic!("there is a {kind} {start}"))
}

/// Runs the command of the Job as the Job does, with the files of its ConfigMap, against a server on a port.
fn client(objects: &[Value], version: &str, port: u16) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let home = directory.path().display().to_string();
    for (name, text) in find(objects, "ConfigMap", "main-config")["data"].as_object().expect("data is a map") {
        let text = text.as_str().expect("a file is text").replace("/opt/flink/conf", &home);
        std::fs::write(directory.path().join(name), text).expect("a temporary directory is writable");
    }
    let cluster = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\nusers: [{{name: u, user: {{token: t}}}}]\n"
    );
    std::fs::write(directory.path().join("kubeconfig"), cluster).expect("a temporary directory is writable");
    let args = find(objects, "Job", "main-submit-")["spec"]["template"]["spec"]["containers"][0]["args"].clone();
    let args: Vec<String> = serde_json::from_value(args).expect("arguments are texts");
    let class = match args[4].as_str() {
        "flink" => "org.apache.flink.client.cli.CliFrontend",
        "kubernetes-session.sh" => "org.apache.flink.kubernetes.cli.KubernetesSessionCli",
        other => panic!("{other} is no client of Flink"),
    };
    Command::new("java")
        .args(["--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED"])
        .args(["-cp", &class_path(version), class])
        .args(&args[5..])
        // Flink looks for its own plugins in `plugins` where it is started.
        .current_dir(directory.path())
        .env("FLINK_CONF_DIR", &home)
        .env("KUBECONFIG", directory.path().join("kubeconfig"))
        .output()
        .expect("java is there")
}

/// Whether the client's Role allows what was asked.
fn is_allowed(objects: &[Value], method: &str, path: &str) -> bool {
    let verb = match method {
        "GET" => "get",
        "POST" => "create",
        "PUT" => "update",
        "DELETE" => "delete",
        _ => return false,
    };
    let group = if path.starts_with("/apis/apps/") { "apps" } else { "" };
    let rules = find(objects, "Role", "main-submission")["rules"].as_array().expect("rules are a list");
    rules.iter().any(|rule| {
        let has = |field: &str, wanted: &str| rule[field].as_array().expect("a list").iter().any(|one| one == wanted);
        let words: Vec<&str> = path.split('/').collect();
        has("apiGroups", group) && has("verbs", verb) && words.iter().any(|word| has("resources", word))
    })
}

const JOB: &str = "job { class = \"com.example.Main\", jar = \"local:///opt/flink/usrlib/main.jar\", parallelism = 3 }\n\
                   availability { storage = \"s3://a/b\", replicas = 2 }";

#[test]
fn the_client_makes_a_cluster_with_the_rights_that_it_has() {
    for (version, minor) in VERSIONS {
        for (component, body) in [("application", JOB), ("session", "")] {
            let objects = objects(component, minor, body);
            let (port, notes) = server(Vec::new());
            let output = client(&objects, version, port);
            assert!(output.status.success(), "{version} {component}: {}", String::from_utf8_lossy(&output.stderr));
            let notes = notes.lock().expect("nobody panicked");
            for (method, path, _) in notes.iter() {
                assert!(is_allowed(&objects, method, path), "{version} {component}: {method} {path}");
            }
            let made = |kind: &str| notes.iter().find(|(method, _, body)| method == "POST" && body["kind"] == kind);
            let deployment = &made("Deployment").expect("there is a JobManager").2;
            let pod = &deployment["spec"]["template"];
            assert_eq!(pod["metadata"]["labels"]["app.kubernetes.io/component"], "jobmanager");
            assert_eq!(pod["spec"]["serviceAccountName"], "main");
            assert_eq!(deployment["spec"]["replicas"], if component == "session" { 1 } else { 2 });
            let containers = pod["spec"]["containers"].as_array().expect("a list");
            assert_eq!(containers.len(), 2, "Flink's container and the sidecar");
            let main = containers.iter().find(|one| one["name"] == "flink-main-container").expect("Flink's container");
            assert_eq!(main["image"], "registry.example.com/flink:7");
            assert_eq!(main["resources"]["limits"], json!({ "memory": "1600Mi", "cpu": "1.0" }));
            let mounts: Vec<&str> = main["volumeMounts"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|one| one["mountPath"].as_str())
                .collect();
            for path in ["/flink-state", "/opt/flink/tls/internal", "/opt/flink/conf", "/opt/flink/pod-template"] {
                assert!(mounts.contains(&path), "{version} {component}: {path} among {mounts:?}");
            }
            // The password is there for a shell to fill in, and nowhere else.
            let command = main["args"][2].as_str().expect("a command");
            let word = "-Dsecurity.ssl.internal.keystore-password=\"$FLINK_INTERNAL_TLS_PASSWORD\"";
            assert!(command.contains(word), "{command}");
            // `NAME-rest` is what later clients look for, and where the REST API is named as our Service names it.
            let ports: Vec<&str> =
                main["ports"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
            assert!(ports.contains(&"rest") && ports.contains(&"metrics"), "{ports:?}");
        }
    }
}

#[test]
fn the_client_leaves_a_cluster_alone_that_is_there() {
    let rest = json!({ "kind": "Service", "apiVersion": "v1", "metadata": { "name": "main-rest" },
        "spec": { "type": "ClusterIP", "ports": [{ "name": "rest", "port": 8081 }] } });
    for (version, minor) in VERSIONS {
        for (component, body) in [("application", JOB), ("session", "")] {
            let (port, notes) = server(vec![rest.clone()]);
            let output = client(&objects(component, minor, body), version, port);
            let changes = notes.lock().expect("nobody panicked").iter().filter(|(method, ..)| method != "GET").count();
            assert_eq!(changes, 0, "{version} {component}");
            if component == "session" {
                assert!(output.status.success());
            } else {
                // What the script looks for.
                let said =
                    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                assert!(!output.status.success() && said.contains("The Flink cluster main already exists."), "{said}");
            }
        }
    }
}
