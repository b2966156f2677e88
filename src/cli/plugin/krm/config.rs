//! What the `functionConfig` asks for: an object of kind Flink, or a ConfigMap as kpt makes one of `configMap:`.

use crate::diagnostic::did_you_mean;
use crate::driver::Given;
use serde_json::{Map, Value as Json};

/// The kind of its own, and its version.
const OWN: (&str, &str) = ("flinkc.dev/v1", "Flink");
/// The fields of both shapes; `params` is a map of the one, and a prefix of keys of the other.
const FIELDS: [&str; 6] = ["project", "source", "environment", "only", "params", "allowEmpty"];
/// The name that kpt gives to a ConfigMap that it makes of `configMap:`.
const UNNAMED: &str = "function-input";
/// What Kustomize finds the function by.
const FUNCTION: [&str; 2] = ["config.kubernetes.io/function", "config.k8s.io/function"];

/// What is asked for.
#[derive(Debug)]
pub(super) struct Config {
    /// What the objects of earlier runs are known by.
    pub id: String,
    /// Whether it says how the function is started, as configurations for Kustomize do.
    pub names_function: bool,
    pub program: Program,
    /// Where it stands: `spec` or `data`.
    pub section: &'static str,
    pub environment: Option<String>,
    pub only: Option<String>,
    pub given: Vec<(String, Given)>,
    pub allow_empty: bool,
}

/// Where the program is.
#[derive(Debug)]
pub(super) enum Program {
    /// A directory or a file, relative to where the function is started.
    Project(String),
    /// The text itself.
    Inline(String),
}

/// What is wrong with a field.
#[derive(Debug)]
pub(super) struct Mistake {
    /// From the top of the configuration; empty for the whole.
    pub field: String,
    message: String,
    help: Option<String>,
    pub proposed: Option<String>,
}

impl Mistake {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Mistake {
        Mistake { field: field.into(), message: message.into(), help: None, proposed: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// One line for people.
    pub(super) fn text(&self) -> String {
        let help = self.help.as_deref().map_or_else(String::new, |help| format!("; {help}"));
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        format!("functionConfig: {field}{}{help}", self.message)
    }
}

/// Reads the configuration; all that is wrong with it comes at once.
pub(super) fn read(config: &Json) -> Result<Config, Vec<Mistake>> {
    let mut reader = Reader { mistakes: Vec::new(), section: "spec" };
    let read = reader.read(config);
    match read {
        Some(config) if reader.mistakes.is_empty() => Ok(config),
        _ => Err(reader.mistakes),
    }
}

struct Reader {
    mistakes: Vec<Mistake>,
    section: &'static str,
}

impl Reader {
    fn read(&mut self, config: &Json) -> Option<Config> {
        let text = |field: &str| config.get(field).and_then(Json::as_str).unwrap_or_default();
        let is_own = match (text("apiVersion"), text("kind")) {
            OWN => true,
            ("v1", "ConfigMap") => false,
            (version, kind) => {
                self.mistakes.push(strange_kind(version, kind));
                return None;
            }
        };
        self.section = if is_own { "spec" } else { "data" };
        let Some(fields) = config.get(self.section).and_then(Json::as_object) else {
            let help = format!("it says at least `project` and `environment`, under `{}`", self.section);
            self.mistakes.push(Mistake::new(self.section, "is missing, or no map").help(help));
            return None;
        };
        if is_own {
            let top = ["apiVersion", "kind", "metadata", "spec"];
            self.only_known("", config.as_object().into_iter().flat_map(Map::keys), &top);
            self.only_known("spec.", fields.keys(), &FIELDS);
        } else {
            let keys = fields.keys().filter(|key| !key.starts_with("params."));
            let known: Vec<&str> =
                FIELDS.iter().map(|name| if *name == "params" { "params.NAME" } else { name }).collect();
            self.only_known("data.", keys, &known);
        }
        let metadata = config.get("metadata").unwrap_or(&Json::Null);
        let name = metadata.get("name").and_then(Json::as_str).filter(|name| !name.is_empty());
        if is_own && name.is_none() {
            self.mistakes.push(Mistake::new("metadata.name", "is missing").help("what is made is known by it"));
        }
        let (only, environment) = (self.word(fields, "only"), self.word(fields, "environment"));
        let program = self.program(fields)?;
        let annotation = |name: &&str| metadata.get("annotations").is_some_and(|all| all.get(name).is_some());
        Some(Config {
            id: id(name, metadata, &program, only.as_deref()),
            names_function: FUNCTION.iter().any(annotation),
            section: self.section,
            environment,
            only,
            given: if is_own { self.params(fields) } else { self.flat_params(fields) },
            allow_empty: self.switch(fields, "allowEmpty"),
            program,
        })
    }

    fn only_known<'a>(&mut self, at: &str, keys: impl Iterator<Item = &'a String>, known: &[&str]) {
        for key in keys.filter(|key| !known.contains(&key.as_str())) {
            let nearest = crate::diagnostic::nearest(key, known.iter().copied()).map(str::to_owned);
            let help = did_you_mean(key, known.iter().copied())
                .unwrap_or_else(|| format!("expected one of {}", known.join(", ")));
            let mistake = Mistake::new(format!("{at}{key}"), "there is no such field").help(help);
            self.mistakes.push(Mistake { proposed: nearest, ..mistake });
        }
    }

    /// The text of a field; none where it is absent or empty.
    fn word(&mut self, fields: &Map<String, Json>, name: &str) -> Option<String> {
        match fields.get(name)? {
            Json::Null => None,
            Json::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            other => {
                self.mistakes.push(self.wrong(name, "a string", other));
                None
            }
        }
    }

