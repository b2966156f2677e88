//! Imports the CustomResourceDefinitions of real projects, and holds the standard library's kinds to them.
//!
//! `UPDATE_KINDS=1 cargo test --features real --test real_crds` rewrites `stdlib/kinds`.

#![cfg(feature = "real")]

mod objects;
mod origins;
mod typescript;

use flinkc::diagnostic::Diagnostics;
use flinkc::driver::check_with;
use flinkc::host::MemoryHost;
use flinkc::import::{Docs, Imported, Options, Source, import_crds};
use flinkc::source::FileId;
use flinkc::syntax::parse;
use origins::{File, Origin};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{env, fs};

/// What the standard library ships, as ends of the names of files.
const SHIPPED: [&str; 17] = [
    "/application-crd.yaml",
    "/applicationset-crd.yaml",
    "/cert-manager.io_certificates.yaml",
    "/cert-manager.io_clusterissuers.yaml",
    "/cert-manager.io_issuers.yaml",
    "/external-secrets.io_externalsecrets.yaml",
    "/kustomize.toolkit.fluxcd.io_kustomizations.yaml",
    "/source.toolkit.fluxcd.io_gitrepositories.yaml",
    "/source.toolkit.fluxcd.io_ocirepositories.yaml",
    "/keda.sh_scaledobjects.yaml",
    "/monitoring.coreos.com_podmonitors.yaml",
    "/monitoring.coreos.com_servicemonitors.yaml",
    "/gateway.networking.k8s.io_httproutes.yaml",
    "FlinkBlueGreenDeployment.json",
    "FlinkDeployment.json",
    "FlinkSessionJob.json",
    "FlinkStateSnapshot.json",
];

static ORIGINS: LazyLock<Vec<Origin>> = LazyLock::new(|| {
    let mut origins = origins::go_modules();
    origins.push(origins::flink());
    origins
});

fn import(files: &[&File], docs: Docs, origin: &str) -> Imported {
    let sources: Vec<Source> = files.iter().map(|file| Source { name: &file.path, text: &file.text }).collect();
    import_crds(&sources, Options { docs, origin: Some(origin) })
}

/// Imports all definitions of an origin; every file of the result must parse and declare kinds that the
/// compiler understands. Gives the number of kinds.
fn imports(origin: &Origin) -> usize {
    let files: Vec<&File> = origin.files.iter().collect();
    assert!(!files.is_empty(), "{} has no definitions", origin.name);
    let lines: usize = files.iter().map(|file| file.text.lines().count()).sum();
    let before = Instant::now();
    let imported = import(&files, Docs::All, &origin.name);
    let took = before.elapsed();
    assert!(imported.diagnostics.is_empty(), "{}: {:#?}", origin.name, imported.diagnostics);
    // Gateway API ships policies beside its definitions.
    let strange: Vec<&String> =
        imported.notes.iter().filter(|note| !note.contains(": ValidatingAdmissionPolicy")).collect();
    assert!(strange.is_empty(), "{}: {strange:#?}", origin.name);
    // 12,000 lines in well under a second; unoptimized, and with another test beside it.
    let allowed = Duration::from_millis(500 + lines as u64 / 10);
    assert!(took < allowed, "{}: {lines} lines took {took:?}", origin.name);
    for (path, text) in &imported.files {
        let mut sink = Diagnostics::default();
        let file = parse(FileId(0), text, &mut sink);
        let diagnostics = sink.finish(&[]);
        assert!(diagnostics.is_empty(), "{path} of {}: {:#?}\n{text}", origin.name, diagnostics.first());
        assert!(!file.items.is_empty());
        let program = "environment dev { namespace = \"a\" }\n";
        let host = MemoryHost::new([("main.flink", program), ("kinds.flink", text)]);
        let diagnostics = check_with(&host, "", None, &[]).diagnostics;
        assert!(diagnostics.is_empty(), "{path} of {}: {:#?}", origin.name, diagnostics.first());
    }
    println!("{}: {} kinds of {} files, {lines} lines, {took:?}", origin.name, imported.kinds, files.len());
    imported.kinds
}

#[test]
fn every_definition_imports_and_parses() {
    let kinds: usize = ORIGINS.iter().map(imports).sum();
    assert!(kinds >= 70, "only {kinds} kinds were found");
}

#[test]
fn strimzis_definitions_import_and_parse() {
    assert!(imports(&origins::strimzi()) >= 10);
}

fn kinds_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib")
}

/// The files under `stdlib/kinds`, by their path from `stdlib`.
fn shipped() -> BTreeMap<String, String> {
    let root = kinds_directory();
    let entries = walkdir::WalkDir::new(root.join("kinds")).into_iter().map(|entry| entry.expect("can be read"));
    let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
        let path = entry.path().strip_prefix(&root).expect("is below the root");
        let path = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        (path, fs::read_to_string(entry.path()).expect("is text"))
    });
    files.collect()
}

#[test]
fn the_standard_library_has_what_the_importer_makes() {
    let mut made = BTreeMap::new();
    let mut found = 0;
    for origin in ORIGINS.iter() {
        let wanted = |file: &&File| SHIPPED.iter().any(|end| file.path.ends_with(end));
        let files: Vec<&File> = origin.files.iter().filter(wanted).collect();
        found += files.len();
        made.extend(import(&files, Docs::First, &origin.name).files);
    }
    assert_eq!(found, SHIPPED.len(), "some definitions were not found");
    if env::var_os("UPDATE_KINDS").is_some_and(|value| !value.is_empty() && value != "0") {
        for (path, text) in &made {
            let path = kinds_directory().join(path);
            fs::create_dir_all(path.parent().expect("it lies in a directory")).expect("can be made");
            fs::write(path, text).expect("can be written");
        }
    }
    let shipped = shipped();
    for (path, text) in &made {
        let hint = "UPDATE_KINDS=1 cargo test --features real --test real_crds rewrites it";
        assert_eq!(shipped.get(path), Some(text), "stdlib/{path} is not what the importer makes; {hint}");
    }
    let stray: Vec<&String> = shipped.keys().filter(|path| !made.contains_key(*path)).collect();
    assert!(stray.is_empty(), "nothing makes {stray:?}");
}
