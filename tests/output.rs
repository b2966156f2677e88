//! What output is like: how large overlays are, what Kustomize's time is, what an edit changes, and what stands in the
//! configuration of Flink.

mod kustomize;

use flinkc::driver::{build_with, render_with};
use flinkc::host::MemoryHost;
use flinkc::layers::Tree;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const EXAMPLES: [&str; 6] = ["clicks", "hello", "native", "operator", "platform", "session"];

/// The files of an example, by path.
fn example(name: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let files = walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.expect("examples can be read"));
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(&root).expect("is below").to_string_lossy().replace('\\', "/");
            (path, std::fs::read_to_string(entry.path()).expect("examples are text"))
        })
        .collect()
}

fn host(files: &BTreeMap<String, String>) -> MemoryHost {
    MemoryHost::new(files.iter().map(|(path, text)| (path.clone(), text.clone())))
}

fn built(files: &BTreeMap<String, String>) -> Tree {
    let outcome = build_with(&host(files), "", None, &[]);
    let messages: Vec<&str> = outcome.diagnostics.iter().map(|diagnostic| &*diagnostic.message).collect();
    outcome.value.unwrap_or_else(|| panic!("{messages:?}"))
}

/// Bytes of all files below directories of a name.
fn bytes(tree: &Tree, directory: &str) -> usize {
    let is_below = |path: &str| path.contains(&format!("/{directory}/"));
    tree.files.iter().filter(|(path, _)| is_below(path)).map(|(_, content)| content.len()).sum()
}

#[test]
fn overlays_are_small_beside_their_base() {
    // Percent of the base that an environment's overlay has. What an environment has alone, such as the objects of high
    // availability in `clicks`, is in it as well.
    for (name, most) in
        [("clicks", 55), ("hello", 60), ("native", 60), ("operator", 60), ("platform", 15), ("session", 60)]
    {
        let tree = built(&example(name));
        let environments = tree.files.keys().filter(|path| path.starts_with("overlays/")).count();
        let (base, groups, overlays) = (bytes(&tree, "base"), bytes(&tree, "groups"), bytes(&tree, "overlays"));
        let share = 100 * (groups + overlays) / environments / base;
        println!("{name}: base {base}, groups {groups}, overlays {overlays} bytes; {share} % an environment");
        assert!(share <= most, "{name}: {share} % of the base, more than {most} %");
    }
}

#[test]
fn no_directory_says_whole_objects_again_or_needs_a_strategic_merge() {
    for name in EXAMPLES {
        for (path, content) in built(&example(name)).files {
            let text = String::from_utf8(content).expect("output is text");
            if path.contains("/patches/") {
                let steps = text.lines().filter(|line| !line.starts_with('#'));
                let first = steps.clone().next().unwrap_or_default().to_owned();
                assert!(first.starts_with("- op: "), "{name}/{path} is no JSON patch: {first}");
            }
            assert!(!text.contains("$patch"), "{name}/{path}");
        }
    }
}

#[test]
fn nothing_lies_in_a_directory_that_is_not_built_from() {
    for name in EXAMPLES {
        let tree = built(&example(name));
        let mut named: Vec<String> = Vec::new();
        for (path, content) in tree.files.iter().filter(|(path, _)| path.ends_with("kustomization.yaml")) {
            let directory = path.trim_end_matches("kustomization.yaml");
            let kustomization: Json = serde_yaml::from_slice(content).expect("it is YAML");
            let text = |value: &Json| value.as_str().map(str::to_owned);
            let resources = kustomization["resources"].as_array().into_iter().flatten().filter_map(text);
            let patches = kustomization["patches"].as_array().into_iter().flatten();
            let patches = patches.filter_map(|patch| text(&patch["path"]));
            let generators = kustomization["configMapGenerator"].as_array().into_iter().flatten();
            let files = generators.flat_map(|generator| generator["files"].as_array().into_iter().flatten());
            let files = files
                .filter_map(text)
                .map(|file| file.split_once('=').map_or(file.clone(), |(_, path)| path.to_owned()));
            named.extend(resources.chain(patches).chain(files).map(|file| format!("{directory}{file}")));
            named.push(path.clone());
        }
        let stray: Vec<&String> = tree.files.keys().filter(|path| !named.contains(path)).collect();
        assert!(stray.is_empty(), "{name}: {stray:?}");
    }
}

