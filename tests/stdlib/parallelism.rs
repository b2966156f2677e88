//! How wide jobs run: slots, the maximum parallelism, and the CPU and memory of those who run them.

use crate::operated;
use crate::program::{
    Objects, application_text, at, errors, number, objects, objects_of, session_text, text, warnings,
};
use serde_json::{Value, json};

/// What `tests/tools/flink/Parallelism.java` printed: from and to which parallelism the maximum is the same, and which.
const VECTORS: &str = include_str!("../data/flink-max-parallelism.txt");

/// Prints what the library says of a list of numbers.
const PROGRAM: &str = r#"
import std.flink
environment dev {}
let asked: [int] = data("asked.json")
resource v1 ConfigMap answers { data { answers = join([for one in asked: "\(flink.default_max_parallelism(one))"], " ") } }
"#;

#[test]
fn default_maximums_are_what_flink_computes() {
    let rows: Vec<Vec<u64>> = VECTORS
        .lines()
        .map(|line| line.split(' ').map(|word| word.parse().expect("numbers in rows")).collect())
        .collect();
    // Between its jumps the maximum is the same, so that the ends of rows are all there is to ask.
    let asked: Vec<u64> = rows.iter().flat_map(|row| [row[0], row[1]]).collect();
    let expected: Vec<String> = rows.iter().flat_map(|row| [row[2].to_string(), row[2].to_string()]).collect();
    let list = Value::from(asked.clone()).to_string();
    let objects = objects_of(&[("main.flink", PROGRAM), ("asked.json", &list)], "dev");
    let answers = text(objects.get("ConfigMap", "answers"), "/data/answers");
    assert_eq!(answers.split(' ').collect::<Vec<_>>(), expected);
    assert_eq!((rows.len(), asked[0], asked[asked.len() - 1]), (9, 1, 32768));
}

/// A program with a mistake: the line at fault, and a part of the message.
#[track_caller]
fn told(found: Vec<(String, String)>, line: &str, message: &str) {
    let [(at, said)] = found.as_slice() else { panic!("one message for `{line}`: {found:?}") };
    assert!(said.contains(message), "`{said}` says `{message}`");
    assert!(at.contains(line), "`{said}` is at `{at}`, and should be at `{line}`");
}

#[track_caller]
fn refused(text: &str, line: &str, message: &str) {
    told(errors(text), line, message);
}

#[track_caller]
fn warned(text: &str, line: &str, message: &str) {
    assert_eq!(errors(text), []);
    told(warnings(text), line, message);
}

#[track_caller]
fn fine(text: &str) {
    assert_eq!((errors(text), warnings(text)), (vec![], vec![]));
}

#[test]
fn a_job_has_as_many_slots_as_it_asks_for() {
    let sized = "taskmanager.slots = 4\ntaskmanager.replicas = 3";
    let program = |mode: &str, body: &str| {
        let jar = "job.jar = \"local:///opt/flink/usrlib/job.jar\"";
        application_text("2.1", &format!("mode = {mode}\n{sized}\n{jar}\n{body}"))
    };
    for mode in ["standalone", "native"] {
        fine(&program(mode, "job.parallelism = 12"));
        refused(&program(mode, "job.parallelism = 13"), "job.parallelism = 13", "needs as many slots");
    }
    // A reactive job takes what there is, and the operator makes what a job asks for.
    fine(&program("standalone", "reactive {}\njob.parallelism = 13"));
    for body in ["", "operator.pods = standalone", "autoscaler {}"] {
        fine(&program("operator", &format!("{body}\njob.parallelism = 13")));
    }
}

#[test]
fn a_session_can_run_what_does_not_say_its_parallelism() {
    let program = |body: &str| session_text("2.1", &format!("taskmanager.slots = 2\ntaskmanager.replicas = 2\n{body}"));
    fine(&program("config { parallelism.default = 4 }"));
    warned(&program("config { parallelism.default = 5 }"), "config", "never starts: there are 4 slots");
    refused(&program("config { parallelism.default = 0 }"), "config", "at least 1");
}

