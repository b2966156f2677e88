//! `flinkc plugin krm` as Kustomize and kpt call it: a ResourceList in, a ResourceList out.

use serde_json::Value as Json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const FINE: i32 = 0;
const WRONG: i32 = 1;
const IMPOSSIBLE: i32 = 2;

const PROGRAM: &str = "param tag: string = \"1\"\nparam hosts: [string] = []\nenvironment dev {}\nenvironment prod { \
                       namespace = \"live\" }\nresource v1 ConfigMap settings { data { tag = tag, hosts = \
                       json(hosts) } }\nwhen prod { resource v1 ConfigMap more { data { x = \"\"\"\n  a\n\n  \
                       b\n  \"\"\" } } }\n";

/// A directory with a program in `app`.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    fs::create_dir(directory.path().join("app")).expect("can be made");
    fs::write(directory.path().join("app/main.flink"), PROGRAM).expect("can be written");
    directory
}

fn run(directory: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    command.args(["plugin", "krm"]).args(arguments).current_dir(directory).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be run");
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it reads all");
    child.wait_with_output().expect("it ends")
}

/// A list with a configuration in JSON, and items as they stand under `items:`.
fn list(config: &str, items: &str) -> String {
    let items = if items.is_empty() { " []\n".to_owned() } else { format!("\n{items}") };
    format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:{items}functionConfig: {config}\n")
}

/// A configuration of the kind of its own.
fn config(spec: &str) -> String {
    format!("{{apiVersion: flinkc.dev/v1, kind: Flink, metadata: {{name: app}}, spec: {{{spec}}}}}")
}

