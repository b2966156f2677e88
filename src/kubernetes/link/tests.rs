//! Links between objects that are written as YAML here, as other phases would make them.

use super::check;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::value::{Keyed, Map, Value};
use crate::kubernetes::External;
use crate::kubernetes::{Object, Unit};
use crate::schema::Api;
use crate::source::{FileId, Span};
use std::rc::Rc;

fn value(yaml: &serde_yaml::Value) -> Value {
    match yaml {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(bool) => Value::Bool(*bool),
        serde_yaml::Value::Number(number) => Value::Int(number.as_i64().expect("tests use whole numbers")),
        serde_yaml::Value::String(text) => Value::Str(text.as_str().into()),
        serde_yaml::Value::Sequence(items) => Value::List(Rc::new(items.iter().map(value).collect())),
        serde_yaml::Value::Mapping(entries) => {
            // `$keyed` stands for a list that is written as labelled blocks, with the field that labels it.
            let field = entries.get("$keyed").and_then(serde_yaml::Value::as_str);
            let mut map = Map::default();
            for (key, inner) in entries.iter().filter(|(key, _)| key.as_str() != Some("$keyed")) {
                let key = key.as_str().expect("tests use text keys").into();
                map.set(key, value(inner));
            }
            match field {
                Some(field) => Value::Keyed(Rc::new(Keyed { field: field.into(), items: map })),
                None => Value::Map(Rc::new(map)),
            }
        }
        serde_yaml::Value::Tagged(_) => panic!("tests use no tags"),
    }
}

/// The objects of a YAML stream. The annotation `hashed` makes a generated ConfigMap.
fn unit(name: &str, yaml: &str) -> Unit {
    let documents = serde_yaml::Deserializer::from_str(yaml);
    let documents = documents.map(|one| serde::Deserialize::deserialize(one).expect("tests are YAML"));
    Unit { name: name.into(), source: String::new(), objects: documents.map(|one| object(&one)).collect() }
}

fn object(yaml: &serde_yaml::Value) -> Object {
    let text = |value: &serde_yaml::Value| value.as_str().map(std::rc::Rc::<str>::from);
    let (api_version, kind) = (text(&yaml["apiVersion"]).expect("given"), text(&yaml["kind"]).expect("given"));
    let namespaced = Api::kubernetes().kind(&api_version, &kind).is_none_or(|kind| kind.namespaced);
    let namespace = text(&yaml["metadata"]["namespace"]).or(Some("here".into())).filter(|_| namespaced);
    let Value::Map(fields) = value(yaml) else { panic!("objects are maps") };
    let name = text(&yaml["metadata"]["name"]).expect("given");
    let hashed = yaml["metadata"]["annotations"]["hashed"].is_string();
    let span = Span::new(FileId(0), 0, 1);
    let namespaced_by = crate::eval::value::Origin::NONE;
    Object {
        api_version,
        kind,
        label: name.clone(),
        name,
        namespace,
        namespaced_by,
        fields,
        hashed,
        span,
        instance: None,
    }
}

fn diagnostics(units: &[Unit], externals: &[(&str, &str)]) -> Vec<Diagnostic> {
    let span = Span::new(FileId(0), 0, 1);
    let external = |(kind, name): &(&str, &str)| External { kind: (*kind).into(), name: (*name).into(), span };
    let externals: Vec<External> = externals.iter().map(external).collect();
    let mut sink = Diagnostics::default();
    check("dev", "here", units, &externals, &|_| None, &mut sink);
    sink.finish(&[])
}

/// The message and help of every diagnostic.
fn texts(units: &[Unit], externals: &[(&str, &str)]) -> Vec<String> {
    let text = |one: Diagnostic| match one.help {
        Some(help) => format!("{} ({help})", one.message),
        None => one.message,
    };
    diagnostics(units, externals).into_iter().map(text).collect()
}

fn broken(yaml: &str) -> Vec<String> {
    texts(&[unit("one", yaml)], &[])
}

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web, tier: front } }
  template:
    metadata: { labels: { app: web, tier: front, release: blue } }
    spec:
      serviceAccountName: default
      containers:
        $keyed: name
        web:
          image: web:1
          ports: { $keyed: name, http: { containerPort: 80 }, metrics: { containerPort: 81 } }
";

