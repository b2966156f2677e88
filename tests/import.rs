//! Imports the definitions under `tests/import`; beside each stands what the importer makes of it.
//!
//! `UPDATE_IMPORT=1 cargo test --test import` rewrites what is expected.

use flinkc::diagnostic::Diagnostics;
use flinkc::driver::check_with;
use flinkc::host::MemoryHost;
use flinkc::import::{Docs, HEAD, Imported, Options, Source, import_crds};
use flinkc::source::FileId;
use flinkc::syntax::parse;
use std::fs;
use std::path::Path;

fn import(text: &str, docs: Docs) -> Imported {
    import_crds(&[Source { name: "crd.yaml", text }], Options { docs, origin: None })
}

/// The messages of a text that cannot be imported.
fn problems(text: &str) -> Vec<String> {
    let imported = import(text, Docs::All);
    assert!(imported.files.is_empty(), "{:?}", imported.files);
    imported.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
}

/// A definition with this schema of `spec`, in flow style.
fn definition(spec: &str) -> String {
    format!(
        "{{ apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{ name: as.example.com }}, \
         spec: {{ group: example.com, scope: Namespaced, names: {{ kind: A, plural: as }}, versions: [ {{ name: v1, \
         served: true, schema: {{ openAPIV3Schema: {{ type: object, properties: {{ spec: {spec} }} }} }} }} ] }} }}\n"
    )
}

/// What is made must parse, be in the language's layout, and declare kinds that the compiler understands.
fn assert_is_understood(path: &str, text: &str) {
    let mut sink = Diagnostics::default();
    parse(FileId(0), text, &mut sink);
    let found = sink.finish(&[]);
    assert!(found.is_empty(), "{path}: {found:#?}\n{text}");
    assert_eq!(flinkc::fmt::format(FileId(0), text).expect("it parses"), text);
    let program = "environment dev { namespace = \"a\" }\n";
    let outcome = check_with(&MemoryHost::new([("main.flink", program), ("kinds.flink", text)]), "", None, &[]);
    assert!(outcome.diagnostics.is_empty(), "{path}: {:#?}\n{text}", outcome.diagnostics);
}

#[test]
fn definitions_become_kinds() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import");
    let update = std::env::var_os("UPDATE_IMPORT").is_some_and(|value| !value.is_empty() && value != "0");
    let mut cases = 0;
    for entry in walkdir::WalkDir::new(&directory).sort_by_file_name() {
        let path = entry.expect("the cases can be read").into_path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let Imported { files, kinds, notes, diagnostics } =
            import(&fs::read_to_string(&path).expect("is text"), Docs::All);
        assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", path.display());
        assert!(kinds >= files.len());
        let mut made = String::new();
        for (name, text) in &files {
            assert!(text.starts_with(HEAD));
            assert_is_understood(name, text);
            made.push_str(&format!("// {name}\n{text}\n"));
        }
        made.extend(notes.iter().map(|note| format!("// note: {note}\n")));
        let expected = path.with_extension("txt");
        if update {
            fs::write(&expected, &made).expect("can be written");
        }
        let expected = fs::read_to_string(&expected).expect("beside each definition stands what is made of it");
        assert_eq!(made, expected, "{}; UPDATE_IMPORT=1 rewrites what is expected", path.display());
        cases += 1;
    }
    assert!(cases >= 8, "the cases were not found");
}

#[test]
fn the_first_sentence_or_nothing_is_kept() {
    let text = definition("{ type: object, description: 'One. Two.', properties: { a: { type: string } } }");
    let made = |docs| import(&text, docs).files.remove(0).1;
    assert!(made(Docs::All).contains("  /// One. Two.\n"));
    assert!(made(Docs::First).contains("  /// One.\n"));
    assert!(!made(Docs::None).contains("///"));
}

