//! The kinds that a cluster serves, and where.
//!
//! One request for the core and one for all other groups (aggregated discovery, since Kubernetes 1.26).

use super::Trouble;
use super::requests::Wire;
use kube::core::discovery::v2::{APIGroupDiscovery, APIGroupDiscoveryList, APIVersionDiscovery};
use std::collections::HashMap;

/// The media type of the list of everything that is served.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// A kind in one version.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    /// As in `apps/v1`.
    pub api_version: String,
    pub kind: String,
    /// As in paths: `deployments`.
    pub plural: String,
    pub namespaced: bool,
    pub listable: bool,
}

#[derive(Debug)]
pub(super) struct Kinds {
    known: HashMap<(String, String), Kind>,
    /// Each kind in the version that the server prefers, in its order.
    preferred: Vec<Kind>,
}

impl Kinds {
    pub async fn read(wire: &Wire) -> Result<Kinds, Trouble> {
        let mut kinds = Kinds { known: HashMap::new(), preferred: Vec::new() };
        for path in ["/api", "/apis"] {
            let answer = wire.send_as(("GET", path, None), AGGREGATED).await?;
            let found: APIGroupDiscoveryList = serde_json::from_value(answer).map_err(|error| {
                Trouble::Unreachable(format!("what it answers at {path} is no list of kinds: {error}"))
            })?;
            found.items.iter().for_each(|group| kinds.add(group));
        }
        Ok(kinds)
    }

    fn add(&mut self, group: &APIGroupDiscovery) {
        let name = group.metadata.as_ref().and_then(|metadata| metadata.name.as_deref()).unwrap_or_default();
        let mut seen: Vec<String> = Vec::new();
        for version in &group.versions {
            for kind in of_version(name, version) {
                if !seen.contains(&kind.plural) {
                    seen.push(kind.plural.clone());
                    self.preferred.push(kind.clone());
                }
                self.known.entry((kind.api_version.clone(), kind.kind.clone())).or_insert(kind);
            }
        }
    }

    pub fn find(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        self.known.get(&(api_version.to_owned(), kind.to_owned()))
    }

    /// The kinds that can be listed, each once.
    pub fn preferred(&self) -> impl Iterator<Item = &Kind> {
        // Events say what happened and are no part of any program.
        self.preferred.iter().filter(|kind| kind.listable && kind.kind != "Event")
    }
}

fn of_version(group: &str, version: &APIVersionDiscovery) -> Vec<Kind> {
    let number = version.version.as_deref().unwrap_or_default();
    let api_version = if group.is_empty() { number.to_owned() } else { format!("{group}/{number}") };
    let kind = |resource: &kube::core::discovery::v2::APIResourceDiscovery| {
        let kind =
            resource.response_kind.as_ref().and_then(|kind| kind.kind.clone()).filter(|kind| !kind.is_empty())?;
        Some(Kind {
            api_version: api_version.clone(),
            kind,
            plural: resource.resource.clone()?,
            namespaced: resource.scope.as_deref() == Some("Namespaced"),
            listable: resource.verbs.iter().any(|verb| verb == "list"),
        })
    };
    version.resources.iter().filter_map(kind).collect()
}