/// How many applications a project has, and how much Kustomize takes for the sum of an environment.
struct Measured {
    plain: f64,
    ours: f64,
}

fn measure(engines: &kustomize::Engines, applications: usize) -> Measured {
    let mut files = example("clicks");
    let program = files.remove("main.flink").expect("it has a program");
    let (head, application) = program.split_once("flink.application clicks {").expect("it has an application");
    let (body, tail) = application.split_once("// Made elsewhere.").expect("it has externals");
    let mut many = head.to_owned();
    for number in 0..applications {
        let body = body.replace("node_port = 30081", &format!("node_port = {}", 30081 + number));
        let _ = writeln!(many, "flink.application clicks-{number} {{{body}");
    }
    files.insert("main.flink".to_owned(), format!("{many}// Made elsewhere.{tail}"));
    let output = tempfile::tempdir().expect("a temporary directory can be made");
    kustomize::objects::write(&built(&files), output.path()).expect("an empty directory takes it");
    let stream = render_with(&host(&files), "", None, &[], "prod", None).value.expect("it renders");
    let plain = output.path().join("plain");
    std::fs::create_dir(&plain).expect("can be made");
    std::fs::write(plain.join("all.yaml"), stream).expect("can be written");
    std::fs::write(plain.join("kustomization.yaml"), "resources: [all.yaml]\n").expect("can be written");
    let fastest = |directory: &Path| {
        let times = engines.time(directory, 7).expect("Kustomize builds it");
        times.into_iter().fold(f64::INFINITY, f64::min)
    };
    let ours = if applications == 1 { "clicks-0/overlays/prod" } else { "overlays/prod" };
    Measured { plain: fastest(&plain), ours: fastest(&output.path().join(ours)) }
}

#[test]
fn kustomize_takes_little_more_time_than_for_plain_resources() {
    let Some(engines) = kustomize::engines() else { return };
    for applications in [1, 10] {
        let Measured { plain, ours } = measure(engines, applications);
        let factor = ours / plain;
        println!(
            "{applications} applications: plain {:.1} ms, ours {:.1} ms, {factor:.2} times",
            plain * 1e3,
            ours * 1e3
        );
        // Each directory that builds on another costs Kustomize two or three milliseconds, whatever is in it. Generous,
        // since machines are busy; still, the first strategic merge patch would add sixty milliseconds at once.
        let allowed = if applications == 1 { plain + 0.04 } else { plain * 3.0 };
        assert!(ours < allowed, "{applications} applications: {factor:.2} times the plain form");
    }
}

/// Lines that are in one output and not in the other, and the files that differ.
fn difference(before: &Tree, after: &Tree) -> (usize, Vec<String>) {
    let mut lines = 0;
    let mut files = Vec::new();
    let paths: std::collections::BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
    for path in paths {
        let text = |tree: &Tree| tree.files.get(path).map(|content| String::from_utf8_lossy(content).into_owned());
        let (was, is) = (text(before).unwrap_or_default(), text(after).unwrap_or_default());
        if was != is {
            let diff = similar::TextDiff::from_lines(&was, &is);
            lines += diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal).count();
            files.push(path.clone());
        }
    }
    (lines, files)
}

