//! Deployments, StatefulSets, Jobs, volume claims, the autoscaler and disruption budgets.

use crate::program::{Objects, application, at, list, session, text};
use serde_json::json;

fn annotation<'a>(objects: &'a Objects, kind: &str, name: &str, annotation: &str) -> Option<&'a str> {
    objects.get(kind, name).pointer("/metadata/annotations")?.get(annotation)?.as_str()
}

#[test]
fn what_never_ends_is_a_deployment() {
    for objects in [session("1.20", ""), application("1.20", "")] {
        let jobmanager = objects.get("Deployment", "main-jobmanager");
        assert_eq!(at(jobmanager, "/spec/replicas"), 1);
        // Two JobManagers without an election would run one job twice.
        assert_eq!(text(jobmanager, "/spec/strategy/type"), "Recreate");
        // TaskManagers that go in turn would restart a job once each.
        assert_eq!(text(objects.get("Deployment", "main-taskmanager"), "/spec/strategy/type"), "Recreate");
        assert!(objects.pod("jobmanager").pointer("/spec/restartPolicy").is_none());
        assert!(objects.all().iter().all(|object| text(object, "/kind") != "Job"));
    }
}

#[test]
fn a_bounded_job_is_a_job_that_engines_can_replace() {
    let objects = application("2.1", "job.bounded = true");
    assert!(objects.find("Deployment", "main-jobmanager").is_none());
    assert_eq!(text(objects.pod("jobmanager"), "/spec/restartPolicy"), "OnFailure");
    assert_eq!(
        annotation(&objects, "Job", "main-jobmanager", "argocd.argoproj.io/sync-options"),
        Some("Force=true,Replace=true")
    );
    assert_eq!(annotation(&objects, "Job", "main-jobmanager", "kustomize.toolkit.fluxcd.io/force"), Some("enabled"));
    // Kubernetes makes a Job's selector itself.
    assert!(objects.get("Job", "main-jobmanager").pointer("/spec/selector").is_none());
    assert!(objects.find("Deployment", "main-taskmanager").is_some());
}

#[test]
fn standby_jobmanagers_of_a_job_run_in_parallel() {
    let objects = application("2.1", "job.bounded = true\navailability { storage = \"s3://a/b\", replicas = 2 }");
    assert_eq!(at(objects.get("Job", "main-jobmanager"), "/spec/parallelism"), 2);
}

#[test]
fn local_recovery_gives_each_taskmanager_a_volume_and_a_name() {
    for (version, on) in [
        ("1.17", "state.backend.local-recovery"),
        ("1.19", "state.backend.local-recovery"),
        ("1.20", "execution.state-recovery.from-local"),
        ("2.3", "execution.checkpointing.local-backup.enabled"),
    ] {
        let body = "taskmanager { replicas = 3, local_recovery { size = 20Gi, class = \"ssd\" } }";
        let objects = application(version, body);
        let set = objects.get("StatefulSet", "main-taskmanager");
        assert_eq!(at(set, "/spec/replicas"), 3);
        let claims = list(set, "/spec/volumeClaimTemplates");
        let [claim] = claims else { panic!("one claim: {claims:?}") };
        assert_eq!(text(claim, "/spec/resources/requests/storage"), "20Gi");
        assert_eq!(text(claim, "/spec/storageClassName"), "ssd");
        assert_eq!(strings_of(claim, "/spec/accessModes"), ["ReadWriteOnce"]);

        let mounts = objects.mounts("taskmanager");
        let (path, _) = mounts.iter().find(|(_, name)| **name == text(claim, "/metadata/name")).expect("it is mounted");
        let file = objects.files().into_iter().find(|(name, _)| name.ends_with(".yaml")).expect("it is there").1;
        assert!(file.lines().any(|line| line == format!("process.taskmanager.working-dir: {path}")), "{file}");
        assert!(file.contains(&format!("{on}: ")) && file.contains("true"), "Flink {version}: {file}");

        // Flink knows a TaskManager again by its id, which is the pod's name.
        assert_eq!(objects.args("taskmanager"), ["taskmanager", "-Dtaskmanager.resource-id=$(POD_NAME)"]);
        let name = objects.variable("taskmanager", "POD_NAME").expect("the argument takes it");
        assert_eq!(text(name, "/valueFrom/fieldRef/fieldPath"), "metadata.name");

        let service = objects.get("Service", text(set, "/spec/serviceName"));
        assert_eq!(text(service, "/spec/clusterIP"), "None");
        assert_eq!(at(service, "/spec/selector"), at(set, "/spec/selector/matchLabels"));
        assert!(objects.find("Deployment", "main-taskmanager").is_none());
    }
}

fn strings_of<'a>(value: &'a serde_json::Value, path: &str) -> Vec<&'a str> {
    crate::program::strings(value, path)
}

#[test]
fn state_on_a_volume_is_mounted_everywhere_and_outlives_the_cluster() {
    let body = "checkpoints { storage = \"file:///flink-state/a\", volume { size = 5Gi, class = \"nfs\" } }";
    let objects = session("1.20", body);
    let claim = objects.get("PersistentVolumeClaim", "main-state");
    assert_eq!(
        *at(claim, "/spec"),
        json!({
            "accessModes": ["ReadWriteMany"], "storageClassName": "nfs",
            "resources": { "requests": { "storage": "5Gi" } }
        })
    );
    let argo = annotation(&objects, "PersistentVolumeClaim", "main-state", "argocd.argoproj.io/sync-options");
    assert_eq!(argo, Some("Prune=false,Delete=false"));
    let flux = annotation(&objects, "PersistentVolumeClaim", "main-state", "kustomize.toolkit.fluxcd.io/prune");
    assert_eq!(flux, Some("disabled"));
    for part in ["jobmanager", "taskmanager"] {
        assert_eq!(objects.mounts(part)["/flink-state"], "state");
        assert_eq!(claimed(&objects, part, "state"), "main-state");
    }
}

