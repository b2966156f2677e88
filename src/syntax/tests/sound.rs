//! Programs without mistakes.

use super::shape::shape;
use crate::diagnostic::Diagnostics;
use crate::source::FileId;
use crate::syntax::ast::{CommentKind, Entry, File, Item, TypeExprKind};
use crate::syntax::{parse, parse_expression};

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
    assert_eq!(sound(include_str!("../../../tests/programs/clicks.flink")).items.len(), 7);
}

/// The structure of a text that is one value without mistakes.
fn value(text: &str) -> String {
    let mut sink = Diagnostics::default();
    let expr = parse_expression(FileId(0), text, &mut sink);
    let found = sink.finish(&[]);
    assert!(found.is_empty(), "{text}\n{found:#?}");
    shape(&expr)
}

#[test]
fn values() {
    for (text, expected) in [
        ("1 + 2 * 3 - 4", "Subtract(Add(1, Multiply(2, 3)), 4)"),
        ("a ?? b || c && d == e + f", "Else(a, Or(b, And(c, Equal(d, Add(e, f)))))"),
        ("a\n  ?? b\n  && c", "Else(a, And(b, c))"),
        ("a +\n b", "Add(a, b)"),
        ("!a.b && -c[0] < 1", "And(not(a.b), Less(minus(c[0]), 1))"),
        ("!!a", "not(not(a))"),
        ("x in xs ++ ys", "In(x, Concat(xs, ys))"),
        ("prod-eu - a", "Subtract(prod-eu, a)"),
        ("a?.b.c", "a?.b.c"),
        ("house.f(1, name = 2)[0].x", "house.f(1, name=2)[0].x"),
        ("f(\n  1\n  2,\n)", "f(1, 2)"),
        ("if a then b else if c then d else e", "if(a, b, if(c, d, e))"),
        ("if a\n then b\n else if c\n then d\n else e", "if(a, b, if(c, d, e))"),
        ("if a then b", "if(a, b)"),
        ("if a then b else if c then d", "if(a, b, if(c, d))"),
        ("if a then if b then c else d", "if(a, if(b, c, d))"),
        ("(if a then b) ?? c", "Else(if(a, b), c)"),
        ("[if a then b, if c then d else e]", "list[if(a, b), if(c, d, e)]"),
        ("if if a then b else c then d else e", "if(if(a, b, c), d, e)"),
        (
            "match v { \"a\" | b => x, s: secret => y, -1 => 2\n _ => z }",
            "match v {[\"a\"], b => x, s: type => y, minus(1) => 2, _ => z}",
        ),
        (
            "[1, ...more, if c: 3, for k, x in xs if x > 1: x * 2]",
            "list[1, ...more, if c: 3, for k, x in xs if Greater(x, 1): Multiply(x, 2)]",
        ),
        ("[if a then b else c, for x in y: if x: x]", "list[if(a, b, c), for x in y: if x: x]"),
        ("{ a = 1, \"b.c\" = 2, ...others, for k, v in m { \"\\(k)-x\" = v } }", "block of 4"),
        ("4Gi", "unit 4Gi"),
        ("1h30m", "unit 1h30m"),
        ("0.5s", "unit 0.5s"),
        ("1_000", "1000"),
        ("0.5", "0.5"),
        ("[true, false, null, (1)]", "list[true, false, null, 1]"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn strings() {
    for (text, expected) in [
        (r#""""#, "[]"),
        (r#""a\n\t\"\\\u{e9}\0""#, r#"["a\n\t\"\\é\0"]"#),
        (r#""a\(b + "c\(d)")e""#, r#"["a", Add(b, ["c", d]), "e"]"#),
        (r#""${a} {{b}} $(c)""#, r#"["${a} {{b}} $(c)"]"#),
        (r##"#"a\n "x" \(b) \#(c)"#"##, r#"["a\\n \"x\" \\(b) ", c]"#),
        (r###"##"a"# \#(b) \##(c)"##"###, r##"["a\"# \\#(b) ", c]"##),
        ("\"\"\"\n    a\n      b\n\n    c \\(d)\n    \"\"\"", r#"["a\n  b\n\nc ", d]"#),
        ("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", r#"["a\nb"]"#),
        ("\"\"\"\n  a \\\n  b\n  \\(c)\n  \"\"\"", r#"["a b\n", c]"#),
        ("\"\"\"\n\"\"\"", "[]"),
        ("#\"\"\"\n  a\\n\\#(b)\n  \"\"\"#", r#"["a\\n", b]"#),
        ("\"// no comment\"", r#"["// no comment"]"#),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn types() {
    for (text, expected) in [
        ("string", "Name"),
        ("house.Size", "Name"),
        ("apps/v1.Deployment", "Kubernetes"),
        ("v1.Toleration", "Kubernetes"),
        ("flink.apache.org/v1beta1.X", "Kubernetes"),
        ("[T]", "List"),
        ("{string: [T?]}", "Map"),
        ("T?", "Optional"),
        ("partial v1.PodSpec", "Partial"),
        ("partial", "Name"),
        ("{ a: int, \"b.c\": [{ string: T }]?, ... }", "Record"),
        ("{}", "Record"),
        ("@minimum(1) @rule(\"a\", { message = \"b\" }) int", "Attributed"),
        ("\"a\" | 1 | null", "Union"),
        ("(int | string)?", "Optional"),
        ("true", "Literal"),
    ] {
        let file = sound(&format!("type A = {text}"));
        let Item::TypeAlias(alias) = &file.items[0] else { panic!("{text}") };
        let kind = match &alias.ty.kind {
            TypeExprKind::Error => "Error",
            TypeExprKind::Name(_) => "Name",
            TypeExprKind::Kubernetes { .. } => "Kubernetes",
            TypeExprKind::Partial { .. } => "Partial",
            TypeExprKind::Record(_) => "Record",
            TypeExprKind::Attributed { .. } => "Attributed",
            TypeExprKind::List(_) => "List",
            TypeExprKind::Map(_) => "Map",
            TypeExprKind::Optional(_) => "Optional",
            TypeExprKind::Union(_) => "Union",
            TypeExprKind::Literal(_) => "Literal",
        };
        assert_eq!(kind, expected, "{text}");
    }
}

#[test]
fn entries() {
    let text = "w x {\n  a.b.\"c/d\".e = 1\n  type = 1\n  in { }\n  match.if = 2, for { }\n  resource = 3\n  unset a.b\n  ...others
  let l = 1\n  when a, b { c = 1 }\n  if c { d = 1 } else if e { } else { f = 1 }\n  for k, v in m if v { \"\\(k)\" = v }\n  override job.main { a = 1 }\n}";
    let file = sound(text);
    let Item::Instance(instance) = &file.items[0] else { panic!("an instance") };
    let entries: String = instance.body.entries.iter().map(letter).collect();
    assert_eq!(entries, "ssososu.lwifv");
}

fn letter(entry: &Entry) -> char {
    match entry {
        Entry::Set { .. } => 's',
        Entry::Open { .. } => 'o',
        Entry::Unset { .. } => 'u',
        Entry::Spread { .. } => '.',
        Entry::Let(_) => 'l',
        Entry::When(_) => 'w',
        Entry::If(_) => 'i',
        Entry::For(_) => 'f',
        Entry::Override { .. } => 'v',
    }
}

#[test]
fn comments_and_documentation() {
    let text = "\u{feff}//! One.\r\n//! Two.\r\n\r\n// plain\r\n/// A\r\n///  b\r\nlet a = 1 // \"behind\"\r\n/// S\r\nschema S {\r\n\t/// f\r\n\tf: int // x\r\n\tg: int\r\n}\r\n";
    let file = sound(text);
    assert_eq!(file.doc.as_deref(), Some("One.\nTwo."));
    let Item::Let(binding) = &file.items[0] else { panic!("a let") };
    assert_eq!(binding.doc.as_deref(), Some("A\n b"));
    assert_eq!(&text[binding.span.start()..binding.span.end()], "let a = 1");
    let Item::Schema(schema) = &file.items[1] else { panic!("a schema") };
    assert_eq!(schema.doc.as_deref(), Some("S"));
    assert_eq!(schema.fields[0].doc.as_deref(), Some("f"));
    assert_eq!(schema.fields[1].doc, None);
    let kinds: Vec<CommentKind> = file.comments.iter().map(|comment| comment.kind).collect();
    let (file, plain, item) = (CommentKind::File, CommentKind::Plain, CommentKind::Item);
    assert_eq!(kinds, [file, file, plain, item, item, plain, item, item, plain]);
}

#[test]
fn places_end_with_the_last_token() {
    let text = "w x {\n  a = 1 + b   // c\n  d = f(1) , e { }  \n  let l: T = 2 // m\n}  // n\n";
    let file = sound(text);
    let Item::Instance(instance) = &file.items[0] else { panic!("an instance") };
    assert_eq!(&text[instance.span.start()..instance.span.end()], &text[..text.find("  // n").expect("it is there")]);
    let places = instance.body.entries.iter().map(|entry| match entry {
        Entry::Set { path: _, value } => value.span,
        Entry::Open { path, block: _ } => path.span,
        Entry::Let(binding) => binding.span,
        Entry::Unset { .. }
        | Entry::Spread { .. }
        | Entry::When(_)
        | Entry::If(_)
        | Entry::For(_)
        | Entry::Override { .. } => panic!("not in this text"),
    });
    let texts: Vec<&str> = places.map(|span| &text[span.start()..span.end()]).collect();
    assert_eq!(texts, ["1 + b", "f(1)", "e", "let l: T = 2"]);
}
