//! What `std.gitops` makes: objects by which Flux and Argo CD apply what flinkc wrote.

#[cfg(feature = "real")]
#[path = "judge/server.rs"]
mod server;

use flinkc::diagnostic::render::{Look, human};
use flinkc::driver;
use flinkc::host::MemoryHost;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The objects of a program in the environment `prod`, which lies in `engines`.
fn objects(declarations: &str) -> Vec<Json> {
    let program = format!("import std.gitops\nenvironment prod {{ namespace = \"engines\" }}\n{declarations}\n");
    let host = MemoryHost::new([("main.flink", program.as_str())]);
    let outcome = driver::render_with(&host, "", None, &[], "prod", None);
    let said = human(&outcome.diagnostics, &outcome.files, Look::Plain);
    let bytes = outcome.value.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(outcome.diagnostics, [], "{said}");
    serde_yaml::Deserializer::from_slice(&bytes)
        .map(|document| serde::Deserialize::deserialize(document).expect("render prints YAML"))
        .collect()
}

fn object(objects: &[Json], kind: &str, name: &str) -> Json {
    let is_it = |object: &&Json| object["kind"] == kind && object["metadata"]["name"] == name;
    objects.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name} in {objects:?}")).clone()
}

/// The messages about a program, as its only environment sees them.
fn complaints(declarations: &str) -> Vec<String> {
    let program = format!("import std.gitops\nenvironment prod {{ namespace = \"engines\" }}\n{declarations}\n");
    let host = MemoryHost::new([("main.flink", program.as_str())]);
    driver::check_with(&host, "", None, &[]).diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
}

#[test]
fn flux_applies_parts_in_their_order() {
    let made = objects(
        r#"
        gitops.flux streams {
          git { url = "ssh://git@git.example.com/streams", branch = "release", secret = "deploy-key" }
          parts {
            platform { after = ["flux-system/flink-operator"] }
            clicks   { after = ["platform"] }
          }
          apply { timeout = 20min }
        }
        external Secret deploy-key
        external Kustomization "flink-operator"
        external Namespace flux-system
        "#,
    );
    assert_eq!(made.len(), 3);
    let source = object(&made, "GitRepository", "streams");
    assert_eq!(source["spec"]["ref"], json!({ "branch": "release" }));
    assert_eq!(source["spec"]["secretRef"], json!({ "name": "deploy-key" }));
    let clicks = object(&made, "Kustomization", "streams-clicks");
    assert_eq!(clicks["spec"]["path"], "./deploy/clicks/overlays/prod");
    assert_eq!(clicks["spec"]["sourceRef"], json!({ "kind": "GitRepository", "name": "streams" }));
    assert_eq!(clicks["spec"]["dependsOn"], json!([{ "name": "streams-platform" }]));
    assert_eq!(clicks["spec"]["timeout"], "20m");
    let platform = object(&made, "Kustomization", "streams-platform");
    assert_eq!(platform["spec"]["dependsOn"], json!([{ "name": "flink-operator", "namespace": "flux-system" }]));
    assert_eq!(clicks["spec"]["wait"], true);
    let kinds: BTreeSet<&str> = clicks["spec"]["healthCheckExprs"]
        .as_array()
        .expect("health is said")
        .iter()
        .filter_map(|health| health["kind"].as_str())
        .collect();
    let known = ["FlinkBlueGreenDeployment", "FlinkDeployment", "FlinkSessionJob", "FlinkStateSnapshot"];
    assert_eq!(kinds, BTreeSet::from(known));
}

#[test]
fn an_artifact_has_the_output_at_its_top() {
    let made = objects(
        r#"
        gitops.flux streams {
          oci { url = "oci://registry.example.com/streams", tag = "prod" }
          environment = "staging"
          apply { wait = false, variables { region = "eu" } }
        }
        "#,
    );
    assert_eq!(object(&made, "OCIRepository", "streams")["spec"]["ref"], json!({ "tag": "prod" }));
    let all = object(&made, "Kustomization", "streams");
    assert_eq!(all["spec"]["path"], "./overlays/staging");
    assert_eq!(all["spec"]["sourceRef"]["kind"], "OCIRepository");
    assert_eq!(all["spec"]["postBuild"]["substitute"], json!({ "region": "eu" }));
    assert_eq!(all["spec"]["healthCheckExprs"], Json::Null, "nobody waits");
}