fn parsed(output: &Output, code: i32) -> Json {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_yaml::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn names(list: &Json) -> Vec<String> {
    let items = list["items"].as_array().expect("there are items");
    items.iter().map(|item| item["metadata"]["name"].as_str().expect("a name").to_owned()).collect()
}

/// The items as the next run's engine hands them in.
fn items(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("it is text");
    text.split_once("items:\n").expect("there are items").1.split("results:").next().unwrap_or_default().to_owned()
}

/// The only result of a refused run, and its field.
fn refusal(directory: &Path, arguments: &[&str], config: &str) -> (String, String) {
    let foreign = "- {apiVersion: v1, kind: Secret, metadata: {name: theirs}}\n";
    let output = run(directory, arguments, &list(config, foreign));
    let list = parsed(&output, WRONG);
    assert_eq!(names(&list), ["theirs"], "what came in goes out");
    let [result] = list["results"].as_array().expect("there are results").as_slice() else { panic!("{list}") };
    assert_eq!(result["severity"], "error");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let message = result["message"].as_str().expect("a message").to_owned();
    assert!(said.starts_with("error"), "{said}");
    (message, result["field"]["path"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn another_run_replaces_what_the_first_made_and_nothing_else() {
    let directory = directory();
    let foreign = "- apiVersion: v1 # theirs\n  kind: ConfigMap\n  metadata: {name: 'theirs'}\n  data:\n    x: |\n      - \
                   a\n\n      b\n";
    let prod = config("project: app, environment: prod, params: {tag: '2.10', hosts: [a, b]}");
    let first = run(directory.path(), &[], &list(&prod, foreign));
    let made = parsed(&first, FINE);
    assert_eq!(names(&made), ["theirs", "settings", "more"]);
    assert!(items(&first).starts_with(foreign), "{}", items(&first));
    assert_eq!(made["items"][1]["data"], serde_json::json!({ "tag": "2.10", "hosts": "[\"a\",\"b\"]" }));
    assert_eq!(made["items"][2]["data"]["x"], "a\n\nb");
    let annotations = &made["items"][1]["metadata"]["annotations"];
    assert_eq!(annotations["flinkc.dev/made-by"], "app");
    assert_eq!(annotations["internal.config.kubernetes.io/path"], "app/configmap-settings.yaml");

    let again = run(directory.path(), &[], &list(&prod, &items(&first)));
    assert_eq!(again.stdout, first.stdout, "the same once more");

    let moved = items(&first).replace("app/configmap-settings.yaml", "elsewhere.yaml");
    let dev = config("project: app, environment: dev");
    let third = run(directory.path(), &[], &list(&dev, &moved.replace("namespace: live", "namespace: default")));
    let third = parsed(&third, FINE);
    assert_eq!(names(&third), ["theirs", "settings"], "what dev lacks is gone");
    let annotations = &third["items"][1]["metadata"]["annotations"];
    assert_eq!(annotations["internal.config.kubernetes.io/path"], "elsewhere.yaml", "it stays where it was moved");

    let theirs = items(&first).replace("made-by: app", "made-by: other");
    let output = run(directory.path(), &[], &list(&prod, &theirs));
    let refused = parsed(&output, WRONG);
    assert_eq!(
        refused["results"][0]["message"],
        "functionConfig: ConfigMap `settings` is there already in app/configmap-settings.yaml; the configuration \
         `other` made it"
    );
}

#[test]
fn for_kustomize_the_objects_are_those_of_render() {
    let directory = directory();
    let annotated = "{apiVersion: flinkc.dev/v1, kind: Flink, metadata: {name: app, annotations: \
                     {config.kubernetes.io/function: x}}, spec: {project: app/main.flink, environment: prod}}";
    let echo = annotated.replace("name: app,", "name: app, ");
    let output = run(directory.path(), &[], &list(annotated, &format!("- {echo}\n")));
    let made = parsed(&output, FINE);
    assert_eq!(names(&made), ["settings", "more"], "the configuration is none of the objects");
    assert!(made["items"][0]["metadata"]["annotations"].is_null(), "{made}");
}

#[test]
fn a_config_map_of_kpt_is_a_configuration_too() {
    let directory = directory();
    let of = |data: &str| {
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: function-input}}, data: {{{data}}}}}")
    };
    let output = run(directory.path(), &[], &list(&of("project: app, environment: dev, params.tag: '3'"), ""));
    let made = parsed(&output, FINE);
    assert_eq!(made["items"][0]["data"]["tag"], "3");
    assert_eq!(made["items"][0]["metadata"]["annotations"]["flinkc.dev/made-by"], "app");
    let source = "environment a {}\nresource v1 ConfigMap x { data { y = \"1\" } }";
    let inline = serde_json::json!({ "environment": "a", "source": source }).to_string();
    let text = format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: inline}}, data: {inline}}}");
    assert_eq!(names(&parsed(&run(directory.path(), &[], &list(&text, "")), FINE)), ["x"]);
    let wrong = refusal(directory.path(), &[], &text.replace("ConfigMap x", "ConfigMpa x"));
    assert_eq!(wrong.1, "data.source");
    let wrong = refusal(directory.path(), &[], &of("project: app, environment: dev, parms.tag: '3'"));
    assert_eq!(wrong.1, "data.parms.tag");
}

