//! The embedded tables about the Kubernetes API that k8s-openapi does not give are what their sources say today:
//! `UPDATE_CASES=1 cargo test --features real --test schema_sources` writes them anew.
#![cfg(feature = "real")]

use flinkc::schema::{Api, FieldType, Version};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest release of each known version that the Go proxy has of the module k8s.io/kubernetes.
const RELEASES: [&str; 5] = ["v1.33.13", "v1.34.4", "v1.35.4", "v1.36.3", "v1.37.2"];
/// Releases of the module k8s.io/api: the newest, and old ones that hold what newer ones have dropped.
const API_RELEASES: [&str; 3] = ["v0.24.17", "v0.33.13", "v0.37.2"];

const KEYS_HEAD: &str = "\
# Lists whose items the API server tells apart by keys: DEFINITION FIELD LABEL KEY,KEY, sorted.
# Written by tests/schema_sources.rs from api/openapi-spec/swagger.json of the module k8s.io/kubernetes, newest version
# first: x-kubernetes-list-map-keys, else x-kubernetes-patch-merge-key where the list is not said to be atomic.
# LABEL is the field that stands before an item's braces in a program: the first key, but the name of ports.
# Lists that are atomic for the API server (tolerations, volumeClaimTemplates, projected sources) are not here.
";
const MERGES_HEAD: &str = "\
# What server-side apply takes for one value, and which lists for sets: DEFINITION FIELD atomic|set, sorted; `*` for a type
# that is atomic wherever it stands. Lists are atomic that are neither here nor in keys.txt; all else is granular.
# Written by tests/schema_sources.rs from api/openapi-spec/swagger.json of the module k8s.io/kubernetes, newest version
# first: x-kubernetes-map-type, x-kubernetes-list-type, and lists of plain values with x-kubernetes-patch-strategy: merge.
";
const NOTATIONS_HEAD: &str = "\
# Texts that the API server reads and writes anew in its own notation: DEFINITION FIELD bytes|time|micro-time|duration,
# sorted; of lists and maps each value is one.
# Written by tests/schema_sources.rs from api/openapi-spec/swagger.json of the module k8s.io/kubernetes, newest version
# first: the format `byte`, and references to meta/v1.Time, MicroTime and Duration.
";
const ENUMS_HEAD: &str = "\
# Fields that take one of a closed set of strings: DEFINITION FIELD VALUE|VALUE, sorted. In a list, each item does.
# Written by tests/schema_sources.rs from pkg/generated/openapi/zz_generated.openapi.go of the module k8s.io/kubernetes,
# all that any known version takes: the types marked +enum. The empty string, which says as much as leaving the field
# out, is not here; closed.txt has the sets that validation closes without a mark.
";

/// Where the go command keeps a release of a module, which it fetches where it has to.
fn module(name: &str, release: &str) -> PathBuf {
    let output = Command::new("go")
        .args(["mod", "download", "-json", &format!("{name}@{release}")])
        .output()
        .expect("the go command runs");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("an answer in JSON");
    PathBuf::from(answer["Dir"].as_str().unwrap_or_else(|| panic!("no directory for {name}@{release}: {answer}")))
}

/// Each release of Kubernetes, oldest first, and a file of it.
fn of_each_release(file: &str) -> Vec<String> {
    assert_eq!(Version::all().count(), RELEASES.len(), "one release for each known version");
    let read = |release: &&str| fs::read_to_string(module("k8s.io/kubernetes", release).join(file));
    RELEASES.iter().map(|release| read(release).expect("the file is in the module")).collect()
}

/// Compares a table with what its source gives, or replaces it by that.
fn expect_table(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema/data").join(name);
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(&path, expected).expect("the table can be written");
    }
    let committed = fs::read_to_string(&path).expect("the table is committed");
    let differing = committed.lines().zip(expected.lines()).find(|(committed, expected)| committed != expected);
    assert!(committed == expected, "{name} is not what its source says; first difference: {differing:#?}");
}

