//! What meets an apply besides its own fields: other managers, admission, immutable fields, what is missing, what goes.
//!
//! Where `kubectl diff --server-side` says something else, a comment says who is right.

use crate::apiserver::Server;
use crate::direct::Direct;
use crate::{await_definitions, connect, predicted, program_against, server, stream, text};
use flinkc::core::Cost;
use flinkc::diff::{Class, Difference, EnvironmentDiff, Evidence};
use serde_json::{Value as Json, json};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

const FLUX: &str = "kustomize-controller";

/// One server for all: each scenario has a namespace of its own.
fn shared() -> &'static (Server, String) {
    static SERVER: OnceLock<(Server, String)> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = server();
        let kubeconfig = server.kubeconfig().display().to_string();
        (server, kubeconfig)
    })
}

/// A namespace of the shared server, and ways to it.
struct Place {
    server: &'static Server,
    cluster: flinkc::cluster::Cluster,
    direct: Direct,
    namespace: &'static str,
}

fn place(namespace: &'static str) -> Place {
    let (server, _) = shared();
    server.succeed(["create", "namespace", namespace], "");
    server.succeed(["label", "namespace", namespace, &format!("scenario={namespace}")], "");
    let cluster = connect(&server.kubeconfig(), "admin");
    Place { server, cluster, direct: Direct::new(server), namespace }
}

impl Place {
    fn object(&self, api_version: &str, kind: &str, name: &str, rest: Json) -> Json {
        let metadata = json!({"name": name, "namespace": self.namespace});
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
        for (field, value) in rest.as_object().into_iter().flatten() {
            match field.as_str() {
                "labels" | "annotations" => object["metadata"][field] = value.clone(),
                _ => object[field] = value.clone(),
            }
        }
        object
    }

    fn deployment(&self, name: &str, replicas: Option<i64>) -> Json {
        let container = json!({"name": "main", "image": "registry.example.com/a:1"});
        let mut spec = json!({
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        });
        if let Some(replicas) = replicas {
            spec["replicas"] = Json::from(replicas);
        }
        self.object("apps/v1", "Deployment", name, json!({"spec": spec}))
    }

    fn apply(&self, object: &Json, manager: &str) {
        self.direct.apply(object, manager).unwrap_or_else(|reason| panic!("{reason}: {object}"));
    }

    fn said(&self, objects: &[Json]) -> EnvironmentDiff {
        predicted(&self.cluster, objects, None)
    }

    /// The exit code of kubectl's own diff, and what it prints.
    fn kubectl_diff(&self, arguments: &[&str], object: &Json) -> (i32, String) {
        let all = ["diff"].iter().chain(arguments).chain(&["-f", "-"]);
        let output = self.server.kubectl(all, &object.to_string());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().expect("it ends by itself"), String::from_utf8_lossy(&text).into_owned())
    }

    /// Waits until a policy or a definition has its effect.
    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..300 {
            if holds() {
                return;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("{what} has no effect after half a minute");
    }
}

/// The classes of all paths, with the paths.
fn classes(said: &EnvironmentDiff) -> Vec<(String, Class)> {
    let mut found = Vec::new();
    for change in &said.objects {
        let Difference::Changed { paths, .. } = &change.difference else { continue };
        for path in paths {
            let class = path.predicted.as_ref().expect("it is predicted").class;
            found.push((path.path.to_string(), class));
        }
    }
    found
}

fn the_only_refusal(said: &EnvironmentDiff) -> &str {
    let refused: Vec<&str> = said.objects.iter().filter_map(|change| change.refused()).collect();
    let [refused] = refused[..] else { panic!("{}", text(said)) };
    refused
}

