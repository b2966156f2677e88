//! The table of options, what the library says of `config`, and which texts it takes for values.

use super::program::{VERSIONS, application_text, errors, objects_of, session, session_text};
use super::table;
use flinkc::diagnostic::{Diagnostic, Severity};
use flinkc::driver;
use flinkc::host::MemoryHost;
use std::collections::BTreeMap;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is there")
}

/// All that is said of a program.
fn told(text: &str) -> Vec<Diagnostic> {
    driver::check_with(&MemoryHost::new([("main.flink", text)]), "", None, &[]).diagnostics
}

/// The one warning about a session cluster with a line in `config`.
fn warning(version: &str, line: &str) -> Diagnostic {
    let text = session_text(version, &format!("config {{ {line} }}"));
    let told = told(&text);
    let [warning] = told.as_slice() else { panic!("{version} {line}: {told:?}") };
    assert_eq!(warning.severity, Severity::Warning, "{warning:?}");
    warning.clone()
}

/// A session cluster with a line in `config`, of which nothing is said.
fn silent(version: &str, line: &str) {
    let told = told(&session_text(version, &format!("config {{ {line} }}")));
    assert!(told.is_empty(), "{version} {line}: {told:?}");
}

#[test]
fn the_table_is_as_the_tool_writes_it() {
    let text = read("stdlib/flink/options.txt");
    assert_eq!(table::VERSIONS, VERSIONS);
    let table = table::read(&text);
    assert!(table::write(&table) == text, "the table is changed by its tool, `tests/flink_options.rs`, not by hand");
    assert!(table.len() > 1400);
}

#[test]
fn every_older_name_leads_to_an_option_of_its_version() {
    let table = table::read(&read("stdlib/flink/options.txt"));
    for (name, of_name) in &table {
        for (world, taken) in of_name {
            for newer in taken.strip_prefix('=').into_iter().flat_map(|newer| newer.split(',')) {
                let of_newer = table.get(newer).and_then(|of_newer| of_newer.get(world));
                assert!(of_newer.is_some_and(|taken| !taken.starts_with('=')), "{world} {name}: {newer} {of_newer:?}");
            }
        }
    }
}

/// Flink's parsers were asked about each of these texts by `tests/flink_options.rs`.
#[test]
fn values_are_taken_exactly_where_flink_reads_them() {
    let mut rows = Vec::new();
    let mut counts = BTreeMap::<String, [usize; 2]>::new();
    for line in read("tests/data/flink-values.txt").lines() {
        let [kind, text, answers] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let text: String = serde_json::from_str(text).expect("texts are JSON strings");
        for (version, answer) in ["1.17", "1.20", "2.3"].into_iter().zip(answers.split(' ')) {
            counts.entry(kind.to_string()).or_default()[usize::from(answer == "yes")] += 1;
            rows.push(serde_json::json!({ "kind": kind, "text": text, "flink": version, "reads": answer == "yes" }));
        }
    }
    for (kind, [no, yes]) in counts {
        assert!(kind == "string" || (no > 80 && yes > 80), "{kind}: {yes} yes, {no} no");
    }
    let main = "import std.flink\nenvironment dev { namespace = \"a\" }\n\
        schema Row { kind: string, text: string, flink: flink.Version, reads: bool }\n\
        let rows: [Row] = data(\"values.json\")\n\
        let wrong = [for row in rows if flink.fits(row.kind, row.text, row.flink) != row.reads: \
          \"\\(row.flink) \\(row.kind) <\\(row.text)> \\(row.reads)\"]\n\
        resource v1 ConfigMap answers { data { rows = join(wrong, \"\\n\") } }\n";
    let values = serde_json::to_string(&rows).expect("rows are JSON");
    let objects = objects_of(&[("main.flink", main), ("values.json", &values)], "dev");
    assert_eq!(objects.get("ConfigMap", "answers")["data"]["rows"], "", "Flink says otherwise");
}

