//! What `change` rules say of two versions of an object, whatever these hold.

use flinkc::core::{Cost, EnvironmentId, Program};
use flinkc::diagnostic::{Diagnostic, Diagnostics};
use flinkc::eval::value::Value;
use flinkc::eval::{Consequence, Evaluator, Versions, plain, whole};
use flinkc::host::MemoryHost;
use flinkc::modules::{self, RootModule, WithStandard};
use flinkc::schema::Api;
use flinkc::source::Files;
use flinkc::{kinds, types, yaml};

/// A program that was checked.
struct Checked {
    files: Files,
    api: Api,
    program: Program,
    host: MemoryHost,
}

fn checked(files: &[(&str, &str)]) -> Checked {
    let host = MemoryHost::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let mut files = Files::default();
    let mut sink = Diagnostics::default();
    let loaded = modules::load(&WithStandard(&host), &RootModule::Directory(String::new()), &mut files, &mut sink);
    let api = Api::with(kinds::declare(&loaded, &mut sink));
    let program = types::check(&loaded, &api, &files, &mut sink);
    let found: Vec<String> = sink.finish(&[]).into_iter().map(|diagnostic| diagnostic.message).collect();
    assert!(found.is_empty(), "{found:?}");
    Checked { files, api, program, host }
}

impl Checked {
    fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(&self.program, &self.files, &self.host, &self.api, yaml::yaml)
    }

    /// What the changes of the values at these paths do, and what was reported.
    fn ask(
        &self,
        (api_version, kind): (&str, &str),
        (before, after): (&Value, &Value),
        paths: &[&str],
    ) -> (Vec<Option<Consequence>>, Vec<Diagnostic>) {
        let mut sink = Diagnostics::default();
        let paths: Vec<Vec<String>> = paths.iter().map(|path| path.split('/').map(str::to_owned).collect()).collect();
        let versions = Versions { api_version, kind, before, after };
        let found = self.evaluator().consequences(EnvironmentId(0), versions, &paths, &mut sink);
        (found, sink.finish(&[]))
    }

    /// The costs of changes between two versions in YAML, where nothing goes wrong.
    fn costs(&self, kind: (&str, &str), before: &str, after: &str, paths: &[&str]) -> Vec<Option<Cost>> {
        let (found, reported) = self.ask(kind, (&data(before), &data(after)), paths);
        assert_eq!(reported, []);
        found.into_iter().map(|found| found.map(|found| found.cost)).collect()
    }
}

fn data(text: &str) -> Value {
    plain(&serde_yaml::from_str(text).expect("it is YAML"))
}

const DEPLOYMENT: (&str, &str) = ("apps/v1", "Deployment");

/// A Deployment with a container.
fn deployment(replicas: u32, image: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{replicas: {replicas}, selector: {{}}, \
         template: {{spec: {{containers: [{{name: main, image: {image}}}, {{name: side, image: b}}]}}}}}}}}"
    )
}

#[test]
fn the_longest_path_decides() {
    let checked = checked(&[(
        "main.flink",
        r#"
environment dev {}
change apps/v1 Deployment (before, after) {
  spec          : restart
  spec.template : rolling
  spec.replicas : scale
  metadata      : nothing
  spec.template.spec.containers.side : nothing
}
"#,
    )]);
    let paths = [
        "spec/replicas",
        "spec/template/spec/containers/main/image",
        "spec/template/spec/containers/side/image",
        "spec/paused",
        "metadata/labels/a.b",
        "status/replicas",
        // A key that only begins like another.
        "spec/templates",
        "specification",
    ];
    let costs = checked.costs(DEPLOYMENT, &deployment(1, "a"), &deployment(2, "a"), &paths);
    let [scale, rolling, nothing, restart] = [Cost::Scale, Cost::Rolling, Cost::Nothing, Cost::Restart].map(Some);
    assert_eq!(costs, [scale, rolling, nothing, restart, nothing, None, restart, None]);
    assert_eq!(checked.costs(("apps/v1", "StatefulSet"), "{}", "{}", &["spec/replicas"]), [None]);
    assert_eq!(checked.costs(("apps/v2", "Deployment"), "{}", "{}", &["spec/replicas"]), [None]);
}

