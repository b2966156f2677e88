//! Kustomize itself and the builds of the GitOps engines around it, for tests: one program in Go that stays, built on
//! demand from the modules that `tests/tools/engines/go.mod` pins.
//!
//! Where it cannot be had, tests that need it say so and pass, except where `CI` is set.

#![allow(dead_code, reason = "each test program uses its own part of this")]

pub mod objects;
pub mod texts;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The program, running. It ends when the test process does, since that closes its standard input.
#[derive(Debug)]
pub struct Engines {
    conversation: Mutex<Conversation>,
}

#[derive(Debug)]
struct Conversation {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    objects: Vec<Json>,
    #[serde(default)]
    seconds: Vec<f64>,
    #[serde(default)]
    error: String,
}

/// The engines, if they can be had. The first call of a process may build them.
pub fn engines() -> Option<&'static Engines> {
    static FOUND: OnceLock<Result<Engines, String>> = OnceLock::new();
    match FOUND.get_or_init(|| start(&build()?)) {
        Ok(engines) => Some(engines),
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "the engines are needed where CI is set: {reason}");
            eprintln!("NOT RUN: this test needs tests/tools/engines, which cannot be built: {reason}");
            None
        }
    }
}

impl Engines {
    /// The objects that `kustomize build` prints, or its complaint.
    pub fn kustomize(&self, directory: &Path) -> Result<Vec<Json>, String> {
        self.ask(&json!({ "do": "kustomize", "path": directory })).map(|answer| answer.objects)
    }

    /// The objects that Flux applies of a directory below `root`, or its complaint. Flux writes the directory's
    /// `kustomization.yaml` anew.
    pub fn flux(&self, root: &Path, directory: &Path) -> Result<Vec<Json>, String> {
        self.ask(&json!({ "do": "flux", "root": root, "path": directory })).map(|answer| answer.objects)
    }

    /// The objects of a YAML stream, as Kubernetes reads them.
    pub fn read(&self, stream: &str) -> Result<Vec<Json>, String> {
        self.ask(&json!({ "do": "read", "text": stream })).map(|answer| answer.objects)
    }

    /// How many seconds of a processor Kustomize takes for a directory, each of `count` times.
    pub fn time(&self, directory: &Path, count: usize) -> Result<Vec<f64>, String> {
        self.ask(&json!({ "do": "time", "path": directory, "count": count })).map(|answer| answer.seconds)
    }

    fn ask(&self, question: &Json) -> Result<Answer, String> {
        // A test that failed while it asked was answered, or the program is gone, which shows at once.
        let mut conversation = self.conversation.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(conversation.questions, "{question}").map_err(|error| format!("the engines: {error}"))?;
        let mut line = String::new();
        conversation.answers.read_line(&mut line).map_err(|error| format!("the engines: {error}"))?;
        let answer: Answer =
            serde_json::from_str(&line).map_err(|error| format!("the engines: {error} in {line:?}"))?;
        if answer.error.is_empty() { Ok(answer) } else { Err(answer.error) }
    }
}

fn start(program: &Path) -> Result<Engines, String> {
    let child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("{}: {error}", program.display()))?;
    let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("its input and output are not piped".to_owned());
    };
    Ok(Engines { conversation: Mutex::new(Conversation { questions, answers: BufReader::new(answers) }) })
}

/// Builds the program into `target/tools`, once for all test processes.
fn build() -> Result<PathBuf, String> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/engines");
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("there is no target directory")?.join("tools");
    let text = |error: std::io::Error| error.to_string();
    fs::create_dir_all(&tools).map_err(text)?;
    let lock = File::create(tools.join("engines.lock")).map_err(text)?;
    lock.lock().map_err(text)?;
    let program = tools.join(format!("engines{}", std::env::consts::EXE_SUFFIX));
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let sources = ["go.mod", "main.go"].map(|name| modified(&module.join(name)).map_err(text));
    let [pinned, written] = sources;
    if modified(&program).is_ok_and(|built| pinned.is_ok_and(|at| built >= at) && written.is_ok_and(|at| built >= at)) {
        return Ok(program);
    }
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&program).arg(".").current_dir(&module);
    let output = go.output().map_err(|error| format!("go: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    // Go leaves a binary that is up to date as it is; its time stamp must say so.
    let built = File::options().append(true).open(&program).map_err(text)?;
    built.set_modified(std::time::SystemTime::now()).map_err(text)?;
    Ok(program)
}
