//! The files of a revision, read from the repository by `git` itself.
//!
//! The command rather than a library: whoever has a repository has it, it knows every format of repositories there is,
//! and two of its plumbing commands are all that is needed. Neither runs hooks or filters, nor asks the network.

use crate::host::{Entry, Host, LARGEST_FILE, normal_path};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// As many links are followed one after the other as Linux follows.
const LINKS: usize = 40;

/// Files as they are in a commit.
#[derive(Debug)]
pub(super) struct GitHost {
    commit: String,
    git: Mutex<Conversation>,
    /// Directories that were read.
    directories: Mutex<HashMap<String, Arc<Vec<Item>>>>,
}

/// `git cat-file --batch`, which answers as long as it is asked.
#[derive(Debug)]
struct Conversation {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    name: String,
    mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    File,
    Directory,
    Link,
    Submodule,
}

/// What Git keeps under a name.
struct Kept {
    kind: String,
    /// Bytes of an object's name.
    name_length: usize,
    content: Vec<u8>,
}

impl GitHost {
    /// A revision of the repository whose top directory is `root`. The error is a text for the user.
    pub(super) fn new(root: &Path, revision: &str) -> Result<GitHost, String> {
        let mut resolve = git(root);
        // `--end-of-options` keeps a revision from being taken for an option.
        resolve.args(["rev-parse", "--verify", "--end-of-options"]).arg(format!("{revision}^{{commit}}"));
        let output = resolve.output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "`git` is not installed, and `--against` asks it for the revision".to_owned(),
            _ => format!("`git` cannot be run: {error}"),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
            return Err(match said.as_str() {
                "Needed a single revision" => format!("there is no revision `{revision}`"),
                said => format!("there is no revision `{revision}`: {said}"),
            });
        }
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let mut batch = git(root);
        batch.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = batch.spawn().map_err(|error| format!("`git` cannot be run: {error}"))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = BufReader::new(answers.ok_or("`git` says nothing")?);
        Ok(GitHost {
            commit,
            git: Mutex::new(Conversation { child, questions, answers }),
            directories: Mutex::default(),
        })
    }

    /// The object at a path, links not followed; none where there is none.
    fn ask(&self, path: &str) -> io::Result<Option<Kept>> {
        let mut git = self.git.lock().unwrap_or_else(PoisonError::into_inner);
        git.ask(&format!("{}:{path}", self.commit))
    }

    /// What is in a directory, links not followed.
    fn directory(&self, path: &str) -> io::Result<Arc<Vec<Item>>> {
        let known = self.directories.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let kept = self.ask(path)?.ok_or_else(|| not_found(path))?;
        if kept.kind != "tree" {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("`{path}` is not a directory")));
        }
        let items = Arc::new(items(&kept).ok_or_else(|| broken(path))?);
        self.directories.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), items.clone());
        Ok(items)
    }

    /// The path that a path leads to, and what is there. Errors: not there, outside the project.
    fn resolve(&self, path: &str) -> io::Result<(String, Mode)> {
        if path.contains('\n') || (!path.is_empty() && normal_path("", path).as_deref() != Some(path)) {
            let text = format!("`{path}` is not a path inside the project");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut rest: Vec<String> = path.split('/').rev().filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let (mut at, mut mode, mut links) = (String::new(), Mode::Directory, 0);
        while let Some(name) = rest.pop() {
            let items = self.directory(&at)?;
            mode = items.iter().find(|item| item.name == name).ok_or_else(|| not_found(path))?.mode;
            let below = if at.is_empty() { name } else { format!("{at}/{name}") };
            if mode != Mode::Link {
                at = below;
                continue;
            }
            links += 1;
            let target = self.ask(&below)?.filter(|_| links <= LINKS).ok_or_else(|| broken(path))?;
            let target = String::from_utf8_lossy(&target.content).into_owned();
            let target = normal_path(&at, &target).filter(|target| !target.contains('\n')).ok_or_else(|| {
                let text = format!("`{path}` is or lies behind a symbolic link that leaves the project");
                io::Error::new(io::ErrorKind::PermissionDenied, text)
            })?;
            rest.extend(target.split('/').rev().filter(|part| !part.is_empty()).map(str::to_owned));
            (at, mode) = (String::new(), Mode::Directory);
        }
        Ok((at, mode))
    }
}

