//! Kustomize itself, for tests: a pinned version built on demand, or the one from the PATH.
//!
//! `FLINKC_KUSTOMIZE` names another binary. Where none can be had, tests that need it say so and pass, except where
//! `CI` is set.

#![allow(dead_code, reason = "each test program uses its own part of this")]

pub mod objects;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A Kustomize 5 that can be run.
#[derive(Debug, Clone)]
pub struct Kustomize {
    program: PathBuf,
    arguments: &'static [&'static str],
}

/// Kustomize, if it can be had. The first call of a process may build it.
pub fn kustomize() -> Option<&'static Kustomize> {
    static FOUND: OnceLock<Result<Kustomize, String>> = OnceLock::new();
    match FOUND.get_or_init(find) {
        Ok(kustomize) => Some(kustomize),
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "Kustomize is needed where CI is set: {reason}");
            eprintln!("NOT RUN: this test needs Kustomize 5, and {reason}");
            None
        }
    }
}

impl Kustomize {
    /// What `kustomize build` prints, or its complaint.
    pub fn build(&self, directory: &Path) -> Result<String, String> {
        let output = Command::new(&self.program).args(self.arguments).arg(directory).output();
        let output = output.map_err(|error| format!("{}: {error}", self.program.display()))?;
        if !output.status.success() {
            return Err(format!("{}: {}", directory.display(), String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    }
}

fn find() -> Result<Kustomize, String> {
    if let Some(program) = std::env::var_os("FLINKC_KUSTOMIZE") {
        return Ok(Kustomize { program: program.into(), arguments: &["build"] });
    }
    let failure = match build_pinned() {
        Ok(program) => return Ok(Kustomize { program, arguments: &["build"] }),
        Err(failure) => failure,
    };
    let on_path: [(&str, &[&str], &'static [&'static str]); 2] =
        [("kustomize", &["version"], &["build"]), ("kubectl", &["version", "--client"], &["kustomize"])];
    for (program, version, arguments) in on_path {
        let Ok(output) = Command::new(program).args(version).output() else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if text.lines().any(|line| line.trim_start_matches("Kustomize Version: ").starts_with("v5.")) {
            return Ok(Kustomize { program: program.into(), arguments });
        }
    }
    Err(format!("the PATH has neither kustomize 5 nor a kubectl with it, and it cannot be built: {failure}"))
}

/// Builds what `tests/tools/go.mod` pins into `target/tools`, once for all test processes.
fn build_pinned() -> Result<PathBuf, String> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools");
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("there is no target directory")?.join("tools");
    let text = |error: std::io::Error| error.to_string();
    fs::create_dir_all(&tools).map_err(text)?;
    let lock = File::create(tools.join("kustomize.lock")).map_err(text)?;
    lock.lock().map_err(text)?;
    let program = tools.join(format!("kustomize{}", std::env::consts::EXE_SUFFIX));
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let pinned = modified(&module.join("go.mod")).map_err(text)?;
    if modified(&program).is_ok_and(|built| built >= pinned) {
        return Ok(program);
    }
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&program).arg("sigs.k8s.io/kustomize/kustomize/v5").current_dir(&module);
    let output = go.output().map_err(|error| format!("go: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    // Go leaves a binary that is up to date as it is; its time stamp must say so.
    let built = File::options().append(true).open(&program).map_err(text)?;
    built.set_modified(std::time::SystemTime::now()).map_err(text)?;
    Ok(program)
}