#[test]
fn what_scales_a_workload_is_named_and_taken_over_or_conflicts() {
    let place = place("scaled");
    let object = place.deployment("web", Some(2));
    for (manager, class) in [(FLUX, Class::Takeover), ("kubectl", Class::Conflict)] {
        place.apply(&object, manager);
        let scale = json!({"spec": {"replicas": 5}});
        let output = place.server.kubectl(
            ["patch", "deployment", "web", "-n", "scaled", "--subresource=scale", "--type=merge"].iter().chain(&[
                "--field-manager=kube-controller-manager",
                "-p",
                &scale.to_string(),
            ]),
            "",
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = place.said(std::slice::from_ref(&object));
        assert_eq!(classes(&said), [("spec.replicas".to_owned(), class)], "{}", text(&said));
        assert!(text(&said).contains("kube-controller-manager (scale)"), "{}", text(&said));
        // kubectl asks as `kubectl`. For Flux it sees a conflict that Flux does not have; it is wrong.
        let (code, output) = place.kubectl_diff(&["--server-side"], &object);
        assert!(code > 1 && output.contains("conflict"), "{output}");
        // Whoever leaves it out leaves it to others.
        let silent = place.said(&[place.deployment("web", None)]);
        assert!(
            !classes(&silent).iter().any(|(_, class)| class.is_difference() && *class != Class::Orphaned),
            "{}",
            text(&silent)
        );
        place.direct.delete(&object);
    }
}

#[test]
fn an_autoscaler_that_owns_the_replicas_is_left_alone() {
    let place = place("autoscaled");
    let object = place.deployment("web", None);
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let spec = json!({"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 9, "metrics": [
        {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}}},
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}},
    ]});
    let scaler = place.object("autoscaling/v2", "HorizontalPodAutoscaler", "web", json!({"spec": spec}));
    let objects = [object, scaler];
    objects.iter().for_each(|object| place.apply(object, FLUX));
    let scale = json!({"spec": {"replicas": 7}});
    place.direct.patch(&objects[0], &scale, "kube-controller-manager").expect("it may be scaled");
    let said = place.said(&objects);
    assert!(said.objects.is_empty() && !said.has_failed(), "{}", text(&said));
}

#[test]
fn what_admission_makes_of_an_object_is_part_of_the_answer() {
    let place = place("admitted");
    let rules = json!([{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}]);
    let constraints = json!({"resourceRules": rules, "namespaceSelector": {"matchLabels": {"scenario": "admitted"}}});
    let expression = "Object{metadata: Object.metadata{labels: {'team': 'streams'}}, spec: Object.spec{replicas: 2}}";
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": "two"},
        "spec": {"matchConstraints": constraints, "failurePolicy": "Fail", "reinvocationPolicy": "Never", "mutations": [
            {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}},
        ]},
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "MutatingAdmissionPolicyBinding",
        "metadata": {"name": "two"}, "spec": {"policyName": "two"},
    });
    place.server.succeed(["apply", "--server-side", "-f", "-"], &stream(&[policy, binding]));
    let object = place.deployment("web", Some(3));
    place.until("the policy", || text(&place.said(std::slice::from_ref(&object))).contains("becomes 2"));
    let created = place.said(std::slice::from_ref(&object));
    let note = "the server does not keep what is declared: `spec.replicas` becomes 2";
    assert!(text(&created).contains(note), "{}", text(&created));
    place.apply(&object, FLUX);
    // Nothing changes, but nobody gets what is declared: that is said, and is no difference. kubectl is silent.
    let said = place.said(std::slice::from_ref(&object));
    assert!(!said.is_different() && !said.has_failed() && text(&said).contains(note), "{}", text(&said));
    // What is declared as it is admitted is not worth a word; the label that is added is nobody's business.
    let said = place.said(&[place.deployment("web", Some(2))]);
    assert!(said.objects.is_empty(), "{}", text(&said));
}

#[test]
fn what_a_policy_refuses_is_refused_with_its_reason() {
    let place = place("refused");
    let rules = json!([{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}]);
    let constraints = json!({"resourceRules": rules, "namespaceSelector": {"matchLabels": {"scenario": "refused"}}});
    let validation = json!({"expression": "object.spec.replicas <= 5", "message": "no more than five"});
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "five"},
        "spec": {"matchConstraints": constraints, "validations": [validation]},
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "five"}, "spec": {"policyName": "five", "validationActions": ["Deny"]},
    });
    place.server.succeed(["apply", "--server-side", "-f", "-"], &stream(&[policy, binding]));
    let (many, few) = (place.deployment("web", Some(9)), place.deployment("web", Some(3)));
    place.until("the policy", || place.said(std::slice::from_ref(&many)).has_failed());
    let created = place.said(std::slice::from_ref(&many));
    assert!(the_only_refusal(&created).contains("no more than five"), "{}", text(&created));
    place.apply(&few, FLUX);
    let changed = place.said(&[many]);
    assert!(the_only_refusal(&changed).contains("no more than five"), "{}", text(&changed));
    assert_eq!(classes(&changed), [("spec.replicas".to_owned(), Class::Change)]);
    assert!(place.said(&[few]).objects.is_empty());
}