/// A Deployment without labels whose pods have these fields, as YAML in braces.
fn pods(spec: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d}}, spec: {{selector: {{matchLabels: {{a: b}}}}, \
         template: {{metadata: {{labels: {{a: b}}}}, spec: {spec}}}}}}}\n"
    )
}

fn config(name: &str, data: &str) -> String {
    format!("---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {data}}}\n")
}

#[test]
fn a_sound_set_has_no_broken_links() {
    let yaml = format!(
        "{WEB}---
apiVersion: v1
kind: Service
metadata: {{ name: web, labels: {{ app: web }} }}
spec: {{ selector: {{ app: web }}, ports: {{ $keyed: name, http: {{ port: 80, targetPort: http }} }} }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{ name: web }}
spec: {{ rules: [{{ http: {{ paths: [{{ backend: {{ service: {{ name: web, port: {{ name: http }} }} }} }},
  {{ backend: {{ service: {{ name: web, port: {{ number: 80 }} }} }} }}] }} }}] }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{ name: web }}
spec: {{ selector: {{ matchExpressions: [{{ key: app, operator: In, values: [web, other] }}] }} }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{ name: web }}
spec: {{ scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: web }} }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {{ name: web }}
spec: {{ selector: {{ matchLabels: {{ app: web }} }}, endpoints: [{{ port: http }}] }}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {{ name: web }}
spec: {{ selector: {{ matchLabels: {{ app: web }} }}, podMetricsEndpoints: [{{ port: metrics }}] }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{ name: web }}
roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit }}
subjects: [{{ kind: ServiceAccount, name: default }}, {{ kind: User, name: ada }}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{ name: all }}
spec: {{ podSelector: {{}} }}
"
    );
    assert_eq!(broken(&yaml), [] as [&str; 0]);
}

#[test]
fn names_in_pods_must_exist() {
    let yaml = pods(
        "{serviceAccountName: runner, imagePullSecrets: [{name: registry}],
          volumes: [{name: a, configMap: {name: settigns}}, {name: b, secret: {secretName: tls}},
            {name: c, persistentVolumeClaim: {claimName: data}}, {name: d, configMap: {name: maybe, optional: true}},
            {name: e, projected: {sources: [{secret: {name: token}}]}}],
          containers: [{name: main, image: i, envFrom: [{configMapRef: {name: env}}],
            env: [{name: X, valueFrom: {secretKeyRef: {name: keys, key: x}}}]}]}",
    ) + &config("settings", "{x: y}");
    let found = texts(&[unit("one", &yaml)], &[("Secret", "keys"), ("Secret", "registry")]);
    let help = |kind, name| {
        format!(
            "Deployment `d` refers to the {kind} `{name}`, which nothing makes \
             (if it is made elsewhere, declare `external {kind} {name}`)"
        )
    };
    assert_eq!(
        found,
        [
            help("ServiceAccount", "runner"),
            "Deployment `d` refers to the ConfigMap `settigns`, which nothing makes (did you mean `settings`? \
             If `settigns` is made elsewhere, declare `external ConfigMap settigns`)"
                .to_string(),
            help("Secret", "tls"),
            help("PersistentVolumeClaim", "data"),
            help("Secret", "token"),
            help("ConfigMap", "env"),
        ]
    );
}

#[test]
fn one_missing_object_is_one_mistake() {
    let one = pods("{serviceAccountName: runner, containers: []}");
    let found = diagnostics(
        &[unit("one", &format!("{one}---\n{}", one.replace("name: d", "name: e").replace("a: b", "c: d")))],
        &[],
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].notes, ["Deployment `e` refers to it too"]);
}

#[test]
fn keys_of_our_own_config_must_exist() {
    let env = |key: &str| {
        let spec = format!(
            "{{containers: [{{name: main, image: i, env: [{{name: X, valueFrom: {{configMapKeyRef: \
             {{name: settings, key: {key}}}}}}}]}}]}}"
        );
        pods(&spec) + &config("settings", "{level: info}")
    };
    assert_eq!(broken(&env("level")), [] as [&str; 0]);
    assert_eq!(
        broken(&env("levle")),
        ["Deployment `d` refers to the key `levle`, which ConfigMap `settings` in namespace `here` does not have \
          (did you mean `level`?)"]
    );
}

