//! An environment as a KRM function hands it out: object by object, each with annotations of its own.

use super::application::{Request, requested};
use super::compilation::{checked, root_module};
use super::{Outcome, Project, on_disk};
use crate::eval::value::{Map, Value};
use crate::host::Host;
use crate::kubernetes::Object;
use crate::layers::stream;
use std::rc::Rc;

/// What tells an object of a list from all others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Which it is.
    pub identity: Identity,
    /// YAML in block style, ending with a line end.
    pub text: String,
}

/// Names of annotations and their values.
pub type Annotations = Vec<(String, String)>;

/// The objects of one environment, each with the annotations that `annotate` says of all of them, in their order.
pub fn manifests_for_list(
    project: &Project,
    request: Request,
    annotate: impl FnOnce(&[Identity]) -> Vec<Annotations>,
) -> Outcome<Vec<Manifest>> {
    on_disk(project, |host| manifests_for_list_with(host, &project.module, project.file.as_deref(), request, annotate))
}

/// [`manifests_for_list`] with files from any host.
pub fn manifests_for_list_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    request: Request,
    annotate: impl FnOnce(&[Identity]) -> Vec<Annotations>,
) -> Outcome<Vec<Manifest>> {
    checked(host, &root_module(module, file), |compilation| {
        let objects = requested(compilation, request)?;
        let identities: Vec<Identity> = objects.iter().map(identity).collect();
        let annotations = annotate(&identities);
        let manifests =
            objects.into_iter().zip(identities).zip(annotations).map(|((mut object, identity), annotations)| {
                set_annotations(&mut object, annotations);
                let text = String::from_utf8(stream(&[object])).expect("the emitter writes whole characters");
                Manifest { identity, text }
            });
        Some(manifests.collect())
    })
}

fn identity(object: &Object) -> Identity {
    Identity {
        api_version: object.api_version.to_string(),
        kind: object.kind.to_string(),
        namespace: object.namespace.as_ref().map(ToString::to_string),
        name: object.name.to_string(),
    }
}

/// Adds annotations to an object's own.
fn set_annotations(object: &mut Object, annotations: Annotations) {
    if annotations.is_empty() {
        return;
    }
    let fields = Rc::make_mut(&mut object.fields);
    let mut metadata = entries(fields.get("metadata"));
    let mut known = entries(metadata.get("annotations"));
    for (key, value) in annotations {
        known.set(key.as_str().into(), Value::Str(value.as_str().into()));
    }
    metadata.set("annotations".into(), Value::Map(Rc::new(known)));
    fields.set("metadata".into(), Value::Map(Rc::new(metadata)));
}

/// A copy of a map; an empty one where there is none.
fn entries(value: Option<&Value>) -> Map {
    match value {
        Some(Value::Map(map)) => (**map).clone(),
        Some(_) | None => Map::default(),
    }
}