#[test]
fn secrets_of_each_type_are_compared_and_never_shown() {
    let place = place("secret");
    let docker = r#"{"auths":{"registry.example.com":{"auth":"aHVudGVyMjpodW50ZXIy"}}}"#;
    let secret = |name: &str, kind: &str, texts: Json| {
        place.object("v1", "Secret", name, json!({"type": kind, "stringData": texts}))
    };
    let objects = [
        secret("opaque", "Opaque", json!({"password": "hunter2", "empty": ""})),
        secret("basic", "kubernetes.io/basic-auth", json!({"username": "hunter1", "password": "hunter2"})),
        secret("ssh", "kubernetes.io/ssh-auth", json!({"ssh-privatekey": "hunter2"})),
        secret("docker", "kubernetes.io/dockerconfigjson", json!({".dockerconfigjson": docker})),
        secret("tls", "kubernetes.io/tls", json!({"tls.crt": "hunter2", "tls.key": "hunter2"})),
        place.object("v1", "Secret", "bytes", json!({"data": {"key": "aHVudGVyMg=="}})),
    ];
    for manager in [FLUX, "argocd-controller"] {
        let created = predicted(&place.cluster, &objects, Some(manager));
        assert!(!text(&created).contains("hunter") && !text(&created).contains("aHVudGVy"), "{}", text(&created));
        // Flux sends bytes, since a server that is sent texts does not know later whose the bytes are.
        let sent = |object: &Json| {
            let mut object = object.clone();
            if manager == FLUX
                && let Some(Json::Object(texts)) = object.as_object_mut().expect("an object").remove("stringData")
            {
                let bytes = texts.iter().map(|(key, text)| (key.clone(), encoded(text.as_str().unwrap_or_default())));
                object["data"] = Json::Object(bytes.collect());
            }
            object
        };
        objects.iter().for_each(|object| place.apply(&sent(object), manager));
        let same = place.said(&objects);
        assert!(same.objects.is_empty() && !same.has_failed(), "{manager}: {}", text(&same));
        let other = secret("opaque", "Opaque", json!({"password": "hunter3", "empty": ""}));
        let said = place.said(std::slice::from_ref(&other));
        assert_eq!(classes(&said), [("data.password".to_owned(), Class::Change)], "{}", text(&said));
        let json = flinkc::diff::json(std::slice::from_ref(&said));
        for shown in [text(&said), json, flinkc::diff::markdown(&[said], flinkc::diff::Form::Unified)] {
            assert!(!shown.contains("hunter") && !shown.contains("aHVudGVy"), "{shown}");
        }
        objects.iter().for_each(|object| place.direct.delete(object));
    }
    // The server quotes what it does not like; that does not reach anybody.
    let wrong = place.object(
        "v1",
        "Secret",
        "wrong",
        json!({"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "hunter2"}}),
    );
    let said = place.said(&[wrong]);
    let reason = the_only_refusal(&said);
    assert!(reason.contains("data[.dockerconfigjson]") && !text(&said).contains("hunter"), "{}", text(&said));
}

fn encoded(text: &str) -> Json {
    use base64::Engine;
    Json::from(base64::engine::general_purpose::STANDARD.encode(text))
}

#[test]
fn what_the_server_allocates_stays() {
    let place = place("allocated");
    let service = |port: i64| {
        let spec = json!({"type": "NodePort", "selector": {"app": "web"}, "ports": [{"name": "http", "port": port}]});
        place.object("v1", "Service", "web", json!({"spec": spec}))
    };
    for manager in [FLUX, "argocd-controller"] {
        place.apply(&service(80), manager);
        assert!(place.said(&[service(80)]).objects.is_empty());
        // The port is the key of the item: it goes, and another comes.
        let said = place.said(&[service(8080)]);
        let changed = classes(&said);
        assert!(changed.iter().all(|(path, _)| path.starts_with("spec.ports[")), "{}", text(&said));
        assert!(said.is_different() && !said.has_failed(), "{}", text(&said));
        place.direct.delete(&service(80));
    }
}

#[test]
fn what_cannot_be_changed_has_to_be_made_anew() {
    let place = place("immutable");
    let claims = |size: &str| json!([{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}}]);
    let stateful = |size: &str, annotations: Json| {
        let mut object = place.deployment("store", Some(1));
        object["kind"] = Json::from("StatefulSet");
        object["metadata"]["annotations"] = annotations;
        object["spec"]["serviceName"] = Json::from("store");
        object["spec"]["volumeClaimTemplates"] = claims(size);
        object
    };
    place.apply(&stateful("1Gi", json!({})), FLUX);
    assert!(place.said(&[stateful("1024Mi", json!({}))]).objects.is_empty(), "it is the same size");
    let said = place.said(&[stateful("2Gi", json!({}))]);
    assert!(the_only_refusal(&said).contains("updates to statefulset spec"), "{}", text(&said));
    assert_eq!(said.worst(), Some(Cost::Recreate), "{}", text(&said));
    let forced = place.said(&[stateful("2Gi", json!({"kustomize.toolkit.fluxcd.io/force": "enabled"}))]);
    assert!(!forced.has_failed() && text(&forced).contains("deleted and made anew"), "{}", text(&forced));

    let job = |image: &str| {
        let pod = json!({"restartPolicy": "Never", "containers": [{"name": "main", "image": image}]});
        place.object("batch/v1", "Job", "migrate", json!({"spec": {"template": {"spec": pod}}}))
    };
    place.apply(&job("a:1"), FLUX);
    assert!(place.said(&[job("a:1")]).objects.is_empty());
    let said = place.said(&[job("a:2")]);
    assert!(the_only_refusal(&said).contains("field is immutable"), "{}", text(&said));
    assert_eq!(said.worst(), Some(Cost::Recreate), "{}", text(&said));
}

#[test]
fn what_comes_with_the_same_change_is_not_missed() {
    let (server, _) = shared();
    let cluster = connect(&server.kubeconfig(), "admin");
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "coming"}});
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "coming"}, "data": {"a": "b"}});
    // kubectl and Flux end with an error here.
    let said = predicted(&cluster, &[namespace, config.clone()], None);
    assert_eq!((said.objects.len(), said.has_failed()), (2, false), "{}", text(&said));
    let note = "not validated by the server, since the Namespace `coming` is part of the same change";
    assert!(text(&said).contains(note), "{}", text(&said));
    let said = predicted(&cluster, &[config], None);
    let reason = "there is no Namespace `coming` in the cluster, nor in the program";
    assert_eq!(the_only_refusal(&said), reason);
}