#[test]
fn options_are_checked_for_the_version() {
    let refused = |version: &str, line: &str, why: &str| {
        let errors = errors(&session_text(version, &format!("config {{ {line} }}")));
        assert!(errors.len() == 1 && errors[0].1.contains(why), "{version} {line}: {errors:?}");
    };
    refused("1.20", "execution.checkpointing.intervall = 30s", "no option `execution.checkpointing.intervall`");
    refused("2.0", "jobmanager.heap.size = 1Gi", "has no option `jobmanager.heap.size` and would ignore it");
    refused("1.20", "pipeline.object-reuse = \"yes\"", "takes `true` or `false`, found `yes`");
    refused("1.20", "jobmanager.scheduler = fast", "takes one of Ng, Default, Adaptive, AdaptiveBatch");
    refused("1.20", "taskmanager.memory.framework.heap.size = \"128Mi\"", "Flink knows neither `Mi`");
    refused("1.20", "execution.checkpointing.interval = \"PT10S\"", "a time, such as `30 s`");
    refused("1.20", "taskmanager.network.numberOfBuffers = \"many\"", "a whole number of 32 bits");
    for fine in [
        "jobmanager.scheduler = ADAPTIVE",
        "execution.checkpointing.interval = \"10 SECOND\"",
        "s3.access-key = \"x\"",
        "env.java.opts.all = \"-Dx=y\"",
        "metrics.reporter.my.factory.class = \"x\"",
    ] {
        session("1.20", &format!("config {{ {fine} }}"));
    }
    session("2.0", "config { execution.checkpointing.interval = \"PT10S\" }");
    session("1.20", "known_options = [\"state.my-plugin\"], config { state.my-plugin = 1 }");
    session("1.20", "known_options = [\"my.\"], config { my.own.option = 3 }");
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
fn an_older_name_is_a_warning_that_can_be_fixed() {
    let warning = warning("1.20", "state.backend.incremental = true");
    assert_eq!(
        warning.message,
        "`state.backend.incremental` is an older name of `execution.checkpointing.incremental`"
    );
    assert_eq!(warning.help.as_deref(), Some("write `execution.checkpointing.incremental`"));
    assert_eq!(warning.fixes[0].edits[0].text, "execution.checkpointing.incremental");
    silent("1.19", "state.backend.incremental = true");
}

#[test]
fn an_older_name_of_several_options_and_a_deprecated_one_are_warnings() {
    let several = self::warning("1.20", "state.backend.local-recovery = true");
    assert!(several.message.contains("`execution.state-recovery.from-local`"), "{several:?}");
    assert!(several.fixes.is_empty());
    let deprecated = self::warning("1.20", "akka.watch.threshold = 12");
    assert_eq!(deprecated.message, "Flink 1.20 calls `akka.watch.threshold` deprecated");
    assert_eq!(deprecated.notes[0], "versions that have it: 1.17 to 1.20");
}

#[test]
fn one_option_under_two_names_is_an_error() {
    let line = "config { state.checkpoints.dir = \"s3://a/b\", state.backend.fs.checkpointdir = \"s3://a/b\" }";
    let errors = errors(&session_text("1.20", line));
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].1.contains("both are older names of `execution.checkpointing.dir`"), "{errors:?}");
}

#[test]
fn names_that_nothing_knows_are_errors_or_warnings_by_whose_they_look() {
    assert!(self::warning("2.0", "my.own.option = 3").message.contains("has no option `my.own.option`"));
    let misspelt = self::warning("2.0", "table.local-time-zones = \"UTC\"");
    assert_eq!(misspelt.help.as_deref(), Some("did you mean `table.local-time-zone`?"));
    assert_eq!(misspelt.fixes[0].edits[0].text, "table.local-time-zone");
    for known in ["my.", "my.*", "my.own.option"] {
        session("2.0", &format!("known_options = [\"{known}\"], config {{ my.own.option = 3 }}"));
    }
    for open in ["s3.access-key = x", "fs.s3a.path.style.access = true", "env.java.opts.all = \"-Dx=y\""] {
        silent("2.0", open);
    }
}

#[test]
fn families_have_known_and_open_members() {
    silent("2.0", "metrics.reporter.prom.factory.class = \"com.example.Factory\"");
    silent("2.0", "metrics.reporter.mine.colour = blue");
    silent("2.0", "metrics.reporter.prom.port = \"9250-9260\"");
    silent("2.0", "flink.hadoop.dfs.nameservices = a");
    silent("2.0", "external-resource.gpu.param.discovery-script.args = \"--x\"");
    silent("2.0", "security.delegation.token.provider.s3-hadoop.region = eu");
    let misspelt = self::warning("2.0", "metrics.reporter.prom.prot = 9250");
    assert_eq!(misspelt.help.as_deref(), Some("did you mean `metrics.reporter.prom.port`?"));
    let errors = errors(&session_text("2.0", "config { metrics.reporter.prom.interval = soon }"));
    assert!(errors[0].1.contains("takes a time"), "{errors:?}");
}

#[test]
fn lists_and_maps_are_read_to_their_elements() {
    silent("1.20", "metrics.job.status.enable = [\"STATE\", \"TOTAL_TIME\"]");
    silent("1.20", "kubernetes.jobmanager.labels = \"a:b,c:d\"");
    let refused = |line: &str, why: &str| {
        let errors = errors(&session_text("1.20", &format!("config {{ {line} }}")));
        assert!(errors.len() == 1 && errors[0].1.contains(why), "{line}: {errors:?}");
    };
    refused("metrics.job.status.enable = \"STATE,TOTAL_TIME\"", "a list, with `;`, of STATE, CURRENT_TIME, TOTAL_TIME");
    refused("kubernetes.jobmanager.labels = \"a=b\"", "takes pairs such as `a:b,c:d`, found `a=b`");
}

