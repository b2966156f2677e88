//! Time from text to bytes: 1, 10, 100 and 1,000 applications with 12 objects in each of three environments.
//!
//! `cargo bench` prints times; objects a second are the throughput. `docs/performance.md` says how to read them, and how
//! to measure the program as a whole over what `FLINKC_BENCH_DIR=DIR cargo bench` leaves in `DIR`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flinkc::host::MemoryHost;
use flinkc::write::{Edited, write};
use flinkc::{driver, layers::Tree};
use std::fmt::Write as _;
use std::time::Duration;

const ENVIRONMENTS: &str = r#"environment dev { namespace = "streams-dev", kubernetes = "1.34" }
environment staging { namespace = "streams-staging", kubernetes = "1.34" }
environment prod { namespace = "streams", kubernetes = "1.34" }
"#;

/// One application as people write them, with a name and sizes of its own. It makes 12 objects in every environment:
/// ConfigMap, two Deployments, two Services, ServiceAccount, Role, RoleBinding, PodDisruptionBudget, NetworkPolicy,
/// Ingress and ServiceMonitor.
fn application(number: usize) -> String {
    let memory = 2 + number % 6;
    format!(
        r#"import std.flink

flink.application job-{number} {{
  flink = "2.2"
  image = "registry.example.com/job-{number}:1.{number}"

  job {{
    jar         = "local:///opt/flink/usrlib/job.jar"
    class       = "com.example.Job{number}"
    args        = ["--topic", "topic-{number}", "--group", "job-{number}"]
    parallelism = 2
  }}

  jobmanager  {{ cpu = 1, memory = 2Gi }}
  taskmanager {{ cpu = 2, memory = {memory}Gi, slots = 2, replicas = 2 }}
  checkpoints {{ interval = 30s, storage = "s3://state/job-{number}" }}

  config {{
    state.backend.type = rocksdb
    web.timeout = 2min
  }}

  env {{ TZ = "UTC", PASSWORD = secret("kafka", "password") }}

  monitoring {{ port = 9249 }}

  ingress {{ host = "job-{number}.dev.example.com" }}
  availability {{ storage = "s3://state/job-{number}/ha" }}
  disruption_budget {{}}
  network_policy {{}}
  hadoop {{ core {{ fs.defaultFS = "hdfs://data" }} }}

  when staging {{ taskmanager.replicas = 4, job.parallelism = 8 }}
  when prod {{
    job.parallelism = 16
    taskmanager {{ replicas = 8, memory = 16Gi }}
    ingress {{ host = "job-{number}.example.com" }}
  }}
}}
"#
    )
}

/// The files of a project, by path.
fn sources(applications: usize) -> Vec<(String, String)> {
    let main = ("main.flink".to_string(), format!("{ENVIRONMENTS}\nexternal Secret kafka\n"));
    let jobs = (0..applications).map(|number| (format!("job_{number}.flink"), application(number)));
    std::iter::once(main).chain(jobs).collect()
}

fn build(host: &MemoryHost) -> Tree {
    let outcome = driver::build_with(host, "", None, &[]);
    let mut text = String::new();
    for diagnostic in &outcome.diagnostics {
        let _ = writeln!(text, "{}", diagnostic.message);
    }
    outcome.value.unwrap_or_else(|| panic!("the project of the bench builds: {text}"))
}

fn objects(host: &MemoryHost) -> u64 {
    ["dev", "staging", "prod"]
        .into_iter()
        .map(|environment| {
            let stream = driver::render_with(host, "", None, &[], environment, None).value.unwrap_or_default();
            String::from_utf8_lossy(&stream).lines().filter(|line| line.starts_with("kind: ")).count() as u64
        })
        .sum()
}

fn benchmark(criterion: &mut Criterion) {
    for applications in [1, 10, 100, 1000] {
        let host = MemoryHost::new(sources(applications));
        if let Ok(directory) = std::env::var("FLINKC_BENCH_DIR") {
            keep(applications, std::path::Path::new(&directory));
        }
        let mut group = criterion.benchmark_group("build");
        group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements(objects(&host)));
        group.bench_with_input(BenchmarkId::new("memory", applications), &host, |bencher, host| {
            bencher.iter(|| build(host));
        });
        let tree = build(&host);
        group.bench_with_input(BenchmarkId::new("disk", applications), &tree, |bencher, tree| {
            bencher.iter_with_large_drop(|| {
                let directory = tempfile::tempdir().expect("a temporary directory can be made");
                write(tree, directory.path(), Edited::Refuse).expect("an empty directory takes the tree");
                directory
            });
        });
        group.finish();
    }
}

/// Leaves the sources on disk, for measuring the program as a whole.
fn keep(applications: usize, directory: &std::path::Path) {
    let directory = directory.join(applications.to_string());
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    for (path, text) in sources(applications) {
        std::fs::write(directory.join(path), text).expect("the directory is writable");
    }
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
