//! The validator of the Flink Kubernetes operator and its comparison of specifications, from the artifacts that Maven
//! Central has: that the answers which other tests replay are their own.
#![cfg(feature = "real")]

use flinkc::driver;
use flinkc::host::MemoryHost;
use serde::Deserialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The class path of the operator, or of its types alone; Maven keeps the artifacts.
fn class_path(pom: &str) -> String {
    let file: PathBuf = root().join("target/tools").join(pom).with_extension("classpath");
    std::fs::create_dir_all(file.parent().expect("the file lies in a directory")).expect("target can be written to");
    let output = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(root().join("tests/tools").join(pom))
        .arg(format!("-Dmdep.outputFile={}", file.display()))
        .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
        .output()
        .expect("mvn is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(file).expect("the plugin writes the class path")
}

/// The tool, which has yet to be told what to do.
fn validator() -> Command {
    let mut command = Command::new("java");
    command.args(["-cp", &class_path("operator/pom.xml")]).arg(root().join("tests/tools/operator/Validator.java"));
    command
}

/// Whether a tool prints what is committed.
fn check_answers(mut tool: Command, data: &str, of: &str) {
    let committed = std::fs::read(root().join("tests/data").join(data)).expect("the answers are committed");
    let output = tool.output().expect("java is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == committed, "{of} answers otherwise: write what it prints into tests/data/{data}");
}

/// Resources as a program may write them: with values that have units, and lists as labelled blocks.
const PROGRAM: &str = r#"
import std.flink
environment dev { namespace = "streams" }
external ServiceAccount flink
resource flink.apache.org/v1beta1 FlinkDeployment clicks {
  spec {
    image          = "flink:1.18.1"
    flinkVersion   = "v1_18"
    serviceAccount = "flink"
    mode           = native
    flinkConfiguration {
      state.checkpoints.dir = "s3://flink/checkpoints"
      state.savepoints.dir  = "s3://flink/savepoints"
      taskmanager { numberOfTaskSlots = 2 }
    }
    ingress { template = "{{name}}.{{namespace}}.example.com", annotations { a = "b" } }
    podTemplate.spec.containers { flink-main-container { env { TZ { value = "UTC" } } } }
    jobManager { resource { memory = "2Gi", cpu = 0.5 }, replicas = 1 }
    taskManager.resource { memory = "4Gi", cpu = 2, ephemeralStorage = "20Gi" }
    job { jarURI = "local:///opt/flink/usrlib/clicks.jar", parallelism = 4, upgradeMode = savepoint, args = ["--a"] }
  }
}
resource flink.apache.org/v1beta1 FlinkSessionJob views {
  spec {
    deploymentName = "sessions"
    job { jarURI = "https://repo.example.com/views.jar", parallelism = 2 }
  }
}
external FlinkDeployment sessions
"#;

#[test]
fn what_is_rendered_is_accepted() {
    let host = MemoryHost::new([("main.flink", PROGRAM)]);
    let outcome = driver::render_with(&host, "", None, &[], "dev", None);
    let bytes = outcome.value.expect("the program is sound");
    let text = std::str::from_utf8(&bytes).expect("YAML is UTF-8");
    let documents = serde_yaml::Deserializer::from_str(text);
    let lines: String = documents
        .map(|document| format!("{}\n", serde_json::Value::deserialize(document).expect("render prints YAML")))
        .collect();
    let mut judge = validator();
    judge.arg("judge").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.spawn().expect("java is there");
    judge.stdin.take().expect("it is piped").write_all(lines.as_bytes()).expect("the tool reads all");
    let output = judge.wait_with_output().expect("the tool ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ok\nok\n", "of {lines}");
}

#[test]
fn answers_are_the_validators() {
    let mut tool = validator();
    tool.arg("vectors");
    check_answers(tool, "operator-validator.txt", "Validator.java with `vectors`");
}

#[test]
fn changes_are_what_the_operator_calls_them() {
    for (pom, tool, data) in [
        ("operator/pom.xml", "Changes.java", "operator-changes.txt"),
        ("operator/api/pom.xml", "Annotations.java", "operator-annotations.txt"),
    ] {
        let mut command = Command::new("java");
        command.args(["-cp", &class_path(pom)]).arg(root().join("tests/tools/operator").join(tool));
        check_answers(command, data, tool);
    }
}
