//! Programs with mistakes: what is said, and what survives.

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Files};
use crate::syntax::ast::{Block, Entry, ExprKind, File, Item, Segment};
use crate::syntax::parse;

/// Each mistake as `line:column message`, with the help after ` | ` where there is any.
fn mistakes(text: &str) -> (File, Vec<String>) {
    let mut sink = Diagnostics::default();
    let file = parse(FileId(0), text, &mut sink);
    let mut files = Files::default();
    let id = files.add("f", text);
    let found = sink.finish(&[]).into_iter().map(|diagnostic| {
        let (line, column) = files.get(id).line_column(diagnostic.primary.map_or(0, |label| label.span.start()));
        let help = diagnostic.help.map(|help| format!(" | {help}")).unwrap_or_default();
        format!("{line}:{column} {}{help}", diagnostic.message)
    });
    (file, found.collect())
}

fn check(text: &str, expected: &[&str]) -> File {
    let (file, found) = mistakes(text);
    assert_eq!(found, expected, "{text}");
    file
}

fn body(file: &File) -> &Block {
    let instance = file.items.iter().find_map(|item| if let Item::Instance(found) = item { Some(found) } else { None });
    &instance.expect("the instance survives").body
}

/// The keys that a block sets.
fn keys(block: &Block) -> Vec<&str> {
    let paths = block.entries.iter().filter_map(|entry| match entry {
        Entry::Set { path, value: _ } | Entry::Open { path, block: _ } => Some(path),
        Entry::Unset { .. }
        | Entry::Spread { .. }
        | Entry::Let(_)
        | Entry::When(_)
        | Entry::If(_)
        | Entry::For(_)
        | Entry::Override { .. } => None,
    });
    let names = paths.flat_map(|path| &path.segments).filter_map(|segment| match segment {
        Segment::Name(name) => Some(&*name.text),
        Segment::Computed(_) => None,
    });
    names.collect()
}

#[test]
fn three_mistakes_give_three_diagnostics() {
    let text = "let a = [1 2]\n\nschema S {\n  a = int\n  b: int\n}\n\nlet c = 3\n\nx y {\n  p: 2\n  q = 1\n}\n";
    let file = check(
        text,
        &[
            "1:12 expected a line end or `,`, found `2`",
            "4:5 expected `:` and a type after the name, found `=` | write `name: type = value`",
            "11:4 expected `=` after the field name, found `:` | write `p = 2`",
        ],
    );
    assert_eq!(file.items.len(), 4);
    assert_eq!(keys(body(&file)), ["p", "q"]);
    assert!(matches!(&file.items[1], Item::Schema(schema) if schema.fields.len() == 1));
}

#[test]
fn entries_beside_a_mistake_survive() {
    let text = "x y {\n  replicas: 2\n  foo bar\n  a = 1 b = 2\n  inner {\n    c d\n    e = 1\n  }\n  good = 1\n}\n";
    let file = check(
        text,
        &[
            "2:11 expected `=` after the field name, found `:` | write `replicas = 2`",
            "3:7 found `bar`, expected `=`, `{` or `.` after the field name",
            "4:9 expected a line end or `,`, found `b`",
            "6:7 found `d`, expected `=`, `{` or `.` after the field name",
        ],
    );
    assert_eq!(keys(body(&file)), ["replicas", "a", "inner", "good"]);
}

#[test]
fn a_missing_value_is_missing_where_its_line_ends() {
    for text in ["let a = \nlet b = 2\n", "let a = // none\nlet b = 2\n", "let a =\nresource v1 Pod b {}\n"] {
        let file = check(text, &["1:8 expected a value after `=`, found the end of the line"]);
        assert_eq!(file.items.len(), 2);
        assert!(matches!(&file.items[0], Item::Let(found) if found.value.kind == ExprKind::Error));
    }
    let file = check(
        "x y {\n  a =\n  b = 1 +\n  c = 1\n}",
        &[
            "2:6 expected a value after `=`, found the end of the line",
            "3:10 expected a value after `+`, found the end of the line",
        ],
    );
    assert_eq!(keys(body(&file)), ["a", "b", "c"]);
    check("let a =", &["1:8 expected a value after `=`, found the end of the file"]);
}