#[test]
fn what_is_wrong_is_named_by_document_and_path() {
    let old = "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\n";
    assert_eq!(
        problems(old),
        ["crd.yaml: apiVersion: it is of `apiextensions.k8s.io/v1beta1`, which clusters do not have since Kubernetes \
          1.22; take the definition of `apiextensions.k8s.io/v1`"]
    );
    let good = definition("{ type: object }");
    let second = |bad: &str| problems(&format!("{good}---\n{bad}")).remove(0);
    let path = "crd.yaml: document 2: spec.versions[0].schema.openAPIV3Schema.properties.spec";
    for (spec, problem) in [
        ("{ type: wat }", ".type: there is no type `wat`"),
        ("[]", ": expected a schema, found a list"),
        ("{ properties: { \"a b\": 5 } }", ".properties[\"a b\"]: expected a schema, found a number"),
        ("{ type: string, minLength: -1 }", ".minLength: expected a whole number, zero or more, found a number"),
        ("{ type: string, pattern: [] }", ".pattern: expected text, found a list"),
        ("{ oneOf: {} }", ".oneOf: expected a list of schemas, found a map"),
        ("{ $ref: x }", ": it has a `$ref`, which definitions cannot have"),
        (
            "{ type: object, x-kubernetes-validations: [{ message: x }] }",
            ".x-kubernetes-validations: expected a map with a `rule`, found a map",
        ),
    ] {
        assert_eq!(second(&definition(spec)), format!("{path}{problem}"));
    }
    for (from, to, problem) in [
        ("example.com, scope", "nodots, scope", "spec.group: `nodots` is no name of a group"),
        ("example.com, scope", "../../etc.x, scope", "spec.group: `../../etc.x` is no name of a group"),
        ("kind: A,", "kind: 'a b',", "spec.names.kind: `a b` is no name of a kind"),
        ("Namespaced", "Nowhere", "spec.scope: `Nowhere` is neither `Namespaced` nor `Cluster`"),
        (
            "name: v1,",
            "name: one,",
            "spec.versions[0].name: `one` is no version such as `v1` or `v1beta2`; the language has no others",
        ),
        ("versions: [", "else: [", "spec.versions: there is no list of versions"),
        ("openAPIV3Schema:", "schema:", "spec.versions[0].schema.openAPIV3Schema: the version has no schema"),
    ] {
        assert_eq!(second(&good.replace(from, to)), format!("crd.yaml: document 2: {problem}"));
    }
    let twice = second(&good);
    assert!(
        twice.contains("`A` of `example.com/v1` is defined twice, first at crd.yaml: document 1: spec."),
        "{twice}"
    );
    assert!(problems("a: [\n").remove(0).starts_with("crd.yaml: "));
}

#[test]
fn hostile_definitions_do_no_harm() {
    // Too deep, in every way that a schema can be.
    for (open, close) in [("{ properties: { a: ", " } }"), ("{ items: ", " }"), ("{ additionalProperties: ", " }")] {
        let deep = definition(&format!("{}{{ type: string }}{}", open.repeat(46), close.repeat(46)));
        assert!(problems(&deep).iter().any(|problem| problem.contains("nested deeper than")), "{open}");
        let deepest = definition(&format!("{}{{ type: string }}{}", open.repeat(42), close.repeat(42)));
        let Imported { files, diagnostics, .. } = import(&deepest, Docs::All);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_is_understood(open, &files[0].1);
    }
    let deep = format!("{{ default: {}1{} }}", "[".repeat(40), "]".repeat(40));
    assert!(problems(&definition(&deep)).remove(0).contains("default: it is nested deeper than"));
    // Patterns that a regular expression engine chokes on.
    let greedy = definition("{ type: string, pattern: '^(((h|m|s){1,999}){1,999}){1,999}$' }");
    assert!(import(&greedy, Docs::All).diagnostics.is_empty());
    // Texts that try to get out of where they are printed.
    let text = "\"\\)\\(\n} kind x \\u202e\\u0000";
    let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
    let spec =
        format!("{{ type: string, description: {quoted}, pattern: {quoted}, enum: [{quoted}], default: {quoted} }}");
    let spec = format!(
        "{{ type: object, properties: {{ {quoted}: {spec} }}, x-kubernetes-validations: [{{ rule: {quoted} }}] }}"
    );
    let Imported { files, diagnostics, .. } = import(&definition(&spec), Docs::All);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_is_understood("escapes", &files[0].1);
}

#[test]
fn the_same_definitions_make_the_same_text() {
    let yaml =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/pods.yaml")).expect("is text");
    let made = || import(&yaml, Docs::All).files;
    assert_eq!(made(), made());
}
