//! Every value of every example is explained: who set it, with a place that exists, and who lost.

use flinkc::driver::{self, Project, Question};
use flinkc::explain::{Description, Explanation, Location, Page, Setting, Source, Topic, Values, topics_text};
use flinkc::host::MemoryHost;
use flinkc::schema::Api;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const EXAMPLES: [&str; 4] = ["clicks", "hello", "platform", "session"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn project(example: &str) -> Project {
    driver::open(&root().join("examples").join(example)).expect("the example is there")
}

fn explained(project: &Project, environment: &str, object: &str, path: Option<&str>) -> Values {
    let outcome = driver::explain_value(project, &[], Question { environment, object: Some(object), path });
    assert_eq!(outcome.diagnostics, [], "{environment} {object} {path:?}");
    outcome.value.expect("what is sound has a result").remove(0)
}

fn all(project: &Project, environment: &str) -> Vec<Values> {
    let outcome = driver::explain_value(project, &[], Question { environment, object: None, path: None });
    assert_eq!(outcome.diagnostics, [], "{environment}");
    outcome.value.expect("what is sound has a result")
}

fn environments(project: &Project) -> Vec<String> {
    let tree = driver::build(project, &[]).value.expect("examples build");
    let gathered =
        tree.files.keys().filter_map(|path| path.strip_prefix("overlays/")?.strip_suffix("/kustomization.yaml"));
    gathered.map(str::to_owned).collect()
}

fn objects(project: &Project, environment: &str) -> Vec<String> {
    let outcome = driver::objects_of(project, &[], environment);
    outcome.value.expect("examples build").into_iter().map(|(object, _)| object).collect()
}

/// Texts of the files that explanations name.
#[derive(Default)]
struct Sources(BTreeMap<String, Option<String>>);

impl Sources {
    fn line(&mut self, place: &Location) -> Option<String> {
        let text = self.0.entry(place.file.clone()).or_insert_with(|| {
            let path: PathBuf = match place.file.strip_prefix("std:") {
                Some(inner) => root().join("stdlib").join(inner),
                None => root().join(&place.file),
            };
            std::fs::read_to_string(path).ok()
        });
        text.as_ref()?.lines().nth(place.line - 1).map(|line| line.trim().to_owned())
    }
}

fn every_setting<'v>(settings: &'v [Setting], each: &mut dyn FnMut(&'v Setting)) {
    for setting in settings {
        each(setting);
        for Source { settings, .. } in setting.from.iter().chain(&setting.only_where) {
            every_setting(settings, each);
        }
    }
}

/// The first key of a path's last step, as a word that the source would say.
fn last_key(path: &str) -> &str {
    path.rsplit(['.', '[']).next().unwrap_or(path).trim_matches(['"', ']'])
}

#[test]
fn every_value_of_every_example_has_an_origin() {
    let mut sources = Sources::default();
    let (mut values, mut computed, mut lost) = (0, 0, 0);
    for example in EXAMPLES {
        let project = project(example);
        for environment in environments(&project) {
            for Values { object, values: explanations, .. } in all(&project, &environment) {
                for explanation in explanations {
                    let Explanation { path, settings, .. } = &explanation;
                    let what = format!("{example}: {environment} {object} {path}");
                    let winner = settings.first().unwrap_or_else(|| panic!("{what} was set by somebody"));
                    assert!(!winner.overridden && winner.place.is_some(), "{what}: {winner:?}");
                    assert!(settings[1..].iter().all(|setting| setting.overridden), "{what}: one wins");
                    every_setting(settings, &mut |setting| {
                        let place = setting.place.as_ref().unwrap_or_else(|| panic!("{what}: {setting:?} has a place"));
                        assert_eq!(sources.line(place).as_deref(), Some(&*place.text), "{what}: the place exists");
                        assert!(place.column >= 1 && !place.text.is_empty(), "{what}: {place:?} says something");
                    });
                    values += 1;
                    computed += usize::from(!winner.from.is_empty());
                    every_setting(settings, &mut |setting| lost += usize::from(setting.overridden));
                }
            }
        }
    }
    assert!(values > 3_000, "{values} values");
    assert!(computed > 1_000, "{computed} were computed");
    assert!(lost > 100, "{lost} lost");
}

/// All settings of a value and of what it was computed from, as layer, value, and whether it lost.
fn layers(example: &str, environment: &str, object: &str, path: &str) -> Vec<(String, String, bool)> {
    let values = explained(&project(example), environment, object, Some(path));
    let [explanation] = values.values.as_slice() else { panic!("{path} is one value") };
    let mut layers = Vec::new();
    every_setting(&explanation.settings, &mut |setting| {
        layers.push((setting.layer.clone(), setting.value.clone().unwrap_or_default(), setting.overridden));
    });
    layers
}

#[test]
fn what_a_when_changes_names_who_lost() {
    let said = |found: &[(String, String, bool)], layer: &str, value: &str, overridden: bool| {
        let wanted = (layer.to_owned(), value.to_owned(), overridden);
        assert!(found.contains(&wanted), "{wanted:?} is one of {found:#?}");
    };
    let replicas = layers("clicks", "prod", "Deployment/clicks-taskmanager", "spec.replicas");
    said(&replicas, "when prod", "16", false);
    said(&replicas, "declaration", "2", true);
    said(&replicas, "default of TaskManager", "1", true);
    let memory = "spec.template.spec.containers.taskmanager.resources.limits.memory";
    let memory = layers("clicks", "prod", "deploy/clicks-taskmanager", memory);
    said(&memory, "when prod", "16Gi", false);
    said(&memory, "declaration", "4Gi", true);
    let cpu =
        layers("clicks", "local", "deploy/clicks-jobmanager", "spec.template.spec.containers[0].resources.limits.cpu");
    said(&cpu, "when local", "500m", false);
    said(&cpu, "declaration", "1", true);
    said(&cpu, "default of JobManager", "1", true);
    let priority = layers("clicks", "prod", "deploy/clicks-taskmanager", "spec.template.spec.priorityClassName");
    assert_eq!(priority, [("override, when cloud".to_owned(), "\"stream-critical\"".to_owned(), false)]);
    let namespace = layers("clicks", "staging", "deploy/clicks-taskmanager", "metadata.namespace");
    assert_eq!(namespace, [("environment staging".to_owned(), "\"clicks-staging\"".to_owned(), false)]);
}

#[test]
fn a_configuration_file_says_where_each_option_comes_from() {
    let values = explained(&project("clicks"), "prod", "cm/clicks-config", Some("data.config.yaml"));
    let from = &values.values[0].settings[0].from;
    let parallelism = from.iter().find(|source| source.path == "parallelism.default").expect("is an option");
    let mut layers = Vec::new();
    every_setting(&parallelism.settings, &mut |setting| layers.push(setting.layer.as_str()));
    for layer in ["fn job_options", "when prod", "declaration", "default of Job"] {
        assert!(layers.contains(&layer), "{layer} is one of {layers:?}");
    }
}

#[test]
fn what_is_merged_into_pods_comes_from_where_it_was_written() {
    let only = |path: &str, layer: &str, value: &str| {
        let path = format!("spec.template.spec.containers.{path}");
        let found = layers("session", "staging", "Deployment/analytics-jobmanager", &path);
        assert_eq!(found, [(layer.to_owned(), value.to_owned(), false)], "{path}");
    };
    only("log-shipper.image", "declaration", "\"fluent/fluent-bit:3.2.4\"");
    only("jobmanager.volumeMounts./opt/flink/log.name", "declaration", "\"logs\"");
    only("jobmanager.livenessProbe.tcpSocket.port", "fn jobmanager_container", "\"rpc\"");
}

#[test]
fn values_of_data_files_come_from_their_lines() {
    let project = project("platform");
    let mut lines = 0;
    for object in all(&project, "prod-eu").into_iter().filter(|values| values.object.starts_with("Deployment/")) {
        for explanation in object.values.into_iter().filter(|value| value.path == "spec.replicas") {
            every_setting(&explanation.settings, &mut |setting| {
                let place = setting.place.as_ref().expect("was tested above");
                if place.file.ends_with("jobs.yaml") {
                    lines += usize::from(place.line > 1);
                }
            });
        }
    }
    assert!(lines > 0, "some replicas stand in jobs.yaml");
}

#[test]
fn any_form_of_a_path_leads_to_the_value() {
    let project = project("clicks");
    let object = "deploy/clicks-taskmanager";
    let only = |path: &str| {
        let values = explained(&project, "prod", object, Some(path)).values;
        assert_eq!(values.len(), 1, "{path} is one value");
        values[0].path.clone()
    };
    let env = "spec.template.spec.containers.taskmanager.env";
    for path in [
        format!("{env}.TZ.value"),
        format!("{env}[1].value"),
        format!("{env}.1.value"),
        format!(".{env}[\"TZ\"].value"),
    ] {
        assert_eq!(only(&path), format!("{env}.TZ.value"), "{path}");
    }
    for path in ["metadata.labels.app.kubernetes.io/name", "metadata.labels.\"app.kubernetes.io/name\""] {
        assert_eq!(only(path), "metadata.labels.\"app.kubernetes.io/name\"");
    }
    // Of a part with others in it, all are told.
    let values = explained(&project, "prod", object, Some("spec.template.spec.securityContext"));
    assert!(values.values.len() > 3 && values.values.iter().all(|value| last_key(&value.path) != "replicas"));
}

#[test]
fn values_are_those_that_render_prints() {
    let project = project("session");
    for environment in environments(&project) {
        let rendered = driver::render(&project, &[], &environment, None).value.expect("examples render");
        let text = String::from_utf8(rendered).expect("YAML is UTF-8");
        for object in all(&project, &environment) {
            for explanation in object.values {
                if let serde_json::Value::String(value) = &explanation.value {
                    let first = value.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
                    let plain = first.replace('"', "");
                    assert!(
                        text.contains(first) || text.replace(['\\', '"'], "").contains(&plain),
                        "{}: {first}",
                        explanation.path
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let project = project("clicks");
    let refused = |environment, object, path| {
        let outcome = driver::explain_value(&project, &[], Question { environment, object: Some(object), path });
        let [diagnostic] = outcome.diagnostics.as_slice() else { panic!("one diagnostic: {:?}", outcome.diagnostics) };
        format!("{}: {}", diagnostic.message, diagnostic.help.clone().unwrap_or_default())
    };
    let object = "Deployment/clicks-taskmanager";
    assert_eq!(refused("prd", object, None), "there is no environment `prd`: did you mean `prod`?");
    assert_eq!(
        refused("prod", "Deployment/clicks-taskmanger", None),
        "there is no `Deployment/clicks-taskmanger`: did you mean `Deployment/clicks-taskmanager`?"
    );
    assert_eq!(
        refused("prod", "Deploymnt/x", None),
        "there is no object of the kind `Deploymnt`: did you mean `Deployment`?"
    );
    assert_eq!(refused("prod", object, Some("spec.replica")), "`spec` has no `replica`: did you mean `replicas`?");
    assert!(
        refused("prod", object, Some("spec.x")).starts_with("`spec` has no `x`: there are `replicas`, `selector`,")
    );
    assert!(refused("prod", object, Some("spec.replicas.x")).starts_with("`spec.replicas` is a plain value"));
}

#[test]
fn a_whole_object_is_one_line_a_value() {
    let values = explained(&project("hello"), "dev", &objects(&project("hello"), "dev")[0], None);
    let text = values.text(Page { width: 200 });
    for value in &values.values {
        assert!(text.lines().any(|line| line.contains(&format!("{} = ", value.path))), "{}", value.path);
    }
    let json: serde_json::Value = serde_json::from_str(&values.json()).expect("is JSON");
    assert_eq!(json["values"].as_array().map(Vec::len), Some(values.values.len()));
}

fn described(subject: &str, path: Option<&str>) -> Description {
    driver::explain_type(None, subject, path).unwrap_or_else(|problem| panic!("{subject} {path:?}: {problem:?}"))
}

#[test]
fn fields_of_components_are_described() {
    let part = described("flink.application", Some("taskmanager"));
    assert_eq!((part.what, part.ty.as_deref()), ("field", Some("TaskManager")));
    assert!(part.doc.is_some_and(|doc| doc.contains("TaskManagers")));
    let replicas = described("flink.application", Some("taskmanager.replicas"));
    let speaks = |word: &str| replicas.checks.iter().any(|check| check.condition.contains(word));
    assert!(speaks("taskmanager.replicas") && speaks("replicas >= 1"), "those of both schemas: {:?}", replicas.checks);
    assert_eq!(described("flink.application.taskmanager.slots", None).default.as_deref(), Some("1"));
    assert_eq!(described("flink.Version", None).values.first().map(String::as_str), Some("\"1.17\""));
    // A field whose type is one of Kubernetes leads on into it.
    let effect = described("flink.application", Some("tolerations.effect"));
    assert_eq!(effect.values, ["\"NoExecute\"", "\"NoSchedule\"", "\"PreferNoSchedule\""]);
    // Also through what the root module of a program imports, by the name it has there.
    let team = driver::explain_type(Some(&project("platform")), "house.Job", None).expect("the example has it");
    assert!(team.declared.is_some_and(|place| place.file.ends_with("house.flink")));
}

#[test]
fn types_of_kubernetes_are_described() {
    let strategy = described("apps/v1", Some("Deployment.spec.strategy"));
    let link = strategy.link.expect("has a page");
    assert!(link.starts_with("https://kubernetes.io/docs/reference/generated/kubernetes-api/v1."), "{link}");
    assert!(link.ends_with("/#deploymentstrategy-v1-apps"), "{link}");
    assert_eq!(strategy.fields.len(), 2);
    assert_eq!(described("Deployment.spec.strategy", None).subject, "apps/v1 Deployment.spec.strategy");
    assert_eq!(described("apps/v1.DeploymentStrategy", None).fields, strategy.fields);
    let containers = described("Deployment", Some("spec.template.spec.containers"));
    assert_eq!(containers.label.as_deref(), Some("name"));
    let image = described("Deployment.spec.template.spec.containers.image", None);
    assert!(image.link.is_some_and(|link| link.ends_with("/#container-v1-core")));
    let rules = described("Deployment.spec.template.spec.containers.restartPolicyRules", None);
    assert_eq!((rules.since.as_deref(), rules.until.as_deref()), (Some("1.34"), None));
    assert!(rules.doc.is_some_and(|doc| doc.contains("restarted on exit")));
    let rules = described("networking.k8s.io/v1", Some("Ingress.spec.rules"));
    assert!(rules.link.is_some_and(|link| link.ends_with("/#ingressrule-v1-networking-k8s-io")));
}

#[test]
fn every_field_of_every_kind_is_described() {
    let kinds: Vec<(String, String)> =
        Api::kubernetes().kinds().map(|(version, kind)| (version.to_owned(), kind.to_owned())).collect();
    assert!(kinds.len() > 50);
    // Loading what there is takes longer than describing it: one kind of each API version, with all its fields.
    let mut seen = std::collections::BTreeSet::new();
    for (version, kind) in kinds.into_iter().filter(|(version, _)| seen.insert(version.clone())) {
        let fields = described(&version, Some(&kind)).fields;
        let Some(first) = fields.iter().find(|field| field.name == "spec").or_else(|| fields.first()) else { continue };
        let page = described(&version, Some(&format!("{kind}.{}", first.name)));
        assert_eq!(page.ty.as_deref(), Some(&*first.ty), "{version} {kind}.{}", first.name);
        let text = page.text(Page { width: 80 });
        assert!(text.lines().next().is_some_and(|line| line.starts_with("field ")), "{text}");
    }
}

#[test]
fn every_type_of_the_language_is_described() {
    let guide = std::fs::read_to_string(root().join("docs/language.md")).expect("there is a guide");
    let table = guide.split("## Types").nth(1).and_then(|rest| rest.split("\n\n").nth(1)).expect("it has a table");
    let mut types = 0;
    for row in table.lines().skip(2) {
        let names = row.split('|').nth(1).unwrap_or_default().split(',').map(|name| name.trim().trim_matches('`'));
        for name in names.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            assert_eq!(described(name, None).subject, name);
            types += 1;
        }
    }
    assert!(types >= 11, "{types} types are in the guide");
}

#[test]
fn kinds_of_a_program_are_described() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let text = "kind example.com/v1 Widget {\n  /// What is wanted.\n  spec: {\n    /// How many.\n    @minimum(1)\n    \
                size: int\n    mode: (\"a\" | \"b\")?\n  }\n}\n";
    std::fs::write(directory.path().join("main.flink"), text).expect("can be written");
    let project = driver::open(directory.path()).expect("is there");
    let described = |subject: &str| driver::explain_type(Some(&project), subject, None).expect("is declared");
    let size = described("example.com/v1.Widget.spec.size");
    assert_eq!((size.ty.as_deref(), size.required, size.doc.as_deref()), (Some("int"), Some(true), Some("How many.")));
    assert_eq!(size.checks.len(), 1);
    assert_eq!(size.declared.map(|place| place.line), Some(6));
    assert_eq!(described("Widget.spec.mode").values, ["\"a\"", "\"b\""]);
    assert_eq!(described("Widget.spec").link, None);
}

#[test]
fn kinds_tell_what_the_policies_of_a_program_ask() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let write = |path: &str, text: &str| std::fs::write(directory.path().join(path), text).expect("can be written");
    std::fs::create_dir(directory.path().join("rules")).expect("can be made");
    write(
        "rules/rules.flink",
        "policy apps/v1 Deployment it {\n  check (it.spec.replicas ?? 1) < 9 : \"many\"\n  \
         if has(it.spec.strategy) { warn it.spec.paused ?? true : \"it runs\" }\n}\n\
         policy v1 Pod it { check has(it.spec) : \"nothing\" }\n",
    );
    write("main.flink", "import \"rules\"\n");
    let project = driver::open(directory.path()).expect("is there");
    let checks = |subject: &str| {
        let page = driver::explain_type(Some(&project), subject, None).expect("Kubernetes has it");
        page.checks.into_iter().map(|check| (check.condition, check.severity)).collect::<Vec<_>>()
    };
    let replicas = ("(it.spec.replicas ?? 1) < 9".to_owned(), "error");
    let paused = ("if has(it.spec.strategy): it.spec.paused ?? true".to_owned(), "warning");
    assert_eq!(checks("apps/v1.Deployment"), [replicas.clone(), paused.clone()]);
    assert_eq!(checks("apps/v1.Deployment.spec.replicas"), [replicas]);
    assert_eq!(checks("apps/v1.Deployment.spec.paused"), [paused]);
    assert_eq!(checks("apps/v1.StatefulSet"), []);
}

#[test]
fn names_that_are_not_there_are_told_with_those_that_are() {
    let refused = |subject: &str, path: Option<&str>| {
        let problem = driver::explain_type(None, subject, path).expect_err("there is no such thing");
        format!("{}: {}", problem.message, problem.help.unwrap_or_default())
    };
    assert_eq!(
        refused("flink.aplication", None),
        "nothing is called `flink.aplication`: did you mean `flink.application`?"
    );
    assert_eq!(
        refused("flink.application", Some("taskmanager.memry")),
        "`flink.application.taskmanager` has no field `memry`: did you mean `memory`?"
    );
    assert_eq!(
        refused("apps/v1", Some("Deploymnt")),
        "`apps/v1` has no kind or type `Deploymnt`: did you mean `Deployment`?"
    );
    assert_eq!(refused("apps/v3", Some("Deployment")), "there is no API version `apps/v3`: did you mean `apps/v1`?");
    assert_eq!(
        refused("Event", None),
        "`Event` is a kind of 2 API versions: say which one: `events.k8s.io/v1 Event`, `v1 Event`"
    );
    assert_eq!(
        refused("v1", Some("Pod.metadata.name.x")),
        "`v1 Pod.metadata.name` has no fields: its type is `string`"
    );
}

#[test]
fn types_that_go_in_circles_end() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let many: Vec<String> = (0..200).map(|_| "A".to_owned()).collect();
    let text = format!("type A = {}\ntype B = C\ntype C = B\nschema S {{ a: A, b: [B], s: S? }}\n", many.join(" | "));
    std::fs::write(directory.path().join("main.flink"), text).expect("can be written");
    let project = driver::open(directory.path()).expect("is there");
    for (subject, path) in [("A", "x"), ("B", "x.y"), ("S", "a.x"), ("S", "b.x")] {
        assert!(driver::explain_type(Some(&project), subject, Some(path)).is_err(), "{subject} {path}");
    }
    let deep = |steps: usize| vec!["s"; steps].join(".");
    assert!(driver::explain_type(Some(&project), "S", Some(&deep(50))).is_ok());
    assert!(driver::explain_type(Some(&project), "S", Some(&deep(5_000))).is_err());
}

/// A wrapper around two workers, one of them wrong to ask.
const TOPICS: &str = r#"
environment dev {}
schema Spec { size: memory = 1Gi, count: int = 2, cores: cpu = 500m }
component worker(name: dns_label, spec: Spec) {
  resource v1 ConfigMap main { data { size = "\(spec.size.mebibytes)" } }
  /// How large it is.
  explain size = { bytes = spec.size, cores = spec.cores, wait = 3s, each = spec.size / spec.count }
}
component part(name: dns_label, spec: Spec) {
  ...worker(name, spec)
  /// What it costs.
  explain costs = [{ what = "disk", each = 3 }, { what = "memory", each = 12 }]
}
component both(name: dns_label, _spec: Spec) {
  part left { size = 1Mi }
  worker right { size = 3Gi }
}
part web {}
both pair {}
worker none { count = 0 }
check_nothing wrong {}
component check_nothing(name: dns_label, _spec: Spec) {
  resource v1 ConfigMap main { metadata.name = name }
  check len(name) > 10 : "too short"
}
"#;

/// What is answered, or what is wrong.
fn asked(unit: &str, topic: Option<&str>) -> Result<Vec<Topic>, Vec<String>> {
    let host = MemoryHost::new([("main.flink", TOPICS)]);
    let outcome = driver::topics_with(&host, "", None, &[], "dev", unit, topic);
    let said = outcome.diagnostics.iter().map(|found| found.message.clone()).collect();
    outcome.value.ok_or(said)
}

#[test]
fn topics_are_listed_with_what_they_are_about() {
    let text = |unit: &str| topics_text(&asked(unit, None).expect("the declaration is sound"));
    assert_eq!(text("web"), "web  size   How large it is.\nweb  costs  What it costs.\n");
    let pair = "pair-left   size   How large it is.\npair-left   costs  What it costs.\n\
                pair-right  size   How large it is.\n";
    assert_eq!(text("pair"), pair);
    // What would fail is not computed for the list.
    assert_eq!(text("none"), "none  size  How large it is.\n");
}

#[test]
fn answers_are_tables_for_people_and_exact_for_programs() {
    let costs = asked("web", Some("costs")).expect("the declaration is sound");
    assert_eq!(topics_text(&costs), "dev web costs\n  what    each\n  disk       3\n  memory    12\n");
    let size = asked("pair", Some("size")).expect("the declaration is sound");
    let json = serde_json::to_value(&size).expect("topics are JSON");
    assert_eq!(json.pointer("/0/instance"), Some(&"pair-left".into()));
    assert_eq!(
        json.pointer("/0/value"),
        Some(&json!({ "bytes": 1_048_576, "cores": 0.5, "wait": 3000, "each": 524_288 }))
    );
    assert_eq!(json.pointer("/1/value/bytes"), Some(&3_221_225_472_u64.into()));
    assert_eq!(json.pointer("/1/about"), Some(&"How large it is.".into()));
}

#[test]
fn what_cannot_be_answered_says_why() {
    assert_eq!(asked("web", Some("cots")).unwrap_err(), ["there is no topic `cots`"]);
    assert_eq!(asked("wbe", None).unwrap_err(), ["there is no declaration `wbe`"]);
    assert_eq!(asked("wrong", None).unwrap_err(), ["too short"]);
    let divided = asked("none", Some("size")).unwrap_err();
    assert!(divided.len() == 1 && divided[0].contains("by zero"), "{divided:?}");
}