#[test]
fn a_diagnostic_names_its_file_and_line() {
    let directory = directory();
    fs::write(directory.path().join("app/main.flink"), PROGRAM.replace("tag = tag", "tag = tga")).expect("written");
    let output = run(directory.path(), &[], &list(&config("project: app, environment: dev"), ""));
    let list = parsed(&output, WRONG);
    let result = &list["results"][0];
    assert_eq!(result["file"]["path"], "app/main.flink");
    assert_eq!(result["tags"]["line"], "5");
    assert_eq!(result["tags"]["code"], "unknown-name");
    assert!(result["message"].as_str().is_some_and(|text| text.contains("did you mean `tag`?")), "{result}");
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_at_its_field() {
    let directory = directory();
    let of = |spec: &str| refusal(directory.path(), &[], &config(spec));
    let said = |spec: &str, message: &str, field: &str| {
        let (told, at) = of(spec);
        assert_eq!((told.as_str(), at.as_str()), (message, field), "{spec}");
    };
    said(
        "project: app",
        "functionConfig: spec.environment: is missing; there are `dev` and `prod`",
        "spec.environment",
    );
    said(
        "project: app, enviroment: dev, environment: dev",
        "functionConfig: spec.enviroment: there is no such field; did you mean `environment`?",
        "spec.enviroment",
    );
    said(
        "project: app, environment: [dev]",
        "functionConfig: spec.environment: expected a string, found a list",
        "spec.environment",
    );
    said(
        "project: app, environment: dev, params: {tag: 2.10}",
        "functionConfig: spec.params.tag: expected a string, a whole number, true or false, found a number; put the \
         number into quotes: 2.10 without them is the same as 2.1",
        "spec.params.tag",
    );
    said(
        "project: app, source: x, environment: dev",
        "functionConfig: spec.source: stands beside `project`; a program is either a directory or a text: take one of \
         them away",
        "spec.source",
    );
    said("project: none, environment: dev", "functionConfig: spec.project: `none` does not exist", "spec.project");
    said("project: app, environment: dve", "there is no environment `dve`; did you mean `dev`?", "");
    said("project: app, environment: dev, params: {tga: x}", "there is no param `tga`; did you mean `tag`?", "");
    let (told, _) = refusal(directory.path(), &[], "{apiVersion: flinkc.dev/v2, kind: Flink}");
    assert_eq!(told, "functionConfig: apiVersion: `flinkc.dev/v2` has no kind Flink; expected flinkc.dev/v1");
    let (told, _) = refusal(directory.path(), &[], "{apiVersion: v1, kind: Confgmap}");
    assert_eq!(told, "functionConfig: kind: `Confgmap` is no configuration of flinkc; did you mean `ConfigMap`?");

    let missing = run(directory.path(), &[], "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n");
    assert_eq!((missing.status.code(), &*missing.stdout), (Some(IMPOSSIBLE), &b""[..]));
    assert_eq!(run(directory.path(), &[], "").status.code(), Some(IMPOSSIBLE));
}

#[test]
fn nothing_at_all_is_refused_unless_it_is_meant() {
    let directory = directory();
    fs::write(directory.path().join("app/main.flink"), "environment dev {}\n").expect("can be written");
    let (told, field) = refusal(directory.path(), &[], &config("project: app, environment: dev"));
    assert_eq!(field, "spec.environment");
    assert!(told.contains("everything would be deleted"), "{told}");
    let meant = config("project: app, environment: dev, allowEmpty: true");
    assert_eq!(names(&parsed(&run(directory.path(), &[], &list(&meant, "")), FINE)), [""; 0]);
}

#[test]
fn no_path_leads_out_of_the_root() {
    let directory = directory();
    let inner = directory.path().join("inner");
    fs::create_dir(&inner).expect("can be made");
    for path in ["../app", "/etc", "x/../../app"] {
        let (told, field) = refusal(&inner, &[], &config(&format!("project: '{path}', environment: dev")));
        assert_eq!(field, "spec.project");
        assert!(told.contains("lies outside of the root") && told.contains("`--root DIR`"), "{told}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(directory.path().join("app"), inner.join("link")).expect("can be made");
        let (told, _) = refusal(&inner, &[], &config("project: link, environment: dev"));
        assert!(told.contains("symbolic link that leaves the project"), "{told}");
    }
    let beside = list(&config("project: ../app, environment: dev"), "");
    assert_eq!(names(&parsed(&run(&inner, &["--root", ".."], &beside), FINE)), ["settings"]);
}

#[test]
fn the_limits_of_whoever_installs_it_hold() {
    let directory = directory();
    let output = run(directory.path(), &["--max-output", "100"], &list(&config("project: app, environment: dev"), ""));
    assert_eq!((output.status.code(), &*output.stdout), (Some(IMPOSSIBLE), &b""[..]));
    let output = run(directory.path(), &["--max-steps", "3"], &list(&config("project: app, environment: dev"), ""));
    assert_eq!(output.status.code(), Some(WRONG), "{output:?}");
    let bomb = format!("a: &a [x, x]\n{}", (0..40).map(|at| format!("b{at}: &b{at} [*a, *a]\n")).collect::<String>());
    assert_eq!(run(directory.path(), &[], &bomb).status.code(), Some(IMPOSSIBLE));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(run(directory.path(), &[], &deep).status.code(), Some(IMPOSSIBLE));
}