#[test]
fn a_job_is_no_wider_than_its_maximum() {
    let program = |body: &str| application_text("2.1", &format!("taskmanager.replicas = 300\n{body}"));
    fine(&program("job.parallelism = 300\nconfig { pipeline.max-parallelism = 300 }"));
    fine(&program("job.parallelism = 300\nconfig { pipeline.max-parallelism = -1 }"));
    let narrow = program("job.parallelism = 300\nconfig { pipeline.max-parallelism = 256 }");
    refused(&narrow, "job.parallelism = 300", "`pipeline.max-parallelism` says is 256");
    let field = program("job.parallelism = 300\njob.max_parallelism = 256");
    refused(&field, "job.parallelism = 300", "above the highest, 256");
    for wrong in ["0", "32769"] {
        let text = program(&format!("config {{ pipeline.max-parallelism = {wrong} }}"));
        refused(&text, "config", "between 1 and 32768");
    }
}

#[test]
fn whoever_makes_a_job_wider_is_told_how_wide_it_gets() {
    let reactive = |body: &str| application_text("2.1", &format!("taskmanager.slots = 4\n{body}"));
    fine(&reactive("reactive.max_replicas = 32"));
    let line = "reactive.max_replicas = 33";
    warned(&reactive(line), line, "no wider than 128, its maximum parallelism, and there may be 132 slots");
    fine(&reactive("reactive.max_replicas = 33\njob.max_parallelism = 132"));

    let scaled = |body: &str| operated::of_job("application", "2.1", body);
    fine(&scaled("autoscaler.max_parallelism = 128"));
    fine(&scaled("job.parallelism = 100\ntaskmanager.replicas = 100\nautoscaler.max_parallelism = 200"));
    let line = "autoscaler.max_parallelism = 200";
    warned(&scaled(line), line, "no part of the job above 128");
    fine(&scaled("job.max_parallelism = 720\nautoscaler.max_parallelism = 720"));

    let on_session = |body: &str| {
        format!(
            "{}external FlinkDeployment main\nflink.job sums {{\nsession = \"main\", flink = \"2.1\", \
             jar = \"https://repo.example.com/a.jar\"\n{body}\n}}\n",
            "import std.flink\nenvironment dev {}\n"
        )
    };
    warned(&on_session(line), line, "no part of the job above 128");
    fine(&on_session("max_parallelism = 200\nautoscaler.max_parallelism = 200"));
}

#[test]
fn pods_have_what_flink_plans_with_in_every_mode() {
    let sizes = "taskmanager { cpu = 1500m, slots = 2 }\njobmanager { cpu = 500m, memory = 3Gi }";
    let file = |objects: &Objects| -> Value {
        serde_yaml::from_str(objects.files()["config.yaml"]).expect("the configuration is YAML")
    };
    let body = |mode: &str| session_text("2.1", &format!("mode = {mode}\n{sizes}"));

    let standalone = objects(&body("standalone"));
    let options = file(&standalone);
    for (part, cores, size) in [("taskmanager", "1500m", "2Gi"), ("jobmanager", "500m", "3Gi")] {
        let resources = at(standalone.container(part), "/resources");
        assert_eq!(resources["requests"], resources["limits"], "what is used is what is reserved");
        assert_eq!(resources["limits"], json!({ "cpu": cores, "memory": size }));
    }
    assert_eq!(options["taskmanager.cpu.cores"], "1.5");

    // Flink makes the pods of its own options, `taskmanager.cpu.cores` before others.
    let options = file(&objects(&body("native")));
    assert_eq!(options["taskmanager.cpu.cores"], "1.5");
    assert_eq!(options["kubernetes.jobmanager.cpu.amount"], "0.5");
    assert_eq!(options["taskmanager.memory.process.size"], "2048m");
    assert_eq!(options["jobmanager.memory.process.size"], "3072m");
    for factor in ["cpu", "memory"].map(|what| format!("kubernetes.taskmanager.{what}.limit-factor")) {
        assert!(options.get(&factor).is_none(), "limits are the requests");
    }

    // The operator makes these options of its fields.
    let operated = objects(&operated::of("session", "2.1", sizes));
    let spec = at(operated.get("FlinkDeployment", "main"), "/spec");
    assert_eq!(spec["taskManager"]["resource"], json!({ "cpu": 1.5, "memory": "2048Mi" }));
    assert_eq!(spec["jobManager"]["resource"], json!({ "cpu": 0.5, "memory": "3072Mi" }));
    assert_eq!(text(spec, "/flinkConfiguration/taskmanager.numberOfTaskSlots"), "2");
    assert_eq!(number(standalone.get("Deployment", "main-taskmanager"), "/spec/replicas"), 1);
}