fn definition(colored: bool) -> Json {
    let mut spec = json!({"size": {"type": "integer"}});
    if colored {
        spec["color"] = json!({"type": "string", "default": "red"});
    }
    let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": spec}}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Widget", "listKind": "WidgetList", "plural": "widgets", "singular": "widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
        },
    })
}

#[test]
fn a_definition_may_come_with_its_objects_and_may_grow() {
    let place = place("widgets");
    let widget = |spec: Json| {
        let metadata = json!({"name": "one", "namespace": "widgets"});
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "spec": spec})
    };
    let said = place.said(&[definition(false), widget(json!({"size": 1}))]);
    assert!(!said.has_failed(), "{}", text(&said));
    assert!(
        text(&said).contains("since the CustomResourceDefinition of Widget is part of the same change"),
        "{}",
        text(&said)
    );
    assert!(
        the_only_refusal(&place.said(&[widget(json!({"size": 1}))])).contains("does not know example.com/v1 Widget")
    );

    place.apply(&definition(false), FLUX);
    let server = place.server;
    await_definitions(server);
    let afresh = || connect(&server.kubeconfig(), "admin");
    place.until("the definition", || afresh().serves("example.com/v1", "Widget"));
    let grown = widget(json!({"size": 1, "color": "blue"}));
    let said = predicted(&afresh(), std::slice::from_ref(&grown), Some(FLUX));
    assert!(the_only_refusal(&said).contains("color"), "{}", text(&said));
    let place = Place { direct: Direct::new(server), ..place };
    place.apply(&widget(json!({"size": 1})), FLUX);
    place.apply(&definition(true), FLUX);
    place.until("the larger definition", || !predicted(&afresh(), std::slice::from_ref(&grown), None).has_failed());
    let said = predicted(&afresh(), std::slice::from_ref(&grown), None);
    assert_eq!(classes(&said), [("spec.color".to_owned(), Class::Change)], "{}", text(&said));
    // The default that the definition has got since is no difference.
    let said = predicted(&afresh(), &[widget(json!({"size": 1}))], None);
    assert!(!said.is_different(), "{}", text(&said));
}

