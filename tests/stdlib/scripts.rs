//! Jobs whose program is a text: SQL and Python.

use crate::program::{VERSIONS, application, application_text, errors, objects, strings, text};

fn sql(version: &str, body: &str) -> String {
    application_text(version, body).replacen("job.class = \"com.example.Main\"\n", "", 1)
}

#[test]
fn flink_runs_sql_by_itself_since_2_0() {
    for version in VERSIONS.iter().filter(|version| version.starts_with('2')) {
        let found = objects(&sql(version, "job { sql { script = \"SELECT 1;\" }, args = [\"--x\"] }"));
        let args = found.args("jobmanager");
        let class = args.iter().position(|word| *word == "--job-classname").expect("there is a class");
        assert_eq!(
            args[class + 1..],
            [
                "org.apache.flink.table.runtime.application.SqlDriver",
                "--scriptUri",
                "/opt/flink/program/job.sql",
                "--x"
            ]
        );
    }
    for version in VERSIONS.iter().filter(|version| version.starts_with('1')) {
        let found = errors(&sql(version, "job { sql { script = \"SELECT 1;\" } }"));
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains("does not run SQL by itself"), "{found:?}");
    }
}

#[test]
fn a_runner_of_the_image_gets_the_file_as_its_first_argument() {
    let body =
        "job { sql { script = \"SELECT 1;\", runner = \"local:///opt/flink/usrlib/sql.jar\", class = \"a.Runner\" } }";
    for version in VERSIONS {
        let found = objects(&sql(version, body));
        let args = found.args("jobmanager");
        let class = args.iter().position(|word| *word == "--job-classname").expect("there is a class");
        assert_eq!(args[class + 1..], ["a.Runner", "/opt/flink/program/job.sql"]);
        let takes_jars = !["1.17", "1.18"].contains(&version);
        assert_eq!(args.contains(&"local:///opt/flink/usrlib/sql.jar"), takes_jars, "{version}");
    }
}

#[test]
fn only_jobmanagers_mount_the_text_and_a_changed_text_is_another_object() {
    let of = |script: &str| objects(&sql("2.1", &format!("job {{ sql {{ script = \"{script}\" }} }}")));
    let found = of("SELECT 1;");
    assert_eq!(text(found.get("ConfigMap", "main-program"), "/data/job.sql"), "SELECT 1;");
    assert_eq!(found.mounts("jobmanager").get("/opt/flink/program"), Some(&"program"));
    assert_eq!(found.mounts("taskmanager").get("/opt/flink/program"), None);

    let name = |script: &str| text(of(script).get("ConfigMap", "main-program"), "/metadata/name").to_owned();
    assert_eq!(name("SELECT 1;"), name("SELECT 1;"));
    assert_ne!(name("SELECT 1;"), name("SELECT 2;"));
}

#[test]
fn python_programs_need_no_class_of_their_own() {
    for version in VERSIONS {
        let found =
            objects(&sql(version, "job { python { script = \"print(1)\", executable = \"/usr/bin/python3\" } }"));
        let args = found.args("jobmanager");
        let class = args.iter().position(|word| *word == "--job-classname").expect("there is a class");
        let driver = "org.apache.flink.client.python.PythonDriver";
        assert_eq!(args[class + 1..], [driver, "--python", "/opt/flink/program/job.py"]);
        let file = found.files().into_values().find(|file| file.contains("python.executable")).expect("it is set");
        assert!(file.contains("python.client.executable: /usr/bin/python3\n"), "{file}");
    }
    let module = objects(&sql("1.20", "job { python { module = \"jobs.clicks\" } }"));
    assert!(module.find("ConfigMap", "main-program").is_none());
    assert!(strings(module.container("jobmanager"), "/args").ends_with(&["--pyModule", "jobs.clicks"]));
}

