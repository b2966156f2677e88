//! What an edit of a program changes in the output.

use super::{built, example};
use flinkc::layers::Tree;

/// Lines that are in one output and not in the other, and the files that differ.
fn difference(before: &Tree, after: &Tree) -> (usize, Vec<String>) {
    let mut lines = 0;
    let mut files = Vec::new();
    let paths: std::collections::BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
    for path in paths {
        let text = |tree: &Tree| tree.files.get(path).map(|content| String::from_utf8_lossy(content).into_owned());
        let (was, is) = (text(before).unwrap_or_default(), text(after).unwrap_or_default());
        if was != is {
            let diff = similar::TextDiff::from_lines(&was, &is);
            lines += diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal).count();
            files.push(path.clone());
        }
    }
    (lines, files)
}

/// An edit of an example's program: from, to, the files that change, and in them how many lines; a changed line counts
/// twice.
type Edit<'a> = (&'a str, &'a str, &'a [&'a str], usize);

fn check_edits(name: &str, edits: &[Edit]) {
    let files = example(name);
    let before = built(&files);
    for (from, to, expected, most) in edits {
        let mut edited = files.clone();
        let program = edited.get_mut("main.flink").expect("it has a program");
        assert!(program.contains(from), "the example has {from}");
        *program = program.replacen(from, to, 1);
        let (lines, changed) = difference(&before, &built(&edited));
        assert_eq!(changed, *expected, "{name}: {from} to {to}");
        assert!(lines <= *most, "{name}: {from} to {to}: {lines} lines");
    }
}

#[test]
fn an_edit_changes_few_lines() {
    let [job, task] = ["clicks/base/jobmanager-deployment.yaml", "clicks/base/taskmanager-deployment.yaml"];
    let ingress = "clicks/overlays/prod/resources/ingress.yaml";
    let [staging, prod] = ["staging", "prod"].map(|name| format!("clicks/overlays/{name}/kustomization.yaml"));
    check_edits(
        "clicks",
        &[
            ("replicas = 16,", "replicas = 24,", &[&prod], 2),
            ("slots = 2, replicas = 2", "slots = 2, replicas = 3", &[task], 2),
            ("TZ = \"UTC\"", "TZ = \"Europe/Berlin\"", &[job, task], 4),
            ("clicks.example.com", "example.com", &[ingress], 4),
            ("s3://clicks-prod/savepoints", "s3://other/savepoints", &["clicks/overlays/prod/config/config.yaml"], 2),
            ("namespace = \"clicks-staging\"", "namespace = \"staging\"", &[&staging], 2),
        ],
    );
    let base = "analytics/base";
    let pods = ["jobmanager-deployment", "taskmanager-statefulset"].map(|name| format!("{base}/{name}.yaml"));
    let prod = "analytics/overlays/prod";
    check_edits(
        "session",
        &[
            ("taskmanager.replicas  = 6", "taskmanager.replicas = 8", &[&format!("{prod}/kustomization.yaml")], 2),
            (
                "max_unavailable = 1",
                "max_unavailable = 2",
                &[&format!("{prod}/resources/budget-poddisruptionbudget.yaml")],
                2,
            ),
            ("fluent-bit:3.2.4", "fluent-bit:3.2.5", &[&pods[0], &pods[1]], 4),
            // The file differs between the environments, and so stands twice.
            (
                "table.exec.state.ttl                = 1d",
                "table.exec.state.ttl = 2d",
                &[&format!("{base}/config/config.yaml"), &format!("{prod}/config/config.yaml")],
                4,
            ),
        ],
    );
    let [base, patch] =
        ["base", "overlays/prod/patches"].map(|name| format!("payments/{name}/deployment-flinkdeployment.yaml"));
    check_edits(
        "operator",
        &[
            ("parallelism    = 8", "parallelism = 16", &[&patch], 2),
            ("target = 0.6", "target = 0.7", &[&patch], 2),
            ("cpu = 2, memory = 4Gi", "cpu = 2, memory = 6Gi", &[&base], 2),
        ],
    );
}

#[test]
fn another_application_touches_no_other_ones_files() {
    let mut platform = example("platform");
    let before = built(&platform);
    let jobs = platform.get_mut("jobs.yaml").expect("it has jobs");
    jobs.push_str("- { name: one-more, team: search, class: com.example.more.Main, version: 1.0.0 }\n");
    let after = built(&platform);
    let (_, files) = difference(&before, &after);
    assert!(files.iter().any(|path| path.starts_with("one-more/")), "{files:?}");
    let others: Vec<&String> = files.iter().filter(|path| !path.starts_with("one-more/")).collect();
    assert!(others.iter().all(|path| path.starts_with("overlays/")), "{others:?}");
    for path in others {
        let text = |tree: &Tree| String::from_utf8_lossy(&tree.files[path]).into_owned();
        let added = text(&after).lines().count() - text(&before).lines().count();
        assert_eq!(added, 1, "{path}");
    }
}