#[test]
fn mounts_and_probes_stay_in_their_pod() {
    let yaml = pods(
        "{volumes: [{name: data, emptyDir: {}}],
          containers: [{name: main, image: i, ports: [{name: http, containerPort: 80}],
            volumeMounts: {$keyed: mountPath, /a: {name: data}, /b: {name: date}},
            readinessProbe: {httpGet: {port: htpp}}, livenessProbe: {tcpSocket: {port: 80}}}]}",
    );
    assert_eq!(
        broken(&yaml),
        [
            "the container `main` of Deployment `d` mounts the volume `date`, which the pod does not have \
             (did you mean `data`?)",
            "the container `main` has no port named `htpp` (did you mean `http`?)",
        ]
    );
}

#[test]
fn claim_templates_are_volumes_and_make_claims() {
    let yaml = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {serviceName: s,
        selector: {matchLabels: {a: b}}, volumeClaimTemplates: [{metadata: {name: data}}],
        template: {metadata: {labels: {a: b}}, spec: {
          volumes: [{name: first, persistentVolumeClaim: {claimName: data-s-0}}],
          containers: [{name: main, image: i, volumeMounts: [{name: data, mountPath: /d}]}]}}}}";
    assert_eq!(
        broken(yaml),
        ["StatefulSet `s` refers to the Service `s`, which nothing makes \
          (if it is made elsewhere, declare `external Service s`)"]
    );
}

#[test]
fn services_select_pods_and_name_their_ports() {
    let service = |selector: &str, port: &str| {
        format!(
            "{WEB}---\n{{apiVersion: v1, kind: Service, metadata: {{name: web}}, \
             spec: {{selector: {selector}, ports: [{{port: 80, targetPort: {port}}}]}}}}"
        )
    };
    assert_eq!(broken(&service("{app: web}", "81")), [] as [&str; 0]);
    assert_eq!(
        broken(&service("{app: web}", "8080")),
        ["Service `web` names the port `8080`, which none of the pods that it selects has (they have 80, 81)"]
    );
    assert_eq!(broken(&service("{app: web, statefulset.kubernetes.io/pod-name: web-0}", "80")), [] as [&str; 0]);
    assert_eq!(
        broken(&service("{app: web, release: green}", "http")),
        ["Service `web` selects no pods: nothing has the labels app=web, release=green \
          (the nearest is Deployment `web`, which has release=blue)"]
    );
    assert_eq!(
        broken(&service("{app: web}", "https")),
        ["Service `web` names the port `https`, which none of the pods that it selects has (did you mean `http`?)"]
    );
}

#[test]
fn external_pods_can_be_selected() {
    let yaml = "{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {selector: {app: postgres}}}";
    assert_eq!(texts(&[unit("one", yaml)], &[("Pod", "postgres")]), [] as [&str; 0]);
    assert_eq!(broken(yaml), ["Service `db` selects no pods: nothing has the labels app=postgres"]);
    // They may stand beside pods that are made here, and have the port that those lack.
    let beside = format!(
        "{}\n---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p, labels: {{app: postgres}}}}, \
         spec: {{containers: [{{name: main, image: i}}]}}}}",
        yaml.replace("selector", "ports: [{port: 1, targetPort: sql}], selector")
    );
    assert_eq!(texts(&[unit("one", &beside)], &[("Pod", "postgres")]), [] as [&str; 0]);
    assert_eq!(broken(&beside).len(), 1);
}

#[test]
fn ingresses_need_a_service_with_that_port() {
    let ingress = |service: &str| {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{ports: [{{name: http, port: 80}}]}}}}\n---\n\
             {{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i}}, \
             spec: {{defaultBackend: {{service: {service}}}, tls: [{{secretName: web.tls}}]}}}}"
        )
    };
    let found = |service| texts(&[unit("one", &ingress(service))], &[("Secret", "web.tls")]);
    assert_eq!(found("{name: web, port: {number: 80}}"), [] as [&str; 0]);
    assert_eq!(
        found("{name: web, port: {number: 81}}"),
        ["Ingress `i` refers to the port `81`, which Service `web` in namespace `here` does not have (it has 80)"]
    );
    assert_eq!(found("{name: wbe, port: {name: http}}").len(), 1);
    let missing = broken(&ingress("{name: web, port: {name: http}}"));
    assert!(missing[0].ends_with("declare `external Secret \"web.tls\"`)"), "{missing:?}");
}

