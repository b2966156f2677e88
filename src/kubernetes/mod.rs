//! Kubernetes objects: what a program makes, as a cluster will know it.

mod cel;
pub mod identity;
pub mod kustomize;
pub mod limits;
pub mod link;
pub mod versions;

use crate::eval::value::{Map, Origin, Str};
use crate::source::Span;
use std::rc::Rc;

/// An object, as evaluated for one environment.
#[derive(Debug, Clone)]
pub struct Object {
    /// Such as `apps/v1`.
    pub api_version: Str,
    /// Such as `Deployment`.
    pub kind: Str,
    /// `metadata.name`, without the hash of a generated ConfigMap.
    pub name: Str,
    /// Where it goes; none for cluster-scoped kinds. `fields` holds no `metadata.namespace`.
    pub namespace: Option<Str>,
    /// Who said so, where `metadata.namespace` does.
    pub namespaced_by: Origin,
    /// What its file is named for: the labels that lead to it, joined with `-`, without the unit's own.
    pub label: Str,
    /// All fields but `apiVersion`, `kind` and `metadata.namespace`; `metadata.name` is in it.
    pub fields: Rc<Map>,
    /// Whether Kustomize generates it with a hash of its content at the end of its name.
    pub hashed: bool,
    /// Where it is declared, or where the instance is that it belongs to: a user can change that, and seldom the
    /// component.
    pub span: Span,
    /// Where the outermost instance stands that makes it; none for what is declared by itself.
    pub instance: Option<Span>,
}

/// What one top-level declaration makes in one environment; it gets a directory of its own.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The directory's name: the instance's name, or the file's for plain objects.
    pub name: Str,
    /// The file that declares it, as messages show it.
    pub source: String,
    /// In source order.
    pub objects: Vec<Object>,
}

/// An object that the program declares to be made elsewhere.
///
/// Of the kind `Pod` or `Service` it also stands for whatever carries it as the value of a label, so that a selector
/// can reach pods that no object of the program makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// Such as `Secret`.
    pub kind: Str,
    /// Its name.
    pub name: Str,
    /// Where it is named.
    pub span: Span,
}
