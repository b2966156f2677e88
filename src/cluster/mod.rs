//! A cluster's API server: what it has, and what it says an apply would make of it.
//!
//! Nothing is ever changed: whatever could change something is sent as a dry run, which the server takes through
//! defaulting, admission and validation, and then forgets. The only place that uses `kube`.

mod kinds;
mod requests;
mod trouble;

pub use trouble::Trouble;

use futures_util::stream::{self, StreamExt};
use kinds::Kinds;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use requests::Wire;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Requests that are under way at once: what an API server's flow control lets one client have without queueing.
const AT_ONCE: usize = 32;
/// Of so many objects of a kind and namespace all are read as a list, instead of one by one.
const WORTH_A_LIST: usize = 12;
const CONNECTING: Duration = Duration::from_secs(10);
/// A webhook may take up to 30 seconds, and there may be several.
const ANSWERING: Duration = Duration::from_secs(90);

/// Where an object is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// None for cluster-scoped kinds, and for the namespace that the connection has for such objects.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// What is tried on an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Trial {
    /// A server-side apply, conflicts forced: what is declared.
    Apply {
        /// The field manager.
        manager: String,
        /// What is applied.
        body: Json,
    },
    /// An update with the object as the client that applies would merge it itself.
    Replace {
        /// The field manager.
        manager: String,
        /// The object as it is to be.
        body: Json,
    },
    /// A deletion.
    Delete,
}

/// How far a number of requests is: how many are answered, and how many there are.
pub type Progress<'a> = &'a dyn Fn(usize, usize);

/// Which cluster, as kubectl's options of these names say it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access<'a> {
    /// The kubeconfig file; without one those that the variable `KUBECONFIG` names, or `~/.kube/config`.
    pub kubeconfig: Option<&'a Path>,
    /// A context in it; without one the current one.
    pub context: Option<&'a str>,
}

/// A connection to an API server.
pub struct Cluster {
    runtime: Runtime,
    wire: Wire,
    kinds: Kinds,
    described: String,
}

