//! The embedded types of the Kubernetes API: what they say, and that they are what k8s-openapi says.

use flinkc::schema::{Api, Definition, FieldType};

fn definition(name: &str) -> &'static Definition {
    Api::kubernetes().definition(name).unwrap_or_else(|| panic!("{name} is not a definition"))
}

fn field_type(definition_name: &str, field: &str) -> &'static FieldType {
    let definition = definition(definition_name);
    &definition.field(field).unwrap_or_else(|| panic!("{definition_name} has no field {field}")).ty
}

fn required(name: &str) -> Vec<&'static str> {
    definition(name).fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect()
}

#[test]
fn kinds_know_their_scope_and_definition() {
    let api = Api::kubernetes();
    let deployment = api.kind("apps/v1", "Deployment").expect("a built-in kind");
    assert_eq!(deployment.definition, "io.k8s.api.apps.v1.Deployment");
    assert!(deployment.namespaced);
    assert!(!api.kind("rbac.authorization.k8s.io/v1", "ClusterRole").expect("a built-in kind").namespaced);
    assert!(!api.kind("v1", "Namespace").expect("a built-in kind").namespaced);
    assert_eq!(api.kind("v1", "Deployment"), None);
    assert_eq!(api.kind("apps/v1", "Deploy"), None);
    assert_eq!(api.kind("apps/v1", ""), None);
}

#[test]
fn kinds_can_be_listed_for_suggestions() {
    let api = Api::kubernetes();
    assert!(api.kinds().any(|kind| kind == ("batch/v1", "CronJob")));
    // A request, not an object.
    assert!(!api.kinds().any(|(_, kind)| kind == "Eviction"));
    let versions: Vec<&str> = api.api_versions_of("HorizontalPodAutoscaler").collect();
    assert_eq!(versions, ["autoscaling/v1", "autoscaling/v2"]);
}

#[test]
fn types_are_found_by_version_and_name() {
    let api = Api::kubernetes();
    assert_eq!(api.type_named("v1", "Toleration"), Some("io.k8s.api.core.v1.Toleration"));
    assert_eq!(api.type_named("apps/v1", "DeploymentStrategy"), Some("io.k8s.api.apps.v1.DeploymentStrategy"));
    let selector = Some("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector");
    assert_eq!(api.type_named("meta/v1", "LabelSelector"), selector);
    assert_eq!(api.type_named("apps/v1", "LabelSelector"), selector);
    assert_eq!(api.type_named("v1", "DeploymentStrategy"), None);
    assert_eq!(api.type_named("apps/v7", "Deployment"), None);
    assert!(api.types_of("v1").any(|full| full == "Toleration"));
}

#[test]
fn every_reference_leads_to_a_definition() {
    let api = Api::kubernetes();
    for (api_version, kind) in api.kinds() {
        let mut waiting = vec![api.kind(api_version, kind).expect("a listed kind").definition.to_string()];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let definition = definition(&name);
            assert!(!definition.fields.is_empty(), "{name} has no fields");
            waiting.extend(definition.fields.iter().filter_map(|field| record(&field.ty).map(String::from)));
        }
    }
}

fn record(ty: &FieldType) -> Option<&str> {
    match ty {
        FieldType::Record(name) | FieldType::Keyed { item: name, .. } => Some(name),
        FieldType::List(inner) | FieldType::Map(inner) | FieldType::Nullable(inner) => record(inner),
        FieldType::String
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Enum(_) => None,
    }
}

#[test]
fn fields_have_types() {
    const CORE: &str = "io.k8s.api.core.v1";
    let record = |name: &str| FieldType::Record(format!("{CORE}.{name}"));
    assert_eq!(*field_type("io.k8s.api.core.v1.Pod", "spec"), record("PodSpec"));
    assert_eq!(
        *field_type("io.k8s.api.core.v1.PodSpec", "tolerations"),
        FieldType::List(Box::new(record("Toleration")))
    );
    assert_eq!(*field_type("io.k8s.api.core.v1.ServicePort", "targetPort"), FieldType::IntOrString);
    let quantities = FieldType::Map(Box::new(FieldType::Quantity));
    assert_eq!(*field_type("io.k8s.api.core.v1.ResourceRequirements", "limits"), quantities);
    assert_eq!(*field_type("io.k8s.api.core.v1.Secret", "data"), FieldType::Map(Box::new(FieldType::String)));
    assert_eq!(*field_type("io.k8s.api.core.v1.PodSpec", "hostNetwork"), FieldType::Bool);
    assert_eq!(*field_type("io.k8s.api.apps.v1.ControllerRevision", "data"), FieldType::Any);
}

