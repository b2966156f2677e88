//! A real Flink, of the artifacts that Maven Central has, runs with the configuration that is written for it: its
//! TaskManagers have the slots, the memory and the CPU that were declared, and a job goes to its end.
#![cfg(feature = "real")]

#[path = "running/cluster.rs"]
mod cluster;
#[path = "running/rest.rs"]
mod rest;

use cluster::{Cluster, Release};
use flinkc::driver;
use flinkc::host::MemoryHost;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The last release of Flink 1 and the newest of Flink 2.
const RELEASES: [Release; 2] = [
    Release { version: "1.20.5", minor: "1.20", container: "1.20.0", prometheus: "1.20.3" },
    Release { version: "2.3.0", minor: "2.3", container: "2.3.0", prometheus: "2.3.0" },
];

const PARALLELISM: u64 = 4;
const TASKMANAGERS: usize = 2;
const SLOTS: u64 = 2;

/// Through how many numbers a job goes that shall end: some seconds long.
const COUNT: u64 = 24_000;

/// A cluster `main`, and what the library computes of it.
const PROGRAM: &str = r#"
import std.flink
environment dev { namespace = "streams" }
let size = 1200Mi
let tuned: {string: flink.Value} = {
  taskmanager.memory.managed.fraction   = 0.25
  taskmanager.memory.task.off-heap.size = 33Mi
}
flink.COMPONENT main {
  flink = "VERSION"
  jobmanager  { cpu = 500m, memory = 1Gi }
  taskmanager { cpu = 1500m, memory = size, slots = 2, replicas = 2 }
  checkpoints {
    storage   = "file://DIRECTORY/checkpoints"
    mount     = "DIRECTORY"
    volume    = { claim = "state" }
    interval  = 700ms
    timeout   = 45s
    min_pause = 300ms
    retained  = 3
    unaligned = true
  }
  config = { ...tuned, state.backend.type = rocksdb, restart-strategy.type = none }
  monitoring {}
  JOB
}
external PersistentVolumeClaim state
let worker = flink.divide_taskmanager({}, { memory = size }, tuned)
let manager = flink.divide_jobmanager({ memory = 1Gi }, {}, {})
resource v1 ConfigMap expected {
  data {
    memory = json({
      frameworkHeap      = worker.framework_heap.bytes
      taskHeap           = worker.task_heap.bytes
      frameworkOffHeap   = worker.framework_off_heap.bytes
      taskOffHeap        = worker.task_off_heap.bytes
      networkMemory      = worker.network.bytes
      managedMemory      = worker.managed.bytes
      jvmMetaspace       = worker.metaspace.bytes
      jvmOverhead        = worker.overhead.bytes
      totalFlinkMemory   = flink.flink_size(worker).bytes
      totalProcessMemory = size.bytes
    })
    taskmanager =
      "-Xmx\((worker.framework_heap + worker.task_heap).bytes) " ++
      "-Xms\((worker.framework_heap + worker.task_heap).bytes) " ++
      "-XX:MaxDirectMemorySize=\((worker.framework_off_heap + worker.task_off_heap + worker.network).bytes) " ++
      "-XX:MaxMetaspaceSize=\(worker.metaspace.bytes)"
    jobmanager =
      "-Xmx\(manager.task_heap.bytes) -Xms\(manager.task_heap.bytes) -XX:MaxMetaspaceSize=\(manager.metaspace.bytes)"
    most = "\(flink.default_max_parallelism(4))"
    least = "\(flink.default_max_parallelism(1))"
  }
}
"#;

/// The objects of a program, and the name of the file that Flink reads.
struct Written(Vec<Value>);

impl Written {
    fn of(component: &str, release: &Release, directory: &str, job: &str) -> Written {
        let program = PROGRAM
            .replace("COMPONENT", component)
            .replace("VERSION", release.minor)
            .replace("DIRECTORY", directory)
            .replace("JOB", job);
        let host = MemoryHost::new([("main.flink", program.as_str())]);
        let outcome = driver::render_with(&host, "", None, &[], "dev", None);
        assert_eq!(outcome.diagnostics, []);
        let bytes = outcome.value.expect("what is sound has a result");
        let text = String::from_utf8(bytes).expect("YAML is UTF-8");
        let documents = serde_yaml::Deserializer::from_str(&text);
        Written(documents.map(|document| Value::deserialize(document).expect("render prints YAML")).collect())
    }

    /// The only object of a kind whose name begins so.
    fn find(&self, kind: &str, start: &str) -> &Value {
        let is_it = |object: &&Value| {
            object["kind"] == kind && object["metadata"]["name"].as_str().is_some_and(|name| name.starts_with(start))
        };
        self.0.iter().find(is_it).unwrap_or_else(|| panic!("there is a {kind} {start}"))
    }