impl Cluster {
    /// Connects to the cluster of a context; where neither is named, and there is no kubeconfig, to the cluster that this
    /// process runs in.
    ///
    /// # Errors
    ///
    /// Says why there is no connection: no kubeconfig, no such context, no answer, no permission.
    pub fn connect(access: Access) -> Result<Cluster, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Trouble::Unreachable(error.to_string()))?;
        let (mut config, described) = runtime.block_on(configuration(access))?;
        config.connect_timeout = Some(CONNECTING);
        config.read_timeout = Some(ANSWERING);
        config.write_timeout = Some(ANSWERING);
        config.reset_reader_on_write = true;
        // Its own tries go on for minutes.
        config.default_retry = false;
        let (wire, kinds) = runtime.block_on(async {
            let wire = Wire::new(Client::try_from(config).map_err(trouble::of_client)?);
            let kinds = Kinds::read(&wire).await?;
            Ok::<_, Trouble>((wire, kinds))
        })?;
        Ok(Cluster { runtime, wire, kinds, described })
    }

    /// Which cluster it is, for people: the context, and where the server is.
    #[must_use]
    pub fn described(&self) -> &str {
        &self.described
    }

    /// Whether the cluster serves a kind in that version.
    #[must_use]
    pub fn serves(&self, api_version: &str, kind: &str) -> bool {
        self.kinds.find(api_version, kind).is_some()
    }

    /// The objects as the cluster has them, in the order of their targets; none where there is no such object.
    pub fn read(&self, targets: &[Target], progress: Progress) -> Vec<Result<Option<Json>, Trouble>> {
        let lists = self.lists(targets, progress);
        self.all(targets, progress, |target| async {
            match lists.get(&place(target)) {
                Some(known) => Ok(known.get(target.name.as_str()).cloned()),
                None => requests::get(self, target).await,
            }
        })
    }

    /// All objects of the kinds and namespaces of which many are asked for, by name. What may not be listed is not there.
    fn lists(&self, targets: &[Target], progress: Progress) -> HashMap<Place, HashMap<String, Json>> {
        let mut counts: HashMap<Place, usize> = HashMap::new();
        for target in targets {
            *counts.entry(place(target)).or_default() += 1;
        }
        let mut many: Vec<Place> =
            counts.into_iter().filter(|(_, count)| *count >= WORTH_A_LIST).map(|(place, _)| place).collect();
        many.sort();
        let lists = self.all(&many, progress, |(api_version, kind, namespace)| async {
            self.list_of(api_version, kind, namespace.as_deref()).await
        });
        let by_name = |items: Vec<Json>| {
            let named = |item: Json| Some((item["metadata"]["name"].as_str()?.to_owned(), item));
            items.into_iter().filter_map(named).collect()
        };
        many.into_iter().zip(lists).filter_map(|(place, items)| Some((place, by_name(items.ok()?)))).collect()
    }

    /// The objects of a kind in a namespace.
    ///
    /// # Errors
    ///
    /// What the server answers instead.
    pub fn list(&self, api_version: &str, kind: &str, namespace: Option<&str>) -> Result<Vec<Json>, Trouble> {
        self.runtime.block_on(self.list_of(api_version, kind, namespace))
    }

    async fn list_of(&self, api_version: &str, kind: &str, namespace: Option<&str>) -> Result<Vec<Json>, Trouble> {
        let found = self.kinds.find(api_version, kind).ok_or_else(|| unknown(api_version, kind))?;
        requests::list(self, found, requests::Range { namespace, selector: "", form: requests::Form::Whole }).await
    }

    /// Who has marks: of all kinds that the cluster serves in these namespaces, and of those that have none, what
    /// stands in `metadata` of the objects that labels select (`""` for all). Kinds that may not be listed are named.
    pub fn marked(&self, namespaces: &[&str], selector: &str, progress: Progress) -> (Vec<Json>, Vec<String>) {
        let mut ranges = Vec::new();
        for kind in self.kinds.preferred() {
            if kind.namespaced {
                ranges.extend(namespaces.iter().map(|namespace| (kind, Some(*namespace))));
            } else {
                ranges.push((kind, None));
            }
        }
        let found = self.all(&ranges, progress, |(kind, namespace)| async {
            let range = requests::Range { namespace: *namespace, selector, form: requests::Form::Metadata };
            requests::list(self, kind, range).await
        });
        let (mut objects, mut refused) = (Vec::new(), Vec::new());
        for ((kind, _), items) in ranges.iter().zip(found) {
            match items {
                Ok(items) => objects.extend(items),
                Err(_) => refused.push(kind.kind.clone()),
            }
        }
        refused.sort();
        refused.dedup();
        (objects, refused)
    }

    /// What the server says would come of each trial: the object as it would be, or why it is refused.
    pub fn try_out(&self, trials: &[(Target, Trial)], progress: Progress) -> Vec<Result<Json, Trouble>> {
        self.all(trials, progress, |(target, trial)| requests::dry_run(self, target, trial))
    }

    /// Runs what is to be done for each item, many at a time; the results come in the order of the items.
    fn all<'i, I, T, F>(&self, items: &'i [I], progress: Progress, work: impl Fn(&'i I) -> F) -> Vec<T>
    where
        F: Future<Output = T>,
    {
        self.runtime.block_on(async {
            let mut running = stream::iter(items.iter().map(work)).buffered(AT_ONCE);
            let mut results = Vec::with_capacity(items.len());
            while let Some(result) = running.next().await {
                results.push(result);
                progress(results.len(), items.len());
            }
            results
        })
    }
}

/// Where objects of one kind are: version, kind and namespace.
type Place = (String, String, Option<String>);

fn place(target: &Target) -> Place {
    (target.api_version.clone(), target.kind.clone(), target.namespace.clone())
}

fn unknown(api_version: &str, kind: &str) -> Trouble {
    Trouble::UnknownKind { api_version: api_version.to_owned(), kind: kind.to_owned() }
}

/// How to reach the cluster of a context, and how it is called.
async fn configuration(access: Access<'_>) -> Result<(Config, String), Trouble> {
    let files = match access.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    if let (Err(_), Access { kubeconfig: None, context: None }) = (&files, access)
        && let Ok(config) = Config::incluster()
    {
        let described = format!("the cluster that this runs in, {}", config.cluster_url);
        return Ok((config, described));
    }
    let files = files.map_err(|error| trouble::of_kubeconfig(&error))?;
    let current = || files.current_context.clone();
    let Some(name) = access.context.map(str::to_owned).or_else(current).filter(|name| !name.is_empty()) else {
        return Err(Trouble::NoContext(context_names(&files)));
    };
    if !files.contexts.iter().any(|known| known.name == name) {
        return Err(Trouble::UnknownContext { name, known: context_names(&files) });
    }
    let options = KubeConfigOptions { context: Some(name.clone()), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(files, &options).await;
    let config = config.map_err(|error| trouble::of_kubeconfig(&error))?;
    let described = format!("context `{name}`, {}", trouble::without_password(&config.cluster_url.to_string()));
    Ok((config, described))
}

fn context_names(files: &Kubeconfig) -> Vec<String> {
    files.contexts.iter().map(|context| context.name.clone()).collect()
}