#[test]
fn a_part_comes_after_parts_above_it() {
    let flux = |parts: &str| {
        let source = r#"git { url = "https://git.example.com/streams" }"#;
        complaints(&format!("gitops.flux streams {{\n  {source}\n  parts {{\n{parts}\n}}\n}}"))
    };
    let message = "`a` comes after `b`, which is no part that stands above it";
    assert_eq!(flux("a { after = [\"b\"] }\nb {}"), [message]);
    assert_eq!(flux("a { after = [\"b\"] }"), [message]);
    assert_eq!(flux("a { after = [\"a\"] }"), ["`a` comes after `a`, which is no part that stands above it"]);
    assert_eq!(flux("b {}\na { after = [\"b\"] }"), [""; 0]);
    // What nothing makes is found by its link.
    assert!(flux("a { after = [\"engines/missing\"] }").iter().any(|message| message.contains("`missing`")));
}

#[test]
fn sources_are_one_thing() {
    let cases = [
        ("gitops.flux x {}", "there is one source: set either `git` or `oci`"),
        (
            "gitops.git_repository x { url = \"https://a.example.com/b\", tag = \"v1\", commit = \"0a\" }",
            "there is one state of the repository to take, and 2 are named",
        ),
        (
            "gitops.git_repository x { url = \"git@git.example.com:b\" }",
            "Flux reads Git by `https`, `http` and `ssh`, and `git@git.example.com:b` begins with none of them",
        ),
        (
            "gitops.oci_repository x { url = \"oci://a.example.com/b:prod\" }",
            "the address `oci://a.example.com/b:prod` also says which artifact",
        ),
        (
            "gitops.oci_repository x { url = \"a.example.com/b\" }",
            "the address of an OCI repository begins with `oci://`",
        ),
        (
            "gitops.flux x {\n  oci { url = \"oci://a.example.com:5000/b\" }\n  path = \"../b\"\n}",
            "`../b` leads out of the source: name a directory in it",
        ),
    ];
    for (program, message) in cases {
        assert_eq!(complaints(program), [message], "{program}");
    }
    assert_eq!(complaints("gitops.oci_repository x { url = \"oci://localhost:5000/b\" }"), [""; 0]);
}

#[test]
fn argo_cd_applies_what_was_built() {
    let made = objects(
        r#"
        gitops.application clicks-prod {
          repository  = "https://git.example.com/streams.git"
          environment = "prod"
          part        = "clicks"
          wave        = 2
          cascade     = true
          cluster { name = "prod-eu" }
          sync { create_namespace = true }
        }
        "#,
    );
    let made = object(&made, "Application", "clicks-prod");
    assert_eq!(made["metadata"]["annotations"], json!({ "argocd.argoproj.io/sync-wave": "2" }));
    assert_eq!(made["metadata"]["finalizers"], json!(["resources-finalizer.argocd.argoproj.io"]));
    assert_eq!(
        made["spec"],
        json!({
            "project": "default",
            "source": {
                "repoURL": "https://git.example.com/streams.git",
                "targetRevision": "HEAD",
                "path": "deploy/clicks/overlays/prod",
            },
            "destination": { "name": "prod-eu" },
            "syncPolicy": {
                "automated": { "prune": true, "selfHeal": true },
                "syncOptions": ["ServerSideApply=true", "CreateNamespace=true"],
            },
        })
    );
}

#[test]
fn argo_cd_runs_the_plugin() {
    let made = objects(
        r#"
        gitops.application clicks {
          repository  = "https://git.example.com/streams.git"
          path        = "clicks"
          environment = "prod"
          plugin { params { image_tag = "2.4.0" } }
        }
        "#,
    );
    let source = &object(&made, "Application", "clicks")["spec"]["source"];
    assert_eq!(source["path"], "clicks");
    let parameters = json!([{ "name": "env", "string": "prod" }, { "name": "image_tag", "string": "2.4.0" }]);
    assert_eq!(source["plugin"], json!({ "name": "flinkc", "parameters": parameters }));
}

