//! The command: what it reads, and how it ends.

use super::{FLUX, PROGRAM, with};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn flinkc(arguments: &[&str], input: Option<&str>) -> Output {
    let mut flinkc = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    flinkc
        .env("KUBECONFIG", "/nowhere/at/all")
        .arg("diff")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = flinkc.spawn().expect("flinkc runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    // Whoever does not read it closes it.
    let _ = stdin.write_all(input.unwrap_or_default().as_bytes());
    drop(stdin);
    child.wait_with_output().expect("flinkc ends")
}

#[test]
fn the_command_reads_files_directories_and_standard_input() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/live");
    let (project, file) = (data.display().to_string(), data.join("flux.yaml").display().to_string());
    let same = "prod: no changes\n  note: applied by kustomize-controller, server-side apply (as the objects say): objects 3\n";
    for (place, input) in [(file.as_str(), None), (project.as_str(), None), ("-", Some(FLUX))] {
        let output = flinkc(&[&project, "--env", "prod", "--live", place], input);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!((&*shown, output.status.code()), (same, Some(0)), "{output:?}");
    }
    let nothing = flinkc(&[&project, "--env", "prod", "--live", "-"], Some(""));
    assert_eq!(nothing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("there are no objects in `-`: everything is new"));
    for (arguments, said) in [
        (vec!["--env", "prod", "--live", "nowhere.yaml"], "`nowhere.yaml` does not exist"),
        (vec!["--env", "test", "--live", file.as_str()], "there is no environment `test`"),
        (vec!["--live", file.as_str()], "--env <ENV>"),
        // Without a file the cluster is asked; this one has no kubeconfig.
        (vec!["--env", "prod"], "the cluster cannot be asked"),
    ] {
        let arguments: Vec<&str> = [project.as_str()].into_iter().chain(arguments).collect();
        let output = flinkc(&arguments, None);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && complaint.contains(said), "{complaint}");
    }
    for (label, said) in [("team", "it is written as `KEY=VALUE`"), ("=clicks", "it has no key")] {
        let output = flinkc(&[&project, "--env", "prod", "--live", &file, "--prune-label", label], None);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && complaint.contains(said), "{complaint}");
    }
    let labelled = flinkc(&[&project, "--env", "prod", "--live", &file, "--prune-label", "team=clicks"], None);
    let said = "no object of the program has the label `team=clicks`: nothing is pruned by it";
    assert!(String::from_utf8_lossy(&labelled.stdout).contains(said), "{labelled:?}");
    let broken = flinkc(&[&project, "--env", "prod", "--live", "-"], Some("a: [b"));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("error: `-` cannot be read"), "{broken:?}");
}

/// The key is another one in each run, so that nobody can try out values.
#[test]
fn no_two_runs_show_a_secret_alike() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/live");
    let (project, live) = (data.display().to_string(), with(FLUX, "c2VzYW1l", "b3Blbg=="));
    let arguments = [project.as_str(), "--env", "prod", "--live", "-"];
    let shown = || String::from_utf8_lossy(&flinkc(&arguments, Some(&live)).stdout).into_owned();
    let (one, other) = (shown(), shown());
    assert!(one.contains("data.password: \"<secret ") && one != other, "{one}{other}");
    let masked = |text: &str| -> Vec<String> {
        let mut parts = text.split("<secret ");
        let first = parts.next().unwrap_or_default().to_owned();
        [first].into_iter().chain(parts.map(|part| part[8..].to_owned())).collect()
    };
    assert_eq!(masked(&one), masked(&other), "nothing else differs");
}

#[test]
fn a_cost_that_nobody_cares_for_does_not_fail() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let rules = "\nchange apps/v1 Deployment (before, after) { spec.replicas : restart : \"so it is\" }\n";
    let program = with(PROGRAM, "spec.replicas = 3", "spec.replicas = 4");
    std::fs::write(directory.path().join("main.flink"), format!("{program}{rules}")).expect("can be written");
    let project = directory.path().display().to_string();
    for (level, code) in [("state-loss", 0), ("restart", 1)] {
        let output = flinkc(&[&project, "--env", "prod", "--live", "-", "--fail-on", level], Some(FLUX));
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(shown.starts_with("prod: at worst restart: 1 changed\n"), "{shown}");
        assert!(shown.contains("spec.replicas: 3 -> 4  [restart: so it is]  <- main.flink:23, when prod"), "{shown}");
        assert_eq!(output.status.code(), Some(code), "{level}");
    }
}
