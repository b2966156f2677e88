//! Programs for the Flink operator, whose objects are held against its rules here and against its own validator where
//! that can be run.

/// The versions of Flink that the operator knows.
pub const OPERATED: [&str; 7] = ["1.17", "1.18", "1.19", "1.20", "2.0", "2.1", "2.2"];

const HEAD: &str = "import std.flink\nenvironment dev { namespace = \"streams\" }\n";
const JOB: &str = "job { class = \"com.example.Main\", jar = \"local:///opt/flink/usrlib/main.jar\" }";

/// Applications, by what they say beside their job.
const APPLICATIONS: &[&str] = &[
    "",
    "checkpoints { storage = \"s3://state/c\", interval = 30s }",
    "checkpoints { storage = \"s3://state/c\", savepoints = \"s3://state/s\" }",
    "checkpoints { storage = \"s3://state/c\" }\noperator { upgrade = stateless, forget_state = true }",
    "checkpoints { storage = \"s3://state/c\", savepoints = \"s3://state/s\" }\n\
     availability { storage = \"s3://state/ha\", replicas = 2 }\n\
     operator { upgrade = last-state, rollback = true, health_check = true, periodic_savepoints = 6h, \
     periodic_checkpoints = 10min, savepoint_format = native, savepoint_on_deletion = true, savepoint_trigger = 3, \
     restart = 1 }",
    "job { savepoint = \"s3://state/s/1\", allow_non_restored_state = true }\noperator.savepoint_redeploy = 2",
    "operator { pods = standalone, state = suspended }\ndisruption_budget {}",
    "operator.pods = standalone\nreactive { max_replicas = 8 }\ntaskmanager { slots = 2, replicas = 3 }",
    "availability { storage = \"s3://state/ha\", mode = zookeeper, quorum = \"zookeeper-0:2181\" }\n\
     checkpoints { storage = \"s3://state/c\" }",
    "autoscaler { target = 0.6, least = 0.5, most = 0.8, max_parallelism = 24, min_parallelism = 2, window = 5min, \
     max_scale_down = 0.6, max_scale_up = 2.0, stabilization = 1min, catch_up = 15min, memory_tuning = true, \
     advisory = true }\nconfig.job.autoscaler.excluded.periods = [\"09:30-11:00\"]",
    "jobmanager.memory = 1601Mi\njobmanager.cpu = 250m\ntaskmanager { memory = 1464844Ki, cpu = 1.5, slots = 4 }\n\
     job { parallelism = 4, max_parallelism = 64, args = [\"--a\", \"b c\"] }",
    "checkpoints { storage = \"file:///flink-state/c\", volume.size = 1Gi }\ndisruption_budget {}\n\
     ingress { host = \"main.example.com\" }\nmonitoring {}\nnetwork_policy {}\nqueryable_state {}\n\
     hadoop.core { fs.defaultFS = \"hdfs://lake\" }\npod.spec.containers { shipper { image = \"shipper:1\" } }",
    "config { taskmanager.memory.managed.fraction = 0.2, kubernetes.operator.user.artifacts.allowed-schemes = \"s3\" }",
];

/// Session clusters, likewise.
const SESSIONS: &[&str] = &[
    "",
    "operator.pods = standalone\ntaskmanager { slots = 2, replicas = 3 }\ndisruption_budget {}",
    "availability { storage = \"s3://state/ha\", replicas = 2 }\noperator.rollback = true\ndisruption_budget {}",
];

/// Jobs on a session cluster.
const SESSION_JOBS: &[&str] = &[
    "jar = \"https://repo.example.com/a.jar\"",
    "jar = \"https://repo.example.com/a.jar\", parallelism = 3, class = \"a.B\", args = [\"--a\"]\n\
     checkpoints { storage = \"s3://state/c\", interval = 1min, savepoints = \"s3://state/s\" }\n\
     operator { savepoint_trigger = 1, periodic_savepoints = 1h }\nautoscaler {}",
    "jar = \"https://repo.example.com/a.jar\", savepoint = \"s3://state/s/1\"\noperator.savepoint_redeploy = 1",
];

/// A program with all of them for a version.
pub fn program(version: &str) -> String {
    let mut program = String::from(HEAD);
    for (at, body) in APPLICATIONS.iter().enumerate() {
        program.push_str(&declaration("application", &format!("application-{at}"), version, &format!("{JOB}\n{body}")));
        if !body.contains("reactive") {
            program.push_str(&declaration(
                "blue_green",
                &format!("blue-green-{at}"),
                version,
                &format!("{JOB}\n{body}"),
            ));
        }
    }
    for (at, body) in SESSIONS.iter().enumerate() {
        program.push_str(&declaration("session", &format!("session-{at}"), version, body));
        for (of, job) in SESSION_JOBS.iter().enumerate() {
            let body = format!("session = session-{at}.deployment.name, flink = \"{version}\"\n{job}");
            program.push_str(&format!("flink.job job-{at}-{of} {{\n{body}\n}}\n"));
        }
    }
    program
}

/// The text of a component `main` with a job, in operator mode.
pub fn of_job(component: &str, version: &str, body: &str) -> String {
    of(component, version, &format!("{JOB}\n{body}"))
}

/// The text of a component `main` in operator mode.
pub fn of(component: &str, version: &str, body: &str) -> String {
    format!("{HEAD}{}", declaration(component, "main", version, body))
}

fn declaration(component: &str, name: &str, version: &str, body: &str) -> String {
    let memory = if body.contains("{ memory") { "" } else { "taskmanager.memory = 2Gi\n" };
    format!(
        "flink.{component} {name} {{\nflink = \"{version}\"\nmode = operator\n\
         image = \"registry.example.com/flink:{version}\"\n{memory}{body}\n}}\n"
    )
}
