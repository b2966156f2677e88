//! The API server's own validation of custom resources, which `tests/tools/judge` runs.

use serde_json::Value as Json;
use std::io::Write;
use std::process::{Command, Stdio};

/// What is answered to questions, one a line: `{"definition": …, "object": …}`.
pub fn answers(questions: String) -> Vec<Json> {
    let mut go = Command::new("go");
    go.args(["run", "."]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/judge"));
    let mut program = go.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Go is installed");
    let mut stdin = program.stdin.take().expect("it is piped");
    // It answers while it reads, and would wait for its answers to be taken.
    let asking = std::thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let output = program.wait_with_output().expect("it ends");
    asking.join().expect("nothing panics").expect("it reads all");
    assert!(output.status.success());
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("an answer is JSON")).collect()
}
