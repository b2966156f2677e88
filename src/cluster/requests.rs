//! The requests themselves: how they are spelt, and when they are made again.

use super::kinds::Kind;
use super::{Cluster, Target, Trial, Trouble, trouble, unknown};
use http::Request;
use kube::Client;
use serde_json::Value as Json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Objects in one answer of a list.
const PAGE: usize = 500;
/// Of one list so many are read at most.
const MOST_PAGES: usize = 200;
/// How often a request is sent that the server was too busy for, or that got lost.
const TRIES: u32 = 6;
/// The first pause; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// No longer than this, whatever the server asks for.
const LONGEST: Duration = Duration::from_secs(10);

/// What is wanted of the objects of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    /// Only what stands in `metadata`, with version and kind.
    Metadata,
}

/// Which objects of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range<'a> {
    /// None for all namespaces, and for kinds that have none.
    pub namespace: Option<&'a str>,
    /// Labels; `""` for all.
    pub selector: &'a str,
    pub form: Form,
}

/// The object; none where there is none. Without the namespace that the target does not name.
pub(super) async fn get(cluster: &Cluster, target: &Target) -> Result<Option<Json>, Trouble> {
    let path = path_of(cluster, target)?;
    match cluster.wire.send(("GET", &path, None)).await {
        Ok(object) => Ok(Some(as_asked(object, target))),
        Err(trouble) if trouble.is_missing(&target.name) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

pub(super) async fn dry_run(cluster: &Cluster, target: &Target, trial: &Trial) -> Result<Json, Trouble> {
    let path = path_of(cluster, target)?;
    let query = |manager: &str, more: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("dryRun", "All").append_pair("fieldManager", manager);
        query.append_pair("fieldValidation", "Strict");
        format!("{path}?{}{more}", query.finish())
    };
    let answer = match trial {
        Trial::Apply { manager, body } => {
            let path = query(manager, "&force=true");
            cluster.wire.send(("PATCH", &path, Some(("application/apply-patch+yaml", body)))).await
        }
        Trial::Replace { manager, body } => {
            cluster.wire.send(("PUT", &query(manager, ""), Some(("application/json", body)))).await
        }
        Trial::Delete => cluster.wire.send(("DELETE", &format!("{path}?dryRun=All"), None)).await,
    };
    answer.map(|object| as_asked(object, target)).map_err(|trouble| {
        // The server quotes what it refuses.
        if target.kind == "Secret" { trouble.without_values() } else { trouble }
    })
}

pub(super) async fn list(cluster: &Cluster, kind: &Kind, range: Range<'_>) -> Result<Vec<Json>, Trouble> {
    let mut items = Vec::new();
    let mut next = String::new();
    let namespace = range.namespace.filter(|_| kind.namespaced);
    for _ in 0..MOST_PAGES {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &PAGE.to_string());
        for (name, value) in [("labelSelector", range.selector), ("continue", next.as_str())] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let path = format!("{}?{}", path(kind, namespace, None)?, query.finish());
        let accept = match range.form {
            Form::Whole => "application/json",
            Form::Metadata => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        };
        let mut page = cluster.wire.send_as(("GET", &path, None), accept).await?;
        if let Json::Array(found) = page["items"].take() {
            items.extend(found.into_iter().map(|item| with_kind(item, kind)));
        }
        match page["metadata"]["continue"].as_str() {
            Some(more) if !more.is_empty() => next = more.to_owned(),
            _ => return Ok(items),
        }
    }
    Err(Trouble::Unreachable(format!("there are more than {} objects of kind {}", PAGE * MOST_PAGES, kind.kind)))
}

/// The items of a list do not say what they are, or that they are metadata only.
fn with_kind(mut item: Json, kind: &Kind) -> Json {
    if let Json::Object(fields) = &mut item {
        fields.insert("apiVersion".to_owned(), kind.api_version.as_str().into());
        fields.insert("kind".to_owned(), kind.kind.as_str().into());
    }
    item
}

/// Who asks without a namespace gets an answer without one.
fn as_asked(mut object: Json, target: &Target) -> Json {
    if target.namespace.is_none()
        && let Some(Json::Object(metadata)) = object.get_mut("metadata")
    {
        metadata.shift_remove("namespace");
    }
    object
}

fn path_of(cluster: &Cluster, target: &Target) -> Result<String, Trouble> {
    let Target { api_version, kind, namespace, name } = target;
    let found = cluster.kinds.find(api_version, kind).ok_or_else(|| unknown(api_version, kind))?;
    let namespace = match namespace {
        Some(namespace) => Some(namespace.as_str()),
        None if found.namespaced => Some(cluster.wire.client.default_namespace()),
        None => None,
    };
    path(found, namespace.filter(|_| found.namespaced), Some(name))
}

fn path(kind: &Kind, namespace: Option<&str>, name: Option<&str>) -> Result<String, Trouble> {
    let mut path = match kind.api_version.contains('/') {
        true => format!("/apis/{}", kind.api_version),
        false => format!("/api/{}", kind.api_version),
    };
    if let Some(namespace) = namespace {
        path.push_str(&format!("/namespaces/{}", segment(namespace)?));
    }
    path.push_str(&format!("/{}", kind.plural));
    if let Some(name) = name {
        path.push_str(&format!("/{}", segment(name)?));
    }
    Ok(path)
}

/// A name as part of a path (`ValidatePathSegmentName` of k8s.io/apimachinery, and what a URL takes as it is).
fn segment(name: &str) -> Result<&str, Trouble> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=".contains(&byte);
    if name.is_empty() || name == "." || name == ".." || !name.bytes().all(is_plain) {
        return Err(Trouble::Unreachable(format!("no object can be called `{name}`")));
    }
    Ok(name)
}

/// A connection, and whether anything is at its other end.
pub(super) struct Wire {
    pub client: Client,
    /// Set once the server does not answer at all any more: the rest is not tried.
    gone: AtomicBool,
}

/// A request: method, path with query, and what is sent, with its media type.
type Call<'a> = (&'a str, &'a str, Option<(&'a str, &'a Json)>);

impl Wire {
    pub fn new(client: Client) -> Wire {
        Wire { client, gone: AtomicBool::new(false) }
    }

    async fn send(&self, call: Call<'_>) -> Result<Json, Trouble> {
        self.send_as(call, "application/json").await
    }

    /// Sends a request, and again where that may help; `accept` is the media type of the answer.
    pub async fn send_as(&self, (method, path, body): Call<'_>, accept: &str) -> Result<Json, Trouble> {
        let bytes = body.map(|(_, body)| body.to_string().into_bytes()).unwrap_or_default();
        let mut pause = PAUSE;
        for attempt in 1.. {
            if self.gone.load(Ordering::Relaxed) {
                break;
            }
            let mut request = Request::builder().method(method).uri(path).header("Accept", accept);
            if let Some((kind, _)) = body {
                request = request.header("Content-Type", kind);
            }
            let request = request.body(bytes.clone()).map_err(|error| Trouble::Unreachable(error.to_string()))?;
            let trouble = match self.client.request::<Json>(request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => trouble::of_client(error),
            };
            let Some(asked) = trouble.worth_another_try().filter(|_| attempt < TRIES) else {
                if let Trouble::Unreachable(_) = trouble {
                    self.gone.store(true, Ordering::Relaxed);
                }
                return Err(trouble);
            };
            tokio::time::sleep(pause.max(asked).min(LONGEST)).await;
            pause *= 2;
        }
        Err(Trouble::Unreachable("the server stopped answering".to_owned()))
    }
}