#[test]
fn only_the_operator_reads_its_options() {
    let errors = errors(&session_text("1.20", "config { job.autoscaler.enabled = true }"));
    assert!(errors[0].1.contains("only the Flink operator reads `job.autoscaler.enabled`"), "{errors:?}");
    let main = "import std.flink\nenvironment dev {}\n\
        let options: flink.CheckedOptions = { flink = \"1.20\", operator = true, config = { job.autoscaler.enabled = \"yes\" } }\n\
        resource v1 ConfigMap a { data { n = \"\\(len(options.config))\" } }\n";
    let told = told(main);
    assert!(told[0].message.contains("takes `true` or `false`"), "{told:?}");
}

#[test]
fn a_default_that_is_spelt_otherwise_is_a_warning() {
    for (line, default) in [
        ("heartbeat.interval = \"10000 ms\"", "10s"),
        ("taskmanager.memory.framework.heap.size = \"131072k\"", "128mb"),
        ("execution.checkpointing.mode = exactly_once", "EXACTLY_ONCE"),
        ("pipeline.object-reuse = \"False\"", "false"),
        ("taskmanager.memory.network.fraction = \"0.10\"", "0.1"),
    ] {
        let warning = self::warning("2.0", line);
        assert!(warning.message.contains(&format!("is `{default}` by default")), "{line}: {warning:?}");
    }
    for line in
        ["heartbeat.interval = \"10 s\"", "heartbeat.interval = 10s", "taskmanager.memory.framework.heap.size = 128Mi"]
    {
        silent("2.0", line);
    }
}

/// All that is said of an application that moves from one version to another.
fn migration(from: &str, to: &str, body: &str) -> Vec<Diagnostic> {
    told(&application_text(to, &format!("migrates_from = \"{from}\"\n{body}")))
}

#[test]
fn a_migration_tells_the_defaults_that_change() {
    let told = migration("1.18", "1.20", "config { restart-strategy.exponential-delay.max-backoff = 5min }");
    let [defaults] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(defaults.severity, Severity::Warning);
    assert_eq!(defaults.message, "from Flink 1.18 to 1.20, options that `config` does not set have other defaults");
    let changes: Vec<&str> = defaults.notes[0].lines().collect();
    assert!(changes.contains(&"`restart-strategy.exponential-delay.backoff-multiplier`: 2.0, then 1.5"), "{changes:?}");
    assert!(changes.contains(&"`execution.checkpointing.tolerable-failed-checkpoints`: none, then 0"), "{changes:?}");
    for quiet in ["max-backoff", "heartbeat.interval", "state.backend.type"] {
        assert!(!changes.iter().any(|change| change.contains(quiet)), "{quiet}: {changes:?}");
    }
    assert!(migration("2.0", "2.1", "").is_empty(), "these two have the same defaults");
    let zookeeper = "availability { mode = zookeeper, storage = \"s3://a/b\", quorum = \"z:2181\" }";
    let moved = migration("1.20", "2.0", zookeeper);
    assert_eq!(moved[0].notes[0], "`high-availability.zookeeper.path.jobgraphs`: /jobgraphs, then /execution-plans");
    let last = migration("2.2", "2.3", "");
    assert_eq!(last[0].notes[0], "`security.ssl.verify-hostname`: true, then false");
}

#[test]
fn a_migration_warns_of_state_that_cannot_be_read() {
    let stateful = "checkpoints { storage = \"s3://a/b\", unaligned = true }";
    let messages = |from: &str, to: &str, body: &str| -> Vec<String> {
        migration(from, to, body).into_iter().map(|told| told.message).collect()
    };
    let found = messages("1.20", "2.0", stateful);
    assert_eq!(
        found,
        [
            "Flink 2.0 cannot read all state that Flink 1.20 wrote",
            "checkpoints whose barriers overtake records cannot be read by another minor version of Flink",
        ]
    );
    assert_eq!(messages("1.20", "2.0", ""), [""; 0], "a job without state loses none");
    assert!(messages("2.1", "2.0", "")[0].contains("older than 2.1"));
    assert_eq!(messages("2.1", "2.1", ""), ["Flink 2.1 is what runs: take `migrates_from` away"]);
}

#[test]
fn what_is_gone_says_what_took_its_place() {
    let told = migration("1.20", "2.0", "config { security.ssl.enabled = true }");
    assert_eq!(told[0].notes[0], "versions that have it: 1.17 to 1.20");
    assert_eq!(told[0].help.as_deref(), Some("set `security.ssl.internal.enabled` and `security.ssl.rest.enabled`"));
}