#[test]
fn a_job_is_one_program() {
    for (body, message) in [
        ("job { parallelism = 1 }", "a job needs the `class` where its program begins"),
        ("job { class = \"a.B\", sql { script = \"\" } }", "the program is SQL, and there is no `class`"),
        ("job { sql { script = \"\" }, python { module = \"a\" } }", "a job is either `sql` or `python`"),
        ("job { jar = \"local:///a.jar\", python { module = \"a\" } }", "Python has no jar of its own"),
        ("job { python { module = \"a\", script = \"b\" } }", "say either the `script` or the `module`"),
        ("job { sql { script = \"\", runner = \"local:///a.jar\" } }", "set both or neither"),
    ] {
        let found = errors(&sql("2.1", body));
        assert!(found.iter().any(|(_, found)| found.contains(message)), "{body}: {found:?}");
    }
}

#[test]
fn s3_brings_the_plugin_the_address_and_the_keys() {
    let body = "image = \"flink:1.20.5-java17\"\n\
                s3 { endpoint = \"http://minio:9000\", path_style = true, access_key = secret(\"keys\", \"id\"), \
                secret_key = secret(\"keys\", \"key\") }";
    let found = application("1.20", body);
    for part in ["jobmanager", "taskmanager"] {
        let plugins = found.variable(part, "ENABLE_BUILT_IN_PLUGINS").expect("the plugin is enabled");
        assert_eq!(text(plugins, "/value"), "flink-s3-fs-presto-1.20.5.jar");
        let key = found.variable(part, "AWS_SECRET_ACCESS_KEY").expect("there is a key");
        assert_eq!(text(key, "/valueFrom/secretKeyRef/name"), "keys");
        assert_eq!(text(key, "/valueFrom/secretKeyRef/key"), "key");
    }
    let file = found.files()["config.yaml"];
    assert!(file.contains("s3.endpoint: http://minio:9000\ns3.path.style.access: \"true\"\n"), "{file}");

    let beside = application(
        "1.20",
        "s3 { plugin = hadoop, release = \"1.20.3\" }\nplugins = [\"flink-azure-fs-hadoop-1.20.3.jar\"]",
    );
    let plugins = beside.variable("taskmanager", "ENABLE_BUILT_IN_PLUGINS").expect("plugins are enabled");
    assert_eq!(text(plugins, "/value"), "flink-s3-fs-hadoop-1.20.3.jar;flink-azure-fs-hadoop-1.20.3.jar");
}

#[test]
fn what_s3_cannot_know_or_sets_itself_is_said() {
    for (body, message) in [
        ("s3 {}", "`flink:1.20` does not say it"),
        ("s3 { release = \"1.20\" }", "a release has three numbers"),
        ("s3 { release = \"1.20.5\", access_key = secret(\"keys\", \"id\") }", "belong together"),
        ("s3 { release = \"1.20.5\", endpoint = \"a\" }\nconfig { s3.endpoint = \"b\" }", "which `s3` sets"),
        (
            "s3 { release = \"1.20.5\", access_key = secret(\"keys\", \"a\"), secret_key = secret(\"keys\", \"b\") }\n\
             env { AWS_ACCESS_KEY_ID = \"x\" }",
            "`s3` sets the variable AWS_ACCESS_KEY_ID",
        ),
    ] {
        let found = errors(&application_text("1.20", body));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert!(found[0].1.contains(message), "{body}: {found:?}");
    }
}

#[test]
fn dashboards_lie_where_grafana_looks_and_metrics_say_whose_they_are() {
    let found = application("1.20", "monitoring { dashboards { \"flink.json\" = \"{}\" } }");
    // Ten letters at the end of a ConfigMap's name are taken for a hash.
    let dashboards = found.get("ConfigMap", "main");
    assert_eq!(text(dashboards, "/metadata/labels/grafana_dashboard"), "1");
    assert_eq!(text(dashboards, "/data/flink.json"), "{}");
    let told = strings(found.get("ServiceMonitor", "main-monitor"), "/spec/podTargetLabels");
    assert_eq!(told, ["app.kubernetes.io/instance", "app.kubernetes.io/component"]);
}
