//! The validator of the Flink Kubernetes operator and its comparison of specifications, from the artifacts that Maven
//! Central has: that the answers which other tests replay are their own.
#![cfg(feature = "real")]

#[path = "stdlib/operated.rs"]
#[allow(dead_code, reason = "other tests make single clusters with it")]
mod operated;

use flinkc::driver;
use flinkc::host::MemoryHost;
use serde::Deserialize;
use serde_json::{Value, json};
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

/// What a newer operator than the newest that Maven Central has no longer refuses.
const ACCEPTED_SINCE: [&str; 2] = ["last-state while HA disabled", "LAST_STATE upgrade mode is not supported"];

/// The objects that a program makes.
fn objects(program: &str) -> Vec<Value> {
    let host = MemoryHost::new([("main.flink", program)]);
    let outcome = driver::render_with(&host, "", None, &[], "dev", None);
    objects_in(&outcome.value.expect("the program is sound"))
}

fn objects_in(rendered: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(rendered).expect("YAML is UTF-8");
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| Value::deserialize(document).expect("render prints YAML")).collect()
}

/// What the validator can be asked of them. It looks at a session job together with its cluster, and at a blue/green
/// deployment when the operator has made a cluster of its template.
fn questions(objects: &[Value]) -> Vec<Value> {
    let question = |object: &Value| match object["kind"].as_str() {
        Some("FlinkDeployment") => Some(object.clone()),
        Some("FlinkBlueGreenDeployment") => {
            let mut child = object.clone();
            child["kind"] = json!("FlinkDeployment");
            child["metadata"]["name"] =
                json!(format!("{}-green", object["metadata"]["name"].as_str().expect("a name")));
            child["spec"] = object["spec"]["template"]["spec"].clone();
            Some(child)
        }
        Some("FlinkSessionJob") => {
            let mut job = object.clone();
            let is_cluster = |other: &&Value| {
                other["kind"] == "FlinkDeployment" && other["metadata"]["name"] == object["spec"]["deploymentName"]
            };
            if let Some(cluster) = objects.iter().find(is_cluster) {
                // A newer operator lays the job's configuration over the cluster's before it looks.
                let own = &object["spec"]["flinkConfiguration"];
                let mut cluster = cluster.clone();
                for (option, value) in own.as_object().into_iter().flatten() {
                    cluster["spec"]["flinkConfiguration"][option] = value.clone();
                }
                job["session"] = cluster;
            }
            Some(job)
        }
        _ => None,
    };
    objects.iter().filter_map(question).collect()
}

/// What the validator says of resources, an answer each.
fn answers(questions: &[Value]) -> Vec<String> {
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let mut judge = validator();
    judge.arg("judge").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.spawn().expect("java is there");
    let mut input = judge.stdin.take().expect("it is piped");
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = judge.wait_with_output().expect("the tool ends");
    writer.join().expect("nothing panics there").expect("the tool reads all");
    String::from_utf8(output.stdout).expect("answers are text").lines().map(str::to_owned).collect()
}

fn assert_accepted(questions: &[Value]) {
    let answers = answers(questions);
    assert_eq!(answers.len(), questions.len());
    for (question, answer) in questions.iter().zip(answers) {
        let newer = ACCEPTED_SINCE.iter().any(|part| answer.contains(part));
        assert!(answer == "ok" || newer, "{answer}, of {question:#}");
    }
}

#[test]
fn what_is_rendered_is_accepted() {
    let questions = questions(&objects(PROGRAM));
    assert_eq!(questions.len(), 2);
    assert_accepted(&questions);
}

#[test]
fn what_the_library_makes_is_accepted() {
    let programs = operated::OPERATED.map(|version| questions(&objects(&operated::program(version))));
    let all = programs.concat();
    assert!(all.len() > 200, "{} objects", all.len());
    assert_accepted(&all);
}

#[test]
fn what_the_example_makes_is_accepted() {
    let project = driver::open(&root().join("examples/operator")).expect("the example is there");
    for environment in ["dev", "prod"] {
        let outcome = driver::render(&project, &[], environment, None);
        let questions = questions(&objects_in(&outcome.value.expect("the example is sound")));
        assert!(questions.len() >= 3);
        assert_accepted(&questions);
    }
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
