//! The API server without flinkc in between: what really happens.

use crate::apiserver::Server;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, Error};
use serde_json::Value as Json;
use std::collections::HashMap;
use tokio::runtime::Runtime;

pub struct Direct {
    runtime: Runtime,
    client: Client,
    /// Where objects of an API version and kind are: the plural, and whether they have namespaces.
    kinds: HashMap<(String, String), (String, bool)>,
}

impl Direct {
    pub fn new(server: &Server) -> Direct {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it can be made");
        let client = runtime.block_on(async {
            let files = Kubeconfig::read_from(server.kubeconfig()).expect("it was written");
            let config = Config::from_custom_kubeconfig(files, &KubeConfigOptions::default()).await;
            Client::try_from(config.expect("it is right")).expect("it is right")
        });
        let mut direct = Direct { runtime, client, kinds: HashMap::new() };
        // NAME SHORTNAMES? APIVERSION NAMESPACED KIND
        for line in server.succeed(["api-resources", "--no-headers"], "").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, .., version, namespaced, kind] = words[..] else { continue };
            direct.kinds.insert((version.to_owned(), kind.to_owned()), (name.to_owned(), namespaced == "true"));
        }
        direct
    }

    fn path(&self, object: &Json) -> String {
        let text = |value: &Json| value.as_str().expect("it is text").to_owned();
        let (version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
        let (plural, namespaced) = &self.kinds[&(version.clone(), kind)];
        let root = if version.contains('/') { "apis" } else { "api" };
        let name = text(&object["metadata"]["name"]);
        match namespaced {
            true => {
                let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
                format!("/{root}/{version}/namespaces/{namespace}/{plural}/{name}")
            }
            false => format!("/{root}/{version}/{plural}/{name}"),
        }
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &Json) -> Result<Json, String> {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder().method(method).uri(path).header("Content-Type", kind).body(bytes);
        let answer = self.runtime.block_on(self.client.request::<Json>(request.expect("it is right")));
        answer.map_err(|error| match error {
            Error::Api(status) => status.message,
            error => panic!("{method} {path}: {error:?}"),
        })
    }

    /// A server-side apply, conflicts forced.
    pub fn apply(&self, object: &Json, manager: &str) -> Result<Json, String> {
        let path = format!("{}?fieldManager={manager}&force=true&fieldValidation=Strict", self.path(object));
        self.send("PATCH", &path, "application/apply-patch+yaml", object)
    }

    /// A merge patch (RFC 7386).
    pub fn patch(&self, object: &Json, patch: &Json, manager: &str) -> Result<Json, String> {
        let path = format!("{}?fieldManager={manager}", self.path(object));
        self.send("PATCH", &path, "application/merge-patch+json", patch)
    }

    /// An update as another manager: the whole object.
    pub fn replace(&self, object: &Json, manager: &str) -> Result<Json, String> {
        let path = format!("{}?fieldManager={manager}", self.path(object));
        self.send("PUT", &path, "application/json", object)
    }

    pub fn get(&self, object: &Json) -> Json {
        self.send("GET", &self.path(object), "application/json", &Json::Null).expect("it is there")
    }

    /// Deletes an object at once, whatever wants to be asked before.
    pub fn delete(&self, object: &Json) {
        let nothing = serde_json::json!({"metadata": {"finalizers": null}});
        let _ = self.patch(object, &nothing, "test");
        let _ = self.send("DELETE", &self.path(object), "application/json", &Json::Null);
        let _ = self.patch(object, &nothing, "test");
    }
}