impl Host for GitHost {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let (place, mode) = self.resolve(path)?;
        match mode {
            Mode::File | Mode::Link => self.ask(&place)?.map(|kept| kept.content).ok_or_else(|| not_found(path)),
            Mode::Directory => Err(io::Error::new(io::ErrorKind::IsADirectory, format!("`{path}` is a directory"))),
            Mode::Submodule => {
                Err(io::Error::other(format!("`{path}` is a submodule, which is not part of a revision")))
            }
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<(String, Entry)>> {
        let (place, _) = self.resolve(path)?;
        let mut entries = Vec::new();
        for Item { name, mode } in self.directory(&place)?.iter() {
            let entry = match mode {
                Mode::File | Mode::Submodule => Entry::File,
                Mode::Directory => Entry::Directory,
                Mode::Link => {
                    let path = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
                    match self.resolve(&path) {
                        Ok((_, Mode::Directory)) => Entry::Directory,
                        // Reading it says what is wrong with it.
                        Ok((_, Mode::File | Mode::Link | Mode::Submodule)) | Err(_) => Entry::File,
                    }
                }
            };
            entries.push((name.clone(), entry));
        }
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(entries)
    }
}

impl Conversation {
    fn ask(&mut self, question: &str) -> io::Result<Option<Kept>> {
        let questions = self.questions.as_mut().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        writeln!(questions, "{question}").and_then(|()| questions.flush()).map_err(gone)?;
        let mut head = String::new();
        self.answers.read_line(&mut head).map_err(gone)?;
        // `NAME TYPE SIZE`, or what was asked and `missing`.
        let mut words = head.trim_end().rsplitn(3, ' ');
        let (Some(size), Some(kind), Some(name)) = (words.next(), words.next(), words.next()) else {
            return if head.is_empty() { Err(gone(io::ErrorKind::UnexpectedEof.into())) } else { Ok(None) };
        };
        let Ok(size) = size.parse::<u64>() else { return Ok(None) };
        let mut content = Vec::new();
        if size > LARGEST_FILE {
            // What follows must be read, or the next answer begins in its middle.
            io::copy(&mut (&mut self.answers).take(size + 1), &mut io::sink()).map_err(gone)?;
            let text = format!("`{question}` is larger than {} MiB", LARGEST_FILE >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        (&mut self.answers).take(size).read_to_end(&mut content).map_err(gone)?;
        self.answers.read_exact(&mut [0]).map_err(gone)?;
        Ok(Some(Kept { kind: kind.to_owned(), name_length: name.len() / 2, content }))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // Git ends when nobody asks any more; waiting for it leaves no process behind.
        drop(self.questions.take());
        let _ = self.child.wait();
    }
}

/// The entries of a tree object: `MODE NAME`, a zero byte, and the entry's name as bytes. None where it is broken.
fn items(tree: &Kept) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut rest = tree.content.as_slice();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == 0)?;
        let head = String::from_utf8_lossy(&rest[..end]);
        let (mode, name) = head.split_once(' ')?;
        let mode = match mode {
            "40000" => Mode::Directory,
            "120000" => Mode::Link,
            "160000" => Mode::Submodule,
            _ => Mode::File,
        };
        items.push(Item { name: name.to_owned(), mode });
        rest = rest.get(end + 1 + tree.name_length..)?;
    }
    Some(items)
}

/// `git` in a directory, with nothing that could make it run other programs or ask the network.
fn git(root: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["-c", "core.fsmonitor=false", "--no-pager"]);
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").stdin(Stdio::null());
    git
}

fn not_found(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("`{path}` does not exist"))
}

fn broken(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{path}` cannot be read from the repository"))
}

fn gone(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`git` stopped answering: {error}"))
}
