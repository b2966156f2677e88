//! What is told of memory in every mode: all parts of all divisions that Flink was asked for, what pods request, and what
//! is said of memory that cannot be divided, or not well.

use super::memory::{Vector, case_of, vectors};
use super::program::{application_text, number, objects, session_text, text};
use flinkc::diagnostic::Diagnostic;
use flinkc::driver;
use flinkc::host::MemoryHost;
use serde_json::Value;
use std::collections::BTreeMap;

/// The answer of one declaration as programs read it.
fn answer(files: &[(&str, &str)], unit: &str, topic: &str) -> Value {
    let host = MemoryHost::new(files.iter().copied());
    let outcome = driver::topics_with(&host, "", None, &[], "dev", unit, Some(topic));
    let topics = outcome.value.unwrap_or_else(|| panic!("{unit} answers: {:?}", outcome.diagnostics));
    assert_eq!(topics.len(), 1, "{unit} answers once");
    serde_json::to_value(&topics[0]).expect("a topic is JSON")["value"].take()
}

/// The budgets of a cluster `main`.
fn budgets(program: &str) -> Value {
    answer(&[("main.flink", program)], "main", "memory")
}

/// Sizes by the names of the parts.
fn sizes(parts: &Value) -> BTreeMap<&str, u64> {
    parts
        .as_array()
        .expect("the parts are a list")
        .iter()
        .map(|part| (text(part, "/part"), number(part, "/size")))
        .collect()
}

/// Answers for all configurations at once.
const PROGRAM: &str = r#"
import std.flink
environment dev {}
schema Case { process: "taskmanager" | "jobmanager", config: {string: string} }
let cases: [Case] = data("cases.json")
schema Nothing {}
component probe(name: dns_label, _spec: Nothing) {
  resource v1 ConfigMap main { metadata.name = name }
  explain parts = [
    for c in cases:
      if c.process == "taskmanager"
      then flink.told(
        flink.taskmanager_parts_named(flink.taskmanager_memory(c.config), c.config),
        flink.taskmanager_memory(c.config), c.config, c.process, "")
      else flink.told(
        flink.jobmanager_parts(flink.jobmanager_memory(c.config), c.config),
        flink.jobmanager_memory(c.config), c.config, c.process, "")
  ]
}
probe all {}
"#;

/// The names of a budget's parts, in the order of the vectors.
fn names(process: &str) -> &'static [&'static str] {
    match process {
        "taskmanager" => &[
            "framework heap",
            "task heap",
            "framework off-heap",
            "task off-heap",
            "network",
            "managed",
            "metaspace",
            "overhead",
        ],
        _ => &["heap", "off-heap", "metaspace", "overhead"],
    }
}

#[test]
fn every_part_is_told_to_the_byte_as_flink_divides_it() {
    let divided: Vec<Vector> = vectors().into_iter().filter(|vector| vector.answer.starts_with("ok")).collect();
    let cases = Value::Array(divided.iter().map(case_of).collect()).to_string();
    let answers = answer(&[("main.flink", PROGRAM), ("cases.json", &cases)], "all", "parts");
    let answers = answers.as_array().expect("each case has an answer");
    assert_eq!(answers.len(), divided.len());
    assert!(divided.len() > 1000, "{} configurations", divided.len());
    for (vector, parts) in divided.iter().zip(answers) {
        let told = || format!("{} {:?}: {} is not {parts:#}", vector.process, vector.options, vector.answer);
        let sizes = sizes(parts);
        let expected: Vec<u64> = vector.answer.split(' ').skip(1).map(|size| size.parse().expect("a size")).collect();
        let found: Vec<u64> = names(vector.process).iter().map(|name| sizes[name]).collect();
        assert_eq!(found, expected, "{}", told());
        assert_eq!(sizes["process"], expected.iter().sum::<u64>(), "{}", told());
        assert_eq!(sizes["Flink"], expected[..expected.len() - 2].iter().sum::<u64>(), "{}", told());
        for part in parts.as_array().expect("a list") {
            // What a size is said to come from is an option that was set, with its value.
            if let Some((option, value)) = text(part, "/from").split_once(" = ") {
                let option = option.strip_prefix(&format!("{}.memory.", vector.process)).expect("the process's own");
                assert!(vector.options.contains(&(option, value)), "{option}: {}", told());
            }
        }
    }
}

const MODES: [&str; 3] = ["standalone", "native", "operator"];

/// The example of Flink's documentation: a TaskManager of 1728 MiB, a JobManager of 1600.
fn documented(mode: &str, body: &str) -> String {
    let job = "job.jar = \"local:///opt/flink/usrlib/job.jar\"";
    let text = application_text("2.1", &format!("mode = {mode}\n{job}\n{body}"));
    text.replace("taskmanager.memory = 2Gi", "taskmanager.memory = 1728Mi")
}

