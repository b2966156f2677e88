//! Lists the kinds of k8s-openapi, which has no list of its own: every `impl crate::Resource for` in its source
//! becomes one line of Rust that hands the type to `main.rs`.

use serde_json::Value;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const IMPLEMENTATION: &str = "impl crate::Resource for ";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=Cargo.toml");
    let version = version()?;
    let root = k8s_openapi()?.join("src").join(&version);
    let mut kinds = Vec::new();
    for file in walkdir::WalkDir::new(&root) {
        let file = file?;
        if file.path().extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(file.path())?;
            kinds.extend(kinds_of(&root, file.path(), &text)?);
        }
    }
    kinds.sort();
    let mut list = String::from("fn add_all(types: &mut Types) {\n");
    for kind in kinds {
        writeln!(list, "    types.add::<{kind}>();")?;
    }
    list.push_str("}\n");
    let version = version.replace("v1_", "1.");
    writeln!(list, "const VERSION: &str = \"{version}\";")?;
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("kinds.rs"), list)?;
    Ok(())
}

/// The version that is asked for, named as k8s-openapi names its module.
fn version() -> Result<String, Box<dyn Error>> {
    for minor in 33..=37 {
        if std::env::var_os(format!("CARGO_FEATURE_V1_{minor}")).is_some() {
            return Ok(format!("v1_{minor}"));
        }
    }
    Err("choose a version of Kubernetes with one of the features v1_33 to v1_37".into())
}

/// Where cargo keeps the source of k8s-openapi.
fn k8s_openapi() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(std::env::var("CARGO")?)
        // Only what this build has fetched already can be asked about without a network.
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &std::env::var("TARGET")?])
        .arg("--manifest-path")
        .arg(PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("Cargo.toml"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "k8s-openapi")
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or("k8s-openapi is not among the packages")?;
    Ok(Path::new(manifest).parent().ok_or("a manifest has a directory")?.to_path_buf())
}

/// The paths of the types of one file that objects of a cluster can have.
fn kinds_of(root: &Path, file: &Path, text: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let directory = file.parent().ok_or("a file has a directory")?.strip_prefix(root)?;
    let module: Vec<String> = directory.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let mut kinds = Vec::new();
    for (at, _) in text.match_indices(IMPLEMENTATION) {
        let body = &text[at + IMPLEMENTATION.len()..];
        let (head, rest) = body.split_once('{').ok_or("an implementation has a body")?;
        let body = rest.split_once("\n}").map_or(rest, |(body, _)| body);
        // Requests such as Eviction are sub-resources: they are posted, never kept.
        let kept = body.contains("crate::NamespaceResourceScope;") || body.contains("crate::ClusterResourceScope;");
        // Lists and discovery documents have no name.
        let name = head.trim();
        let named = text.contains(&format!(
            "impl crate::Metadata for {name} {{\n    type Ty = crate::apimachinery::pkg::apis::meta::v1::ObjectMeta;"
        ));
        if kept && named {
            kinds.push(format!("k8s_openapi::{}::{name}", module.join("::")));
        }
    }
    Ok(kinds)
}
