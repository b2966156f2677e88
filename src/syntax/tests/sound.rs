//! Programs without mistakes.

use crate::diagnostic::Diagnostics;
use crate::source::FileId;
use crate::syntax::ast::File;
use crate::syntax::parse;

/// Parses a program that must be sound.
fn sound(text: &str) -> File {
    let mut sink = Diagnostics::default();
    let file = parse(FileId(0), text, &mut sink);
    let found = sink.finish(&[]);
    assert!(found.is_empty(), "{text}\n{found:#?}");
    file
}

#[test]
fn declarations() {
    for (text, count) in [
        ("import std.flink\nimport \"../lib/house\" as h\nimport \"x\"", 3),
        ("param a: string = \"x\"\nparam b: int", 2),
        ("environment prod-eu { namespace = \"x\", kubernetes = \"1.34\" }", 1),
        ("group prod = prod-eu, prod-us\ngroup a =\n  b,\n  c", 2),
        ("let topics = [\"a\"]\nlet limit: memory = 4Gi", 2),
        ("fn f(a: int, b: int = 1) -> int = a + b\nfn g(size: memory) -> memory {\n  let b = size / 2\n  b\n}", 2),
        ("type Level = \"debug\" | \"info\"\ntype M =\n  | \"a\"\n  | \"b\"", 2),
        (
            "/// D\nschema S {\n  /// f\n  @x(1) cpu: cpu = 1\n  note: string?\n  check: int\n  check cpu > 0 : \"no\"\n}",
            1,
        ),
        ("schema S { check a : \"x\", b: [string] }", 1),
        (
            "component c(name: dns_label, spec: S) {\n  let x = 1\n  resource v1 ServiceAccount account {}\n  check x : \"m\"\n}",
            1,
        ),
        ("resource apps/v1 Deployment web { spec { a = 1 } }\nopen resource example.com/v1 Foo x {}", 2),
        ("@hashed resource v1 ConfigMap \"a\" {}\n@hashed\nresource v1 ConfigMap config {}", 2),
        ("external Secret a, \"b.c\"\nexternal apps/v1 Deployment x", 2),
        (
            "flink.application clicks {}\nflink.application \"\\(job.name)\" {}\nflink.application job as name {}\nw \"x\" as \"\\(n)-y\" {}",
            4,
        ),
        (
            "when a, b { external Secret x }\nif c { external Secret s } else if d {} else {}\nfor k, v in m if k != \"x\" { flink.application \"\\(k)\" {} }",
            3,
        ),
        ("if a {}\nelse if b {}\nelse {}\nlet x = 1", 2),
        ("let a = 1, let b = 2", 2),
        ("", 0),
        ("\n\n// nothing\n", 0),
    ] {
        assert_eq!(sound(text).items.len(), count, "{text}");
    }
}

#[test]
fn the_design_example() {
    assert_eq!(sound(include_str!("clicks.flink")).items.len(), 7);
}
