//! Many objects, servers that are busy, and servers that die; and the command itself.

use crate::direct::Direct;
use crate::{connect, predicted, server, text};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// As many objects as a large environment has.
const MANY: usize = 3000;

fn many(value: &str) -> Vec<Json> {
    (0..MANY)
        .map(|number| {
            let metadata = json!({"name": format!("c{number}"), "namespace": "many"});
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": value}})
        })
        .collect()
}

#[test]
fn thousands_of_objects_take_seconds_and_failures_say_what_is_missing() {
    let mut server = server();
    server.succeed(["create", "namespace", "many"], "");
    let (cluster, direct) = (connect(&server.kubeconfig(), "admin"), Direct::new(&server));
    let objects = many("b");
    let started = Instant::now();
    let created = predicted(&cluster, &objects, Some("flux"));
    println!("{MANY} objects to be created: {:?}", started.elapsed());
    assert_eq!((created.objects.len(), created.has_failed()), (MANY, false));
    objects.iter().for_each(|object| {
        direct.apply(object, "kustomize-controller").expect("they can be made");
    });

    let started = Instant::now();
    let same = predicted(&cluster, &objects, None);
    let same_took = started.elapsed();
    println!("{MANY} objects that are the same: {same_took:?}");
    assert!(same.objects.is_empty() && !same.has_failed(), "{}", text(&same));
    let changed = predicted(&cluster, &many("c"), None);
    assert_eq!((changed.objects.len(), changed.has_failed()), (MANY, false));
    // Ten times what two cores take for it, server included.
    assert!(same_took < Duration::from_secs(120), "{same_took:?}");

    // A server that refuses every request twice is asked a third time.
    let busy = connect(&server.failing("busy"), "admin");
    let some = predicted(&busy, &objects[..20], None);
    assert!(some.objects.is_empty() && !some.has_failed(), "{}", text(&some));

    // One that dies leaves what it has said, and names the rest.
    let dying = connect(&server.failing("dying"), "admin");
    let started = Instant::now();
    let partial = predicted(&dying, &many("c"), None);
    let took = started.elapsed();
    println!("a server that dies: {took:?}");
    let (known, unknown) = (partial.objects.len(), partial.failures.len());
    assert!(known + unknown == MANY && known > 0 && unknown > MANY / 2, "{known} and {unknown}");
    assert!(partial.has_failed() && took < Duration::from_secs(60), "{took:?}");
}

fn diff(kubeconfig: &Path, program: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    command.arg("diff").arg(program).args(["--env", "prod", "--kubeconfig"]).arg(kubeconfig).args(arguments);
    command.output().expect("flinkc can be run")
}

fn texts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_asks_the_cluster_of_the_environment() {
    let server = server();
    server.succeed(["create", "namespace", "shop"], "");
    let directory = tempfile::tempdir().expect("it can be made");
    let program = directory.path().join("main.flink");
    let environment = "environment prod { namespace = \"shop\", kubernetes = \"1.34\", context = \"admin\" }\n";
    let text = format!("{environment}resource v1 ConfigMap settings {{ data {{ a = \"b\" }} }}\n");
    std::fs::write(&program, text).expect("it can be written");
    let kubeconfig = server.kubeconfig();

    let (code, stdout, stderr) = texts(&diff(&kubeconfig, &program, &[]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.starts_with("prod: 1 created\n  note: cluster: context `admin`, https://127.0.0.1:"), "{stdout}");
    let objects = Command::new(env!("CARGO_BIN_EXE_flinkc")).args(["render", "--env", "prod"]).arg(&program).output();
    let objects = String::from_utf8(objects.expect("flinkc can be run").stdout).expect("text");
    server.succeed(["apply", "--server-side", "--field-manager=kustomize-controller", "-f", "-"], &objects);
    let (code, stdout, _) = texts(&diff(&kubeconfig, &program, &[]));
    assert_eq!((code, stdout.lines().next()), (Some(0), Some("prod: no changes")), "{stdout}");
    let (code, stdout, _) = texts(&diff(&kubeconfig, &program, &["--format", "json"]));
    let document: Json = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!((code, &document["environments"][0]["objects"]), (Some(0), &json!([])));

    let (code, _, stderr) = texts(&diff(&kubeconfig, &program, &["--context", "elsewhere"]));
    assert_eq!(code, Some(2));
    let expected = "error: the cluster cannot be asked: no kubeconfig has a context `elsewhere`: choose another one with \
                    `--context`; there are admin, reader, nobody\n";
    assert_eq!(stderr, expected);
    let (code, stdout, _) = texts(&diff(&kubeconfig, &program, &["--context", "nobody"]));
    assert_eq!(code, Some(2));
    assert!(stdout.contains("prod: 1 not known") && stdout.contains("? v1 ConfigMap shop/settings"), "{stdout}");

    drop(server);
    let started = Instant::now();
    let gone = directory.path().join("gone");
    std::fs::write(
        &gone,
        "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n\
                           contexts: [{name: admin, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n",
    )
    .expect("it can be written");
    let (code, _, stderr) = texts(&diff(&gone, &program, &[]));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: the cluster cannot be asked: ") && stderr.contains("refused"), "{stderr}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