/// The type that the API gives a field, however its table closes or keys it.
fn field_type(definition: &str, field: &str) -> Option<&'static FieldType> {
    Some(&Api::kubernetes().definition(definition)?.field(field)?.ty)
}

#[test]
fn keys_are_those_of_the_openapi_specification() {
    let mut keys: BTreeMap<(String, String), String> = BTreeMap::new();
    for text in of_each_release("api/openapi-spec/swagger.json") {
        let specification: Value = serde_json::from_str(&text).expect("JSON");
        for (name, definition) in specification["definitions"].as_object().expect("definitions") {
            for (field, schema) in definition["properties"].as_object().into_iter().flatten() {
                if let Some(line) = keyed(name, field, schema) {
                    keys.insert((name.clone(), field.clone()), line);
                }
            }
        }
    }
    let lines: String = keys.iter().flat_map(|((name, field), line)| [name, " ", field, " ", line, "\n"]).collect();
    expect_table("keys.txt", &format!("{KEYS_HEAD}{lines}"));
}

#[test]
fn merges_are_those_of_the_openapi_specification() {
    let mut merges: BTreeMap<(String, String), &str> = BTreeMap::new();
    for text in of_each_release("api/openapi-spec/swagger.json") {
        let specification: Value = serde_json::from_str(&text).expect("JSON");
        for (name, definition) in specification["definitions"].as_object().expect("definitions") {
            if definition["x-kubernetes-map-type"] == "atomic" {
                merges.insert((name.clone(), "*".to_owned()), "atomic");
            }
            for (field, schema) in definition["properties"].as_object().into_iter().flatten() {
                if let Some(merge) = merged(schema) {
                    merges.insert((name.clone(), field.clone()), merge);
                }
            }
        }
    }
    merges.retain(|(name, _), _| Api::kubernetes().definition(name).is_some());
    let lines: Vec<String> = merges.iter().map(|((name, field), merge)| format!("{name} {field} {merge}\n")).collect();
    expect_table("merges.txt", &format!("{MERGES_HEAD}{}", lines.concat()));
}

#[test]
fn notations_are_those_of_the_openapi_specification() {
    let mut notations: BTreeMap<(String, String), &str> = BTreeMap::new();
    for text in of_each_release("api/openapi-spec/swagger.json") {
        let specification: Value = serde_json::from_str(&text).expect("JSON");
        for (name, definition) in specification["definitions"].as_object().expect("definitions") {
            for (field, schema) in definition["properties"].as_object().into_iter().flatten() {
                let values = [schema, &schema["items"], &schema["additionalProperties"]];
                if let Some(notation) = values.into_iter().find_map(noted) {
                    notations.insert((name.clone(), field.clone()), notation);
                }
            }
        }
    }
    notations.retain(|(name, field), _| field_type(name, field).is_some());
    let lines = notations.iter().map(|((name, field), notation)| format!("{name} {field} {notation}\n"));
    expect_table("notations.txt", &format!("{NOTATIONS_HEAD}{}", lines.collect::<String>()));
}

/// What a text stands for, where the server writes it anew.
fn noted(schema: &Value) -> Option<&'static str> {
    let reference = schema["$ref"].as_str().unwrap_or_default();
    match reference.strip_prefix("#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.") {
        Some("Time") => Some("time"),
        Some("MicroTime") => Some("micro-time"),
        Some("Duration") => Some("duration"),
        _ if schema["format"] == "byte" => Some("bytes"),
        _ => None,
    }
}

/// How the values of a field are merged, where that is not as its type says.
fn merged(schema: &Value) -> Option<&'static str> {
    if schema["x-kubernetes-map-type"] == "atomic" {
        return Some("atomic");
    }
    let is_of_plain_values =
        schema["x-kubernetes-patch-merge-key"].is_null() && schema["x-kubernetes-list-type"].is_null();
    let is_merged = schema["x-kubernetes-patch-strategy"] == "merge" && is_of_plain_values && schema["type"] == "array";
    (schema["x-kubernetes-list-type"] == "set" || is_merged).then_some("set")
}

