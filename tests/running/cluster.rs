//! Flink's own processes on this machine, started as its image starts them.

use super::rest::Rest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A release of Flink, and of artifacts that Maven Central lacks of it.
pub struct Release {
    pub version: &'static str,
    /// The version that programs name.
    pub minor: &'static str,
    /// The nearest release of `flink-container` and of `flink-metrics-prometheus` that there is.
    pub container: &'static str,
    pub prometheus: &'static str,
}

impl Release {
    /// The class path; Maven keeps the artifacts.
    pub fn class_path(&self) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join(format!("target/tools/running/{}.classpath", self.version));
        std::fs::create_dir_all(file.parent().expect("the file lies in a directory"))
            .expect("target can be written to");
        let output = Command::new("mvn")
            .args(["--quiet", "--batch-mode", "--file"])
            .arg(root.join("tests/tools/running/pom.xml"))
            .arg(format!("-Dflink.version={}", self.version))
            .arg(format!("-Dcontainer.version={}", self.container))
            .arg(format!("-Dprometheus.version={}", self.prometheus))
            .arg(format!("-Dmdep.outputFile={}", file.display()))
            .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
            .output()
            .expect("mvn is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        std::fs::read_to_string(file).expect("the plugin writes the class path")
    }
}

/// A process that ends with the test, whatever becomes of it.
struct Process {
    name: String,
    child: Child,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Flink of its own, below a directory for its configuration, its jars and its state.
pub struct Cluster {
    class_path: String,
    directory: TempDir,
    /// What the class behind Flink's scripts makes of the configuration, by its command.
    said: BTreeMap<&'static str, Vec<String>>,
    processes: Vec<Process>,
    /// The first for the JobManager's RPC, then its blobs and REST API.
    ports: [u16; 3],
    /// Where each process has its metrics, in the order of their start.
    pub metrics: Vec<Rest>,
}

/// What Flink's scripts ask before they start a process: the JVM's flags and the settings for each part, and the options.
const JOBMANAGER_PARAMETERS: &str = "GET_JM_RESOURCE_PARAMS";
const TASKMANAGER_PARAMETERS: &str = "GET_TM_RESOURCE_PARAMS";
const OPTIONS: &str = "UPDATE_AND_GET_FLINK_CONFIGURATION";

/// How long anything may take: the slowest is Flink's start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

impl Cluster {
    /// A directory with a jar of the test's job below `usrlib`.
    pub fn new(release: &Release) -> Cluster {
        let cluster = Cluster {
            class_path: release.class_path(),
            directory: tempfile::tempdir().expect("a temporary directory can be made"),
            said: BTreeMap::new(),
            processes: Vec::new(),
            ports: [free_port(), free_port(), free_port()],
            metrics: Vec::new(),
        };
        for directory in ["conf", "classes", "usrlib", "tmp"] {
            std::fs::create_dir(cluster.path(directory)).expect("a temporary directory is writable");
        }
        let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/running/Job.java");
        cluster
            .run(Command::new("javac").args(["-cp", &cluster.class_path, "-d"]).arg(cluster.path("classes")).arg(job));
        let mut jar = Command::new("jar");
        cluster.run(jar.arg("cf").arg(cluster.jar()).arg("-C").arg(cluster.path("classes")).arg("."));
        cluster
    }

    /// A path below the cluster's directory.
    pub fn path(&self, below: &str) -> PathBuf {
        self.directory.path().join(below)
    }

    /// The jar of the test's job.
    pub fn jar(&self) -> PathBuf {
        self.path("usrlib/job.jar")
    }

    pub fn rest(&self) -> Rest {
        Rest(self.ports[2])
    }

    /// Writes the files of a ConfigMap to the directory where Flink reads its configuration, and asks what it makes of them.
    pub fn configure(&mut self, files: &Value) {
        for (name, text) in files.as_object().expect("data is a map") {
            let text = text.as_str().expect("a file is text");
            std::fs::write(self.path("conf").join(name), text).expect("a temporary directory is writable");
        }
        for command in [JOBMANAGER_PARAMETERS, TASKMANAGER_PARAMETERS, OPTIONS] {
            self.said.insert(command, self.ask(command));
        }
    }

    /// The flags that size the JVM of a JobManager, and of a TaskManager.
    pub fn flags(&self) -> [&str; 2] {
        [JOBMANAGER_PARAMETERS, TASKMANAGER_PARAMETERS].map(|command| self.said[command][0].as_str())
    }

    /// What Flink is told otherwise than in its file, which are all things that a pod has for itself.
    pub fn settings_of_the_machine(&self) -> BTreeMap<&'static str, String> {
        let [rpc, blobs, rest] = self.ports.map(|port| port.to_string());
        let loopback = || "127.0.0.1".to_owned();
        BTreeMap::from([
            // The name of a Service, which only a cluster resolves.
            ("jobmanager.rpc.address", loopback()),
            // Every pod has all ports; here others may use them.
            ("jobmanager.rpc.port", rpc),
            ("blob.server.port", blobs),
            ("rest.port", rest),
            ("taskmanager.rpc.port", "0".to_owned()),
            // A pod finds its address by its host name, and nobody but the cluster reaches it.
            ("taskmanager.host", loopback()),
            ("jobmanager.bind-host", loopback()),
            ("taskmanager.bind-host", loopback()),
            ("rest.bind-address", loopback()),
        ])
    }

