//! How clusters say that their memory is divided, against what Flink says of the same configurations.

use super::memory::vectors;
use flinkc::driver;
use flinkc::host::MemoryHost;
use serde_json::Value;
use std::fmt::Write as _;

const MODES: [&str; 3] = ["standalone", "native", "operator"];

/// A session cluster whose memory is as Flink's options say.
fn cluster(mode: &str, fields: &str, options: &[(String, &str)]) -> String {
    let config = options.iter().fold(String::new(), |mut text, (option, value)| {
        writeln!(text, "\"{option}\" = \"{value}\"").expect("a string takes any text");
        text
    });
    format!(
        "import std.flink\nenvironment dev {{ namespace = \"streams\" }}\n\
         flink.session main {{\nflink = \"1.20\"\nmode = {mode}\nimage = \"registry.example.com/flink:1\"\n{fields}\n\
         config {{\n{config}}}\n}}\n"
    )
}

/// What the cluster of a program says of its memory; what is wrong where it does not.
fn budget(program: &str) -> Result<Value, Vec<String>> {
    let host = MemoryHost::new([("main.flink", program)]);
    let outcome = driver::topics_with(&host, "", None, &[], "dev", "main", Some("memory"));
    let messages = outcome.diagnostics.iter().map(|diagnostic| diagnostic.message.clone());
    let [topic] = &outcome.value.ok_or_else(|| messages.collect::<Vec<_>>())?[..] else { panic!("one answer") };
    Ok(serde_json::to_value(topic).expect("answers are JSON")["value"].clone())
}

/// The bytes of the parts of a process.
fn sizes(budget: &Value, process: &str, names: &[&str]) -> Vec<i64> {
    let parts = budget[process]["parts"].as_array().expect("parts are a list");
    let size = |name: &&str| parts.iter().find(|part| part["part"] == **name).and_then(|part| part["size"].as_i64());
    names.iter().map(|name| size(name).unwrap_or_else(|| panic!("{name} of {budget}"))).collect()
}

fn flags(budget: &Value, process: &str) -> Vec<String> {
    let flags = budget[process]["jvm"].as_array().expect("flags are a list");
    flags.iter().map(|flag| flag.as_str().expect("a flag is text").to_owned()).collect()
}

#[test]
fn budgets_have_the_bytes_that_flink_computes() {
    let jobmanager: &[&str] = &["heap", "off-heap", "metaspace", "overhead"];
    let taskmanager: &[&str] = &[
        "framework heap",
        "task heap",
        "framework off-heap",
        "task off-heap",
        "network",
        "managed",
        "metaspace",
        "overhead",
    ];
    for (process, names) in [("jobmanager", jobmanager), ("taskmanager", taskmanager)] {
        let accepted =
            vectors().into_iter().filter(|vector| vector.process == process && vector.answer.starts_with("ok "));
        for (at, vector) in accepted.step_by(60).enumerate() {
            let options: Vec<(String, &str)> =
                vector.options.iter().map(|(name, value)| (format!("{process}.memory.{name}"), *value)).collect();
            let other = if process == "jobmanager" { "taskmanager.memory = 2Gi" } else { "" };
            let told = budget(&cluster(MODES[at % 3], other, &options)).unwrap_or_else(|wrong| {
                panic!("{process} {:?}: {wrong:?}", vector.options);
            });
            let said: Vec<i64> = vector.answer.split(' ').skip(1).map(|part| part.parse().expect("bytes")).collect();
            assert_eq!(sizes(&told, process, names), said, "{process} {:?}", vector.options);
            let whole: i64 = said.iter().sum();
            assert_eq!(sizes(&told, process, &["process"]), [whole]);
            assert_eq!((&told[process]["request"], &told[process]["limit"]), (&whole.into(), &whole.into()));
        }
    }
}

/// The flags that Flink's own start scripts log for the sizes of its sample configuration.
#[test]
fn the_jvm_gets_the_flags_that_flink_starts_it_with() {
    for mode in MODES {
        let fields = "jobmanager.memory = 1600Mi\ntaskmanager.memory = 1728Mi";
        let told = budget(&cluster(mode, fields, &[])).expect("it is sound");
        assert_eq!(
            flags(&told, "taskmanager"),
            ["-Xmx536870902", "-Xms536870902", "-XX:MaxDirectMemorySize=268435458", "-XX:MaxMetaspaceSize=268435456"]
        );
        assert_eq!(flags(&told, "jobmanager"), ["-Xmx1073741824", "-Xms1073741824", "-XX:MaxMetaspaceSize=268435456"]);
        let limited = [("jobmanager.memory.enable-jvm-direct-memory-limit".to_owned(), "true")];
        let told = budget(&cluster(mode, fields, &limited)).expect("it is sound");
        assert_eq!(flags(&told, "jobmanager")[2], "-XX:MaxDirectMemorySize=134217728");
    }
}

