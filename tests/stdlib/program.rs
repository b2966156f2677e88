//! Small programs, rendered, and their objects.

use flinkc::diagnostic::{Diagnostic, Severity};
use flinkc::driver::{self, Outcome};
use flinkc::host::MemoryHost;
use flinkc::source::Files;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// All versions that the standard library describes.
pub const VERSIONS: [&str; 8] = ["1.17", "1.18", "1.19", "1.20", "2.0", "2.1", "2.2", "2.3"];

/// The objects of the environment `dev`, whose namespace is `streams`.
#[derive(Debug, PartialEq)]
pub struct Objects(Vec<Value>);

/// The text of a session cluster `main`, with a TaskManager that fits.
pub fn session_text(version: &str, body: &str) -> String {
    program_text("session", version, body)
}

/// The text of an application `main`, whose job has a class and may get more from the body.
pub fn application_text(version: &str, body: &str) -> String {
    program_text("application", version, &format!("job.class = \"com.example.Main\"\n{body}"))
}

/// The text of any component `main` that takes a cluster, with a TaskManager that fits.
pub fn program_text(component: &str, version: &str, body: &str) -> String {
    // An image of the user's own may have any plugin in it.
    let image = match body.contains("image = ") {
        true => String::new(),
        false => format!("image = \"registry.example.com/flink:{version}\"\n"),
    };
    format!(
        "import std.flink\nenvironment dev {{ namespace = \"streams\" }}\n\
         flink.{component} main {{\nflink = \"{version}\"\n{image}taskmanager.memory = 2Gi\n{body}\n}}\n\
         external Secret tls, keys\nexternal PersistentVolumeClaim shared\nexternal ServiceAccount robot\n"
    )
}

/// A session cluster's objects.
pub fn session(version: &str, body: &str) -> Objects {
    objects(&session_text(version, body))
}

/// An application's objects.
pub fn application(version: &str, body: &str) -> Objects {
    objects(&application_text(version, body))
}

/// A program's objects.
pub fn objects(text: &str) -> Objects {
    objects_of(&[("main.flink", text)], "dev")
}

/// The objects of a program of several files, in one environment.
pub fn objects_of(files: &[(&str, &str)], environment: &str) -> Objects {
    objects_with_warnings(files, environment, &[])
}

/// The objects of a program that is warned of: each text is part of a warning, in their order.
pub fn objects_with_warnings(files: &[(&str, &str)], environment: &str, warnings: &[&str]) -> Objects {
    let host = MemoryHost::new(files.iter().copied());
    let outcome = driver::render_with(&host, "", None, &[], environment, None);
    let as_expected =
        |(found, part): (&Diagnostic, &&str)| found.severity == Severity::Warning && found.message.contains(part);
    let all = outcome.diagnostics.len() == warnings.len() && outcome.diagnostics.iter().zip(warnings).all(as_expected);
    assert!(all, "{}", told(&outcome));
    let bytes = outcome.value.expect("what is sound has a result");
    let text = std::str::from_utf8(&bytes).expect("YAML is UTF-8");
    let documents = serde_yaml::Deserializer::from_str(text);
    Objects(documents.map(|document| Value::deserialize(document).expect("render prints YAML")).collect())
}

fn told<T>(outcome: &Outcome<T>) -> String {
    outcome.diagnostics.iter().map(|diagnostic| line_and_message(&outcome.files, diagnostic)).collect()
}

fn line_and_message(files: &Files, diagnostic: &Diagnostic) -> String {
    let place = diagnostic.primary.as_ref().map(|label| files.place(label.span)).unwrap_or_default();
    format!("{place}: {}\n", diagnostic.message)
}

/// The errors of a program: the text of the line that each points at, without indentation, and its message.
pub fn errors(text: &str) -> Vec<(String, String)> {
    reported(text, Severity::Error)
}

/// The warnings of a program, likewise.
pub fn warnings(text: &str) -> Vec<(String, String)> {
    reported(text, Severity::Warning)
}

fn reported(text: &str, severity: Severity) -> Vec<(String, String)> {
    let host = MemoryHost::new([("main.flink", text)]);
    let outcome = driver::check_with(&host, "", None, &[]);
    let line_of = |diagnostic: &Diagnostic| {
        let span = diagnostic.primary.as_ref().expect("there is a text at fault").span;
        let file = outcome.files.get(span.file);
        assert_eq!(file.name, "main.flink", "the user's file is at fault: {}", diagnostic.message);
        text.lines().nth(file.line_column(span.start()).0 - 1).expect("the line exists").trim().to_owned()
    };
    let reported = outcome.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
    reported.map(|diagnostic| (line_of(diagnostic), diagnostic.message.clone())).collect()
}

