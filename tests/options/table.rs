//! `stdlib/flink/options.txt`: how it is written, and what of it belongs to one version.

use std::collections::BTreeMap;

/// Flink's versions, oldest first.
pub const VERSIONS: [&str; 8] = ["1.17", "1.18", "1.19", "1.20", "2.0", "2.1", "2.2", "2.3"];

/// The span of what the Flink operator reads, whatever the version.
pub const OPERATOR: &str = "operator";

/// What stands at the top of the table.
pub const HEAD: &str = "\
# Options of Flink 1.17 to 2.3 and of the Flink operator, sorted: the name, then pairs of a span of versions that have it
# and what it takes there. `NAME` in a name stands for any word, and at the end for anything.
#
# The span `operator` is not one of versions: the Flink operator and its autoscaler read the option, of every version.
#
# What an option takes:
#   bool int long float double duration memory string   one value
#   list map maps                                       `a;b`, `a:b,c:d`, `a:b,c:d;e:f`
#   A|B|C                                               one of these, in any case; `list:A|B|C` several of them
#   …=VALUE                                             the same, with its default, where that is no machine's (spaces are `␣`)
#   ~…                                                  the same, and Flink calls the option deprecated
#   =NAME                                               an older name of that option; `=NAME,NAME` of several
#
# Made from the ConfigOption fields of the jars of 1.17.2, 1.18.1, 1.19.3, 1.20.5, 2.0.2, 2.1.3, 2.2.1 and 2.3.0, of the
# operator 1.7.0 and the autoscaler 1.10.0, and from tests/tools/flink/by-hand.txt, which says what no field says.
# tests/flink_options.rs makes it.
";

/// What each name takes in each world: a version, or [`OPERATOR`].
pub type Table = BTreeMap<String, BTreeMap<String, String>>;

/// The worlds that a span stands for.
pub fn worlds(span: &str) -> Vec<&str> {
    let age = |version: &str| VERSIONS.iter().position(|known| *known == version).expect("a known version");
    match span.split_once('-') {
        Some((first, last)) => VERSIONS[age(first)..=age(last)].to_vec(),
        None => vec![span],
    }
}

/// Reads the table.
pub fn read(text: &str) -> Table {
    let mut table = Table::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, pairs) = words.split_first().expect("a line has words");
        let of_name = table.entry((*name).to_string()).or_default();
        for pair in pairs.chunks(2) {
            let [span, taken] = pair else { panic!("words come in pairs: {line}") };
            for world in worlds(span) {
                assert_eq!(of_name.insert(world.to_string(), (*taken).to_string()), None, "{name} {world}");
            }
        }
    }
    table
}

/// Writes the table: neighbouring versions that agree are one span.
pub fn write(table: &Table) -> String {
    let mut text = String::from(HEAD);
    for (name, of_name) in table {
        text.push_str(name);
        for (first, last, taken) in spans(of_name) {
            text.push_str(&format!(" {first}-{last} {taken}"));
        }
        if let Some(taken) = of_name.get(OPERATOR) {
            text.push_str(&format!(" {OPERATOR} {taken}"));
        }
        text.push('\n');
    }
    text
}

fn spans(of_name: &BTreeMap<String, String>) -> Vec<(&str, &str, &str)> {
    let mut spans: Vec<(&str, &str, &str)> = Vec::new();
    let mut open = false;
    for version in VERSIONS {
        match (of_name.get(version), spans.last_mut()) {
            (Some(taken), Some((_, last, before))) if open && taken == before => *last = version,
            (Some(taken), _) => spans.push((version, version, taken)),
            (None, _) => {}
        }
        open = of_name.contains_key(version);
    }
    spans
}