#[test]
fn what_is_meant_goes_on_as_if_it_had_been_written() {
    let file = check(
        "x y {\n  a: 1\n  b: { c = 2 }\n  d = {{ e }}\n  f = i.example.com/g:1.2 // why\n  h = s3://i/j\n}\n",
        &[
            "2:4 expected `=` after the field name, found `:` | write `a = 1`",
            "3:4 expected `{` after the field name, found `:` | write `b { … }`",
            "4:7 `{{ … }}` means nothing here: this is no template | a name stands for its value: `e`; in a string it is \
             `\\(e)`",
            "5:7 text stands in quotes | write `\"i.example.com/g:1.2\"`",
            "6:7 text stands in quotes | write `\"s3://i/j\"`",
        ],
    );
    assert_eq!(keys(body(&file)), ["a", "b", "d", "f", "h"]);
}

#[test]
fn indentation_is_one_mistake() {
    let file = check(
        "x y {\n  spec\n    a = 1\n\n    b {\n      c = 2\n    }\n  args:\n  - \"d\"\n  - \"e\"\n  f:\n    - g: 1\n      h: 2\n  i = 1\n}\n",
        &[
            "2:3 indentation does not make a block of what is below `spec` | a block stands in braces: `spec { … }`",
            "8:3 indentation does not make a list of what is below `args` | a list stands in brackets: `args = [\"d\", \
             \"e\"]`",
            "11:3 indentation does not make a list of what is below `f` | a list stands in brackets, maps in it in \
             braces: `f = [{ … }, { … }]`",
        ],
    );
    assert_eq!(keys(body(&file)), ["spec", "args", "f", "i"]);
    check(
        "x y {\n  a = [\n    - b = 1\n      c = 2\n  ]\n}\n",
        &["3:5 `-` does not begin an element of a list | separate elements with commas and put each map into braces: \
           `[{ name = … }, { name = … }]`"],
    );
}

#[test]
fn pasted_yaml_is_one_mistake() {
    let yaml = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80 # it's\n";
    let written = "this is YAML, and not the language of `.flink` files | write `resource v1 Service web { … }`";
    let file = check(&format!("let a = 1\n\n{yaml}\nlet b = 2\n"), &[&format!("3:1 {written}")]);
    assert_eq!(file.items.len(), 2);
    check(&format!("---\n{yaml}---\n{yaml}"), &[&format!("1:1 {written}")]);
    check(
        "kind: x",
        &["1:1 this is YAML, and not the language of `.flink` files | write `resource apps/v1 Deployment name { … }`"],
    );
}

#[test]
fn slips_from_other_languages() {
    let quotes = "strings stand in double quotes | write";
    for (entry, expected) in [
        ("a = 'x'", format!("2:6 {quotes} `\"x\"`")),
        ("a: {", "2:3 expected `{` after the field name, found `:` | write `a { … }`".to_owned()),
        ("a = 1; b = 2", "2:7 `;` does not separate entries | write each entry on a line of its own, or `,` between them".to_owned()),
        ("# a", "2:2 `#` does not begin a comment | comments begin with `//`".to_owned()),
        ("a == 1", "2:4 `==` compares, but here a value is set | write `=`".to_owned()),
        ("if a = 1 { b = 2 }", "2:7 `=` sets a value and cannot stand in one | write `==` to compare".to_owned()),
        ("a = if c { 1 } else { 2 }", "2:11 expected `then`, found `{` | as a value, write `if c then a else b`".to_owned()),
        ("a = b & c", "2:8 `&` is no operator | write `&&` for \"and\"".to_owned()),
        ("a = b and c", "2:8 `and` is no operator | write `&&`".to_owned()),
        ("a = ü", "2:6 `ü` cannot be part of a name | names are made of the letters `a` to `z`, digits, `_` and `-`; anything else stands in quotes".to_owned()),
        ("a = 1e3", "2:6 `1e3` is neither a number nor a number with a unit | write it like `1000`, `0.5`, `4Gi` or `1h30m`; text stands in quotes".to_owned()),
    ] {
        let closing = if entry.ends_with("{") { " b = 1 }" } else { "" };
        let file = check(&format!("x y {{\n {entry}{closing}\n good = 1\n}}"), &[&expected]);
        assert!(keys(body(&file)).contains(&"good"), "{entry}");
    }
}

