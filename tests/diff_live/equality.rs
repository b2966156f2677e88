//! What is written otherwise, and the same for the server: where the type of the field says so, and nowhere else.

use super::{CASE, Case, FLUX, PROGRAM, also_owned, body, with};
use serde_json::json;

#[test]
fn quantities_are_compared_by_value_but_not_for_the_owner_of_another_text() {
    let program = with(PROGRAM, "cpu = 1, memory = 1Gi", "cpu = \"1000m\", memory = \"1024Mi\"");
    assert_eq!(body(Case { program: &program, ..CASE }), "");
    // The server compares texts first where another manager owns the field.
    let limits = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"main\"}": {
        "f:resources": {"f:limits": {"f:memory": {}}}}}}}}});
    let live = also_owned(FLUX, &json!({"manager": "someone", "operation": "Update", "fieldsV1": limits}));
    assert_eq!(body(Case { program: &program, live: &live, ..CASE }), "", "Flux takes it over in silence");
    let shown = body(Case { program: &program, live: &live.replace("kustomize-controller", "kubectl"), ..CASE });
    assert!(
        shown.contains("memory: 1Gi -> 1024Mi  [rolling: 3 pods are replaced, one after the other]  (the apply is refused: someone owns it; the values are the same"),
        "{shown}"
    );
}

#[test]
fn a_custom_resource_keeps_what_it_got_and_the_change_says_that_it_is_the_same() {
    let program = with(
        PROGRAM,
        "environment prod",
        "kind example.com/v1 Engine { spec: { timeout: duration, size: quantity, port: int | string } }\nenvironment prod",
    );
    let program = format!(
        "{program}\nresource example.com/v1 Engine e {{ spec {{ timeout = 1m, size = \"1Gi\", port = 80 }} }}\n"
    );
    let live = |timeout: &str, size: &str, port: &str| {
        format!(
            "{FLUX}- apiVersion: example.com/v1\n  kind: Engine\n  metadata: {{name: e, namespace: clicks}}\n  spec: {{timeout: {timeout}, size: {size}, port: {port}}}\n"
        )
    };
    assert_eq!(body(Case { program: &program, live: &live("1m", "1Gi", "80"), ..CASE }), "");
    let shown = body(Case { program: &program, live: &live("60s", "1024Mi", "\"80\""), ..CASE });
    let kept = "but the server keeps what a custom resource says";
    assert!(shown.contains(&format!("spec.timeout: 60s -> 1m  (the same duration, {kept})")), "{shown}");
    assert!(shown.contains(&format!("spec.size: 1024Mi -> 1Gi  (the same quantity, {kept})")), "{shown}");
    assert!(shown.contains("spec.port: \"80\" -> 80  <-"), "a number and a name: {shown}");
    let shown = body(Case { program: &program, live: &live("61s", "1G", "80"), ..CASE });
    assert!(shown.contains("spec.timeout: 61s -> 1m  <-") && shown.contains("spec.size: 1G -> 1Gi  <-"), "{shown}");
}

#[test]
fn a_port_that_is_a_name_is_not_one_that_is_a_number() {
    let live = with(FLUX, "targetPort: 8080", "targetPort: \"8080\"");
    let shown = body(Case { live: &live, ..CASE });
    assert!(shown.contains("targetPort: \"8080\" -> 8080  <-"), "{shown}");
}