#[test]
fn workloads_select_their_own_pods() {
    let yaml = WEB.replace("release: blue", "x: y").replace("matchLabels: { app: web", "matchLabels: { app: wbe");
    let found = broken(&yaml);
    assert!(found[0].starts_with("Deployment `web` does not select its own pods: they lack app=wbe, tier=front"));
}

#[test]
fn bindings_need_their_role_and_account() {
    let yaml = "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b},
        roleRef: {kind: Role, name: watch},
        subjects: [{kind: ServiceAccount, name: runner, namespace: here}, {kind: ServiceAccount, name: x, namespace: there}]}";
    assert_eq!(broken(yaml).len(), 2);
    let made = format!(
        "{yaml}\n---\n{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: runner}}}}\n---\n\
         {{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: watch}}}}"
    );
    assert_eq!(broken(&made), [] as [&str; 0]);
}

#[test]
fn links_stay_in_their_namespace() {
    let there = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: there}, data: {}}\n---\n";
    let yaml = there.to_string() + &pods("{volumes: [{name: v, configMap: {name: settings}}], containers: []}");
    let found = diagnostics(&[unit("one", &yaml)], &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].notes, ["there is one of that name in namespace `there`"]);
    assert_eq!(found[0].environments, ["dev"]);
}

#[test]
fn generated_config_is_for_its_own_unit() {
    let hashed =
        "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: {hashed: 'yes'}}, data: {}}\n";
    let user = pods("{volumes: [{name: v, configMap: {name: c}}], containers: []}");
    assert_eq!(broken(&format!("{user}{hashed}")), [] as [&str; 0]);
    let apart = texts(&[unit("one", &user), unit("two", hashed)], &[]);
    let message = "Deployment `d` refers to the ConfigMap `c`, whose name ends in a hash when applied \
                   (take `@hashed` off the ConfigMap)";
    assert_eq!(apart, [message]);
    let late = pods("{ephemeralContainers: [{name: e, envFrom: [{configMapRef: {name: c}}]}], containers: []}");
    assert_eq!(broken(&format!("{late}{hashed}")), [message]);
}

#[test]
fn one_identity_is_one_object() {
    let one = config("same", "{}");
    let other = "---\n{apiVersion: v1, kind: Secret, metadata: {name: same}}";
    assert_eq!(broken(&format!("{one}{other}")), [] as [&str; 0]);
    assert_eq!(
        texts(&[unit("one", &one), unit("two", &one)], &[]),
        ["ConfigMap `same` in namespace `here` is made twice (give one of the two another name)"]
    );
    let beta = "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h}}";
    let both = format!("{beta}\n---\n{}", beta.replace("/v1", "/v2"));
    assert_eq!(broken(&both).len(), 1);
}

#[test]
fn names_that_kubernetes_refuses_are_errors() {
    let found =
        broken("{apiVersion: v1, kind: ConfigMap, metadata: {name: Big_Name, labels: {a b: c}}, data: {a/b: c}}");
    assert_eq!(found.len(), 3, "{found:?}");
    let ports = pods("{containers: [{name: a_b, ports: [{name: a-name-that-is-long, containerPort: 1}]}]}");
    assert_eq!(broken(&ports).len(), 2);
}

#[test]
fn what_kustomize_would_break_is_refused() {
    let found = broken("{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { a: \"x\\u007f\" } }");
    assert_eq!(found, ["ConfigMap `a` holds a text that Kustomize cannot carry"]);
}

#[test]
fn custom_resources_cannot_name_what_is_generated() {
    let yaml = "
{ apiVersion: v1, kind: ConfigMap, metadata: { name: config, annotations: { hashed: \"\" } }, data: { a: b } }
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: plain }, data: { a: b } }
---
apiVersion: example.com/v1
kind: Widget
metadata: { name: widget }
spec:
  env: [{ valueFrom: { configMapKeyRef: { name: FIELD, key: a } } }]
";
    assert_eq!(
        broken(&yaml.replace("FIELD", "config")),
        ["Widget `widget` refers to the ConfigMap `config`, whose name ends in a hash when applied \
          (take `@hashed` off the ConfigMap)"]
    );
    // Nothing says that others must be there.
    for name in ["plain", "elsewhere"] {
        assert_eq!(broken(&yaml.replace("FIELD", name)), [""; 0]);
    }
    let named =
        yaml.replace("env: [{ valueFrom: { configMapKeyRef: { name: FIELD, key: a } } }]", "configMapName: config");
    assert_eq!(broken(&named).len(), 1);
}