/// The label and the keys of a list of records of the API; none where it is another field, or without keys.
fn keyed(definition: &str, field: &str, schema: &Value) -> Option<String> {
    let keys: Vec<&str> = match (&schema["x-kubernetes-list-map-keys"], &schema["x-kubernetes-patch-merge-key"]) {
        (Value::Array(keys), _) => keys.iter().filter_map(Value::as_str).collect(),
        (_, Value::String(key)) if schema["x-kubernetes-list-type"] != "atomic" => vec![key],
        _ => return None,
    };
    let item = match field_type(definition, field)? {
        FieldType::Keyed { item, .. } => item,
        FieldType::List(item) => match &**item {
            FieldType::Record(item) => item,
            _ => return None,
        },
        _ => return None,
    };
    // Ports are told apart by their numbers, but called by their names.
    let named = field == "ports" && Api::kubernetes().definition(item)?.field("name").is_some();
    let label = if named { "name" } else { keys.first()? };
    Some(format!("{label} {}", keys.join(",")))
}

#[test]
fn enums_are_those_that_the_api_marks() {
    let mut enums: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for text in of_each_release("pkg/generated/openapi/zz_generated.openapi.go") {
        for (definition, field, values) in marked_enums(&text) {
            let known = enums.entry((definition, field)).or_default();
            known.extend(values);
            known.sort();
            known.dedup();
        }
    }
    let lines = enums.iter().filter(|((definition, field), _)| takes_strings(definition, field));
    let lines: Vec<String> =
        lines.map(|((definition, field), values)| format!("{definition} {field} {}\n", values.join("|"))).collect();
    expect_table("enums.txt", &format!("{ENUMS_HEAD}{}", lines.concat()));
}

/// Definition, field and values of each closed set in the generated source, which has one item a line.
fn marked_enums(source: &str) -> Vec<(String, String, Vec<String>)> {
    let (mut definition, mut field) = (None, "");
    let mut found = Vec::new();
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("func schema_k8sio_api_") {
            let name = name.split('(').next().unwrap_or_default();
            definition = Some(format!("io.k8s.api.{}", name.replace('_', ".")));
        } else if line.starts_with("func ") {
            definition = line.strip_prefix("func schema_pkg_apis_apiextensions_v1_").map(|name| {
                let name = name.split('(').next().unwrap_or_default();
                format!("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.{name}")
            });
        } else if let Some(name) = line.strip_prefix("\t\t\t\t\t\"").and_then(|rest| rest.strip_suffix("\": {")) {
            field = name;
        } else if let (Some(rest), Some(definition)) = (line.trim_start().strip_prefix("Enum:"), &definition) {
            let values = rest.trim_start().strip_prefix("[]interface{}{").and_then(|rest| rest.strip_suffix("},"));
            let values = values.unwrap_or_else(|| panic!("not a list of values: {line}")).split(", ");
            let values = values.map(|value| value.trim_matches('"').to_string()).filter(|value| !value.is_empty());
            found.push((definition.clone(), field.to_string(), values.collect()));
        }
    }
    assert!(found.len() > 100, "the generated source has another form now");
    found
}

/// Whether the API has such a field, and it holds strings.
fn takes_strings(definition: &str, field: &str) -> bool {
    let is_string = |ty: &FieldType| matches!(ty, FieldType::String | FieldType::Enum(_));
    match field_type(definition, field) {
        Some(FieldType::List(item)) => is_string(item),
        Some(ty) => is_string(ty),
        None => false,
    }
}

#[test]
fn lifecycles_are_those_of_the_api_module() {
    let releases = API_RELEASES.map(|release| module("k8s.io/api", release));
    let output = Command::new("go")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools"))
        .args(["run", "./lifecycle"])
        .args(releases)
        .output()
        .expect("the go command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    expect_table("lifecycle.txt", &String::from_utf8(output.stdout).expect("UTF-8"));
}