#[test]
fn an_edit_changes_few_lines() {
    let clicks = example("clicks");
    let before = built(&clicks);
    // What is edited, into what, and how many lines of which files change; a changed line counts twice.
    let edits: [(&str, &str, usize, &[&str]); 6] = [
        ("replicas = 16,", "replicas = 24,", 2, &["clicks/overlays/prod/kustomization.yaml"]),
        ("slots = 2, replicas = 2", "slots = 2, replicas = 3", 2, &["clicks/base/taskmanager-deployment.yaml"]),
        (
            "TZ = \"UTC\"",
            "TZ = \"Europe/Berlin\"",
            4,
            &["clicks/base/jobmanager-deployment.yaml", "clicks/base/taskmanager-deployment.yaml"],
        ),
        ("clicks.example.com", "example.com", 4, &["clicks/overlays/prod/resources/ingress.yaml"]),
        (
            "savepoints = \"s3://clicks-prod/savepoints\"",
            "savepoints = \"s3://other/savepoints\"",
            2,
            &["clicks/overlays/prod/config/config.yaml"],
        ),
        (
            "namespace = \"clicks-staging\"",
            "namespace = \"staging\"",
            2,
            &["clicks/overlays/staging/kustomization.yaml"],
        ),
    ];
    for (from, to, most, expected) in edits {
        let mut edited = clicks.clone();
        let program = edited.get_mut("main.flink").expect("it has a program");
        assert!(program.contains(from), "the example has {from}");
        *program = program.replace(from, to);
        let (lines, files) = difference(&before, &built(&edited));
        assert_eq!(files, expected, "{from} to {to}");
        assert!(lines <= most, "{from} to {to}: {lines} lines");
    }
}

#[test]
fn another_application_touches_no_other_ones_files() {
    let mut platform = example("platform");
    let before = built(&platform);
    let jobs = platform.get_mut("jobs.yaml").expect("it has jobs");
    jobs.push_str("- { name: one-more, team: search, class: com.example.more.Main, version: 1.0.0 }\n");
    let after = built(&platform);
    let (_, files) = difference(&before, &after);
    assert!(files.iter().any(|path| path.starts_with("one-more/")), "{files:?}");
    let others: Vec<&String> = files.iter().filter(|path| !path.starts_with("one-more/")).collect();
    assert!(others.iter().all(|path| path.starts_with("overlays/")), "{others:?}");
    for path in others {
        let text = |tree: &Tree| String::from_utf8_lossy(&tree.files[path]).into_owned();
        let added = text(&after).lines().count() - text(&before).lines().count();
        assert_eq!(added, 1, "{path}");
    }
}

/// Texts that YAML readers take for something else.
const TREACHEROUS: [&str; 60] = [
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "True",
    "TRUE",
    "false",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "=",
    "<<",
    "1",
    "-1",
    "+1",
    "0",
    "1_000",
    "0x1f",
    "0o17",
    "0b11",
    "017",
    "08",
    "1e3",
    "1E-3",
    "1.5",
    ".5",
    "5.",
    "1.2.3",
    ".inf",
    "-.INF",
    ".nan",
    "+inf",
    "12:30:45",
    "190:20:30.15",
    "2001-01-01",
    "2001-12-14 21:59:43.10 -5",
    "a: b",
    "a #b",
    "#a",
    "- a",
    "---",
    "...",
    "? a",
    "[a]",
    "{a: b}",
    "&a",
    "*a",
    "!a",
];

