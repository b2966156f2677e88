//! What Argo CD says of an Application, in environment variables and by the directory.
//!
//! Argo CD sets `ARGOCD_APP_…` and `KUBE_…` itself; what an Application sets comes as `ARGOCD_ENV_…`, `PARAM_…` and
//! `ARGOCD_APP_PARAMETERS`. Nothing else is read, so that an Application changes nothing but its own environment,
//! declaration and params.

use crate::cli::Failure;
use crate::driver::{ClusterFacts, Given, Project};
use crate::host::normal_path;
use serde::Deserialize;
use serde_json::Value as Json;
use std::env::{self, VarError};
use std::path::{Path, PathBuf};

/// The parameter that names the environment.
pub(super) const ENVIRONMENT: &str = "env";
/// The parameter that names the only declaration that is wanted.
pub(super) const ONLY: &str = "only";

/// What an Application asks for, and what its cluster is.
#[derive(Debug, Default)]
pub(super) struct Application {
    pub environment: Option<String>,
    pub only: Option<String>,
    /// Values of params.
    pub given: Vec<(String, Given)>,
    pub cluster: ClusterFacts,
}

/// A parameter as Argo CD writes it.
#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    string: Option<String>,
    array: Option<Vec<String>>,
    /// Of texts; their order is kept.
    map: Option<serde_json::Map<String, Json>>,
}

impl Application {
    /// Reads the environment.
    ///
    /// # Errors
    /// A variable that is not UTF-8, or parameters that are none.
    pub(super) fn read() -> Result<Application, Failure> {
        let mut application = Application {
            environment: variable("ARGOCD_ENV_ENV")?,
            only: variable("ARGOCD_ENV_ONLY")?,
            given: Vec::new(),
            cluster: ClusterFacts {
                version: variable("KUBE_VERSION")?.unwrap_or_default(),
                api_versions: variable("KUBE_API_VERSIONS")?
                    .iter()
                    .flat_map(|list| list.split(','))
                    .filter(|entry| !entry.is_empty())
                    .map(str::to_owned)
                    .collect(),
            },
        };
        let parameters = variable("ARGOCD_APP_PARAMETERS")?.unwrap_or_else(|| "null".to_owned());
        for (name, given) in read_parameters(&parameters)? {
            match name.as_str() {
                // An empty field of the user interface says nothing.
                ENVIRONMENT => application.environment = single(&name, given)?.or(application.environment),
                ONLY => application.only = single(&name, given)?.or(application.only),
                _ => application.given.push((name, given)),
            }
        }
        Ok(application)
    }
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::Told(format!("the variable {name} is not UTF-8"))),
    }
}

/// The names and values of parameters; Argo CD writes `null` where there are none.
fn read_parameters(text: &str) -> Result<Vec<(String, Given)>, Failure> {
    // The reader's own words would quote values.
    let parameters: Option<Vec<Parameter>> = serde_json::from_str(text).map_err(|error| {
        let place = error.column();
        Failure::Told(format!("ARGOCD_APP_PARAMETERS is no list of parameters, at its character {place}"))
    })?;
    let mut read: Vec<(String, Given)> = Vec::new();
    for Parameter { name, string, array, map } in parameters.unwrap_or_default() {
        let given = match (string, array, map) {
            (Some(text), None, None) => Given::Text(text),
            (None, Some(items), None) => Given::List(items),
            (None, None, Some(entries)) => Given::Map(
                entries.into_iter().map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned())).collect(),
            ),
            (None, None, None) => return Err(Failure::Told(format!("parameter `{name}` has no value"))),
            _ => return Err(Failure::Told(format!("parameter `{name}` has more than one value"))),
        };
        if read.iter().any(|(known, _)| *known == name) {
            return Err(Failure::Told(format!("parameter `{name}` is set twice")));
        }
        read.push((name, given));
    }
    Ok(read)
}

/// The text of a parameter; none where it is empty.
fn single(name: &str, given: Given) -> Result<Option<String>, Failure> {
    match given {
        Given::Text(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Given::List(_) | Given::Map(_) => Err(Failure::Told(format!("parameter `{name}` must be one string"))),
    }
}

/// The program in the directory that the process was started in.
///
/// # Errors
/// The directory cannot be read, or its path is not UTF-8.
pub(super) fn project() -> Result<Project, Failure> {
    let here = env::current_dir().and_then(|here| here.canonicalize());
    let here = here.map_err(|error| Failure::Told(format!("the Application's directory cannot be read: {error}")))?;
    let (root, module) = split(&here, variable("ARGOCD_APP_SOURCE_PATH")?.as_deref().unwrap_or_default());
    Ok(Project { root, module, file: None })
}

/// The repository's root, and the Application's directory in it.
///
/// Argo CD unpacks the repository into a directory of its own and says the path of the Application in it. Where that
/// is not how the directory's real path ends (it leads over a symbolic link, or is not said) the Application's
/// directory is all that may be read: less than a program might want, and never more than it may.
fn split(directory: &Path, source_path: &str) -> (PathBuf, String) {
    let inside = normal_path("", source_path.trim_matches('/')).filter(|path| directory.ends_with(path));
    let Some(inside) = inside.filter(|path| !path.is_empty()) else {
        return (directory.to_path_buf(), String::new());
    };
    let root = directory.ancestors().nth(inside.split('/').count()).unwrap_or(directory);
    (root.to_path_buf(), inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_what_argo_cd_unpacked() {
        let of = |directory: &str, path: &str| {
            let (root, module) = split(Path::new(directory), path);
            (root.to_string_lossy().into_owned(), module)
        };
        let pair = |root: &str, module: &str| (root.to_owned(), module.to_owned());
        assert_eq!(of("/tmp/w/1/a/b", "a/b"), pair("/tmp/w/1", "a/b"));
        assert_eq!(of("/tmp/w/1/a/b", "./a//b/"), pair("/tmp/w/1", "a/b"));
        assert_eq!(of("/tmp/w/1/b", "a/../b"), pair("/tmp/w/1", "b"));
        for path in ["", ".", "/", "..", "../1", "x", "b"] {
            assert_eq!(of("/tmp/w/1/a", path), pair("/tmp/w/1/a", ""), "{path}");
        }
    }

    fn refusal(text: &str) -> String {
        match read_parameters(text) {
            Err(Failure::Told(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn parameters_are_read_as_argo_cd_writes_them() {
        let text = r#"[{"name":"a","string":""},{"name":"b","array":["1","2"]},{"name":"c","map":{"z":"1","a":"2"}}]"#;
        let read = read_parameters(text).expect("parameters");
        let pairs = vec![("z".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        let expected = [
            ("a".to_owned(), Given::Text(String::new())),
            ("b".to_owned(), Given::List(vec!["1".to_owned(), "2".to_owned()])),
            ("c".to_owned(), Given::Map(pairs)),
        ];
        assert_eq!(read, expected);
        assert!(read_parameters("null").expect("none").is_empty());
        assert_eq!(refusal(r#"[{"name":"a"}]"#), "parameter `a` has no value");
        assert_eq!(refusal(r#"[{"name":"a","string":"x","array":[]}]"#), "parameter `a` has more than one value");
        assert_eq!(refusal(r#"[{"name":"a","string":"x"},{"name":"a","string":"y"}]"#), "parameter `a` is set twice");
        let text = refusal(r#"{"hunter2": 1}"#);
        assert!(text.starts_with("ARGOCD_APP_PARAMETERS is no list") && !text.contains("hunter2"), "{text}");
    }
}
