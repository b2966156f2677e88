//! Writes the types of one version of the Kubernetes API, as k8s-openapi's schemas give them, to stdout:
//! the kinds, then the definitions that they reach, one a line, sorted.
//!
//! ```text
//! kind apps/v1 Deployment namespaced io.k8s.api.apps.v1.Deployment
//! type io.k8s.api.apps.v1.DeploymentStrategy rollingUpdate:io.k8s.api.apps.v1.RollingUpdateDeployment type:string
//! ```
//!
//! A field is `name:type`, with `!` after the name where the API requires it. A type is `string`, `int`, `float`,
//! `bool`, `quantity`, `int-or-string`, `duration`, `any`, `[T]` for a list, `{T}` for a map of strings, or the full
//! name of a definition.

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

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

fn main() {
    let generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let mut types = Types { generator, kinds: BTreeSet::new(), tops: BTreeSet::new() };
    add_all(&mut types);
    let definitions: BTreeMap<String, Value> = types.generator.take_definitions(false).into_iter().collect();

    println!(
        "# The types of Kubernetes {VERSION}, written by tests/tools/schemas from the schemas of k8s-openapi 0.29."
    );
    for kind in &types.kinds {
        println!("{kind}");
    }
    for (name, schema) in &definitions {
        if let Some(properties) = schema["properties"].as_object() {
            println!("type {name}{}", fields(properties, &schema["required"], types.tops.contains(name), &definitions));
        }
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