#[test]
fn strings_stay_strings_for_kubernetes_wherever_they_stand() {
    let Some(engines) = kustomize::engines() else { return };
    let named: Vec<(String, &str)> =
        TREACHEROUS.iter().enumerate().map(|(at, text)| (format!("k{at}"), *text)).collect();
    let entries = |prefix: &str| {
        named.iter().fold(String::new(), |mut all, (key, text)| {
            let _ = writeln!(all, "    \"{prefix}{key}\" = {text:?}");
            all
        })
    };
    // A label's value is a word; the others may be anything.
    let is_word = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
            && text.ends_with(|letter: char| letter.is_ascii_alphanumeric())
    };
    let labels: String =
        named.iter().filter(|(_, text)| is_word(text)).map(|(key, text)| format!("    {key} = {text:?}\n")).collect();
    let env: String = named.iter().map(|(key, text)| format!("    {key} = {text:?}\n")).collect();
    let program = format!(
        "import std.flink
environment dev {{ namespace = \"n\" }}
flink.session web {{
  flink = \"1.20\"
  config {{
{}  }}
  env {{
{env}  }}
  taskmanager {{ memory = 2Gi }}
}}
resource v1 ConfigMap plain {{
  metadata {{ labels {{
{labels}  }}, annotations {{
{}  }} }}
  data {{
{}  }}
}}
",
        entries("metrics.reporter.x."),
        entries(""),
        entries("")
    );
    let files = BTreeMap::from([("main.flink".to_owned(), program)]);
    let output = tempfile::tempdir().expect("a temporary directory can be made");
    kustomize::objects::write(&built(&files), output.path()).expect("an empty directory takes it");
    let objects = engines.kustomize(&output.path().join("overlays/dev")).expect("Kustomize builds it");
    let of = |kind: &str, name: &str| {
        let is_it = |object: &&Json| {
            object["kind"] == kind && object["metadata"]["name"].as_str().is_some_and(|known| known.starts_with(name))
        };
        objects.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}"))
    };
    let plain = of("ConfigMap", "plain");
    let config = of("ConfigMap", "web-config")["data"]["config.yaml"].as_str().expect("it is a text");
    let config = engines.read(config).expect("it is YAML").remove(0);
    let containers = &of("Deployment", "web-jobmanager")["spec"]["template"]["spec"]["containers"];
    let variables = containers[0]["env"].as_array().expect("it has variables");
    for (key, text) in &named {
        assert_eq!(plain["data"][key], *text);
        assert_eq!(plain["metadata"]["annotations"][key], *text);
        if is_word(text) {
            assert_eq!(plain["metadata"]["labels"][key], *text);
        }
        assert_eq!(config[format!("metrics.reporter.x.{key}")], *text);
        let variable = variables.iter().find(|variable| variable["name"] == **key).expect("it is set");
        assert_eq!(variable["value"], *text);
    }
}

fn flinkc(root: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut flinkc = std::process::Command::new(env!("CARGO_BIN_EXE_flinkc"));
    let output = flinkc.args(arguments).current_dir(root).output().expect("flinkc runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn one_form_takes_the_place_of_the_other_and_edits_are_named() {
    let root = tempfile::tempdir().expect("a temporary directory can be made");
    let program = "environment dev {}\nresource v1 ConfigMap c { data { a = \"b\" } }\n";
    std::fs::write(root.path().join("main.flink"), program).expect("can be written");
    let run = |arguments: &[&str]| flinkc(root.path(), arguments);
    let unit = root.path().file_name().expect("it has one").to_string_lossy().into_owned();
    let there = |path: &str| root.path().join("deploy").join(path.replace("UNIT", &unit)).is_file();
    assert_eq!(run(&["build"]).1, "deploy: 4 written, 0 unchanged, 0 removed\n");
    let overlays = std::fs::read_dir(root.path().join("deploy")).expect("is there").count();
    assert_eq!(overlays, 3, "a unit, the overlays and the list");
    assert_eq!(run(&["build", "--rendered"]).1, "deploy: 3 written, 0 unchanged, 4 removed\n");
    assert!(there("dev/kustomization.yaml") && !there("overlays/dev/kustomization.yaml"));
    assert_eq!(run(&["build", "--rendered", "--check"]).0, Some(0));
    assert_eq!(run(&["build", "--check"]).0, Some(1));

    let edited = root.path().join("deploy/dev/kustomization.yaml");
    std::fs::write(&edited, "mine").expect("can be written");
    std::fs::write(root.path().join("main.flink"), format!("{program}environment prod {{}}\n"))
        .expect("can be written");
    let (code, _, complaint) = run(&["build", "--rendered"]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("`dev/kustomization.yaml` was changed since flinkc wrote it"), "{complaint}");
    assert!(complaint.contains("--force") && !there("prod/kustomization.yaml"), "{complaint}");
    assert_eq!(run(&["build", "--rendered", "--force"]).0, Some(0));
    assert!(there("prod/kustomization.yaml"));
    assert_ne!(std::fs::read_to_string(&edited).expect("is there"), "mine");
}
