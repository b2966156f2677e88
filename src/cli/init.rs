//! `flinkc init`

use super::{Failure, Verdict};
use clap::Args;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The program that a new project starts with. All that is written here is an example too, so that it is known to build.
const HELLO: &str = include_str!("../../examples/hello/main.flink");

/// What Flux is told of that program.
const FLUX: &str = include_str!("../../examples/flux/main.flink");

/// What Argo CD is told of it.
const ARGOCD: &str = include_str!("../../examples/argocd/main.flink");

/// Makes a small project that builds
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to; created if it does not exist
    #[arg(default_value = ".", value_name = "DIR")]
    directory: PathBuf,

    /// Also writes what Flux needs to apply the project, as a program in the directory `flux`
    #[arg(long)]
    flux: bool,

    /// Also writes what Argo CD needs to apply the project, as a program in the directory `argocd`
    #[arg(long)]
    argocd: bool,
}

impl Init {
    /// The programs to write, with their directories.
    fn programs(&self) -> Vec<(PathBuf, &'static str)> {
        let mut programs = vec![(self.directory.clone(), HELLO)];
        if self.flux {
            programs.push((self.directory.join("flux"), FLUX));
        }
        if self.argocd {
            programs.push((self.directory.join("argocd"), ARGOCD));
        }
        programs
    }
}

pub(super) fn run(command: &Init) -> Result<Verdict, Failure> {
    let programs = command.programs();
    // All are looked at before the first is written.
    for (directory, _) in &programs {
        if let Some(name) = program_in(directory)? {
            return Err(Failure::Told(format!("`{}` is there already", directory.join(name).display())));
        }
    }
    for (directory, program) in &programs {
        fs::create_dir_all(directory).map_err(|error| refused(directory, "created", &error))?;
        let path = directory.join("main.flink");
        // Never overwrites, whatever appeared since the look above.
        let mut file = File::create_new(&path).map_err(|error| refused(&path, "created", &error))?;
        file.write_all(program.as_bytes()).map_err(|error| refused(&path, "written", &error))?;
        writeln!(io::stdout().lock(), "{} written; to build it: flinkc build {}", path.display(), directory.display())?;
    }
    Ok(Verdict::Fine)
}

/// The first `.flink` file of a directory, which need not exist.
fn program_in(directory: &Path) -> Result<Option<PathBuf>, Failure> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(directory, "read", &error)),
    };
    let mut programs = Vec::new();
    for entry in entries {
        let name = PathBuf::from(entry.map_err(|error| refused(directory, "read", &error))?.file_name());
        if name.extension().is_some_and(|extension| extension == "flink") {
            programs.push(name);
        }
    }
    Ok(programs.into_iter().min())
}

fn refused(path: &Path, verb: &str, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::Told(match error.kind() {
        io::ErrorKind::PermissionDenied => format!("`{path}` cannot be {verb}: permission denied"),
        io::ErrorKind::NotADirectory => format!("`{path}` is not a directory"),
        _ => format!("`{path}` cannot be {verb}: {error}"),
    })
}
