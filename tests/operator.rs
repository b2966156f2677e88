//! The validator of the Flink Kubernetes operator, from the artifacts that Maven Central has: that the answers which
//! other tests replay are its own.
#![cfg(feature = "real")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The class path of the operator; Maven keeps the artifacts.
fn class_path() -> String {
    let file: PathBuf = root().join("target/tools/operator/classpath");
    std::fs::create_dir_all(file.parent().expect("the file lies in a directory")).expect("target can be written to");
    let output = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(root().join("tests/tools/operator/pom.xml"))
        .arg(format!("-Dmdep.outputFile={}", file.display()))
        .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
        .output()
        .expect("mvn is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(file).expect("the plugin writes the class path")
}

#[test]
fn answers_are_the_validators() {
    let committed = std::fs::read(root().join("tests/data/operator-validator.txt")).expect("the answers are committed");
    let output = Command::new("java")
        .args(["-cp", &class_path()])
        .arg(root().join("tests/tools/operator/Validator.java"))
        .arg("vectors")
        .output()
        .expect("java is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == committed, "the validator answers otherwise: run Validator.java with `vectors` again");
}