#[test]
fn pods_are_sized_as_those_who_make_them_do() {
    const MEBIBYTE: u64 = 1 << 20;
    let pod = |program: &str, process: &str| {
        let budgets = budgets(program);
        (number(&budgets, &format!("/{process}/request")), number(&budgets, &format!("/{process}/limit")))
    };
    for mode in MODES {
        let program = documented(mode, "");
        assert_eq!(pod(&program, "taskmanager"), (1728 * MEBIBYTE, 1728 * MEBIBYTE), "{mode}");
        assert_eq!(pod(&program, "jobmanager"), (1600 * MEBIBYTE, 1600 * MEBIBYTE), "{mode}");
    }
    for mode in ["native", "operator"] {
        let wide = documented(mode, "config { kubernetes.taskmanager.memory.limit-factor = 1.5 }");
        assert_eq!(pod(&wide, "taskmanager"), (1728 * MEBIBYTE, 2592 * MEBIBYTE), "{mode}");
        assert_eq!(pod(&wide, "jobmanager"), (1600 * MEBIBYTE, 1600 * MEBIBYTE), "{mode}");
    }
    // 1 GiB of heap and 128 MiB beside it, 256 of metaspace, and the least overhead, but 1001 bytes.
    let derived = session_text("2.1", "config { jobmanager.memory.heap.size = \"1073742825b\" }");
    assert_eq!(pod(&derived, "jobmanager").0, 1600 * MEBIBYTE + 1001);
    let limit = &objects(&derived);
    let limit = text(limit.container("jobmanager"), "/resources/limits/memory").to_owned();
    assert_eq!(limit, (1600 * MEBIBYTE + 1001).to_string());
    let native = derived.replace("flink.session main {", "flink.session main {\nmode = native");
    assert_eq!(pod(&native, "jobmanager"), (1600 * MEBIBYTE, 1600 * MEBIBYTE));
}

/// What is said of a program, as its messages with all their notes and helps.
fn said(program: &str) -> String {
    let host = MemoryHost::new([("main.flink", program)]);
    let outcome = driver::check_with(&host, "", None, &[]);
    let said = |found: &Diagnostic| format!("{}\n{:?}\n{:?}\n", found.message, found.help, found.notes);
    outcome.diagnostics.iter().map(said).collect()
}

#[test]
fn what_cannot_be_divided_is_told_as_a_table_with_what_to_change() {
    let cases = [
        ("taskmanager.memory = 600Mi", "", ["add up to", "framework off-heap  128 MiB", "change `taskmanager.memory`"]),
        ("taskmanager.memory = 300Mi", "", ["metaspace and overhead", "together   448 MiB", "`taskmanager.memory`"]),
        (
            "taskmanager.memory = 1Gi",
            "config { taskmanager.memory.flink.size = 1000Mi }",
            ["Flink's memory and the metaspace", "together        1256 MiB", "`taskmanager.memory`"],
        ),
        (
            "taskmanager.memory = 2Gi",
            "config { taskmanager.memory.flink.size = 1750Mi }",
            ["overhead, which wants", "left for the overhead  42 MiB", "`taskmanager.memory`"],
        ),
        (
            "taskmanager.memory = 2Gi",
            "config { taskmanager.memory.task.heap.size = 3Gi }",
            ["add up to", "task heap           3072 MiB", "`taskmanager.memory.task.heap.size`"],
        ),
        ("jobmanager.memory = 500Mi", "", ["nothing is left", "off-heap        128 MiB", "change `jobmanager.memory`"]),
        (
            "jobmanager.memory = 2Gi",
            "config { jobmanager.memory.heap.size = 1Gi\njobmanager.memory.flink.size = 512Mi }",
            ["add up to", "heap            1024 MiB", "`jobmanager.memory.heap.size`"],
        ),
    ];
    for mode in MODES {
        for (field, config, parts) in &cases {
            let sized = documented(mode, &format!("{config}\n"));
            let program = match field.starts_with("taskmanager") {
                true => sized.replace("taskmanager.memory = 1728Mi", field),
                false => sized.replace("taskmanager.memory = 1728Mi", &format!("taskmanager.memory = 1728Mi\n{field}")),
            };
            let said = said(&program);
            for part in parts {
                assert!(said.contains(part), "{mode} {field} {config}: `{part}` is said in {said}");
            }
        }
    }
}

#[test]
fn what_starts_but_badly_is_warned_of_in_every_mode() {
    for mode in MODES {
        let small = said(&documented(mode, "jobmanager.memory = 600Mi"));
        assert!(small.contains("the JobManager's heap is 24 MiB"), "{mode}: {small}");
        for nothing in ["managed.size = 0Mi", "managed.fraction = 0.0"] {
            let config = |backend: &str| {
                documented(mode, &format!("config {{ state.backend.type = {backend}\ntaskmanager.memory.{nothing} }}"))
            };
            let said_of = said(&config("rocksdb"));
            assert!(said_of.contains("a TaskManager has none"), "{mode} {nothing}: {said_of}");
            let heap = said(&config("hashmap"));
            assert!(!heap.contains("a TaskManager has none"), "{mode} {nothing}: {heap}");
        }
        assert_eq!(said(&documented(mode, "")), "", "{mode}");
    }
}