    /// The container of a workload.
    fn container(&self, kind: &str, name: &str) -> &Value {
        &self.find(kind, name)["spec"]["template"]["spec"]["containers"][0]
    }

    fn args(&self, kind: &str, name: &str) -> Vec<String> {
        serde_json::from_value(self.container(kind, name)["args"].clone()).expect("arguments are texts")
    }

    fn files(&self) -> &Value {
        &self.find("ConfigMap", "main-config")["data"]
    }

    fn expected(&self, what: &str) -> &str {
        self.find("ConfigMap", "expected")["data"][what].as_str().expect("it is a text")
    }
}

/// Starts what was written: the JobManager, a workload of some kind, and as many TaskManagers as there are replicas.
fn start(cluster: &mut Cluster, written: &Written, jobmanager: &str) {
    cluster.configure(written.files());
    cluster.start_jobmanager(&written.args(jobmanager, "main-jobmanager"));
    let replicas = written.find("Deployment", "main-taskmanager")["spec"]["replicas"].as_u64();
    assert_eq!(replicas, Some(TASKMANAGERS as u64));
    for _ in 0..TASKMANAGERS {
        cluster.start_taskmanager(&written.args("Deployment", "main-taskmanager"));
    }
}

/// The TaskManagers, once all are there and have told of their slots.
fn taskmanagers(cluster: &mut Cluster) -> Vec<Value> {
    cluster.wait("TaskManagers", |rest| {
        let listed = rest.get("/taskmanagers")?["taskmanagers"].as_array()?.clone();
        let are_ready = listed.iter().all(|one| one["slotsNumber"].as_u64().is_some_and(|slots| slots > 0));
        (listed.len() == TASKMANAGERS && are_ready).then_some(listed)
    })
}

/// Memory, CPU and slots are what was declared, what the library computed, and what the pods have.
fn is_as_large_as_declared(cluster: &mut Cluster, written: &Written) {
    assert_eq!(cluster.flags(), [written.expected("jobmanager"), written.expected("taskmanager")]);
    let expected: Value = serde_json::from_str(written.expected("memory")).expect("the program writes JSON");
    let resources = &written.container("Deployment", "main-taskmanager")["resources"];
    assert_eq!(resources["requests"], resources["limits"]);
    assert_eq!(resources["limits"], json!({ "cpu": "1500m", "memory": "1200Mi" }));
    assert_eq!(expected["totalProcessMemory"], 1200 << 20);
    for one in taskmanagers(cluster) {
        assert_eq!(one["slotsNumber"], SLOTS);
        let path = format!("/taskmanagers/{}", one["id"].as_str().expect("a TaskManager has an id"));
        let detail = cluster.wait("details of a TaskManager", |rest| rest.get(&path));
        assert_eq!(detail["memoryConfiguration"], expected);
        assert_eq!(detail["totalResource"]["cpuCores"], 1.5);
    }
}

/// Flink has read every option as it was written.
fn has_read_its_file(cluster: &mut Cluster, written: &Written) {
    let file = written.files()["config.yaml"].as_str().expect("the configuration is text");
    let options: BTreeMap<String, String> = serde_yaml::from_str(file).expect("options are flat, and texts");
    let read = cluster.wait("configuration", |rest| rest.get("/jobmanager/config"));
    let read: BTreeMap<&str, &str> = read
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| Some((one["key"].as_str()?, one["value"].as_str()?)))
        .collect();
    let other = cluster.settings_of_the_machine();
    for (option, value) in &options {
        if !other.contains_key(option.as_str()) && option != "metrics.reporter.prom.port" {
            assert_eq!(read.get(option.as_str()), Some(&value.as_str()), "{option}");
        }
    }
}

/// Metrics are where Prometheus is told to look for them.
fn tells_prometheus(cluster: &mut Cluster) {
    for (at, word) in ["flink_jobmanager_", "flink_taskmanager_"].into_iter().enumerate() {
        let metrics = cluster.metrics[at];
        cluster.wait("metrics", |_| metrics.text("/metrics").filter(|text| text.contains(word)));
    }
}