#[test]
fn costs_depend_on_both_versions_and_of_equals_the_worst_counts() {
    let checked = checked(&[
        (
            "rules/rules.flink",
            r#"
fn is_scaled(web: apps/v1.Deployment) -> bool = (web.spec.replicas ?? 1) > 1

change apps/v1 Deployment (before, after) {
  spec.replicas : if is_scaled(before) && is_scaled(after) then scale else restart
  for name, container in before.spec.template.spec.containers {
    let image = container.image
    if image != "same" {
      spec.template.spec.containers."\(name)".image : recreate : "the image of \(name) was `\(image)`"
    }
  }
}
"#,
        ),
        (
            "main.flink",
            "import \"rules\"\nenvironment dev {}\nresource apps/v1 Deployment a { spec { selector.matchLabels.a = \"b\", \
             template { metadata.labels.a = \"b\", spec.containers.c.image = \"d\" } } }\n\
             change apps/v1 Deployment (old, new) { spec.replicas : rolling, \
             spec.template.spec.containers.main.image : state_lost : \"it kept all in memory\" }\n",
        ),
    ]);
    let costs = |before, after| {
        checked.costs(DEPLOYMENT, &deployment(before, "same"), &deployment(after, "b"), &["spec/replicas"])
    };
    assert_eq!(costs(2, 3), [Some(Cost::Rolling)]);
    assert_eq!(costs(1, 3), [Some(Cost::Restart)]);

    let image = ["spec/template/spec/containers/main/image", "spec/template/spec/containers/side/image"];
    let versions = (&data(&deployment(1, "a")), &data(&deployment(1, "b")));
    let (found, _) = checked.ask(DEPLOYMENT, versions, &image);
    let told: Vec<_> =
        found.iter().flatten().map(|found| (found.cost, found.reason.as_deref(), &*found.path)).collect();
    let reason = Some("it kept all in memory");
    assert_eq!(told[0], (Cost::StateLost, reason, "spec.template.spec.containers.main.image"));
    let side = "spec.template.spec.containers.side.image";
    assert_eq!(told[1], (Cost::Recreate, Some("the image of side was `b`"), side));
    let place = |at: usize| found[at].as_ref().map(|found| checked.files.get(found.span.file).name.as_str());
    assert_eq!((place(0), place(1)), (Some("main.flink"), Some("rules/rules.flink")));
    let text = found[1].as_ref().map(|found| checked.files.text(found.span));
    assert_eq!(text, Some(r#"spec.template.spec.containers."\(name)".image"#));
}

#[test]
fn free_form_maps_are_met_however_they_are_nested() {
    let checked = checked(&[(
        "main.flink",
        r#"
environment dev {}
kind example.com/v1 Engine { spec: { options: any? }? }
change example.com/v1 Engine (before, after) {
  spec.options : restart
  let old = flatten_keys(before.spec?.options ?? {})
  let new = flatten_keys(after.spec?.options ?? {})
  for option, value in new {
    if starts_with(option, "operator.") { spec.options."\(option)" : nothing }
  }
  let old_parts = old["state.parts"]
  let new_parts = new["state.parts"]
  if has(old_parts) && has(new_parts) && old_parts != new_parts {
    spec.options."state.parts" : state_lost : "the parts change from \(old_parts) to \(new_parts)"
  }
}
"#,
    )]);
    let kind = ("example.com/v1", "Engine");
    let before = "{spec: {options: {state: {parts: 4}, operator: {a: [1]}}}}";
    let after = "{spec: {options: {state.parts: 8, operator: {a: [2], b: 3}}}}";
    let paths = [
        "spec/options/state/parts",
        "spec/options/state.parts",
        "spec/options/operator/a/[0]",
        "spec/options/operator/b",
        "spec/options/other",
    ];
    let [lost, nothing, restart] = [Cost::StateLost, Cost::Nothing, Cost::Restart].map(Some);
    assert_eq!(checked.costs(kind, before, after, &paths), [lost, lost, nothing, nothing, restart]);
    let (found, _) = checked.ask(kind, (&data(before), &data(after)), &paths[..1]);
    let reason = found[0].as_ref().and_then(|found| found.reason.as_deref());
    assert_eq!(reason, Some("the parts change from 4 to 8"));
}

#[test]
fn whatever_a_cluster_holds_is_no_mistake_of_the_program() {
    let checked = checked(&[(
        "main.flink",
        r#"
environment dev {}
kind example.com/v1 Widget { spec: { size: int, part: { weight: int }? } }
change example.com/v1 Widget (before, after) {
  spec      : restart
  spec.size : if before.spec.size + after.spec.size > 10 then nothing else scale
}
change apps/v1 Deployment (before, after) {
  spec.replicas : if 10 / (before.spec.replicas ?? 1) > len(after.metadata.name) then restart else scale
  for name, container in after.spec.template.spec.containers {
    for key, variable in container.env ?? {} {
      spec.template.spec.containers."\(name)".env."\(key)" : if (variable.value ?? "") == "" then nothing else rolling
    }
    spec.strategy : match container.imagePullPolicy ?? "Always" { "Always" | "Never" | "IfNotPresent" => rolling }
  }
}
"#,
    )]);
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let strange = [
        "null",
        "[]",
        "text",
        "{}",
        "{metadata: 3}",
        "{metadata: {name: [web]}, spec: 4}",
        "{spec: {replicas: three, selector: {}, template: {}}}",
        "{spec: {replicas: 1, selector: [], template: {spec: {containers: {}}}}}",
        "{spec: {replicas: 1.5, selector: {}, template: {spec: {containers: [1, {name: a}, {name: 2, image: b}]}}}}",
        "{spec: {selector: {}, template: {spec: {containers: [{name: a, image: b}, {name: a, image: c}]}}}}",
        "{spec: {selector: {}, template: {spec: {containers: [{name: a, image: b, env: [{name: c, value: 1}, 2]}]}}}}",
        "{spec: {selector: {}, template: {spec: {containers: [{name: a, image: b, imagePullPolicy: Maybe}]}}}}",
        "{1: 2, true: 3, null: 4, ? [5] : 6, spec: !tag {replicas: .nan, big: 18446744073709551615}}",
        &deep,
    ];
    let sound = data(&deployment(1, "a"));
    for text in strange {
        let other = data(text);
        for versions in [(&sound, &other), (&other, &sound), (&other, &other)] {
            let (found, reported) = checked.ask(DEPLOYMENT, versions, &["spec/replicas", "spec", "", "[0]"]);
            assert_eq!(reported, [], "{text}");
            assert!(found[0].is_some(), "{text}");
            assert_eq!(found[1..], [None, None, None], "{text}");
        }
    }
    // Nothing can be computed of what must be there and is not; what needs no computation holds.
    let widget = |before: &str| {
        checked.costs(("example.com/v1", "Widget"), before, "{spec: {size: 7}}", &["spec/size", "spec/part/weight"])
    };
    let restart = Some(Cost::Restart);
    assert_eq!(widget("{spec: {size: 7, part: {}}}"), [Some(Cost::Nothing), restart]);
    assert_eq!(widget("{spec: {size: large}}"), [restart, restart]);
    assert_eq!(widget("{}"), [restart, restart]);
}

#[test]
fn a_rule_that_goes_wrong_is_told_and_the_others_hold() {
    let checked = checked(&[(
        "main.flink",
        r#"
environment dev {}
change apps/v1 Deployment (before, after) {
  spec : restart
  spec.replicas : if 10 / (after.spec.replicas ?? 1) > 5 then scale else restart
  let half = 10 / (after.spec.replicas ?? 1)
  spec.paused : if half > 1 then nothing else restart
}
change apps/v1 Deployment (before, after) { spec.template : rolling }
"#,
    )]);
    let versions = (&data(&deployment(1, "a")), &data(&deployment(0, "a")));
    let (found, reported) = checked.ask(DEPLOYMENT, versions, &["spec/replicas", "spec/paused", "spec/template/spec"]);
    let costs: Vec<_> = found.iter().flatten().map(|found| found.cost).collect();
    assert_eq!(costs, [Cost::Restart, Cost::Restart, Cost::Rolling]);
    let told: Vec<&str> = reported.iter().map(|diagnostic| &*diagnostic.message).collect();
    assert_eq!(told, ["a division by zero", "a division by zero"]);
}

#[test]
fn objects_of_the_program_are_compared_with_data() {
    let checked = checked(&[(
        "main.flink",
        r#"
environment dev { namespace = "web" }
change apps/v1 Deployment (before, after) {
  spec.template : if before.spec.template.spec.containers == after.spec.template.spec.containers then nothing else rolling
  metadata      : if before.metadata.namespace == after.metadata.namespace then nothing else recreate
}
resource apps/v1 Deployment web {
  spec {
    replicas = 1
    selector.matchLabels.a = "b"
    template { metadata.labels.a = "b", spec.containers { main { image = "a" }, side { image = "b" } } }
  }
}
"#,
    )]);
    let mut evaluator = checked.evaluator();
    let mut sink = Diagnostics::default();
    let plan = evaluator.plan(EnvironmentId(0), &mut sink);
    let made = evaluator.unit(EnvironmentId(0), &plan.units[0], &mut sink);
    let after = whole(&made.objects[0]);
    let paths = ["spec/template/spec", "metadata/labels/a"];
    let costs = |before: &str| {
        let (found, reported) = checked.ask(DEPLOYMENT, (&data(before), &after), &paths);
        assert_eq!(reported, []);
        found.into_iter().flatten().map(|found| found.cost).collect::<Vec<_>>()
    };
    assert_eq!(costs(&deployment(1, "c")), [Cost::Rolling, Cost::Recreate]);
    let same = deployment(1, "a").replace("{name: web}", "{name: web, namespace: web}");
    assert_eq!(costs(&same), [Cost::Nothing, Cost::Nothing]);
}
