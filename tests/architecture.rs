//! Holds the map in `src/lib.rs`: which module may use which, and what every file must be like.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each module with those it may use, in the order of the map. `eval::value`, the type of values, stands for itself:
/// it uses nothing, and what makes text and objects of values uses it without knowing evaluation.
const MODULES: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diagnostic", &["source"]),
    ("host", &[]),
    ("syntax", &["source", "diagnostic"]),
    ("fmt", &["source", "diagnostic", "syntax"]),
    ("modules", &["source", "diagnostic", "host", "syntax"]),
    ("schema", &["source", "diagnostic"]),
    ("import", &["source", "diagnostic", "fmt", "schema"]),
    ("kinds", &["source", "diagnostic", "syntax", "modules", "schema"]),
    // The operators of the syntax tree are those of the checked program.
    ("core", &["source", "diagnostic", "syntax", "schema"]),
    ("types", &["source", "diagnostic", "syntax", "modules", "schema", "core"]),
    ("eval", &["source", "diagnostic", "host", "schema", "core", "eval::value", "kubernetes", "yaml"]),
    ("eval::value", &[]),
    ("kubernetes", &["source", "diagnostic", "schema", "eval::value", "yaml"]),
    ("yaml", &["eval::value"]),
    ("layers", &["source", "diagnostic", "eval::value", "kubernetes", "yaml"]),
    ("write", &["layers"]),
    ("cluster", &[]),
    ("oci", &["layers"]),
    ("diff", &["source", "cluster", "schema", "core", "eval::value", "kubernetes", "yaml"]),
    (
        "explain",
        &[
            "source",
            "diagnostic",
            "host",
            "syntax",
            "modules",
            "schema",
            "core",
            "eval",
            "eval::value",
            "kubernetes",
            "yaml",
        ],
    ),
    (
        "driver",
        &[
            "source",
            "diagnostic",
            "host",
            "syntax",
            "modules",
            "schema",
            "kinds",
            "core",
            "types",
            "eval",
            "eval::value",
            "kubernetes",
            "yaml",
            "layers",
            "write",
            "cluster",
            "diff",
            "explain",
        ],
    ),
    (
        "cli",
        &[
            "source",
            "diagnostic",
            "host",
            "fmt",
            "import",
            "modules",
            "core",
            "layers",
            "write",
            "cluster",
            "oci",
            "diff",
            "explain",
            "driver",
        ],
    ),
];

/// What comes from outside the crate, and the only places that may use it.
const DOORS: &[(&str, &[&str])] = &[
    ("miette::", &["src/diagnostic/render.rs"]),
    ("pest::", &["src/syntax/"]),
    ("pest_derive::", &["src/syntax/"]),
    ("use cel::", &["src/kubernetes/cel.rs", "src/kubernetes/cel/"]),
    ("kube::", &["src/cluster/"]),
    ("oci_client::", &["src/oci/registry.rs"]),
    ("rustls::", &["src/oci/registry.rs"]),
    ("tokio::", &["src/cluster/", "src/oci/registry.rs"]),
    ("tar::", &["src/oci/artifact.rs"]),
    ("flate2::", &["src/oci/artifact.rs"]),
    ("clap::", &["src/cli/"]),
    ("clap_complete::", &["src/cli/completions.rs"]),
    ("clap_mangen::", &["src/cli/man.rs"]),
    (
        "std::fs",
        &[
            "src/host/",
            "src/write/",
            "src/cli/diff/live.rs",
            "src/cli/import.rs",
            "src/cli/init.rs",
            "src/cli/man.rs",
            "src/cli/fmt/",
            "src/cli/push/credentials.rs",
            // How much memory the process holds.
            "src/cli/plugin/limits.rs",
        ],
    ),
    ("std::env", &["src/cli/", "src/write/mod.rs"]),
    ("std::net", &[]),
    ("std::process", &["src/main.rs", "src/cli/"]),
    // A key for one run, which nobody can guess.
    ("getrandom::", &["src/cli/diff/mod.rs"]),
    ("hmac::", &["src/diff/secrets.rs"]),
    ("SystemTime", &[]),
    // How long a run takes ends it, and nothing else.
    ("Instant::now", &["src/cli/plugin/limits.rs"]),
];

/// Bytes of the largest file. A file that grows beyond this has a second subject.
const LARGEST: usize = 28_000;

/// A file under `src`.
struct Source {
    /// From the top of the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The module of the map that the file belongs to; none for the crate's roots.
    fn module(&self) -> Option<&str> {
        let path = self.path.strip_prefix("src/").expect("every file is below src");
        match path {
            "lib.rs" | "main.rs" => None,
            _ if path.starts_with("eval/value") => Some("eval::value"),
            _ => path.split(['/', '.']).next(),
        }
    }

