//! Programs with mistakes: what is said, and what survives.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Files};
use crate::syntax::ast::File;
use crate::syntax::parse;

fn mistakes(text: &str) -> (File, Vec<Diagnostic>) {
    let mut sink = Diagnostics::default();
    let file = parse(FileId(0), text, &mut sink);
    (file, sink.finish(&[]))
}

#[test]
fn show() {
    for text in [
        "let a = \nlet b = 2\n",
        "let a =\nlet b = 2\n",
        "x y {\n  replicas: 2\n  foo bar\n  a = 1 b = 2\n  good = 1\n}\n",
        "x y {\n  a =\n  b = 'x'\n  c = 3; d = 4\n # no\n  good = 1\n}\n",
        "x y {\n  a {\n b = 1\n}\nlet z = 1\n",
        "x y {\n  a = f(1, 2\n  b = 3\n}\nlet z = 1\n",
        "x y {\n  a = \"abc\n  b = f(\"x)\n c = [\"a, \"b\"]\n}\nlet z = 1\n",
        "x y {\n  a = if c { 1 } else { 2 }\n  b == 1\n if a = 1 { c = 2 }\n d = [1 2]\n e = 1 + \n}\nlet z = 1\n",
        "resource Deployment web { }\nschema S {\n  a = int\n  b string\n c: int = \n}\nfn f(a) -> int = a\nfn g() = 1\ncomponent c { }",
        "let a = 1 }\nlet b = (1]\nlet c = 12abc3\nlet d = a & b\nlet e = a.\nlet f = -\n",
        "environment dev {\n namespace = \"x\"\nimport std.flink\nfoo\nfoo bar\nfoo bar = 1\n",
        "let a = match x { 1 = 2 }\nlet b = \"\\q \\u{zz}\"\nlet c = 99999999999999999999\nlet d = \"a\\(1 + )\"",
        "let a = \"\"\"\n  abc\n",
        "a b { c = \0 \n d = 1 }\n",
        "let x = in\nlet y = ?",
    ] {
        let (file, found) = mistakes(text);
        let mut files = Files::default();
        files.add("f", text);
        println!("-----\n{text}");
        for d in &found {
            println!(
                "  {} {:?}: {} | {:?} | {:?} | {:?}",
                files.place(d.primary.as_ref().unwrap().span),
                files.text(d.primary.as_ref().unwrap().span),
                d.message,
                d.primary.as_ref().unwrap().text,
                d.help,
                d.related
            );
        }
        println!("  => {}", file.items.len());
    }
}