    fn switch(&mut self, fields: &Map<String, Json>, name: &str) -> bool {
        match fields.get(name) {
            None | Some(Json::Null) => false,
            Some(Json::Bool(value)) => *value,
            // A ConfigMap has nothing but texts.
            Some(Json::String(text)) if self.section == "data" && ["true", "false"].contains(&text.as_str()) => {
                text == "true"
            }
            Some(other) => {
                self.mistakes.push(self.wrong(name, "true or false", other));
                false
            }
        }
    }

    fn program(&mut self, fields: &Map<String, Json>) -> Option<Program> {
        let before = self.mistakes.len();
        let (project, source) = (self.word(fields, "project"), self.word(fields, "source"));
        let at = |name: &str| format!("{}.{name}", self.section);
        match (project, source) {
            (Some(project), None) => return Some(Program::Project(project)),
            (None, Some(source)) => return Some(Program::Inline(source)),
            (Some(_), Some(_)) => {
                let mistake = Mistake::new(at("source"), "stands beside `project`");
                self.mistakes.push(mistake.help("a program is either a directory or a text: take one of them away"));
            }
            // What is of another type was told already.
            (None, None) if self.mistakes.len() > before => {}
            (None, None) => {
                let help = "name the directory of a program, such as `project: .`, or write one under `source`";
                self.mistakes.push(Mistake::new(at("project"), "is missing").help(help));
            }
        }
        None
    }

    /// Params of the kind of its own: scalars, lists and maps of them.
    fn params(&mut self, fields: &Map<String, Json>) -> Vec<(String, Given)> {
        let params = match fields.get("params") {
            None | Some(Json::Null) => return Vec::new(),
            Some(Json::Object(params)) => params,
            Some(other) => {
                self.mistakes.push(self.wrong("params", "a map of names and values", other));
                return Vec::new();
            }
        };
        let mut given = Vec::new();
        for (name, value) in params {
            let field = format!("params.{name}");
            let value = match value {
                Json::Array(items) => items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.scalar(&format!("{field}[{at}]"), item))
                    .collect::<Option<_>>()
                    .map(Given::List),
                Json::Object(entries) => entries
                    .iter()
                    .map(|(key, item)| Some((key.clone(), self.scalar(&format!("{field}.{key}"), item)?)))
                    .collect::<Option<_>>()
                    .map(Given::Map),
                scalar => self.scalar(&field, scalar).map(Given::Text),
            };
            given.extend(value.map(|value| (name.clone(), value)));
        }
        given
    }

    /// Params of a ConfigMap: `params.NAME` and a text.
    fn flat_params(&mut self, fields: &Map<String, Json>) -> Vec<(String, Given)> {
        let named = fields.iter().filter_map(|(key, value)| Some((key, key.strip_prefix("params.")?, value)));
        let mut given = Vec::new();
        for (key, name, value) in named {
            let text = self.scalar(key, value);
            given.extend(text.map(|text| (name.to_owned(), Given::Text(text))));
        }
        given
    }

    fn scalar(&mut self, field: &str, value: &Json) -> Option<String> {
        match value {
            Json::String(text) => return Some(text.clone()),
            Json::Bool(value) => return Some(value.to_string()),
            Json::Number(number) if !number.is_f64() => return Some(number.to_string()),
            Json::Number(_) => {
                let mistake = self.wrong(field, "a string, a whole number, true or false", value);
                self.mistakes.push(mistake.help("put the number into quotes: 2.10 without them is the same as 2.1"));
            }
            Json::Null | Json::Array(_) | Json::Object(_) => {
                self.mistakes.push(self.wrong(field, "a string, a whole number, true or false", value));
            }
        }
        None
    }

    /// Values are not quoted: results may be seen by others than those who may read the configuration.
    fn wrong(&self, field: &str, expected: &str, found: &Json) -> Mistake {
        let found = match found {
            Json::Null => "null",
            Json::Bool(_) => "a bool",
            Json::Number(_) => "a number",
            Json::String(_) => "another string",
            Json::Array(_) => "a list",
            Json::Object(_) => "a map",
        };
        Mistake::new(format!("{}.{field}", self.section), format!("expected {expected}, found {found}"))
    }
}

fn strange_kind(version: &str, kind: &str) -> Mistake {
    let expected = format!("expected kind {} of {}, or ConfigMap of v1", OWN.1, OWN.0);
    let help = did_you_mean(kind, [OWN.1, "ConfigMap"]).unwrap_or_else(|| expected.clone());
    match (kind, version) {
        ("", _) => Mistake::new("kind", "is missing").help(expected),
        (known, _) if known == OWN.1 => {
            let mistake = Mistake::new("apiVersion", format!("`{version}` has no kind {known}"));
            Mistake { proposed: Some(OWN.0.to_owned()), ..mistake.help(format!("expected {}", OWN.0)) }
        }
        ("ConfigMap", _) => Mistake::new("apiVersion", format!("`{version}` has no ConfigMap")).help("expected v1"),
        (other, _) => Mistake::new("kind", format!("`{other}` is no configuration of flinkc")).help(help),
    }
}

/// What the objects of a configuration are known by: its name, or what it asks for where nobody gave it one.
fn id(name: Option<&str>, metadata: &Json, program: &Program, only: Option<&str>) -> String {
    let namespace = metadata.get("namespace").and_then(Json::as_str).filter(|namespace| !namespace.is_empty());
    match (name.filter(|name| *name != UNNAMED), namespace, program) {
        (Some(name), None, _) => name.to_owned(),
        (Some(name), Some(namespace), _) => format!("{namespace}/{name}"),
        (None, _, Program::Inline(_)) => UNNAMED.to_owned(),
        (None, _, Program::Project(project)) => {
            only.map_or_else(|| project.clone(), |only| format!("{project} {only}"))
        }
    }
}
