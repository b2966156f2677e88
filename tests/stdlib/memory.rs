//! How memory is divided, against what Flink's own classes said of the same configurations.

use super::program::{errors, objects_of};
use serde_json::{Value, json};

/// What `tests/tools/flink/Memory.java` printed.
const VECTORS: &str = include_str!("../data/flink-memory.txt");

/// Prints of each configuration what the library makes of it, in the words of the vectors.
const PROGRAM: &str = r#"
import std.flink
environment dev {}
schema Case { process: "taskmanager" | "jobmanager", config: {string: string} }
let cases: [Case] = data("cases.json")
fn sizes(process: string, d: flink.Division) -> string =
  if process == "taskmanager"
  then "\(d.framework_heap.bytes) \(d.task_heap.bytes) \(d.framework_off_heap.bytes) \(d.task_off_heap.bytes) " ++
    "\(d.network.bytes) \(d.managed.bytes) \(d.metaspace.bytes) \(d.overhead.bytes)"
  else "\(d.task_heap.bytes) \(d.framework_off_heap.bytes) \(d.metaspace.bytes) \(d.overhead.bytes)"
fn said(process: string, d: flink.Division) -> string =
  if has(d.problem) then "no \(d.blame)" else "ok \(sizes(process, d))"
resource v1 ConfigMap answers {
  data {
    answers = join([
      for c in cases: said(c.process,
        if c.process == "taskmanager" then flink.taskmanager_memory(c.config) else flink.jobmanager_memory(c.config))
    ], "\n")
  }
}
"#;

/// A configuration, and what Flink said of it.
pub struct Vector {
    pub process: &'static str,
    pub options: Vec<(&'static str, &'static str)>,
    pub answer: &'static str,
}

pub fn vectors() -> Vec<Vector> {
    let vector = |line: &'static str| {
        let (configuration, answer) = line.split_once(" -> ").expect("an arrow stands before the answer");
        let (process, options) = configuration.split_once(';').expect("the process stands first");
        let options = options.split(';').map(str::trim).filter(|option| !option.is_empty());
        let options = options.map(|option| option.split_once('=').expect("an option has a value")).collect();
        Vector { process, options, answer }
    };
    VECTORS.lines().map(vector).collect()
}

#[test]
fn every_division_is_what_flink_computes_to_the_byte() {
    let vectors = vectors();
    let case = |vector: &Vector| {
        let option = |(name, value): &(&str, &str)| (format!("{}.memory.{name}", vector.process), Value::from(*value));
        let config: serde_json::Map<String, Value> = vector.options.iter().map(option).collect();
        json!({ "process": vector.process, "config": config })
    };
    let cases = Value::Array(vectors.iter().map(case).collect()).to_string();
    let objects = objects_of(&[("main.flink", PROGRAM), ("cases.json", &cases)], "dev");
    let answers = objects.get("ConfigMap", "answers")["data"]["answers"].as_str().expect("a text").to_string();
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), vectors.len());
    let (mut fine, mut refused) = (0, 0);
    for (vector, answer) in vectors.iter().zip(answers) {
        let told = || format!("{} {:?}: Flink says {}, not {answer}", vector.process, vector.options, vector.answer);
        if vector.answer.starts_with("ok") {
            assert_eq!(answer, vector.answer, "{}", told());
            fine += 1;
        } else {
            assert!(answer.starts_with("no "), "{}", told());
            refused += 1;
        }
    }
    assert!(fine > 1000 && refused > 1000, "{fine} are divided, {refused} are not");
}

#[test]
fn a_cluster_is_sized_by_flinks_own_options_too() {
    let text = r#"
import std.flink
environment dev {}
flink.session main {
  flink = "2.1"
  config {
    taskmanager.memory.flink.size = 1280Mi
    jobmanager.memory.heap.size = 1Gi
  }
}
"#;
    let objects = objects_of(&[("main.flink", text)], "dev");
    let memory = |name: &str| {
        let pod = &objects.get("Deployment", name)["spec"]["template"]["spec"];
        pod["containers"][0]["resources"]["limits"]["memory"].as_str().expect("a limit").to_string()
    };
    // 1280 MiB of Flink's, 256 of metaspace, and a ninth of both as overhead: 1728 MiB and what fractions of 32 bits add.
    let overhead = 1_610_612_736.0 * (f64::from(0.1_f32) / (1.0 - f64::from(0.1_f32)));
    assert!(overhead < 192.0 * 1_048_576.0, "the least overhead counts");
    assert_eq!(memory("main-taskmanager"), "1728Mi");
    assert_eq!(memory("main-jobmanager"), "1600Mi");
    let refused = |text: &str, why: &str| {
        let errors = errors(text);
        assert!(errors.len() == 1 && errors[0].1.contains(why), "{errors:?}");
    };
    refused(&text.replace("taskmanager.memory.flink.size = 1280Mi", ""), "set `taskmanager.memory`");
    let both = text.replace("flink = \"2.1\"", "flink = \"2.1\"\ntaskmanager.memory = 1300Mi");
    refused(&both, "more than the process's 1300 MiB");
}
