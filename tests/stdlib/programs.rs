//! Whole programs: the one that shows the language, and a copy of the library that somebody changed.

use crate::program::{VERSIONS, at, list, objects, objects_of, objects_with_warnings, strings, text};
use std::path::Path;

fn first_program(environment: &str) -> crate::program::Objects {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/first-program");
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).expect("the program is there");
    let (main, logback) = (read("main.flink"), read("conf/logback-console.xml"));
    let files = [("main.flink", main.as_str()), ("conf/logback-console.xml", &logback)];
    objects_with_warnings(&files, environment, &["older name of `execution.checkpointing.incremental`"])
}

#[test]
fn the_first_program_makes_what_it_says() {
    let dev = first_program("dev");
    assert_eq!(
        dev.listed(),
        [
            "ConfigMap clicks-config",
            "CronJob savepoint-cleaner",
            "Deployment clicks-jobmanager",
            "Deployment clicks-taskmanager",
            "Service clicks-jobmanager",
            "Service clicks-rest",
            "ServiceAccount clicks",
        ]
    );
    let prod = first_program("prod");
    assert_eq!(
        prod.listed(),
        [
            "ConfigMap clicks-config",
            "CronJob savepoint-cleaner",
            "Deployment clicks-jobmanager",
            "Deployment clicks-taskmanager",
            "Ingress clicks-ingress",
            "Role clicks-election",
            "RoleBinding clicks-election",
            "Service clicks-metrics",
            "Service clicks-rest",
            "ServiceAccount clicks",
            "ServiceMonitor clicks-monitor",
        ]
    );
    for (objects, replicas, memory, namespace) in [(&dev, 2, "4Gi", "clicks-dev"), (&prod, 16, "16Gi", "clicks")] {
        let taskmanager = objects.get("Deployment", "clicks-taskmanager");
        assert_eq!(text(taskmanager, "/metadata/namespace"), namespace);
        assert_eq!(at(taskmanager, "/spec/replicas"), replicas);
        let pod = at(taskmanager, "/spec/template/spec");
        assert_eq!(text(pod, "/priorityClassName"), "stream-critical");
        assert_eq!(text(pod, "/containers/0/resources/limits/memory"), memory);
        assert_eq!(text(pod, "/containers/0/image"), "registry.example.com/clicks:2.3.1");
        let cleaner = objects.get("CronJob", "savepoint-cleaner");
        let containers = list(cleaner, "/spec/jobTemplate/spec/template/spec/containers");
        assert_eq!(strings(&containers[0], "/args"), ["--keep", "10"]);
    }
}

#[test]
fn a_copy_of_the_library_is_a_library() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/flink");
    let mut files: Vec<(String, String)> = walkdir::WalkDir::new(&directory)
        .into_iter()
        .map(|entry| entry.expect("the library can be listed"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(&directory).expect("it lies below").to_string_lossy().into_owned();
            (format!("lib/ours/{name}"), std::fs::read_to_string(entry.path()).expect("it is UTF-8"))
        })
        .collect();
    let pods = files.iter_mut().find(|(name, _)| name.ends_with("/pods.flink")).expect("a part of the library");
    let user = pods.1.lines().find(|line| line.trim_start().starts_with("runAsUser ")).expect("pods have a user");
    let (user, other) = (user.to_string(), user.replace("9999", "1234"));
    pods.1 = pods.1.replace(&user, &other);
    let program = "import \"lib/ours\" as flink\nenvironment dev {}\n\
        flink.session main { flink = \"2.1\", taskmanager.memory = 2Gi }\n";
    files.push(("main.flink".into(), program.into()));
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let ours = objects_of(&borrowed, "dev");
    assert_eq!(at(ours.pod("taskmanager"), "/spec/securityContext/runAsUser"), 1234);
    let theirs = objects(&program.replace("\"lib/ours\" as flink", "std.flink"));
    assert_eq!(ours.listed(), theirs.listed());
    assert_eq!(ours.files(), theirs.files());
}

#[test]
fn a_component_of_ones_own_is_made_of_the_cluster() {
    let program = "import std.flink\nenvironment dev {}\n\
        component notebook(name: dns_label, spec: flink.Cluster) {\n\
        ...flink.cluster(name, spec)\n\
        resource v1 ConfigMap notes { data { url = \"http://\\(rest.name):8081\" } }\n}\n\
        notebook main {\n flink = \"2.1\"\n taskmanager.memory = 2Gi\n\
        override jobmanager { spec.template.spec.priorityClassName = \"high\" }\n}\n";
    let objects = objects(program);
    assert_eq!(text(objects.pod("jobmanager"), "/spec/priorityClassName"), "high");
    assert_eq!(text(objects.get("ConfigMap", "main-notes"), "/data/url"), "http://main-rest:8081");
}

#[test]
fn the_smallest_cluster_has_no_more_than_it_needs() {
    for version in VERSIONS {
        let text = format!(
            "import std.flink\nenvironment dev {{}}\n\
             flink.session main {{ flink = \"{version}\", taskmanager.memory = 2Gi }}\n"
        );
        assert_eq!(
            objects(&text).listed(),
            [
                "ConfigMap main-config",
                "Deployment main-jobmanager",
                "Deployment main-taskmanager",
                "Service main-jobmanager",
                "Service main-rest",
                "ServiceAccount main",
            ]
        );
    }
}
