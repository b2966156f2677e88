//! `docs/stdlib.md` speaks of every component, object and field.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there")
}

fn library() -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/flink");
    let files = std::fs::read_dir(directory).expect("the library is there");
    let paths = files.map(|entry| entry.expect("it can be listed").path());
    let sources = paths.filter(|path| path.extension().is_some_and(|extension| extension == "flink"));
    sources.map(|path| std::fs::read_to_string(path).expect("it is UTF-8")).collect()
}

/// The fields of each schema, with their types.
fn schemas(library: &str) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut schemas: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut current = None;
    for line in library.lines() {
        if let Some(rest) = line.strip_prefix("schema ") {
            current = rest.strip_suffix(" {");
        } else if line == "}" {
            current = None;
        } else if let (Some(schema), Some(field)) = (current, line.strip_prefix("  "))
            && let Some((name, of)) = field.split_once(": ")
            && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
        {
            schemas.entry(schema).or_default().push((name, of));
        }
    }
    schemas
}

/// The schemas that a user writes: those that components take, and what their fields lead to.
fn written<'a>(schemas: &BTreeMap<&'a str, Vec<(&'a str, &'a str)>>) -> BTreeSet<&'a str> {
    let mut waiting = vec!["Cluster", "SessionJob", "Snapshot"];
    let mut found = BTreeSet::new();
    while let Some(schema) = waiting.pop() {
        if !found.insert(schema) {
            continue;
        }
        for (_, of) in &schemas[schema] {
            let words = of.split(|letter: char| !letter.is_alphanumeric());
            waiting.extend(words.filter_map(|word| schemas.get_key_value(word).map(|(name, _)| *name)));
        }
    }
    found
}

#[test]
fn every_field_is_documented() {
    let (library, documentation) = (library(), read("docs/stdlib.md"));
    let schemas = schemas(&library);
    let written = written(&schemas);
    assert!(written.len() >= 14, "{written:?}");
    for schema in written {
        let heading = |line: &&str| line.starts_with('#') && line.contains(&format!("`{schema}`"));
        let section: Vec<&str> = documentation
            .lines()
            .skip_while(|line| !heading(line))
            .enumerate()
            .take_while(|(index, line)| *index == 0 || !line.starts_with('#'))
            .map(|(_, line)| line)
            .collect();
        assert!(!section.is_empty(), "{schema} has a heading");
        let rows: Vec<&str> = section.iter().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
        for (field, _) in &schemas[schema] {
            let said = |row: &str| {
                row.split(", ").any(|name| {
                    let name = name.trim_matches('`');
                    name == *field || name.ends_with(&format!(".{field}"))
                })
            };
            assert!(rows.iter().any(|row| said(row)), "{schema}.{field} has a row");
        }
    }
}

#[test]
fn every_component_and_its_objects_are_documented() {
    let (library, documentation) = (library(), read("docs/stdlib.md"));
    let mut objects = 0;
    for line in library.lines() {
        if let Some(rest) = line.strip_prefix("component ") {
            let name = rest.split('(').next().unwrap_or_default();
            let row = format!("`flink.{name} ");
            assert!(documentation.contains(&row), "the component {name} is there");
        }
        if let Some((_, rest)) = line.split_once("resource ")
            && line.starts_with("  ")
            && line.ends_with('{')
            // A field of that name is no object.
            && rest.split_whitespace().count() > 2
        {
            let words: Vec<&str> = rest.split_whitespace().collect();
            let row = documentation.lines().any(|known| {
                let mut labels = known.trim_start_matches("| ").split(" | ").next().unwrap_or_default().split(", ");
                known.starts_with("| ") && labels.any(|label| label.trim_matches('`') == words[2])
            });
            assert!(row, "the object {} is there", words[2]);
            objects += 1;
        }
    }
    assert!(objects >= 20, "{objects}");
}

#[test]
fn lines_of_the_library_are_short_enough_to_read() {
    for line in library().lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}
