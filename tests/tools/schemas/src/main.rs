//! Extracts the types of the Kubernetes API from k8s-openapi, which can be built for one version at a time only.
//!
//! `schemas dump` writes those of the version that this was built for to stdout: the kinds, the definitions that they
//! reach, and what the API says of each, one a line. `schemas merge DIRECTORY FILE…` makes of several versions' dumps,
//! oldest first, the two tables that flinkc embeds; `merge.rs` says what they look like.
//!
//! ```text
//! kind apps/v1 Deployment namespaced io.k8s.api.apps.v1.Deployment
//! type io.k8s.api.apps.v1.DeploymentStrategy rollingUpdate:io.k8s.api.apps.v1.RollingUpdateDeployment type:string
//! text io.k8s.api.apps.v1.DeploymentStrategy DeploymentStrategy describes how to replace existing pods …
//! text io.k8s.api.apps.v1.DeploymentStrategy.type Type of deployment. …
//! version 1.34
//! ```
//!
//! A field is `name:type`, with `!` after the name where the API requires it. A type is `string`, `int`, `float`,
//! `bool`, `quantity`, `int-or-string`, `duration`, `any`, `[T]` for a list, `{T}` for a map of strings, or the full
//! name of a definition. In texts, line ends are written `\n` and backslashes `\\`.

mod merge;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// Whether objects live in a namespace, as a word.
trait Scope {
    const WORD: &'static str;
}

impl Scope for NamespaceResourceScope {
    const WORD: &'static str = "namespaced";
}

impl Scope for ClusterResourceScope {
    const WORD: &'static str = "cluster";
}

/// What was collected.
struct Types {
    generator: SchemaGenerator,
    kinds: BTreeSet<String>,
    /// The definitions of kinds, which have an `apiVersion` and a `kind`.
    tops: BTreeSet<String>,
}

impl Types {
    fn add<T: Resource<Scope: Scope> + JsonSchema>(&mut self) {
        let definition = T::schema_name();
        self.generator.subschema_for::<T>();
        self.kinds.insert(format!("kind {} {} {} {definition}", T::API_VERSION, T::KIND, T::Scope::WORD));
        self.tops.insert(definition.into_owned());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["dump"] => dump(),
        ["merge", directory, files @ ..] => {
            let dumps: Result<Vec<String>, _> = files.iter().map(|file| std::fs::read_to_string(file)).collect();
            merge::write(directory.as_ref(), &dumps?)?;
        }
        _ => return Err("say `dump` or `merge DIRECTORY FILE…`".into()),
    }
    Ok(())
}

fn dump() {
    let generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let mut types = Types { generator, kinds: BTreeSet::new(), tops: BTreeSet::new() };
    add_all(&mut types);
    let definitions: BTreeMap<String, Value> = types.generator.take_definitions(false).into_iter().collect();
    for kind in &types.kinds {
        println!("{kind}");
    }
    for (name, schema) in &definitions {
        if let Some(properties) = schema["properties"].as_object() {
            println!("type {name}{}", fields(properties, &schema["required"], types.tops.contains(name), &definitions));
            describe(name, schema);
            for (field, schema) in properties {
                if types.tops.contains(name) && (field == "apiVersion" || field == "kind") {
                    continue;
                }
                describe(&format!("{name}.{field}"), schema);
            }
        }
    }
    println!("version {VERSION}");
}

/// Writes what the API says of a definition or field, where it says anything.
fn describe(name: &str, schema: &Value) {
    if let Some(text) = schema["description"].as_str() {
        let text = text.trim().replace('\\', "\\\\").replace("\r\n", "\n").replace('\n', "\\n");
        println!("text {name} {text}");
    }
}

/// The fields of a record, each with a space before it.
fn fields(properties: &Map<String, Value>, required: &Value, top: bool, all: &BTreeMap<String, Value>) -> String {
    let required: BTreeSet<&str> = required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = String::new();
    for (name, schema) in properties {
        // Said by the declaration of an object, not by its fields.
        if top && (name == "apiVersion" || name == "kind") {
            continue;
        }
        // The name at least is always known.
        let required = required.contains(name.as_str()) && !(top && name == "metadata");
        text += &format!(" {name}{}:{}", if required { "!" } else { "" }, type_of(schema, all));
    }
    text
}

/// The type that a schema describes.
fn type_of(schema: &Value, all: &BTreeMap<String, Value>) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").expect("all references are to definitions");
        return named(name, &all[name], all);
    }
    // Generated where a field has a description beside its reference.
    if let Some(only) = schema["allOf"].as_array().and_then(|all| all.first()) {
        return type_of(only, all);
    }
    match schema["type"].as_str() {
        Some("string") => "string".into(),
        Some("integer") => "int".into(),
        Some("number") => "float".into(),
        Some("boolean") => "bool".into(),
        Some("array") => format!("[{}]", type_of(&schema["items"], all)),
        Some("object") if schema.get("additionalProperties").is_some() => {
            format!("{{{}}}", type_of(&schema["additionalProperties"], all))
        }
        _ => "any".into(),
    }
}

/// The type of a definition: its name where it has fields, else what it stands for.
fn named(name: &str, schema: &Value, all: &BTreeMap<String, Value>) -> String {
    match name {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => "quantity".into(),
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => "int-or-string".into(),
        "io.k8s.apimachinery.pkg.apis.meta.v1.Duration" => "duration".into(),
        _ if schema["properties"].is_object() => name.into(),
        _ => type_of(schema, all),
    }
}