#[test]
fn one_webhook_that_does_not_answer_costs_one_object() {
    let place = place("hooked");
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]);
    let hook = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "nobody"},
        "webhooks": [{
            "name": "nobody.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Fail", "timeoutSeconds": 1, "rules": rules,
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "namespaceSelector": {"matchLabels": {"scenario": "hooked"}},
        }],
    });
    place.server.succeed(["apply", "--server-side", "-f", "-"], &hook.to_string());
    let config = place.object("v1", "ConfigMap", "a", json!({"data": {"a": "b"}}));
    let objects = [config, place.deployment("web", Some(1))];
    place.until("the webhook", || place.said(&objects).has_failed());
    let said = place.said(&objects);
    assert!(the_only_refusal(&said).contains("failed calling webhook"), "{}", text(&said));
    assert_eq!(said.objects.len(), 2, "the other object is predicted: {}", text(&said));
}

#[test]
fn whoever_may_only_read_gets_a_prediction_that_says_so() {
    let place = place("readers");
    let (before, after) = (place.deployment("web", Some(1)), place.deployment("web", Some(2)));
    place.apply(&before, FLUX);
    let reader = connect(&place.server.kubeconfig(), "reader");
    let said = predicted(&reader, std::slice::from_ref(&after), None);
    assert_eq!(classes(&said), [("spec.replicas".to_owned(), Class::Change)], "{}", text(&said));
    assert!(!said.has_failed(), "{}", text(&said));
    let note = "not asked of the server, but predicted here: objects 1, since whoever asks may not patch these objects";
    assert!(text(&said).contains(note), "{}", text(&said));
    let evidence = said.objects[0].prediction.as_ref().map(|known| known.evidence);
    assert_eq!(evidence, Some(Evidence::Ownership));

    let nobody = connect(&place.server.kubeconfig(), "nobody");
    let said = predicted(&nobody, &[after], None);
    assert!(said.objects.is_empty() && said.has_failed(), "{}", text(&said));
    assert!(said.failures[0].reason.contains("cannot get resource"), "{}", text(&said));
}

#[test]
fn what_kubectl_applied_last_says_what_goes() {
    let place = place("lastapplied");
    let mut object = place.deployment("web", Some(2));
    object["metadata"]["annotations"] = json!({"team": "streams"});
    place.server.succeed(["apply", "-f", "-"], &object.to_string());
    assert!(place.said(std::slice::from_ref(&object)).objects.is_empty());
    place.server.succeed(["annotate", "deployment", "web", "-n", "lastapplied", "owner=somebody"], "");
    let without = place.deployment("web", Some(2));
    let said = place.said(std::slice::from_ref(&without));
    assert_eq!(classes(&said), [("metadata.annotations.team".to_owned(), Class::Removal)], "{}", text(&said));
    let prediction = said.objects[0].prediction.as_ref().expect("it is predicted");
    assert_eq!(
        (prediction.evidence, prediction.manager.as_deref()),
        (Evidence::Server, Some("kubectl-client-side-apply"))
    );
    // kubectl shows the same, and the generation that it changes besides.
    let (code, shown) = place.kubectl_diff(&[], &without);
    assert!(code == 1 && shown.contains("-    team: streams"), "{shown}");
    // An apply by Flux takes the field with it, and what people have set by kubectl.
    let said = predicted(&place.cluster, &[without], Some("flux"));
    assert_eq!(classes(&said), [("metadata.annotations".to_owned(), Class::Removal)], "{}", text(&said));
    assert!(text(&said).contains("  -   owner: somebody\n  -   team: streams\n"), "{}", text(&said));
}

