//! Every `.flink` file of the repository.

use super::laws::formatted;
use std::fs;
use std::path::{Path, PathBuf};

fn files(directory: &str) -> Vec<PathBuf> {
    walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory))
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("the repository can be read").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "flink"))
        .collect()
}

/// The parts of a case: files of a program, and what is expected, which does not parse.
fn sections(text: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.starts_with("//- ") {
            sections.push(String::new());
        } else if let Some(section) = sections.last_mut() {
            section.push_str(line);
        }
    }
    sections
}

#[test]
fn every_file_keeps_its_meaning_and_its_comments() {
    let mut count = 0;
    for path in ["stdlib", "examples", "tests"].iter().flat_map(|directory| files(directory)) {
        let text = fs::read_to_string(&path).expect("a source is UTF-8");
        for section in sections(&text) {
            count += usize::from(formatted(&section).is_some());
        }
    }
    assert!(count > 150, "only {count} texts parse");
}
