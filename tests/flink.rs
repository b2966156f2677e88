//! Flink's own classes, from the artifacts that Maven Central has: that the answers which other tests replay are theirs.
#![cfg(feature = "real")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version, the last of its line, and the newest: the arithmetic is the same in all.
const VERSIONS: [&str; 3] = ["1.17.2", "1.20.5", "2.3.0"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The class path of a version of Flink; Maven keeps the artifacts.
fn class_path(version: &str) -> String {
    let file: PathBuf = root().join(format!("target/tools/flink/{version}.classpath"));
    std::fs::create_dir_all(file.parent().expect("the file lies in a directory")).expect("target can be written to");
    let output = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(root().join("tests/tools/flink/pom.xml"))
        .arg(format!("-Dflink.version={version}"))
        .arg(format!("-Dmdep.outputFile={}", file.display()))
        .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
        .output()
        .expect("mvn is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(file).expect("the plugin writes the class path")
}

/// A tool's answers are those that are committed, whatever the version.
fn answers_alike(tool: &str, answers: &str) {
    let committed = std::fs::read(root().join("tests/data").join(answers)).expect("the answers are committed");
    for version in VERSIONS {
        let output = Command::new("java")
            .args(["-cp", &class_path(version)])
            .arg(root().join("tests/tools/flink").join(tool))
            .output()
            .expect("java is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout == committed, "Flink {version} answers otherwise: run tests/tools/flink/{tool} again");
    }
}

#[test]
fn divisions_of_memory_are_flinks() {
    answers_alike("Memory.java", "flink-memory.txt");
}

#[test]
fn default_maximums_of_parallelism_are_flinks() {
    answers_alike("Parallelism.java", "flink-max-parallelism.txt");
}