impl Objects {
    /// All objects.
    pub fn all(&self) -> &[Value] {
        &self.0
    }

    /// Kinds and names, sorted; the hash at the end of a generated name is cut off.
    pub fn listed(&self) -> Vec<String> {
        let mut listed: Vec<String> =
            self.0.iter().map(|object| format!("{} {}", text(object, "/kind"), plain_name(object))).collect();
        listed.sort();
        listed
    }

    /// The only object of a kind and name, the hash of a generated name left out.
    pub fn get(&self, kind: &str, name: &str) -> &Value {
        self.find(kind, name).unwrap_or_else(|| panic!("there is a {kind} {name} among {:?}", self.listed()))
    }

    /// An object of a kind and name, if there is one.
    pub fn find(&self, kind: &str, name: &str) -> Option<&Value> {
        let mut found = self.0.iter().filter(|object| text(object, "/kind") == kind && plain_name(object) == name);
        let first = found.next();
        assert!(found.next().is_none(), "two objects are called {kind} {name}");
        first
    }

    /// The pod template of a Deployment, StatefulSet or Job `main-PART`.
    pub fn pod(&self, part: &str) -> &Value {
        let name = format!("main-{part}");
        let workload = ["Deployment", "StatefulSet", "Job"].iter().find_map(|kind| self.find(kind, &name));
        at(workload.unwrap_or_else(|| panic!("something runs the {part}")), "/spec/template")
    }

    /// The container of a part.
    pub fn container(&self, part: &str) -> &Value {
        let containers = list(self.pod(part), "/spec/containers");
        assert_eq!(containers.len(), 1);
        assert_eq!(text(&containers[0], "/name"), part);
        &containers[0]
    }

    /// A container's arguments.
    pub fn args(&self, part: &str) -> Vec<&str> {
        strings(self.container(part), "/args")
    }

    /// A variable of a container.
    pub fn variable(&self, part: &str, name: &str) -> Option<&Value> {
        let variables = self.container(part).pointer("/env")?.as_array()?;
        variables.iter().find(|variable| text(variable, "/name") == name)
    }

    /// A container's ports by name.
    pub fn ports(&self, part: &str) -> BTreeMap<&str, u64> {
        let ports = list(self.container(part), "/ports");
        ports.iter().map(|port| (text(port, "/name"), number(port, "/containerPort"))).collect()
    }

    /// What a container has mounted, by path.
    pub fn mounts(&self, part: &str) -> BTreeMap<&str, &str> {
        let mounts = list(self.container(part), "/volumeMounts");
        mounts.iter().map(|mount| (text(mount, "/mountPath"), text(mount, "/name"))).collect()
    }

    /// The files of the ConfigMap.
    pub fn files(&self) -> BTreeMap<&str, &str> {
        let data = at(self.get("ConfigMap", "main-config"), "/data").as_object().expect("data is a map");
        data.iter().map(|(name, file)| (name.as_str(), file.as_str().expect("a file is text"))).collect()
    }
}

/// The name without the hash that Kustomize's generator puts at its end.
fn plain_name(object: &Value) -> &str {
    let name = text(object, "/metadata/name");
    match (text(object, "/kind"), name.rsplit_once('-')) {
        ("ConfigMap", Some((plain, hash))) if hash.len() == 10 => plain,
        _ => name,
    }
}

/// The value at a path that must be there.
pub fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or_else(|| panic!("{path} is there in {value:#}"))
}

/// The text at a path.
pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).as_str().unwrap_or_else(|| panic!("{path} is text in {value:#}"))
}

/// The number at a path.
pub fn number(value: &Value, path: &str) -> u64 {
    at(value, path).as_u64().unwrap_or_else(|| panic!("{path} is a number in {value:#}"))
}

/// The list at a path.
pub fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).as_array().unwrap_or_else(|| panic!("{path} is a list in {value:#}"))
}

/// The texts at a path.
pub fn strings<'a>(value: &'a Value, path: &str) -> Vec<&'a str> {
    list(value, path).iter().map(|item| item.as_str().expect("the items are texts")).collect()
}