#[test]
fn closed_sets_are_enums() {
    let policies = ["Always", "Never", "IfNotPresent"].map(String::from).to_vec();
    assert_eq!(*field_type("io.k8s.api.core.v1.Container", "imagePullPolicy"), FieldType::Enum(policies));
    let FieldType::List(modes) = field_type("io.k8s.api.core.v1.PersistentVolumeClaimSpec", "accessModes") else {
        panic!("accessModes is a list");
    };
    assert!(matches!(&**modes, FieldType::Enum(modes) if modes.contains(&"ReadWriteOncePod".to_string())));
}

#[test]
fn lists_with_keys_are_labelled_by_what_a_person_would_say() {
    let keyed = |definition, field| match field_type(definition, field) {
        FieldType::Keyed { label, keys, .. } => (label.as_str(), keys.join(" ")),
        other => panic!("{definition}.{field} is {other:?}"),
    };
    assert_eq!(keyed("io.k8s.api.core.v1.PodSpec", "containers"), ("name", "name".to_string()));
    assert_eq!(keyed("io.k8s.api.core.v1.Container", "env"), ("name", "name".to_string()));
    assert_eq!(keyed("io.k8s.api.core.v1.Container", "ports"), ("name", "containerPort protocol".to_string()));
    assert_eq!(keyed("io.k8s.api.core.v1.ServiceSpec", "ports"), ("name", "port protocol".to_string()));
    assert_eq!(keyed("io.k8s.api.core.v1.Container", "volumeMounts"), ("mountPath", "mountPath".to_string()));
    assert!(matches!(field_type("io.k8s.api.apps.v1.StatefulSetSpec", "volumeClaimTemplates"), FieldType::List(_)));
}

#[test]
fn required_fields_are_those_of_schema_and_validation() {
    assert_eq!(required("io.k8s.api.core.v1.Container"), ["image", "name"]);
    assert_eq!(required("io.k8s.api.apps.v1.DeploymentSpec"), ["selector", "template"]);
    assert_eq!(required("io.k8s.api.apps.v1.Deployment"), ["spec"]);
    assert_eq!(required("io.k8s.api.core.v1.ServicePort"), ["port"]);
    assert_eq!(required("io.k8s.api.core.v1.ConfigMap"), [] as [&str; 0]);
}

#[test]
fn kinds_hold_a_status_but_no_kind() {
    let deployment = definition("io.k8s.api.apps.v1.Deployment");
    let names: Vec<&str> = deployment.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["metadata", "spec", "status"]);
    assert!(deployment.field("status").is_some_and(|field| field.status));
    assert!(definition("io.k8s.api.core.v1.ObjectReference").field("kind").is_some());
}

/// Every line of a hand-kept table is sorted where lookups expect it, and speaks of a field that exists.
#[test]
fn hand_kept_tables_fit_the_data() {
    let tables = [
        include_str!("../src/schema/data/keys.txt"),
        include_str!("../src/schema/data/enums.txt"),
        include_str!("../src/schema/data/required.txt"),
    ];
    for table in tables {
        let lines: Vec<&str> = table.lines().collect();
        let entries = lines.iter().copied().skip_while(|line| line.starts_with('#')).collect::<Vec<_>>();
        assert!(entries.windows(2).all(|pair| pair[0] < pair[1]), "{} is not sorted", lines[0]);
        for entry in entries {
            let mut words = entry.split(' ');
            let (name, field) = (words.next().expect("a definition"), words.next().expect("a field"));
            assert!(definition(name).field(field).is_some(), "{entry}");
        }
    }
    for entry in tables[0].lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = entry.split(' ').collect();
        let FieldType::Keyed { item, label, keys } = field_type(words[0], words[1]) else {
            panic!("{entry} is not a list of records");
        };
        assert!(definition(item).field(label).is_some(), "{entry}");
        assert!(keys.iter().all(|key| definition(item).field(key).is_some()), "{entry}");
    }
}

/// The committed data is what the tool writes today.
#[cfg(feature = "real")]
#[test]
fn data_is_that_of_k8s_openapi() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = std::process::Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--features", "v1_34", "--manifest-path"])
        .arg(root.join("tests/tools/schemas/Cargo.toml"))
        // Beside this build's own directory: cargo locks each while it works.
        .env("CARGO_TARGET_DIR", root.join("target/tools/schemas"))
        .output()
        .expect("cargo runs tests, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let committed = std::fs::read(root.join("src/schema/data/1.34.txt")).expect("the data is committed");
    assert!(output.stdout == committed, "run the tool again: tests/tools/schemas/Cargo.toml says how");
}
