//! TLS: stores from Secrets, options without passwords, and arguments with them.

use crate::program::{
    Objects, VERSIONS, application, application_text, at, errors, list, objects, objects_with_warnings, session,
    session_text, strings, text,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BOTH: &str = "tls {
    internal { secret = \"tls\", password = secret(\"keys\", \"internal\") }
    rest     { secret = \"tls\", password = secret(\"keys\", \"rest\") } }\n";
const INTERNAL: &str = "tls.internal { secret = \"tls\", password = secret(\"keys\", \"internal\") }\n";
const ISSUED: &str = "tls.internal { issuer = \"ca\", issuer_kind = ClusterIssuer, password = secret(\"keys\", \"p\") }\n\
                      tls.rest { issuer = \"web\", valid = 90d, password = secret(\"keys\", \"p\") }\n";
const PASSWORDS: [&str; 3] = ["keystore-password", "key-password", "truststore-password"];

fn options(objects: &Objects) -> BTreeMap<String, Value> {
    let files = objects.files();
    let file = files.get("config.yaml").or_else(|| files.get("flink-conf.yaml")).expect("there is a configuration");
    serde_yaml::from_str(file).expect("the file is YAML")
}

/// The arguments by which a part is told the passwords of some sides.
fn expected_args(sides: &[&str]) -> Vec<String> {
    let of = |side: &&str| {
        let variable = format!("$(FLINK_{}_TLS_PASSWORD)", side.to_uppercase());
        let words = |option| ["-D".to_owned(), format!("security.ssl.{side}.{option}={variable}")];
        PASSWORDS.into_iter().flat_map(words).collect::<Vec<_>>()
    };
    sides.iter().flat_map(of).collect()
}

fn sources(objects: &Objects, part: &str) -> Vec<(String, String)> {
    let env = objects.container(part).get("env").and_then(Value::as_array).cloned().unwrap_or_default();
    let secret = |variable: &Value| {
        let reference = at(variable, "/valueFrom/secretKeyRef");
        (text(variable, "/name").to_owned(), format!("{}.{}", text(reference, "/name"), text(reference, "/key")))
    };
    env.iter().filter(|variable| variable.pointer("/valueFrom/secretKeyRef").is_some()).map(secret).collect()
}

#[test]
fn options_name_the_stores_and_no_password() {
    for version in VERSIONS {
        let objects = session(version, BOTH);
        let options = options(&objects);
        for side in ["internal", "rest"] {
            let enabled = &options[&format!("security.ssl.{side}.enabled")];
            assert!(*enabled == true || *enabled == "true", "Flink {version}");
            for store in ["keystore", "truststore"] {
                let path = format!("/opt/flink/tls/{side}/{store}.jks");
                assert_eq!(options[&format!("security.ssl.{side}.{store}")], path, "Flink {version}");
            }
        }
        assert!(options.keys().all(|option| !option.contains("password")));
    }
    assert!(options(&session("2.1", "")).keys().all(|option| !option.starts_with("security.ssl")));
}

#[test]
fn passwords_are_arguments_that_kubernetes_fills_in() {
    let both = expected_args(&["internal", "rest"]);
    for version in VERSIONS {
        // `jobmanager.sh` takes the word after its own for a host, unless it is `-D`.
        let jobmanager = session(version, BOTH);
        assert_eq!(jobmanager.args("jobmanager")[1..], both);
        let elected = session(version, &format!("{BOTH}availability.storage = \"s3://a/b\""));
        assert_eq!(elected.args("jobmanager")[..2], ["jobmanager", "$(POD_IP)"]);
        assert_eq!(elected.args("jobmanager")[2..], both);
        let job = application(version, &format!("{BOTH}job.args = [\"--topic\"]"));
        let args = job.args("jobmanager");
        assert_eq!(args[args.len() - 1], "--topic", "the job's own arguments come last");
        assert_eq!(args[args.len() - 1 - both.len()..args.len() - 1], both);
        assert_eq!(job.args("taskmanager")[1..], expected_args(&["internal"]));
    }
    let objects = session("2.1", BOTH);
    let internal = ("FLINK_INTERNAL_TLS_PASSWORD".to_owned(), "keys.internal".to_owned());
    let rest = ("FLINK_REST_TLS_PASSWORD".to_owned(), "keys.rest".to_owned());
    assert_eq!(sources(&objects, "jobmanager"), [internal.clone(), rest]);
    assert_eq!(sources(&objects, "taskmanager"), [internal]);
}

#[test]
fn stores_are_mounted_where_the_options_say() {
    let objects = session("1.20", BOTH);
    let stores = |part: &str| -> Vec<String> {
        let mounts = objects.mounts(part);
        mounts.keys().filter(|path| path.contains("/tls/")).map(|path| (*path).to_owned()).collect()
    };
    assert_eq!(stores("jobmanager"), ["/opt/flink/tls/internal", "/opt/flink/tls/rest"]);
    // TaskManagers never talk to the REST API, and need no key of it.
    assert_eq!(stores("taskmanager"), ["/opt/flink/tls/internal"]);
    for part in ["jobmanager", "taskmanager"] {
        let volumes = list(objects.pod(part), "/spec/volumes");
        let volume = volumes.iter().find(|volume| volume["name"] == "internal-tls").expect("the mount has its volume");
        let items = json!([
            { "key": "keystore.jks", "path": "keystore.jks" },
            { "key": "truststore.jks", "path": "truststore.jks" }
        ]);
        assert_eq!(volume["secret"], json!({ "secretName": "tls", "items": items }));
    }
}

#[test]
fn an_issuer_makes_the_stores() {
    let body = format!("{ISSUED}ingress {{ host = \"a.example.com\", annotations {{ a = \"b\" }} }}");
    let issuer = "external cert-manager.io/v1 Issuer web\n";
    let objects = objects(&format!("{}{issuer}", session_text("2.1", &body)));
    let internal = at(objects.get("Certificate", "main-internal-tls"), "/spec");
    assert_eq!(
        *at(internal, "/issuerRef"),
        json!({ "name": "ca", "kind": "ClusterIssuer", "group": "cert-manager.io" })
    );
    assert_eq!(
        *at(internal, "/keystores/jks"),
        json!({ "create": true, "passwordSecretRef": { "name": "keys", "key": "p" } })
    );
    for usage in ["server auth", "client auth"] {
        assert!(strings(internal, "/usages").contains(&usage), "each side is server and client");
    }
    assert_eq!(text(internal, "/duration"), "8760h");
    let rest = at(objects.get("Certificate", "main-rest-tls"), "/spec");
    let names = ["main-rest", "main-rest.streams", "main-rest.streams.svc", "a.example.com"];
    assert_eq!(strings(rest, "/dnsNames"), names);
    assert_eq!(text(rest, "/issuerRef/kind"), "Issuer");
    for (side, part) in [("internal", "taskmanager"), ("rest", "jobmanager")] {
        let name = format!("main-{side}-tls");
        assert_eq!(text(objects.get("Certificate", &name), "/spec/secretName"), name);
        let volumes = list(objects.pod(part), "/spec/volumes");
        assert!(volumes.iter().any(|volume| volume["secret"]["secretName"] == name.as_str()));
    }
    assert!(session("2.1", BOTH).find("Certificate", "main-internal-tls").is_none());
}

#[test]
fn services_say_that_the_rest_api_speaks_https() {
    let port = |body: &str| at(session("2.1", body).get("Service", "main-rest"), "/spec/ports/0").clone();
    assert_eq!(port(BOTH)["appProtocol"], "https");
    assert!(port(INTERNAL).get("appProtocol").is_none());
    let ingress = session_text("2.1", &format!("{BOTH}ingress.host = \"a.example.com\""));
    objects_with_warnings(&[("main.flink", &ingress)], "dev", &["nothing tells the ingress controller to speak HTTPS"]);
}

#[test]
fn in_native_mode_a_shell_fills_the_passwords_in() {
    for version in VERSIONS {
        let objects = session(version, &format!("mode = native\n{INTERNAL}"));
        let options = options(&objects);
        let word = |option| format!("-Dsecurity.ssl.internal.{option}=\"$FLINK_INTERNAL_TLS_PASSWORD\"");
        let words = PASSWORDS.map(word).join(" ");
        for part in ["jobmanager", "taskmanager"] {
            assert_eq!(options[&format!("kubernetes.{part}.entrypoint.args")], words.as_str(), "Flink {version}");
            let pod: Value = serde_yaml::from_str(objects.files()[format!("{part}-pod.yaml").as_str()]).expect("YAML");
            assert_eq!(text(&pod, "/spec/containers/0/env/0/valueFrom/secretKeyRef/key"), "internal");
            assert_eq!(text(&pod, "/spec/containers/0/volumeMounts/0/mountPath"), "/opt/flink/tls/internal");
            assert_eq!(text(&pod, "/spec/volumes/0/secret/secretName"), "tls");
        }
    }
}

#[test]
fn what_cannot_work_is_refused() {
    let password = "password = secret(\"keys\", \"p\")";
    let mistakes = [
        ("tls {}".to_owned(), "says nothing"),
        (format!("tls.internal {{ {password} }}"), "either the `issuer`"),
        (format!("tls.internal {{ {password}, issuer = \"a\", secret = \"tls\" }}"), "either the `issuer`"),
        (format!("{INTERNAL}config {{ security.ssl.internal.enabled = false }}"), "`tls` sets"),
        (format!("{INTERNAL}config {{ security.ssl.internal.key-password = \"x\" }}"), "`tls` sets"),
        (format!("{INTERNAL}env {{ FLINK_INTERNAL_TLS_PASSWORD = \"x\" }}"), "`tls` sets the variable"),
        (format!("mode = native\n{BOTH}"), "native mode has no `tls.rest`"),
        (format!("mode = operator\n{INTERNAL}"), "cannot be set in operator mode"),
    ];
    for (body, part) in mistakes {
        let errors = errors(&session_text("2.1", &body));
        let [(at, told)] = errors.as_slice() else { panic!("one error for `{body}`: {errors:?}") };
        assert!(!at.starts_with("flink."), "`{told}` is at `{at}`, and should be at a field");
        assert!(told.contains(part), "`{told}` says `{part}`");
    }
    // The password of one side is not the other's.
    let unknown = application_text("2.1", "tls.internal { secret = \"tls\", password = secret(\"gone\", \"p\") }");
    assert!(!errors(&unknown).is_empty(), "a Secret that nobody makes is missed");
}
