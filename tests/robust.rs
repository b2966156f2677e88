//! Sound programs with something broken in them: whatever comes of it is said in diagnostics, soon and without panic.
//!
//! `FLINKC_ROBUST_CASES` sets how many programs each test breaks.

use flinkc::diagnostic::render::{Color, Look, human};
use flinkc::diagnostic::{Code, Diagnostic, Diagnostics, Severity, github, json, repair, sarif};
use flinkc::driver::{build_with, check_with, is_in_project, render_with};
use flinkc::host::{Host, MemoryHost};
use flinkc::kinds;
use flinkc::modules::{self, RootModule, WithStandard};
use flinkc::schema::Api;
use flinkc::source::Files;
use flinkc::types;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

/// Without optimization, on a busy machine. A sound example takes a tenth of a second.
const LONGEST: Duration = Duration::from_secs(20);

/// What evaluation may find wrong with a program that the checker let through: nothing that types could have told.
const EVALUATION: &[Code] = &[
    Code::CheckFailed,
    Code::MissingField,
    Code::NothingThere,
    Code::DuplicateField,
    Code::DuplicateObject,
    // Of ports in one pod.
    Code::DuplicateName,
    Code::InvalidValue,
    Code::BadData,
    Code::Unreadable,
    Code::Arithmetic,
    Code::Limit,
    Code::BrokenLink,
    Code::BadParam,
    Code::Cycle,
];

type Sources = BTreeMap<String, String>;

/// A program, and those of its files that are to be broken.
struct Sound {
    module: String,
    files: Sources,
    targets: Vec<String>,
}

/// The examples as they are; the examples with the standard library as a module of their own; case files.
static PROGRAMS: LazyLock<Vec<Sound>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = sources(&root.join("examples"), "examples");
    let library = sources(&root.join("stdlib"), "stdlib");
    let mut programs = Vec::new();
    for module in ["clicks", "hello", "platform", "session"] {
        let module = format!("examples/{module}");
        let files: Sources = examples.iter().filter(|(path, _)| path.starts_with(&module)).map(owned).collect();
        let own: Vec<String> = files.keys().filter(|path| path.ends_with(".flink")).cloned().collect();
        let mut with_library: Sources =
            files.iter().map(|(path, text)| (path.clone(), with_own_library(path, text))).collect();
        with_library.extend(library.iter().map(owned));
        let targets = library.keys().filter(|path| path.ends_with(".flink")).cloned().collect();
        programs.push(Sound { module: module.clone(), files, targets: own });
        programs.push(Sound { module, files: with_library, targets });
    }
    for (path, text) in sources(&root.join("tests/cases"), "cases").into_iter().filter(|(_, text)| !text.is_empty()) {
        let module = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_string();
        programs.push(Sound { module, files: Sources::from([(path.clone(), text)]), targets: vec![path] });
    }
    programs
});

fn owned((path, text): (&String, &String)) -> (String, String) {
    (path.clone(), text.clone())
}

/// All files below a directory that are text, by path with `prefix` in the directory's place.
fn sources(directory: &Path, prefix: &str) -> Sources {
    let entries = walkdir::WalkDir::new(directory).into_iter().map(|entry| entry.expect("can be read"));
    let files = entries.filter(|entry| entry.file_type().is_file() && !entry.path().ends_with("deploy"));
    files
        .filter_map(|entry| {
            let inside = entry.path().strip_prefix(directory).expect("is below").to_str()?;
            Some((format!("{prefix}/{}", inside.replace('\\', "/")), std::fs::read_to_string(entry.path()).ok()?))
        })
        .collect()
}

/// The text of a file at `path` with the standard library imported from the directory `stdlib` at the root.
fn with_own_library(path: &str, text: &str) -> String {
    let up = "../".repeat(path.matches('/').count());
    text.replace("import std.flink", &format!("import \"{up}stdlib/flink\""))
}