/// The job runs as wide as it was declared, and saves its state as often and to where it was.
fn runs_as_declared(cluster: &mut Cluster, written: &Written, job: &str) {
    let checkpoints = cluster.wait("a checkpoint", |rest| {
        let checkpoints = rest.get(&format!("/jobs/{job}/checkpoints"))?;
        (checkpoints["counts"]["completed"].as_u64()? > 0).then_some(checkpoints)
    });
    let path = checkpoints["latest"]["completed"]["external_path"].as_str().expect("it lies somewhere").to_owned();
    let below = format!("file:{}/", cluster.path("checkpoints").display());
    assert!(path.starts_with(&below), "{path} lies below {below}");
    let config =
        cluster.wait("checkpoints' configuration", |rest| rest.get(&format!("/jobs/{job}/checkpoints/config")));
    for (field, value) in [
        ("interval", json!(700)),
        ("timeout", json!(45_000)),
        ("min_pause", json!(300)),
        ("unaligned_checkpoints", json!(true)),
        ("externalization", json!({ "enabled": true, "delete_on_cancellation": false })),
    ] {
        assert_eq!(config[field], value, "{field} in {config}");
    }
    let backend = config["state_backend"].as_str().expect("there is a backend");
    assert!(backend.contains("RocksDB"), "{backend}");
    let detail = cluster.wait("the job", |rest| rest.get(&format!("/jobs/{job}")));
    for vertex in detail["vertices"].as_array().expect("a job has vertices") {
        assert_eq!(vertex["parallelism"], PARALLELISM);
        assert_eq!(vertex["maxParallelism"].to_string(), written.expected("most"));
    }
}

#[test]
fn a_session_runs_a_job_to_its_end() {
    for release in &RELEASES {
        let mut cluster = Cluster::new(release);
        let directory = cluster.path("").display().to_string();
        let written = Written::of("session", release, directory.trim_end_matches('/'), "");
        start(&mut cluster, &written, "Deployment");
        is_as_large_as_declared(&mut cluster, &written);
        has_read_its_file(&mut cluster, &written);
        tells_prometheus(&mut cluster);

        let jar = std::fs::read(cluster.jar()).expect("the jar was made");
        let uploaded = cluster.rest().upload("/jars/upload", &jar).expect("a session takes jars");
        let name = uploaded["filename"].as_str().and_then(|path| path.rsplit('/').next()).expect("it has a name");
        let run = json!({ "entryClass": "Job", "programArgsList": [COUNT.to_string()], "parallelism": PARALLELISM });
        let started = cluster.rest().post(&format!("/jars/{name}/run"), &run).expect("the job starts");
        let job = started["jobid"].as_str().expect("a job has an id").to_owned();
        runs_as_declared(&mut cluster, &written, &job);
        let state = cluster.wait("end of the job", |rest| {
            let state = rest.get(&format!("/jobs/{job}"))?["state"].as_str()?.to_owned();
            matches!(state.as_str(), "FINISHED" | "FAILED" | "CANCELED").then_some(state)
        });
        assert_eq!(state, "FINISHED", "Flink {}\n{}", release.version, cluster.logs());
    }
}

/// The text of an application's job, which goes through a count of numbers, and what else the application says.
fn job_of(id: &str, count: u64, more: &str) -> String {
    format!(
        "job {{ jar = \"local:///opt/flink/usrlib/job.jar\", class = \"Job\", args = [\"{count}\"], id = \"{id}\" }}\n\
         {more}"
    )
}

#[test]
fn an_application_runs_its_job_and_ends_with_it() {
    for release in &RELEASES {
        let mut cluster = Cluster::new(release);
        let directory = cluster.path("").display().to_string();
        let id = "0123456789abcdef0123456789abcdef";
        let job = job_of(id, COUNT, &format!("job {{ parallelism = {PARALLELISM}, bounded = true }}"));
        let written = Written::of("application", release, directory.trim_end_matches('/'), &job);
        start(&mut cluster, &written, "Job");
        is_as_large_as_declared(&mut cluster, &written);
        has_read_its_file(&mut cluster, &written);
        runs_as_declared(&mut cluster, &written, id);
        // Kubernetes takes the exit code for the end of the Job.
        assert!(cluster.wait_for_the_end(), "Flink {}\n{}", release.version, cluster.logs());
    }
}

#[test]
fn a_reactive_job_takes_all_slots_up_to_its_maximum() {
    for release in &RELEASES {
        let mut cluster = Cluster::new(release);
        let directory = cluster.path("").display().to_string();
        let id = "fedcba9876543210fedcba9876543210";
        // The job does not end before all TaskManagers are there.
        let job = job_of(id, 1_000_000, "reactive {}");
        let written = Written::of("application", release, directory.trim_end_matches('/'), &job);
        start(&mut cluster, &written, "Deployment");
        let vertices = cluster.wait("a job in all slots", |rest| {
            let vertices = rest.get(&format!("/jobs/{id}"))?["vertices"].as_array()?.clone();
            let is_wide = !vertices.is_empty() && vertices.iter().all(|vertex| vertex["parallelism"] == PARALLELISM);
            is_wide.then_some(vertices)
        });
        for vertex in vertices {
            assert_eq!(vertex["maxParallelism"].to_string(), written.expected("least"), "Flink {}", release.version);
        }
    }
}