#[test]
fn brackets() {
    let text = "x y {\n  a {\n    b = 1\n}\nlet z = 1\n";
    let mut sink = Diagnostics::default();
    let file = parse(FileId(0), text, &mut sink);
    let found = sink.finish(&[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "expected `}` to close the block");
    assert_eq!(found[0].related[0].span.start(), text.find("{\n    b").expect("the bracket is there"));
    assert_eq!(file.items.len(), 2);

    let file = check("x y {\n  a = f(1, 2\n  b = 3\n}\nlet z = 1\n", &["4:1 expected `)`, found `}`"]);
    assert_eq!(file.items.len(), 2);
    check("let b = (1]\nlet c = 1", &["1:11 expected `)`, found `]`"]);
    let stray = "1:11 nothing is open that this `}` could close | remove it, or write the bracket that opens";
    assert_eq!(check("let a = 1 }\nlet b = 1", &[stray]).items.len(), 2);
}

#[test]
fn unclosed_strings() {
    let open = "this string is not closed on its line | end it with the same quotes; a text of several lines stands between `\"\"\"` and `\"\"\"`";
    let file = check(
        "x y {\n  a = \"abc\n  b = f(\"x)\n c = [\"a, \"b\"]\n d = 1 }\nlet z = 1\n",
        &[&format!("2:7 {open}"), &format!("3:9 {open}"), &format!("4:13 {open}")],
    );
    assert_eq!(keys(body(&file)), ["a", "b", "c", "d"]);
    assert_eq!(file.items.len(), 2);
    let block = "this block of text is never closed | end it with the same quotes on a line of their own";
    check("let a = \"\"\"\n  abc\n", &[&format!("1:9 {block}")]);
}

#[test]
fn declarations() {
    check(
        "resource Deployment web { }\nfn f(a) -> int = a\nfn g() = 1\ncomponent c { }\nfoo = 1\nlet y = ?",
        &[
            "1:10 expected an API version such as `apps/v1`, found `Deployment`",
            "2:7 expected `:`, found `)`",
            "3:8 expected `->` and the type of the result, found `=`",
            "4:13 expected `(`, found `{`",
            "5:5 expected a declaration, found a setting | write `let foo = …` to name a value",
            "6:9 expected a value after `=`, found `?`",
        ],
    );
}

#[test]
fn inside_strings() {
    let help = "for a backslash write `\\\\`; escapes are `\\n`, `\\t`, `\\r`, `\\0`, `\\u{…}`, the quote and `\\(…)`";
    check(
        "let b = \"\\q \\u{zz}\"\nlet c = 99999999999999999999\nlet d = \"a\\(1 + )\"",
        &[
            &format!("1:10 `\\q` is no escape | {help}"),
            "1:13 `zz` is not the hexadecimal number of a character | write it like `\\u{1F600}`",
            "2:9 this number is too large | whole numbers go up to 9223372036854775807",
            "3:17 expected a value after `+`, found `)`",
        ],
    );
}

#[test]
fn control_characters() {
    let message = "the text contains the control character U+0000 | remove it; in a string, write it as an escape such as `\\u{7}`";
    let file = check("a b { c = \0\n d = \"\0\" }\n", &[&format!("1:11 {message}"), &format!("2:7 {message}")]);
    assert_eq!(keys(body(&file)), ["c", "d"]);
}
