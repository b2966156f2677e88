//! The table of options, against the fields of Flink's own classes.
//!
//! The test asks the artifacts of Maven Central of three versions and of the operator: each name that they know must
//! stand in the table with exactly what they say. Maven Central lacks some artifacts, such as those of the reporters of
//! metrics of some versions, so the table itself is made of the jars of whole distributions:
//!
//! ```sh
//! # Below DIR, one directory of jars for each of Flink's versions, 1.17 to 2.3, such as those that the source
//! # distribution of `apache-flink-libraries` on PyPI holds, and one called `operator`, which the test leaves in target.
//! FLINK_JARS=DIR cargo test --features real --test flink_options
//! ```
#![cfg(feature = "real")]

#[path = "options/table.rs"]
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use table::{OPERATOR, Table, VERSIONS};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("it is there")
}

/// Lines of a file of words, without comments.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split(' ').collect())
}

/// The artifacts of each world, `group:name:version`, with a `*` where their own dependencies are wanted too.
fn artifacts(text: &str) -> BTreeMap<&str, Vec<String>> {
    let mut worlds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in rows(text) {
        let (world, of_world) = row.split_first().expect("a row has words");
        let whole = of_world.iter().map(|artifact| match artifact.matches(':').count() {
            1 => format!("org.apache.flink:{artifact}"),
            _ => (*artifact).to_string(),
        });
        worlds.entry(world).or_default().extend(whole);
    }
    worlds
}

/// A project that depends on artifacts.
fn project(artifacts: &[String]) -> String {
    let mut dependencies = String::new();
    for artifact in artifacts {
        let (artifact, exclusions) = match artifact.strip_suffix('*') {
            Some(artifact) => (artifact, ""),
            None => (
                artifact.as_str(),
                "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>",
            ),
        };
        let [group, name, version] = artifact.splitn(3, ':').collect::<Vec<_>>()[..] else { panic!("{artifact}") };
        dependencies.push_str(&format!(
            "<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>\
             {exclusions}</dependency>\n"
        ));
    }
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>flinkc.tests</groupId><artifactId>options</artifactId><version>1</version><packaging>pom</packaging>\
         <dependencies>\n{dependencies}</dependencies></project>\n"
    )
}