fn claimed<'a>(objects: &'a Objects, part: &str, volume: &str) -> &'a str {
    let volumes = list(objects.pod(part), "/spec/volumes");
    let volume = volumes.iter().find(|known| text(known, "/name") == volume).expect("the volume is there");
    text(volume, "/persistentVolumeClaim/claimName")
}

#[test]
fn artifacts_are_mounted_as_the_users_library_on_both() {
    for (body, claim) in
        [("job.artifacts.size = 1Gi", "main-artifacts"), ("job.artifacts.claim = \"shared\"", "shared")]
    {
        let objects = application("1.18", body);
        for part in ["jobmanager", "taskmanager"] {
            assert_eq!(objects.mounts(part)["/opt/flink/usrlib"], "artifacts");
            assert_eq!(claimed(&objects, part, "artifacts"), claim);
        }
        assert_eq!(objects.find("PersistentVolumeClaim", "main-artifacts").is_some(), claim == "main-artifacts");
    }
}

#[test]
fn overrides_reach_whatever_is_made() {
    let body = "override jobmanager { spec.template.spec.terminationGracePeriodSeconds = 90s }
        override taskmanager { spec.template.spec.containers.taskmanager.env { A { value = \"b\" } } }
        override rest { spec.publishNotReadyAddresses = true }
        override config { data { \"a.txt\" = \"a\" } }";
    for more in ["", "job.bounded = true\noverride jobmanager { spec.backoffLimit = 3 }"] {
        let objects = application("2.1", &format!("{body}\n{more}"));
        assert_eq!(at(objects.pod("jobmanager"), "/spec/terminationGracePeriodSeconds"), 90);
        assert_eq!(objects.variable("taskmanager", "A"), Some(&json!({ "name": "A", "value": "b" })));
        assert_eq!(at(objects.get("Service", "main-rest"), "/spec/publishNotReadyAddresses"), true);
        assert_eq!(objects.files()["a.txt"], "a");
        if !more.is_empty() {
            assert_eq!(at(objects.get("Job", "main-jobmanager"), "/spec/backoffLimit"), 3);
        }
    }
}

#[test]
fn reactive_mode_leaves_the_number_to_the_autoscaler() {
    let file = |objects: &Objects| objects.files()["config.yaml"].to_owned();
    let fixed = application("2.0", "reactive {}\ntaskmanager.replicas = 2");
    assert!(file(&fixed).contains("scheduler-mode: reactive\n"));
    assert!(!file(&fixed).contains("parallelism.default"), "reactive mode ignores it");
    assert_eq!(at(fixed.get("Deployment", "main-taskmanager"), "/spec/replicas"), 2);

    let scaled = application("2.0", "reactive { max_replicas = 8, cpu_percent = 60 }\ntaskmanager.replicas = 2");
    let workload = scaled.get("Deployment", "main-taskmanager");
    // A number in Git would undo the autoscaler's at each reconciliation.
    assert!(workload.pointer("/spec/replicas").is_none());
    let autoscaler = at(scaled.get("HorizontalPodAutoscaler", "main-taskmanager"), "/spec");
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "main-taskmanager" });
    assert_eq!(*at(autoscaler, "/scaleTargetRef"), target);
    assert_eq!((at(autoscaler, "/minReplicas"), at(autoscaler, "/maxReplicas")), (&json!(2), &json!(8)));
    assert_eq!(at(autoscaler, "/metrics/0/resource/target/averageUtilization"), 60);

    let stateful = application("2.0", "reactive.max_replicas = 8\ntaskmanager.local_recovery.size = 1Gi");
    let autoscaler = stateful.get("HorizontalPodAutoscaler", "main-taskmanager");
    assert_eq!(text(autoscaler, "/spec/scaleTargetRef/kind"), "StatefulSet");
}

#[test]
fn budgets_leave_one_jobmanager_and_most_taskmanagers() {
    let budget = |objects: &Objects, name: &str| {
        objects.find("PodDisruptionBudget", name).map(|budget| at(budget, "/spec/maxUnavailable").clone())
    };
    let single = session("1.20", "disruption_budget { max_unavailable = 2 }");
    assert_eq!(budget(&single, "main-taskmanager"), Some(json!(2)));
    assert_eq!(budget(&single, "main-jobmanager"), None, "a node with the only JobManager could never be drained");

    let standby = "disruption_budget {}\navailability { storage = \"s3://a/b\", replicas = 3 }";
    let objects = application("1.20", standby);
    assert_eq!(budget(&objects, "main-jobmanager"), Some(json!(1)));
    for part in ["jobmanager", "taskmanager"] {
        let name = format!("main-{part}");
        let selector = at(objects.get("PodDisruptionBudget", &name), "/spec/selector");
        assert_eq!(selector, at(objects.get("Deployment", &name), "/spec/selector"));
    }
    // Kubernetes cannot scale a Job, so it cannot count what may be missing of one.
    assert_eq!(budget(&application("1.20", &format!("{standby}\njob.bounded = true")), "main-jobmanager"), None);
}
