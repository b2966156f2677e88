//! The table of options, against the names that each version's jars have, and what the library says of `config`.

use super::program::{VERSIONS, errors, session, session_text};
use flinkc::driver;
use flinkc::host::MemoryHost;
use std::collections::BTreeMap;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is there")
}

/// Name, then pairs of a span of versions and what the option takes.
fn table(text: &str) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let row = |line| {
        let mut words = str::split(line, ' ');
        let name = words.next().expect("a name stands first");
        let words: Vec<&str> = words.collect();
        (name, words.chunks(2).map(|pair| (pair[0], pair[1])).collect())
    };
    lines.map(row).collect()
}

fn has(pairs: &[(&str, &str)], version: &str) -> bool {
    let age = |version: &str| VERSIONS.iter().position(|known| *known == version).expect("a known version");
    pairs.iter().any(|(span, _)| {
        let (first, last) = span.split_once('-').expect("a span has two ends");
        (age(first)..=age(last)).contains(&age(version))
    })
}

#[test]
fn the_table_is_sorted_and_well_formed() {
    let text = read("stdlib/flink/options.txt");
    let names: Vec<&str> = text.lines().skip_while(|line| line.starts_with('#')).collect();
    assert!(names.is_sorted() && names.len() > 1000);
    for (name, pairs) in table(&text) {
        assert!(!pairs.is_empty(), "{name}");
        for (_, taken) in pairs {
            let words = ["string", "bool", "int", "float", "duration", "memory", "list", "map"];
            assert!(
                words.contains(&taken) || taken.contains('|') || taken.starts_with('=') || taken == "REACTIVE",
                "{name} {taken}"
            );
        }
    }
}

/// Of what looks like Flink's own, every name that the jars of a version have is known to that version.
#[test]
fn every_version_has_all_options_of_its_jars() {
    let text = read("stdlib/flink/options.txt");
    let table = table(&text);
    let own = [
        "blob.",
        "cluster.",
        "execution.",
        "heartbeat.",
        "high-availability.",
        "jobmanager.",
        "rest.",
        "state.",
        "taskmanager.",
        "web.",
    ];
    for version in VERSIONS {
        let names = read(&format!("tests/data/flink-options/{version}.txt"));
        let mut seen = 0;
        for name in
            names.lines().filter(|name| own.iter().any(|start| name.starts_with(start)) && !name.contains(['<', '$']))
        {
            seen += 1;
            assert!(table.get(name).is_some_and(|pairs| has(pairs, version)), "Flink {version} has {name}");
        }
        assert!(seen > 250, "{version}: {seen}");
    }
}

#[test]
fn options_are_checked_for_the_version() {
    let refused = |version: &str, line: &str, why: &str| {
        let errors = errors(&session_text(version, &format!("config {{ {line} }}")));
        assert!(errors.len() == 1 && errors[0].1.contains(why), "{version} {line}: {errors:?}");
    };
    refused("1.20", "execution.checkpointing.intervall = 30s", "no option `execution.checkpointing.intervall`");
    refused("2.0", "jobmanager.heap.size = 1Gi", "would ignore it; 1.17 to 1.20 have it");
    refused("1.20", "pipeline.object-reuse = \"yes\"", "takes `true` or `false`, found `yes`");
    refused("1.20", "jobmanager.scheduler = fast", "takes one of Ng, Default, Adaptive, AdaptiveBatch");
    refused("1.20", "taskmanager.memory.framework.heap.size = \"128Mi\"", "Flink knows neither `Mi`");
    refused("1.20", "execution.checkpointing.interval = \"PT10S\"", "a time, such as `30 s`");
    refused("1.20", "taskmanager.network.numberOfBuffers = \"many\"", "a whole number");
    for fine in [
        "jobmanager.scheduler = ADAPTIVE",
        "execution.checkpointing.interval = \"10 SECOND\"",
        "s3.access-key = \"x\"",
        "my.own.option = 3",
        "env.java.opts.all = \"-Dx=y\"",
        "metrics.reporter.my.factory.class = \"x\"",
    ] {
        session("1.20", &format!("config {{ {fine} }}"));
    }
    session("2.0", "config { execution.checkpointing.interval = \"PT10S\" }");
    session("1.20", "known_options = [\"state.my-plugin\"], config { state.my-plugin = 1 }");
}

/// Before Flink 1.20 many times were whole numbers of milliseconds; a time is written as its version reads it.
#[test]
fn times_are_written_as_the_version_reads_them() {
    for (version, expected) in [("1.19", "120000"), ("1.20", "120 s")] {
        let objects = session(version, "config { web.timeout = 2min }");
        assert!(objects.files()["config.yaml"].contains(expected), "{version}");
    }
}

#[test]
fn an_older_name_is_a_warning_with_the_newer_one() {
    let text = session_text("1.20", "config { state.backend.incremental = true }");
    let outcome = driver::check_with(&MemoryHost::new([("main.flink", text)]), "", None, &[]);
    let [warning] = outcome.diagnostics.as_slice() else { panic!("{:?}", outcome.diagnostics) };
    assert_eq!(
        warning.message,
        "`state.backend.incremental` is an older name of `execution.checkpointing.incremental`"
    );
    assert_eq!(warning.help.as_deref(), Some("write `execution.checkpointing.incremental`"));
    assert!(outcome.value.is_some(), "a warning stops nothing");
}
