//! The embedded types of the Kubernetes API: what they say, and that they are what k8s-openapi says.

use flinkc::schema::{Api, Definition, FieldType, Lifetime, Version};

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
    assert!(!api.kinds().any(|kind| kind == ("policy/v1", "Eviction")));
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
    let policies = ["Always", "IfNotPresent", "Never"].map(String::from).to_vec();
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

#[test]
fn kinds_and_fields_know_their_versions() {
    let version = |text: &str| Some(Version::parse(text).expect("a known version"));
    let api = Api::kubernetes();
    let kind = |api_version: &str, kind: &str| api.kind(api_version, kind).expect("a built-in kind");
    assert_eq!(kind("apps/v1", "Deployment").lifetime, Lifetime::ALWAYS);
    let class = kind("resource.k8s.io/v1", "DeviceClass");
    assert_eq!((class.since(), class.until()), (version("1.34"), None));
    let old = kind("scheduling.k8s.io/v1alpha1", "Workload");
    assert_eq!((old.since(), old.until()), (version("1.35"), version("1.35")));
    let field = |name: &str, field: &str| definition(name).field(field).unwrap_or_else(|| panic!("no {name}.{field}"));
    let rules = field("io.k8s.api.core.v1.Container", "restartPolicyRules");
    assert_eq!((rules.since(), rules.until(), rules.required), (version("1.34"), None, false));
    assert_eq!(field("io.k8s.api.core.v1.PodSpec", "workloadRef").until(), version("1.35"));
    // Required by some versions only, and by all.
    let group = field("io.k8s.api.rbac.v1.RoleRef", "apiGroup");
    assert_eq!((group.required, group.versions.required.and_then(Lifetime::until)), (false, version("1.35")));
    assert!(field("io.k8s.api.rbac.v1.RoleRef", "kind").required);
    // Differences are known to be there from above.
    let differs = |name: &str, of: &str| field(name, of).versions.differ_below;
    assert!(differs("io.k8s.api.apps.v1.Deployment", "spec") && differs("io.k8s.api.core.v1.PodSpec", "containers"));
    assert!(!differs("io.k8s.api.apps.v1.Deployment", "status"));
    assert!(!differs("io.k8s.api.core.v1.Service", "spec"));
}

#[test]
fn types_and_fields_are_described() {
    let describe = |definition, field| Api::kubernetes().describe(definition, field).expect("a description");
    assert!(describe("io.k8s.api.apps.v1.Deployment", None).starts_with("Deployment enables declarative updates"));
    let strategy = describe("io.k8s.api.apps.v1.DeploymentSpec", Some("strategy"));
    assert!(strategy.starts_with("The deployment strategy"), "{strategy}");
    assert!(describe("partial io.k8s.api.core.v1.Volume", Some("image")).contains('\n'));
    assert_eq!(Api::kubernetes().describe("io.k8s.api.apps.v1.Deployment", Some("nothing")), None);
}

/// Every line of a hand-kept table is sorted where lookups expect it, and speaks of a field that exists.
#[test]
fn hand_kept_tables_fit_the_data() {
    let tables = [
        include_str!("../src/schema/data/keys.txt"),
        include_str!("../src/schema/data/enums.txt"),
        include_str!("../src/schema/data/closed.txt"),
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

/// The committed data is what the tool writes today; `UPDATE_CASES=1` commits what it writes.
#[cfg(feature = "real")]
#[test]
fn data_is_that_of_k8s_openapi() {
    let scratch = tempfile::tempdir().expect("a directory for the dumps");
    let mut dumps = Vec::new();
    for version in Version::all() {
        let dump = scratch.path().join(version.to_string());
        std::fs::write(&dump, schemas_tool(version, &["dump"])).expect("the directory takes a file");
        dumps.push(dump.to_str().expect("scratch has a plain name").to_string());
    }
    let directory = scratch.path().to_str().expect("scratch has a plain name");
    let mut arguments = vec!["merge", directory];
    arguments.extend(dumps.iter().map(String::as_str));
    schemas_tool(Version::NEWEST, &arguments);
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema/data");
    for table in ["types.txt", "descriptions.txt"] {
        let written = std::fs::read(scratch.path().join(table)).expect("the tool writes it");
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(data.join(table), &written).expect("the data can be written");
        }
        let committed = std::fs::read(data.join(table)).expect("the data is committed");
        assert!(written == committed, "UPDATE_CASES=1 cargo test --features real --test schemas writes {table} anew");
    }
}

/// What `tests/tools/schemas`, built for a version, prints.
#[cfg(feature = "real")]
fn schemas_tool(version: Version, arguments: &[&str]) -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = std::process::Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--features", &format!("v{}", version.to_string().replace('.', "_"))])
        .arg("--manifest-path")
        .arg(root.join("tests/tools/schemas/Cargo.toml"))
        .args(arguments)
        // Beside this build's own directory: cargo locks each while it works.
        .env("CARGO_TARGET_DIR", root.join("target/tools/schemas"))
        .output()
        .expect("cargo runs tests, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