/// One way to break a text.
#[derive(Debug, Clone)]
enum Break {
    Delete(Unit, Index),
    Duplicate(Unit, Index),
    Swap(Unit, Index, Index),
    Replace(Unit, Index, Index),
    Insert(Index, &'static str),
    /// What stands between two tokens goes to another place.
    Move(Index, Index, Index),
    Cut(Index),
}

/// What is broken off.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Line,
    Token,
    Character,
}

/// How a text is cut into units; joined they are the text.
fn units(unit: Unit, text: &str) -> Vec<&str> {
    match unit {
        Unit::Line => text.split_inclusive('\n').collect(),
        Unit::Token => tokens(text),
        Unit::Character => text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect(),
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    Word,
    Number,
    Text,
    Space,
    Sign,
}

/// Words, numbers, simple texts, runs of spaces, and single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |is: &dyn Fn(char) -> bool| rest.find(|c: char| !is(c)).unwrap_or(rest.len());
        let length = match kind(rest) {
            Kind::Word => run(&|c| c.is_alphanumeric() || c == '_'),
            Kind::Number => run(&|c| c.is_alphanumeric() || c == '.'),
            Kind::Space => run(&|c| c == ' '),
            Kind::Text => rest[1..].find(['"', '\n']).map_or(rest.len(), |end| end + 2),
            Kind::Sign => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn kind(token: &str) -> Kind {
    match token.chars().next() {
        Some(c) if c.is_ascii_digit() => Kind::Number,
        Some(c) if c.is_alphabetic() || c == '_' => Kind::Word,
        Some('"') if !token.starts_with("\"\"\"") => Kind::Text,
        Some(' ') => Kind::Space,
        Some(_) | None => Kind::Sign,
    }
}

impl Break {
    fn apply(&self, text: &str) -> String {
        let pick = |unit: Unit| units(unit, text);
        match self {
            Break::Delete(unit, at) => {
                let mut parts = pick(*unit);
                if !parts.is_empty() {
                    parts.remove(at.index(parts.len()));
                }
                parts.concat()
            }
            Break::Duplicate(unit, at) => {
                let mut parts = pick(*unit);
                if !parts.is_empty() {
                    let at = at.index(parts.len());
                    parts.insert(at, parts[at]);
                }
                parts.concat()
            }
            Break::Swap(unit, left, right) => {
                let mut parts = pick(*unit);
                if !parts.is_empty() {
                    let count = parts.len();
                    parts.swap(left.index(count), right.index(count));
                }
                parts.concat()
            }
            Break::Replace(unit, to, from) => {
                let mut parts = pick(*unit);
                if !parts.is_empty() {
                    let count = parts.len();
                    parts[to.index(count)] = parts[from.index(count)];
                }
                parts.concat()
            }
            Break::Insert(at, piece) => {
                let mut parts = pick(Unit::Token);
                parts.insert(at.index(parts.len() + 1), piece);
                parts.concat()
            }
            Break::Move(start, end, to) => {
                let mut parts = pick(Unit::Token);
                let count = parts.len() + 1;
                let (start, end) = (start.index(count), end.index(count));
                let moved: Vec<&str> = parts.drain(start.min(end)..start.max(end)).collect();
                let to = to.index(parts.len() + 1);
                parts.splice(to..to, moved);
                parts.concat()
            }
            Break::Cut(at) => {
                let parts = pick(Unit::Character);
                parts[..at.index(parts.len() + 1)].concat()
            }
        }
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "#\"",
    "\\(",
    "\n",
    ",",
    "=",
    "...",
    "?",
    "??",
    "|",
    "0",
    "1",
    "-1",
    "4Gi",
    "30s",
    "0.5",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "unset ",
    "override ",
    "when prod ",
    "if true ",
    "let ",
    "for x in range(3) ",
    "import std.flink\n",
    "\u{feff}",
    "\0",
    "\r",
    "ü",
    "//",
    "/// ",
    "@hashed ",
    "open ",
    ".",
    "!",
    "external Secret a\n",
    "match ",
    "=> ",
    "_",
    "9223372036854775807",
];

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![3 => Just(Unit::Token), 2 => Just(Unit::Line), 1 => Just(Unit::Character)]
}

fn any_break() -> impl Strategy<Value = Break> {
    let place = any::<Index>;
    prop_oneof![
        3 => (unit(), place()).prop_map(|(unit, at)| Break::Delete(unit, at)),
        2 => (unit(), place()).prop_map(|(unit, at)| Break::Duplicate(unit, at)),
        2 => (unit(), place(), place()).prop_map(|(unit, left, right)| Break::Swap(unit, left, right)),
        3 => (unit(), place(), place()).prop_map(|(unit, to, from)| Break::Replace(unit, to, from)),
        2 => (place(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Break::Insert(at, piece)),
        1 => (place(), place(), place()).prop_map(|(start, end, to)| Break::Move(start, end, to)),
        1 => place().prop_map(Break::Cut),
    ]
}

/// Puts a word in another word's place, a number in a number's, a text in a text's: what is still a program.
#[derive(Debug, Clone)]
struct Exchange {
    to: Index,
    from: Index,
}

impl Exchange {
    fn apply(&self, text: &str) -> String {
        let mut parts = tokens(text);
        let such: Vec<usize> =
            (0..parts.len()).filter(|at| !matches!(kind(parts[*at]), Kind::Space | Kind::Sign)).collect();
        if such.is_empty() {
            return text.to_string();
        }
        let to = such[self.to.index(such.len())];
        // Now and then a value of another type comes into the place of a value.
        let wanted = |at: &usize| match (kind(parts[to]), kind(parts[*at])) {
            (Kind::Word, Kind::Word) => true,
            (Kind::Number | Kind::Text, Kind::Number | Kind::Text) => true,
            (left, right) => left == right,
        };
        let from: Vec<usize> = such.iter().copied().filter(wanted).collect();
        parts[to] = parts[from[self.from.index(from.len())]];
        parts.concat()
    }
}

fn exchange() -> impl Strategy<Value = Exchange> {
    (any::<Index>(), any::<Index>()).prop_map(|(to, from)| Exchange { to, from })
}

/// The files of a program with one of them broken, and the program's module.
fn broken(program: Index, file: Index, apply: impl Fn(&str) -> String) -> (String, Sources) {
    let Sound { module, files, targets } = program.get(&PROGRAMS);
    let mut files = files.clone();
    let target = file.get(targets);
    let text = apply(&files[target]);
    files.insert(target.clone(), text);
    (module.clone(), files)
}

/// Runs everything that can be done with a program on a stack of the usual size, and looks at what is said.
fn survives(module: String, files: Sources) {
    let (done, waiting) = mpsc::channel();
    let work = move || {
        let host = MemoryHost::new(files);
        examine(&module, &host);
        // Whether the receiver still waits is its own affair.
        let _ = done.send(());
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread starts");
    match waiting.recv_timeout(LONGEST) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("takes longer than {LONGEST:?}"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => thread.join().expect("does not panic"),
    }
}

fn examine(module: &str, host: &MemoryHost) {
    let checked = check_with(host, module, None, &[]);
    presentable(&checked.diagnostics, &checked.files);
    assert_eq!(checked.value.is_none(), checked.diagnostics.iter().any(is_error));
    if checked.value.is_none() {
        if !is_wrong_by_type(module, host) {
            let late: Vec<&Diagnostic> = checked
                .diagnostics
                .iter()
                .filter(|found| is_error(found) && !EVALUATION.contains(&found.code))
                // What a cluster does not know yet is seen in its objects, and what a definition leaves out of a pod.
                .filter(|found| !found.message.contains("Kubernetes 1.") && !found.message.contains("would be dropped"))
                .collect();
            assert!(late.is_empty(), "the checker let this through: {late:#?}");
        }
        return;
    }
    let built = build_with(host, module, None, &[]);
    presentable(&built.diagnostics, &built.files);
    let tree = built.value.expect("what checks can be built");
    let overlays = tree.files.keys().filter_map(|path| path.strip_prefix("overlays/")?.split('/').next());
    for environment in overlays {
        let rendered = render_with(host, module, None, &[], environment, None);
        assert!(rendered.value.is_some(), "what checks can be rendered: {:?}", rendered.diagnostics);
    }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

/// Whether loading and checking alone find something wrong.
fn is_wrong_by_type(module: &str, host: &dyn Host) -> bool {
    let host = WithStandard(host);
    let (mut files, mut sink) = (Files::default(), Diagnostics::default());
    let modules = modules::load(&host, &RootModule::Directory(module.to_string()), &mut files, &mut sink);
    let api = Api::with(kinds::declare(&modules, &mut sink));
    types::check(&modules, &api, &files, &mut sink);
    sink.has_errors()
}

/// Every place lies in its text, on characters, and everything can be shown in every way.
fn presentable(diagnostics: &[Diagnostic], files: &Files) {
    for diagnostic in diagnostics {
        for label in diagnostic.primary.iter().chain(&diagnostic.related) {
            let text = &files.get(label.span.file).text;
            assert!(text.get(label.span.start()..label.span.end()).is_some(), "{diagnostic:#?} lies outside its text");
        }
        assert!(!diagnostic.message.is_empty());
    }
    for look in [
        Look::Plain,
        Look::Drawn { color: Color::Never, width: 80 },
        Look::Drawn { color: Color::Always, width: 1 },
        Look::Drawn { color: Color::Never, width: 0 },
    ] {
        assert_eq!(human(diagnostics, files, look).is_empty(), diagnostics.is_empty());
    }
    let report: serde_json::Value = serde_json::from_str(&json::report(diagnostics, files)).expect("is JSON");
    assert_eq!(report["diagnostics"].as_array().map(Vec::len), Some(diagnostics.len()));
    let log: serde_json::Value = serde_json::from_str(&sarif::log(diagnostics, files, is_in_project)).expect("is JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(diagnostics.len()));
    assert_eq!(github::commands(diagnostics, files, is_in_project).lines().count(), diagnostics.len());
    // Whatever is offered can be done.
    for repaired in repair(diagnostics, files) {
        assert_ne!(*repaired.text, *files.get(repaired.file).text, "{:?} changes nothing", repaired.done);
    }
}

fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("FLINKC_ROBUST_CASES").ok().and_then(|number| number.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Default::default()
    }
}

#[test]
fn the_programs_are_sound() {
    for Sound { module, files, .. } in PROGRAMS.iter().filter(|sound| sound.module.starts_with("examples")) {
        let outcome = check_with(&MemoryHost::new(files.clone()), module, None, &[]);
        assert_eq!(outcome.diagnostics, [], "{module}");
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn broken_texts(
        program in any::<Index>(),
        file in any::<Index>(),
        breaks in prop::collection::vec(any_break(), 1..4),
    ) {
        let (module, files) = broken(program, file, |text| {
            breaks.iter().fold(text.to_string(), |text, way| way.apply(&text))
        });
        survives(module, files);
    }

    #[test]
    fn exchanged_words(
        program in any::<Index>(),
        file in any::<Index>(),
        exchanges in prop::collection::vec(exchange(), 1..3),
    ) {
        let (module, files) = broken(program, file, |text| {
            exchanges.iter().fold(text.to_string(), |text, way| way.apply(&text))
        });
        survives(module, files);
    }

    #[test]
    fn spliced_files(left in any::<Index>(), right in any::<Index>(), from in any::<Index>(), to in any::<Index>()) {
        let pool: Vec<&String> =
            PROGRAMS.iter().flat_map(|sound| sound.targets.iter().map(|path| &sound.files[path])).collect();
        let (head, tail) = (tokens(pool[left.index(pool.len())]), tokens(pool[right.index(pool.len())]));
        let text = head[..from.index(head.len() + 1)].concat() + &tail[to.index(tail.len() + 1)..].concat();
        survives(String::new(), Sources::from([("main.flink".to_string(), text)]));
    }
}