/// A directory with a world's jars, fetched once.
fn jars(world: &str, artifacts: &[String]) -> PathBuf {
    // Both tests want them.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock();
    let below = root().join("target/tools/flink/options");
    let (directory, file) = (below.join(world), below.join(format!("{world}.xml")));
    let project = project(artifacts);
    if std::fs::read_to_string(&file).is_ok_and(|before| before == project) && directory.is_dir() {
        return directory;
    }
    if directory.is_dir() {
        std::fs::remove_dir_all(&directory).expect("target can be written to");
    }
    std::fs::create_dir_all(&below).expect("target can be written to");
    let fetched = below.join(format!("{world}.new.xml"));
    std::fs::write(&fetched, project).expect("target can be written to");
    let output = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(&fetched)
        .arg(format!("-DoutputDirectory={}", directory.display()))
        .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies")
        .output()
        .expect("mvn is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    // Only what was fetched as a whole counts as fetched.
    std::fs::rename(fetched, file).expect("target can be written to");
    directory
}

/// What the classes in directories of jars say, world by world.
fn said(worlds: &[(&str, PathBuf)]) -> Table {
    let output = Command::new("java")
        .arg("-Dfile.encoding=UTF-8")
        .arg(root().join("tests/tools/flink/Options.java"))
        .args(worlds.iter().map(|(world, directory)| format!("{world}={}", directory.display())))
        .output()
        .expect("java is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut table = Table::new();
    for row in rows(std::str::from_utf8(&output.stdout).expect("the tool prints UTF-8")) {
        let [world, name, taken] = row[..] else { panic!("three words, not {row:?}") };
        // The operator's own artifacts carry Flink's options too, of whatever version.
        let is_operators = name.starts_with("kubernetes.operator.") || name.starts_with("job.autoscaler.");
        if (world == OPERATOR) == is_operators {
            table.entry(name.to_string()).or_default().insert(world.to_string(), taken.to_string());
        }
    }
    table
}

/// What is known beside the classes takes the place of what they say.
fn correct(table: &mut Table, mut is_asked: impl FnMut(&str) -> bool) {
    for row in rows(&text("tests/tools/flink/by-hand.txt")) {
        let [span, name, taken] = row[..] else { panic!("three words, not {row:?}") };
        for world in table::worlds(span).into_iter().filter(|world| is_asked(world)) {
            table.entry(name.to_string()).or_default().insert(world.to_string(), taken.to_string());
        }
    }
}

/// The versions whose parsers are asked: the oldest, the last of its line, the newest.
const ASKED: [&str; 3] = ["1.17", "1.20", "2.3"];

/// What the parsers of each version say of the same texts, as `tests/data/flink-values.txt` has it: the kind of value,
/// the text as a JSON string, and whether each version reads it.
fn read_by_parsers() -> String {
    let listed = text("tests/tools/flink/artifacts.txt");
    let artifacts = artifacts(&listed);
    let scratch = tempfile::tempdir().expect("a temporary directory can be made");
    let mut merged: Vec<String> = Vec::new();
    for version in ASKED {
        let output = Command::new("java")
            .args(["-Dfile.encoding=UTF-8", "-cp"])
            .arg(jars(version, &artifacts[version]).join("*"))
            .arg(root().join("tests/tools/flink/Values.java"))
            .arg(scratch.path())
            .output()
            .expect("java is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).expect("the tool prints UTF-8");
        if merged.is_empty() {
            merged = said.lines().map(str::to_owned).collect();
            continue;
        }
        for (line, other) in merged.iter_mut().zip(said.lines()) {
            let (asked, answer) = other.rsplit_once('\t').expect("a line has an answer");
            assert!(line.starts_with(asked), "all versions are asked the same: {line} {other}");
            line.push_str(&format!(" {answer}"));
        }
    }
    merged.iter().map(|line| format!("{line}\n")).collect()
}

/// `UPDATE_FLINK_VALUES=1` stores what they say.
#[test]
fn the_stored_answers_are_those_of_flinks_parsers() {
    let said = read_by_parsers();
    let path = root().join("tests/data/flink-values.txt");
    if std::env::var_os("UPDATE_FLINK_VALUES").is_some() {
        std::fs::write(&path, &said).expect("it can be written");
    }
    let stored = std::fs::read_to_string(&path).expect("the answers are stored");
    for (stored, said) in stored.lines().zip(said.lines()) {
        assert_eq!(stored, said, "run with UPDATE_FLINK_VALUES=1 where Flink has changed");
    }
    assert_eq!(stored.lines().count(), said.lines().count());
}

#[test]
fn the_table_says_what_flinks_classes_say() {
    if let Some(jars) = std::env::var_os("FLINK_JARS") {
        let worlds: Vec<(&str, PathBuf)> =
            VERSIONS.into_iter().chain([OPERATOR]).map(|world| (world, Path::new(&jars).join(world))).collect();
        let mut table = said(&worlds);
        correct(&mut table, |_| true);
        std::fs::write(root().join("stdlib/flink/options.txt"), table::write(&table)).expect("it can be written");
    }
    let listed = text("tests/tools/flink/artifacts.txt");
    let worlds: Vec<(&str, PathBuf)> =
        artifacts(&listed).iter().map(|(world, artifacts)| (*world, jars(world, artifacts))).collect();
    let mut table = said(&worlds);
    correct(&mut table, |world| worlds.iter().any(|(asked, _)| *asked == world));
    let committed = table::read(&text("stdlib/flink/options.txt"));
    let mut agreed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, of_name) in &table {
        for (world, taken) in of_name {
            match committed.get(name).and_then(|known| known.get(world)) {
                Some(known) if known == taken => *agreed.entry(world.as_str()).or_default() += 1,
                known => wrong.push(format!("{world} {name}: {known:?}, but the classes say {taken}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Of all that the table has; the rest lies in artifacts that Maven Central does not have.
    for (world, agreed) in agreed {
        let all = committed.values().filter(|of_name| of_name.contains_key(world)).count();
        assert!(agreed * 10 >= all * 8, "Flink {world}: only {agreed} of {all} names were asked for");
    }
}