#[test]
fn what_is_gone_from_the_program_would_be_pruned() {
    let place = place("pruned");
    let config = |name: &str, extra: Json| {
        let mut object = place.object("v1", "ConfigMap", name, json!({"data": {"a": "b"}}));
        for (field, value) in extra.as_object().into_iter().flatten() {
            object["metadata"][field] = value.clone();
        }
        object
    };
    let flux = json!({"kustomize.toolkit.fluxcd.io/name": "clicks", "kustomize.toolkit.fluxcd.io/namespace": "pruned"});
    let kept = json!({"kustomize.toolkit.fluxcd.io/prune": "disabled"});
    for object in [
        config("stays", json!({"labels": flux})),
        config("old-name", json!({"labels": flux})),
        config("protected", json!({"labels": flux, "annotations": kept})),
        config("of-others", json!({})),
    ] {
        place.apply(&object, FLUX);
    }
    let entry = |name: &str| json!({"id": format!("pruned_{name}__ConfigMap"), "v": "v1"});
    let source = json!({"kind": "GitRepository", "name": "clicks"});
    let spec = json!({"interval": "1m", "prune": true, "sourceRef": source, "path": "./"});
    let kustomization =
        place.object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "clicks", json!({"spec": spec}));
    place.apply(&kustomization, "test");
    let entries: Vec<Json> = ["stays", "old-name", "protected", "long-gone"].map(entry).to_vec();
    let status = json!({"status": {"inventory": {"entries": entries}}}).to_string();
    let patch =
        ["patch", "kustomization", "clicks", "-n", "pruned", "--subresource=status", "--type=merge", "-p", &status];
    place.server.succeed(patch, "");

    let said = place.said(&[config("stays", json!({})), config("new-name", json!({}))]);
    let verbs: Vec<(&str, String)> = said
        .objects
        .iter()
        .filter(|change| change.is_difference())
        .map(|change| match &change.difference {
            Difference::Created(object) => ("created", object.name.to_string()),
            Difference::Deleted(object) => ("deleted", object.name.to_string()),
            Difference::Changed { after, .. } => ("changed", after.name.to_string()),
        })
        .collect();
    let listed: Vec<(&str, &str)> = verbs.iter().map(|(verb, name)| (*verb, name.as_str())).collect();
    // What only the inventory still has is nothing to be pruned.
    assert_eq!(listed, [("created", "new-name"), ("deleted", "old-name")], "{}", text(&said));
    let protected =
        "= v1 ConfigMap pruned/protected\n    note: it is not in the program; it stays, protected from pruning\n";
    assert!(text(&said).contains(protected), "{}", text(&said));

    // Argo CD says on each object which Application it is of.
    let tracked = |name: &str| json!({"annotations": {"argocd.argoproj.io/tracking-id": format!("shop:/ConfigMap:pruned/{name}")}});
    for name in ["argo-stays", "argo-old"] {
        place.apply(&config(name, tracked(name)), "argocd-controller");
    }
    // A copy of an object has the original's annotation, and is nobody's.
    place.apply(&config("argo-copy", tracked("argo-old")), "argocd-controller");
    let said = place.said(&[config("argo-stays", json!({}))]);
    let gone: Vec<String> = said.objects.iter().map(|change| change.object().name.to_string()).collect();
    assert_eq!(gone, ["argo-old"], "{}", text(&said));

    let set = json!({"labels": {"applyset.kubernetes.io/part-of": "applyset-x-v1"}});
    for name in ["set-stays", "set-old"] {
        place.apply(&config(name, set.clone()), "kubectl");
    }
    let said = place.said(&[config("set-stays", json!({}))]);
    let gone: Vec<String> = said.objects.iter().map(|change| change.object().name.to_string()).collect();
    assert_eq!(gone, ["set-old"], "{}", text(&said));
}

#[test]
fn each_value_says_where_in_the_program_it_was_set() {
    let place = place("origins");
    let program = |image: &str| {
        format!(
            "environment prod {{ namespace = \"origins\", kubernetes = \"1.34\" }}\n\n\
             resource v1 ConfigMap settings {{\n  data {{ image = \"{image}\" }}\n}}\n"
        )
    };
    place.apply(&place.object("v1", "ConfigMap", "settings", json!({"data": {"image": "a:1"}})), FLUX);
    assert!(program_against(place.server, &program("a:1"), None).objects.is_empty());
    let said = text(&program_against(place.server, &program("a:2"), None));
    assert!(said.contains("data.image: a:1 -> a:2  <- main.flink:4"), "{said}");
}