    /// The code without comments and unit tests: tests may look at anything.
    fn code(&self) -> String {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return String::new();
        }
        let code = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
    }

    /// The modules that the file names as `crate::…`.
    fn uses(&self) -> BTreeSet<String> {
        let code = self.code();
        let mut used = BTreeSet::new();
        for (at, found) in code.match_indices("crate::") {
            let path = &code[at + found.len()..];
            match path.strip_prefix('{') {
                Some(group) => used.extend(group_members(group).iter().filter_map(|path| module_of(path))),
                None => used.extend(module_of(path)),
            }
        }
        used
    }
}

/// The paths in `a::b, c::{d, e}}…`, the text after an opening brace, without what is nested.
fn group_members(group: &str) -> Vec<String> {
    let mut members = vec![String::new()];
    let mut depth = 0;
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            other if depth == 0 => members.last_mut().expect("there is always one").push(other),
            _ => {}
        }
    }
    members
}

/// The module that a path in the crate begins with; none where it is a macro or an item of the root.
fn module_of(path: &str) -> Option<String> {
    let path = path.trim_start();
    if path.starts_with("eval::value") {
        return Some("eval::value".to_owned());
    }
    let name: String = path.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
    (!name.is_empty() && path[name.len()..].starts_with("::")).then_some(name)
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for entry in walkdir::WalkDir::new(root.join("src")).sort_by_file_name() {
        let entry = entry.expect("the sources can be read");
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let path = entry.path().strip_prefix(root).expect("is below the root");
            let path = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            sources.push(Source { path, text: fs::read_to_string(entry.path()).expect("a source is UTF-8") });
        }
    }
    assert!(sources.len() > 10, "the sources were not found");
    sources
}

fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn modules_use_only_what_they_may() {
    let mut problems = Vec::new();
    for source in sources() {
        let Some(module) = source.module() else {
            continue;
        };
        let Some((_, allowed)) = MODULES.iter().find(|(name, _)| *name == module) else {
            problems.push(format!("{}: the module `{module}` is not in the table", source.path));
            continue;
        };
        // A module may use itself, and evaluation its own values by any path.
        let may = |used: &String| used == module || allowed.contains(&used.as_str());
        let uses = source.uses();
        let forbidden = uses.iter().filter(|used| !may(used));
        problems.extend(forbidden.map(|used| format!("{}: `{module}` may not use `{used}`", source.path)));
    }
    none(problems);
}

#[test]
fn the_table_has_no_cycle() {
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    while settled.len() < MODULES.len() {
        let next =
            MODULES.iter().find(|(name, uses)| !settled.contains(name) && uses.iter().all(|u| settled.contains(u)));
        let (name, _) = next.unwrap_or_else(|| panic!("all modules but {settled:?} use one another in a circle"));
        settled.insert(name);
    }
}

#[test]
fn the_map_names_every_module_in_order() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("is there");
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next());
    let table: Vec<&str> = MODULES.iter().map(|(name, _)| *name).filter(|name| !name.contains("::")).collect();
    assert_eq!(rows.collect::<Vec<_>>(), table, "the map in src/lib.rs and the table here differ");
}

#[test]
fn the_outside_has_one_door_each() {
    let mut problems = Vec::new();
    for source in sources() {
        let code = source.code();
        for (word, doors) in DOORS {
            // A module of our own may have the name of the crate that it is the door to.
            let is_own = |before: &str| before.ends_with("super::") || before.ends_with("kubernetes::");
            let is_used = code.match_indices(word).any(|(at, _)| !is_own(&code[..at]));
            if is_used && !doors.iter().any(|door| source.path.starts_with(door)) {
                problems.push(format!("{}: only {doors:?} may use `{word}`", source.path));
            }
        }
    }
    none(problems);
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    let mut problems = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//!") {
            problems.push(format!("{}: does not begin with `//!`", source.path));
        }
        if source.text.len() > LARGEST {
            problems.push(format!("{}: has {} bytes, more than {LARGEST}", source.path, source.text.len()));
        }
    }
    none(problems);
}

#[test]
fn the_compiler_does_not_know_flink() {
    let mut problems = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            let line = line.to_lowercase();
            for word in ["jobmanager", "taskmanager"] {
                if line.contains(word) {
                    problems.push(format!("{}:{}: knows what a {word} is", source.path, number + 1));
                }
            }
        }
    }
    none(problems);
}

#[test]
fn uses_are_read_from_every_form_of_path() {
    let text = "//! x\nuse crate::{a::b, c::{d, e::f},\n  g::h};\n// crate::i::j\nfn f() { crate::k::l(); crate::m!(); }\n\
                use crate::eval::value::Map;\n#[cfg(test)]\nmod tests {\n use crate::n::o;\n}\n";
    let source = Source { path: "src/x.rs".to_owned(), text: text.to_owned() };
    let expected: Vec<String> = ["a", "c", "eval::value", "g", "k"].map(str::to_owned).into();
    assert_eq!(source.uses().into_iter().collect::<Vec<_>>(), expected);
}