#[test]
fn a_set_has_an_application_for_each_part_of_each_environment() {
    let made = objects(
        r#"
        gitops.application_set streams {
          repository = "https://git.example.com/streams.git"
          parts      = ["clicks", "platform"]
          environments {
            staging { revision = "next" }
            prod { cluster.name = "prod-eu" }
          }
        }
        "#,
    );
    let set = object(&made, "ApplicationSet", "streams");
    let elements = set["spec"]["generators"][0]["list"]["elements"].as_array().expect("a list").clone();
    let names: Vec<&Json> = elements.iter().map(|element| &element["application"]).collect();
    assert_eq!(
        names,
        ["streams-clicks-staging", "streams-platform-staging", "streams-clicks-prod", "streams-platform-prod"]
    );
    let first = json!({
        "application": "streams-clicks-staging", "environment": "staging", "part": "clicks", "revision": "next",
        "path": "deploy/clicks/overlays/staging", "cluster": "", "server": "https://kubernetes.default.svc",
        "namespace": "",
    });
    assert_eq!(elements[0], first);
    assert_eq!((&elements[2]["cluster"], &elements[2]["server"]), (&json!("prod-eu"), &json!("")));
    // The template asks for nothing that an element lacks, which Argo CD would refuse.
    let template = set["spec"]["template"].to_string();
    for asked in template.split("{{.").skip(1).filter_map(|rest| rest.split("}}").next()) {
        assert!(first.get(asked).is_some(), "{asked}");
    }
    assert_eq!(set["spec"]["syncPolicy"], json!({ "preserveResourcesOnDeletion": true }));
}