#[test]
fn each_size_says_where_it_comes_from() {
    let from = |fields: &str, options: &[(&str, &str)], process: &str, name: &str| {
        let options: Vec<(String, &str)> =
            options.iter().map(|(option, value)| ((*option).to_owned(), *value)).collect();
        let told = budget(&cluster("standalone", fields, &options)).expect("it is sound");
        let parts = told[process]["parts"].as_array().expect("parts are a list").clone();
        let part = parts.into_iter().find(|part| part["part"] == name).expect("the part is there");
        part["from"].as_str().expect("it is text").to_owned()
    };
    let sized = "taskmanager.memory = 4Gi";
    assert_eq!(from(sized, &[], "taskmanager", "process"), "`taskmanager.memory`");
    assert_eq!(from(sized, &[], "taskmanager", "managed"), "0.4 of Flink's memory");
    assert_eq!(from(sized, &[], "taskmanager", "task heap"), "what the rest leaves");
    assert_eq!(from(sized, &[], "jobmanager", "process"), "default");
    assert_eq!(from(sized, &[], "jobmanager", "overhead"), "the least by default");
    let network = [("taskmanager.memory.network.max", "128m")];
    let most = "taskmanager.memory.network.max = 128m";
    assert_eq!(from(sized, &network, "taskmanager", "network"), most);
    let process = [("taskmanager.memory.process.size", "3g")];
    assert_eq!(from("", &process, "taskmanager", "process"), "taskmanager.memory.process.size = 3g");
    let parts = [("taskmanager.memory.task.heap.size", "1g"), ("taskmanager.memory.managed.size", "1g")];
    assert_eq!(from("", &parts, "taskmanager", "process"), "the sum of all");
    assert_eq!(from("", &parts, "taskmanager", "task heap"), "taskmanager.memory.task.heap.size = 1g");
}

/// What cannot be divided is shown as a table, with the setting to change.
#[test]
fn what_cannot_be_divided_is_shown() {
    let shown = |fields: &str| {
        let program = cluster("native", fields, &[]);
        let host = MemoryHost::new([("main.flink", program.as_str())]);
        let outcome = driver::check_with(&host, "", None, &[]);
        let [diagnostic] = &outcome.diagnostics[..] else { panic!("one is wrong: {:?}", outcome.diagnostics) };
        (diagnostic.help.clone().unwrap_or_default(), diagnostic.notes.first().cloned().unwrap_or_default())
    };
    let (help, table) = shown("taskmanager.memory = 900Mi");
    assert_eq!(help, "change `taskmanager.memory`, or what it must agree with");
    let rows: Vec<(&str, &str)> =
        table.lines().map(|line| line.split_once("  ").expect("two columns")).map(|(a, b)| (a, b.trim())).collect();
    // 900 MiB without 256 MiB of metaspace and 192 MiB of overhead are 452 MiB.
    assert!(rows.contains(&("Flink's memory", "452 MiB")), "{table}");
    assert!(rows.contains(&("network", "64 MiB")), "{table}");
    let (help, table) = shown("taskmanager.memory = 2Gi\njobmanager.memory = 400Mi");
    assert_eq!(help, "change `jobmanager.memory`, or what it must agree with");
    assert!(table.starts_with("metaspace  256 MiB\n"), "{table}");
}

#[test]
fn what_flink_only_warns_of_is_warned_of() {
    let warnings = |fields: &str, options: &[(String, &str)]| {
        let program = cluster("standalone", fields, options);
        let host = MemoryHost::new([("main.flink", program.as_str())]);
        let diagnostics = driver::check_with(&host, "", None, &[]).diagnostics;
        diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect::<Vec<_>>()
    };
    let small = warnings("taskmanager.memory = 2Gi\njobmanager.memory = 640Mi", &[]);
    assert_eq!(small, ["the JobManager's heap is 64 MiB, and Flink wants 128 MiB at least"]);
    let rocks = |more: &[(&str, &'static str)]| {
        let own = [("state.backend.type", "rocksdb"), ("taskmanager.memory.managed.size", "0")];
        own.iter().chain(more).map(|(option, value)| ((*option).to_owned(), *value)).collect::<Vec<_>>()
    };
    let none = "the state backend keeps what it works on in managed memory, and a TaskManager has none";
    assert_eq!(warnings("taskmanager.memory = 2Gi", &rocks(&[])), [none]);
    let unmanaged = rocks(&[("state.backend.rocksdb.memory.managed", "false")]);
    assert_eq!(warnings("taskmanager.memory = 2Gi", &unmanaged), Vec::<String>::new());
}
