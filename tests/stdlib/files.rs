//! Files beside Flink's configuration: logging, Hadoop, and the user's own.

use crate::program::{VERSIONS, application, session, text};

#[test]
fn both_logging_libraries_find_a_file() {
    for version in VERSIONS {
        let objects = session(version, "");
        let files = objects.files();
        assert!(files["log4j-console.properties"].contains("rootLogger.appenderRef.console.ref = Console\n"));
        // The web UI shows this file; Flink's scripts name it.
        assert!(files["log4j-console.properties"].contains("appender.file.fileName = ${sys:log.file}\n"));
        assert!(files["logback-console.xml"].contains("<appender-ref ref=\"console\"/>"));
        well_formed(files["logback-console.xml"]);
        for (name, file) in files {
            assert!(file.ends_with('\n') && !file.ends_with("\n\n"), "{name} ends with one line end");
        }
    }
}

#[test]
fn own_files_lie_beside_and_replace_the_defaults() {
    let body = "files { \"log4j-console.properties\" = \"rootLogger.level = DEBUG\\n\", \"krb5.conf\" = \"[libdefaults]\\n\" }";
    let objects = application("2.0", body);
    assert_eq!(objects.files()["log4j-console.properties"], "rootLogger.level = DEBUG\n");
    assert_eq!(objects.files()["krb5.conf"], "[libdefaults]\n");
    assert!(objects.files().contains_key("logback-console.xml"));
}

#[test]
fn hadoop_finds_its_files() {
    let body = r#"hadoop {
        core { fs.defaultFS = "hdfs://lake", "a<b" = "x & \"y\"" }
        hdfs { dfs.replication = 2, dfs.client.use.datanode.hostname = true }
    }"#;
    for version in VERSIONS {
        let objects = session(version, body);
        let files = objects.files();
        well_formed(files["core-site.xml"]);
        well_formed(files["hdfs-site.xml"]);
        let property = |name: &str, value: &str| format!("<name>{name}</name><value>{value}</value>");
        assert!(files["core-site.xml"].contains(&property("fs.defaultFS", "hdfs://lake")));
        assert!(files["core-site.xml"].contains("<name>a&lt;b</name>"));
        assert!(files["hdfs-site.xml"].contains(&property("dfs.replication", "2")));
        assert!(files["hdfs-site.xml"].contains(&property("dfs.client.use.datanode.hostname", "true")));
        for part in ["jobmanager", "taskmanager"] {
            let directory = objects.variable(part, "HADOOP_CONF_DIR").expect("Flink's scripts read it");
            assert_eq!(objects.mounts(part)[text(directory, "/value")], "config");
        }
    }
    assert_eq!(session("1.20", "").variable("jobmanager", "HADOOP_CONF_DIR"), None);
    assert!(!session("1.20", "hadoop.core { a = \"b\" }").files().contains_key("hdfs-site.xml"));
}

/// Elements are closed in the order in which they were opened, and no `<` or `&` stands by itself.
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once('<') {
        assert!(open.last().is_some() || before.trim().is_empty(), "text outside of the root: {before}");
        for entity in before.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "apos;", "#"];
            assert!(known.iter().any(|known| entity.starts_with(known)), "&{entity}");
        }
        let (tag, later) = after.split_once('>').expect("a tag ends");
        rest = later;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "what was opened last is closed first");
        } else if !tag.starts_with(['?', '!']) && !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().expect("a tag has a name"));
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty());
}
