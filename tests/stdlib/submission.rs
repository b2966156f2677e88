//! The script that starts a native cluster, run with stand-ins for `wget` and Flink's client.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// A cluster as the script finds it.
enum Cluster {
    /// It runs, and is gone once it was deleted.
    Running,
    /// There is none.
    Missing,
    /// Nobody may ask.
    Forbidden,
}

/// What came of it: whether the Job has succeeded, what was asked of the API server, and what was printed.
struct Run {
    succeeded: bool,
    requests: Vec<String>,
    printed: String,
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/usr/bin/env bash\n{text}")).expect("a temporary directory is writable");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its files can be made to run");
}

/// Runs the script; `client` is what stands for Flink's client.
fn run(cluster: &Cluster, on_change: &str, client: &str) -> Run {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let at = |name: &str| directory.path().join(name);
    let found = match cluster {
        Cluster::Running => "[ -e deleted ] && status=404 || status=200",
        Cluster::Missing => "status=404",
        Cluster::Forbidden => "status=403",
    };
    let wget = format!(
        r#"for word in "$@"; do case "$word" in
             --method=*) method=${{word#*=}} ;; --body-data=*) body=${{word#*=}} ;;
             --output-document=*) answer=${{word#*=}} ;; https://*) path=/${{word#https://*/}} ;;
           esac; done
           echo "$method $path $body" | sed 's/ $//' >>requests
           case "$method $path" in
             DELETE*) touch deleted; status=200 ;;
             *configmaps*) status=200
               echo '{{"f:jobGraph-00":1,"data":{{"jobGraph-00":"a","executionPlan-ff":"b","leader":"c"}}}}' >"$answer" ;;
             *) {found} ;;
           esac
           [ $status = 200 ] || {{ echo "2026-01-01 ERROR $status: Nothing." >&2; exit 8; }}"#
    );
    script(&at("wget"), &wget);
    script(&at("flink"), client);
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap_or_default());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/flink/submit.sh");
    let output = Command::new("bash")
        .arg(file)
        .args(["main", on_change, "flink", "run", "a b"])
        .current_dir(directory.path())
        .env("PATH", path)
        .env("KUBERNETES_SERVICE_HOST", "api")
        .env("KUBERNETES_SERVICE_PORT", "443")
        .output()
        .expect("there is a bash");
    let requests = fs::read_to_string(at("requests")).unwrap_or_default();
    Run {
        succeeded: output.status.success(),
        requests: requests.lines().map(str::to_owned).collect(),
        printed: String::from_utf8_lossy(&output.stdout).into_owned(),
    }
}

const STARTS: &str = "echo \"started: $*\"";
const EXISTS: &str = "echo 'The Flink cluster main already exists.' >&2; exit 1";
const DEPLOYMENT: &str = "/apis/apps/v1/namespaces//deployments/main";
const LEADERS: &str = "/api/v1/namespaces//configmaps/main-cluster-config-map";

#[test]
fn a_cluster_that_is_not_there_is_started() {
    for on_change in ["keep", "restart", "renew"] {
        let run = run(&Cluster::Missing, on_change, STARTS);
        assert!(run.succeeded && run.printed.contains("started: run a b\n"), "{}", run.printed);
        assert!(!run.requests.iter().any(|request| request.starts_with("DELETE")));
    }
}

#[test]
fn a_cluster_that_is_there_is_kept() {
    let kept = run(&Cluster::Running, "keep", EXISTS);
    assert!(kept.succeeded && kept.requests.is_empty());
    assert!(kept.printed.contains("is there already; what has changed since it started did not reach it"));
}

#[test]
fn what_fails_is_tried_again_by_the_job() {
    for (on_change, client) in [("keep", "echo 'no such image' >&2; exit 3"), ("restart", EXISTS), ("renew", EXISTS)] {
        assert!(!run(&Cluster::Missing, on_change, client).succeeded, "{on_change}");
    }
    let other = "echo 'The Flink cluster other already exists.' >&2; exit 1";
    assert!(!run(&Cluster::Missing, "keep", other).succeeded, "that is about another cluster");
    let forbidden = run(&Cluster::Forbidden, "restart", STARTS);
    assert!(!forbidden.succeeded && !forbidden.printed.contains("started"));
}

#[test]
fn a_session_is_stopped_and_started_again() {
    let restarted = run(&Cluster::Running, "restart", STARTS);
    let get = format!("GET {DEPLOYMENT}");
    let delete = format!("DELETE {DEPLOYMENT}?propagationPolicy=Foreground");
    assert_eq!(restarted.requests, [get.clone(), delete, get]);
    assert!(restarted.succeeded && restarted.printed.contains("started"));
}

#[test]
fn a_job_is_started_as_it_is_now() {
    let renewed = run(&Cluster::Running, "renew", STARTS);
    let forgotten = r#"{"data":{"executionPlan-ff":null,"jobGraph-00":null}}"#;
    assert_eq!(renewed.requests[3..], [format!("GET {LEADERS}"), format!("PATCH {LEADERS} {forgotten}")]);
    assert!(renewed.succeeded && renewed.printed.contains("started"));
}
