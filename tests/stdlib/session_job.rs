//! Jobs on session clusters of the operator, and snapshots of jobs' state.

use crate::operated::{OPERATED, of, of_job};
use crate::operator_mode::operated;
use crate::program::{Objects, at, errors, number, text};
use serde_json::{Value, json};

const JAR: &str = "jar = \"https://repo.example.com/report.jar\"\n";
const SAVED: &str = "checkpoints { storage = \"s3://state/c\", interval = 90s, savepoints = \"s3://state/s\" }\n";

fn program(version: &str, body: &str) -> String {
    let job = format!("flink.job report {{\nsession = main.deployment.name\nflink = \"{version}\"\n{body}\n}}\n");
    format!("{}{job}", of("session", version, ""))
}

fn session_job(body: &str) -> Objects {
    operated("2.1", &program("2.1", &format!("{JAR}{body}")))
}

fn spec(objects: &Objects) -> &Value {
    at(objects.get("FlinkSessionJob", "report"), "/spec")
}

#[test]
fn a_job_names_its_cluster_and_what_it_sets_itself() {
    for version in OPERATED {
        let body = format!(
            "{JAR}{SAVED}class = \"a.B\", args = [\"--a\", \"b c\"], parallelism = 3, max_parallelism = 12\n\
             savepoint = \"s3://state/s/1\", allow_non_restored_state = true\nautoscaler.target = 0.5\n\
             operator {{ restart = 1, savepoint_redeploy = 2, savepoint_trigger = 3, periodic_savepoints = 1h }}\n\
             config.pipeline.object-reuse = true"
        );
        let objects = operated(version, &program(version, &body));
        let united = !["1.17", "1.18", "1.19"].contains(&version);
        let (checkpoints, savepoints) = match united {
            true => ("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir"),
            false => ("state.checkpoints.dir", "state.savepoints.dir"),
        };
        let expected = json!({
            "deploymentName": "main",
            "restartNonce": 1,
            "flinkConfiguration": {
                checkpoints: "s3://state/c",
                savepoints: "s3://state/s",
                "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
                "execution.checkpointing.interval": "90 s",
                "job.autoscaler.enabled": "true",
                "job.autoscaler.utilization.target": "0.5",
                "kubernetes.operator.periodic.savepoint.interval": "3600 s",
                "pipeline.max-parallelism": "12",
                "pipeline.object-reuse": "true",
            },
            "job": {
                "jarURI": "https://repo.example.com/report.jar",
                "entryClass": "a.B",
                "args": ["--a", "b c"],
                "parallelism": 3,
                "state": "running",
                "upgradeMode": "savepoint",
                "allowNonRestoredState": true,
                "initialSavepointPath": "s3://state/s/1",
                "savepointRedeployNonce": 2,
                "savepointTriggerNonce": 3,
            },
        });
        assert_eq!(spec(&objects), &expected, "{version}");
    }
}

#[test]
fn a_job_is_one_object() {
    let objects = session_job("");
    let expected =
        ["FlinkDeployment main", "FlinkSessionJob report", "Role main", "RoleBinding main", "ServiceAccount main"];
    assert_eq!(objects.listed(), expected);
    let labels = at(objects.get("FlinkSessionJob", "report"), "/metadata/labels");
    assert_eq!(text(labels, "/app.kubernetes.io~1instance"), "report");
}

#[test]
fn a_job_goes_on_from_what_there_is() {
    for (body, expected) in [
        ("", "stateless"),
        ("checkpoints.storage = \"s3://state/c\"", "last-state"),
        (SAVED, "savepoint"),
        (&format!("{SAVED}operator.upgrade = last-state"), "last-state"),
        (&format!("{SAVED}operator {{ upgrade = stateless, forget_state = true }}"), "stateless"),
    ] {
        assert_eq!(text(spec(&session_job(body)), "/job/upgradeMode"), expected, "{body}");
    }
}

#[test]
fn an_operator_that_fetches_from_elsewhere_is_believed() {
    let body = "jar = \"s3://jars/report.jar\"\nschemes = [\"https\", \"s3\"]";
    let objects = operated("2.1", &program("2.1", body));
    assert_eq!(text(spec(&objects), "/job/jarURI"), "s3://jars/report.jar");
    let option = "/flinkConfiguration/kubernetes.operator.user.artifacts.allowed-schemes";
    assert_eq!(text(spec(&objects), option), "https;s3");
}

#[test]
fn a_session_that_the_operator_does_not_run_has_no_jobs() {
    for mode in ["standalone", "native"] {
        let program = program("2.1", JAR).replace("mode = operator", &format!("mode = {mode}"));
        let found = errors(&program);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "session = main.deployment.name");
        let found = errors(&program.replace("main.deployment.name", &format!("\"main\"\nmode = {mode}")));
        assert!(found[0].1.starts_with("only the operator runs a job on a session cluster"), "{found:?}");
    }
}

#[test]
fn a_snapshot_is_of_one_job() {
    let program = |body: &str| {
        let application = of_job("application", "2.1", SAVED);
        format!("{application}flink.snapshot before {{\napplication = main.deployment.name\n{body}\n}}\n")
    };
    let spec = |body: &str| at(operated("2.1", &program(body)).get("FlinkStateSnapshot", "before"), "/spec").clone();
    let job = json!({ "kind": "FlinkDeployment", "name": "main" });
    assert_eq!(
        spec(""),
        json!({
            "jobReference": job,
            "savepoint": { "formatType": "CANONICAL", "disposeOnDelete": false, "alreadyExists": false },
        })
    );
    assert_eq!(
        spec("kind = checkpoint, retries = 3"),
        json!({ "jobReference": job, "backoffLimit": 3, "checkpoint": {} })
    );
    let whole = "path = \"s3://state/s/1\", format = native, exists = true, dispose = true";
    let savepoint =
        json!({ "path": "s3://state/s/1", "formatType": "NATIVE", "disposeOnDelete": true, "alreadyExists": true });
    assert_eq!(spec(whole), json!({ "jobReference": job, "savepoint": savepoint }));

    let of_session_job = format!(
        "{}flink.snapshot before {{\nsession_job = report.job.name\n}}\n",
        self::program("2.1", &format!("{JAR}{SAVED}"))
    );
    let objects = operated("2.1", &of_session_job);
    let reference = at(objects.get("FlinkStateSnapshot", "before"), "/spec/jobReference");
    assert_eq!(reference, &json!({ "kind": "FlinkSessionJob", "name": "report" }));
}

#[test]
fn jobs_on_nothing_are_refused() {
    let found = errors(&program("2.1", JAR).replace("main.deployment.name", "\"lost\""));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "session = \"lost\"");
    assert!(found[0].1.contains("FlinkDeployment `lost`"), "{found:?}");
}

#[test]
fn snapshots_of_nothing_are_refused() {
    let found = errors("import std.flink\nenvironment dev {}\nflink.snapshot lost {\napplication = \"lost\"\n}\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].1.contains("FlinkDeployment `lost`"), "{found:?}");
}

#[test]
fn a_wave_puts_jobs_after_their_cluster() {
    let objects = session_job("operator.sync_wave = 1");
    let metadata = at(objects.get("FlinkSessionJob", "report"), "/metadata");
    assert_eq!(text(metadata, "/annotations/argocd.argoproj.io~1sync-wave"), "1");
    assert_eq!(number(spec(&objects), "/job/parallelism"), 1);
}