    /// Starts the JobManager as the arguments of its container say.
    pub fn start_jobmanager(&mut self, args: &[String]) {
        let (start, rest) = args.split_first().expect("the image is told what to start");
        let class = match start.as_str() {
            "jobmanager" => "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            "standalone-job" => "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint",
            other => panic!("the image cannot start {other}"),
        };
        self.start("jobmanager", JOBMANAGER_PARAMETERS, class, rest);
    }

    /// Starts one more TaskManager, likewise.
    pub fn start_taskmanager(&mut self, args: &[String]) {
        let (start, rest) = args.split_first().expect("the image is told what to start");
        assert_eq!(start, "taskmanager");
        let class = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
        self.start("taskmanager", TASKMANAGER_PARAMETERS, class, rest);
    }

    /// Starts a process with the JVM's flags and the settings that Flink's scripts add to it.
    fn start(&mut self, part: &str, parameters: &str, class: &str, args: &[String]) {
        let parameters = &self.said[parameters];
        let [flags, settings] = parameters.as_slice() else { panic!("two lines, not {parameters:?}") };
        let name = format!("{part}-{}", self.processes.len());
        let metrics = free_port();
        let mut command = Command::new("java");
        command
            .args(self.java_options(part))
            .args(flags.split(' '))
            .arg(format!("-Djava.io.tmpdir={}", self.path("tmp").display()))
            .args(["-cp", &self.class_path, class, "--configDir"])
            .arg(self.path("conf"))
            // What follows the arguments of a job is the job's own.
            .args(settings.split(' '))
            .args(self.settings_of_the_machine().iter().map(|(option, value)| format!("-D{option}={value}")))
            .arg(format!("-Dmetrics.reporter.prom.port={metrics}"))
            .args(args.iter().map(|arg| arg.replace("/opt/flink", &self.directory.path().display().to_string())));
        let log = File::create(self.path(&format!("{name}.log"))).expect("a temporary directory is writable");
        let other = log.try_clone().expect("a file can be had twice");
        // Flink looks for its own plugins in `plugins` where it is started.
        command.current_dir(self.directory.path());
        let child = command.stdout(log).stderr(other).spawn().expect("java is there");
        self.processes.push(Process { name, child });
        self.metrics.push(Rest(metrics));
    }

    /// The JVM's flags that the configuration asks for, in the order of `config.sh`.
    fn java_options(&self, part: &str) -> Vec<String> {
        let said = &self.said[OPTIONS];
        let value = |option: String| {
            let line = said.iter().find_map(|line| line.strip_prefix(&format!("{option}: ")));
            line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        let options = ["default-opts.all", "opts.all"].map(str::to_owned);
        let own = [format!("default-opts.{part}"), format!("opts.{part}")];
        let texts = options.into_iter().chain(own).map(|option| value(format!("env.java.{option}")));
        texts.flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// What the class behind Flink's scripts makes of the configuration: one of its commands, and the lines that it says.
    fn ask(&self, command: &str) -> Vec<String> {
        let mut java = Command::new("java");
        java.args([
            "-cp",
            &self.class_path,
            "org.apache.flink.runtime.util.bash.BashJavaUtils",
            command,
            "--configDir",
        ]);
        java.arg(self.path("conf"));
        if command == OPTIONS {
            java.arg("-flatten");
        }
        let said = self.run(&mut java);
        said.lines().filter_map(|line| line.strip_prefix("BASH_JAVA_UTILS_EXEC_RESULT:")).map(str::to_owned).collect()
    }

    fn run(&self, command: &mut Command) -> String {
        let output = command.output().expect("Java is there");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("Java prints UTF-8")
    }

    /// Waits for something, which fails with the logs of all processes.
    #[track_caller]
    pub fn wait<T>(&mut self, what: &str, mut ask: impl FnMut(Rest) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(answer) = ask(self.rest()) {
                return answer;
            }
            let mut processes = self.processes.iter_mut();
            let ended = processes.find_map(|one| Some((one.name.clone(), one.child.try_wait().ok()??)));
            if let Some((name, status)) = ended {
                panic!("no {what}: {name} has ended, {status}\n{}", self.logs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no {what} in time\n{}", self.logs());
    }

    /// Waits until the JobManager ends by itself, and says whether all was well.
    #[track_caller]
    pub fn wait_for_the_end(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let jobmanager = self.processes.first_mut().expect("it is the first to be started");
            if let Ok(Some(status)) = jobmanager.child.try_wait() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the JobManager does not end\n{}", self.logs());
    }

    /// The end of what each process has said.
    pub fn logs(&self) -> String {
        let told = self.processes.iter().map(|process| {
            let text = std::fs::read_to_string(self.path(&format!("{}.log", process.name))).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let from = lines.len().saturating_sub(80);
            format!("--- {}\n{}\n", process.name, lines[from..].join("\n"))
        });
        told.collect()
    }
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}
