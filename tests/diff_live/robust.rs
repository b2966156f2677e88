//! Whatever is read: all examples, and dumps that no server would write.

use super::{CASE, Case, FLUX, changed, client_side, text};
use flinkc::diff::live::{Unmanaged, objects};
use flinkc::diff::{self, Look, Mask};
use flinkc::driver::{self, Against, Source};
use flinkc::import;
use serde_json::json;
use std::path::Path;

#[test]
fn what_examples_render_is_what_an_apply_of_them_would_leave_alone() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut compared = 0;
    for entry in std::fs::read_dir(examples).expect("there are examples") {
        let path = entry.expect("can be read").path();
        let Ok(project) = driver::open(&path) else { continue };
        for environment in driver::environments(&project) {
            let Some(stream) = driver::render(&project, &[], &environment, None).value else { continue };
            let (documents, problem) = import::documents(&String::from_utf8(stream).expect("text"));
            assert_eq!(problem, None);
            let (live, _) = objects(documents);
            let mask = Mask::new([7; 32]);
            let against = Against {
                environment: &environment,
                source: Source::Written(&live),
                manager: None,
                unmanaged: Unmanaged::Show,
                labels: &[],
                mask: &mask,
            };
            let change =
                driver::diff_live(&project, &[], against).value.expect("it was rendered").expect("nobody is asked");
            let shown = diff::text(std::slice::from_ref(&change), Look::default());
            assert!(change.objects.is_empty(), "{}: {shown}", path.display());
            compared += live.len();
        }
    }
    assert!(compared > 100, "{compared} objects are too few to tell");
}

/// Whatever is where the server writes its bookkeeping, there is an answer.
#[test]
fn strange_bookkeeping_breaks_nothing() {
    let strange = [json!(null), json!([]), json!({}), json!("x"), json!(7), json!([[1], {"a": null}])];
    let places = [
        "/items/0/metadata/managedFields",
        "/items/0/metadata/managedFields/0/fieldsV1",
        "/items/0/metadata/managedFields/0/fieldsV1/f:spec/f:template/f:spec/f:containers",
        "/items/0/metadata/labels",
        "/items/0/metadata/annotations",
        "/items/0/spec",
        "/items/0/spec/template/spec/containers",
        "/items/0/spec/strategy",
        "/items/1/spec/ports",
        "/items/2/data",
        "/items/3/status/inventory/entries",
    ];
    for place in places {
        for value in &strange {
            let live = changed(FLUX, |list| *list.pointer_mut(place).expect("it is there") = value.clone());
            let shown = text(Case { live: &live, unmanaged: Unmanaged::Show, ..CASE });
            assert!(shown.starts_with("prod: "), "{place} {value}: {shown}");
        }
    }
    let last = changed(&client_side("kubectl-client-side-apply"), |list| {
        let annotations = &mut list["items"][0]["metadata"]["annotations"];
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = json!("{\"spec\": [");
    });
    assert!(text(Case { live: &last, ..CASE }).contains("1 of the objects do not say who set what"));
}