/// A program with nearly every field set, and the sources of each kind.
#[cfg(feature = "real")]
const FULL: &str = r#"
gitops.flux streams {
  git { url = "ssh://git@git.example.com/streams", semver = ">=1.0.0", secret = "key", ignore = "*.md", interval = 5min }
  parts {
    platform { after = ["flux-system/flink-operator"] }
    clicks   { after = ["platform"], apply { suspend = true } }
  }
  apply { timeout = 20min, retry = 90s, service_account = "applier", kubeconfig = "remote", variables { region = "eu" } }
}
gitops.flux artifacts {
  oci {
    url = "oci://registry.example.com:5000/streams", tag = "prod", secret = "pull", provider = "generic", insecure = true
  }
}
gitops.git_repository by-commit { url = "https://git.example.com/streams", commit = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a" }
gitops.application clicks {
  repository  = "https://git.example.com/streams.git"
  path        = "clicks"
  environment = "prod"
  plugin { only = "clicks", params { image_tag = "2.4.0" } }
  wave        = 2
  cascade     = true
  cluster { name = "prod-eu", namespace = "clicks" }
  sync { create_namespace = true, options = ["PruneLast=true"] }
}
gitops.application_set all-streams {
  repository = "https://git.example.com/streams.git"
  parts      = ["clicks", "platform"]
  environments { staging { revision = "next" }, prod { cluster.server = "https://prod.example.com" } }
}
external Secret key, pull, remote
external ServiceAccount applier
external Kustomization "flink-operator"
external Namespace flux-system
"#;

/// The CustomResourceDefinitions of the engines, from the modules that they are built from, by kind.
#[cfg(feature = "real")]
fn definitions() -> std::collections::BTreeMap<String, Json> {
    let files = [
        ("github.com/fluxcd/kustomize-controller", "config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml"),
        ("github.com/fluxcd/source-controller", "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml"),
        ("github.com/fluxcd/source-controller", "config/crd/bases/source.toolkit.fluxcd.io_ocirepositories.yaml"),
        ("github.com/argoproj/argo-cd/v3", "manifests/crds/application-crd.yaml"),
        ("github.com/argoproj/argo-cd/v3", "manifests/crds/applicationset-crd.yaml"),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |(module, file): (&str, &str)| {
        let mut go = std::process::Command::new("go");
        go.args(["mod", "download", "-json", module]).current_dir(root.join("tests/tools/crds"));
        let output = go.output().expect("Go is installed");
        let answer: Json = serde_json::from_slice(&output.stdout).expect("an answer in JSON");
        let directory = answer["Dir"].as_str().unwrap_or_else(|| panic!("no directory for {module}: {answer}"));
        let text = fs::read_to_string(Path::new(directory).join(file)).expect(file);
        let definition: Json = serde_yaml::from_str(&text).expect(file);
        (definition["spec"]["names"]["kind"].as_str().expect("it has a kind").to_owned(), definition)
    };
    files.into_iter().map(read).collect()
}

/// What `init` writes, and all that the components can say, is taken by the engines' own definitions, rules included, and
/// no field of it is dropped.
#[cfg(feature = "real")]
#[test]
fn the_engines_take_what_is_made() {
    let mut made = objects(FULL);
    for (example, environment) in [("flux", "dev"), ("argocd", "argocd")] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
        let project = driver::open(&directory).expect("it is there");
        let bytes = driver::render(&project, &[], environment, None).value.expect("it is sound");
        let documents = serde_yaml::Deserializer::from_slice(&bytes);
        made.extend(documents.map(|one| -> Json { serde::Deserialize::deserialize(one).expect("render prints YAML") }));
    }
    let definitions = definitions();
    let mut wanted = made.clone();
    // The judge is awake: what no definition has is dropped, and what is wrong is refused.
    let mut broken = made[0].clone();
    broken["spec"] = json!({ "intervall": "1m" });
    wanted.push(broken);
    let question = |object: &Json| {
        let kind = object["kind"].as_str().expect("it has a kind");
        let definition = definitions.get(kind).unwrap_or_else(|| panic!("no definition of {kind}"));
        json!({ "definition": definition, "object": object }).to_string() + "\n"
    };
    let mut answers = server::answers(wanted.iter().map(question).collect());
    let broken = answers.pop().expect("it was asked");
    assert_eq!((&broken["accepted"], broken["dropped"].to_string().contains("intervall")), (&json!(false), true));
    assert_eq!(answers.len(), made.len());
    for (answer, object) in answers.iter().zip(&made) {
        assert_eq!(answer["accepted"], true, "{answer} of {object}");
        assert_eq!(answer["dropped"], json!([]), "{object}");
    }
    let kinds: BTreeSet<&str> = made.iter().filter_map(|object| object["kind"].as_str()).collect();
    assert_eq!(kinds.len(), definitions.len(), "each kind was seen: {kinds:?}");
}

#[test]
fn every_component_object_and_field_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documentation = fs::read_to_string(root.join("docs/gitops.md")).expect("the page is there");
    let mut fields = 0;
    for entry in fs::read_dir(root.join("stdlib/gitops")).expect("the library is there") {
        let library = fs::read_to_string(entry.expect("it can be listed").path()).expect("it is UTF-8");
        let mut section = "";
        for line in library.lines() {
            let row = |text: &str| documentation.lines().any(|line| line.starts_with(&format!("| `{text}")));
            if let Some(name) = line.strip_prefix("component ").and_then(|rest| rest.split('(').next()) {
                assert!(row(&format!("gitops.{name} ")), "the component {name} is there");
            } else if let Some(name) = line.strip_prefix("schema ").and_then(|rest| rest.strip_suffix(" {")) {
                let heading = format!("### `{name}`");
                let from = documentation.find(&heading);
                // What only functions of the library hand to each other is nobody's to write.
                section = from.map_or("", |from| {
                    let rest = &documentation[from + 4..];
                    &rest[..rest.find("\n#").unwrap_or(rest.len())]
                });
                assert!(
                    from.is_some() || ["Dependency", "Parameter", "Element"].contains(&name),
                    "{name} has a heading"
                );
            } else if line == "}" {
                section = "";
            } else if let Some((name, _)) = line.strip_prefix("  ").and_then(|line| line.split_once(": "))
                && !section.is_empty()
                && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
            {
                let said = section.lines().any(|line| line.starts_with(&format!("| `{name}`")));
                assert!(said, "the field {name} is there in\n{section}");
                fields += 1;
            }
        }
    }
    assert!(fields >= 50, "{fields}");
}
