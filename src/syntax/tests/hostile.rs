//! Texts that nobody would write: they end in diagnostics, soon, and on a small stack.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use crate::syntax::{parse, parse_expression};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Parses on a stack of the size that threads have by default, and drops the tree there too.
fn codes(text: String) -> Vec<Code> {
    let parse = move || {
        let mut sink = Diagnostics::default();
        drop(parse(FileId(0), &text, &mut sink));
        drop(parse_expression(FileId(0), &text, &mut sink));
        sink.finish(&[]).iter().map(|diagnostic| diagnostic.code).collect()
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(parse).expect("a thread starts");
    thread.join().expect("parsing does not panic")
}

#[test]
fn nesting_without_end() {
    const LEVELS: usize = 10_000;
    for (open, middle, close) in [
        ("let a = (", "1", ")"),
        ("let a = [", "", "]"),
        ("let a = {b = ", "1", "}"),
        ("let a = {b ", "{}", "}"),
        ("a b { c { ", "", "}}"),
        ("a b { when x { ", "", "}}"),
        ("a b { if x { ", "", "}}"),
        ("a b { if { ", "", "}}"),
        ("a b { for x in y { ", "", "}}"),
        ("when x { ", "", "}"),
        ("let a = f(", "1", ")"),
        ("let a = a[", "1", "]"),
        ("let a = \"\\(", "1", ")\""),
        ("let a = #\"\\#(", "1", ")\"#"),
        ("let a = if ", "x", " then 1 else 2"),
        ("let a = if x then ", "1", " else 2"),
        ("let a = if x then 1 else ", "2", ""),
        ("let a = if x then\n", "1", "\nelse 2"),
        ("let a = [if x: ", "1", "]"),
        ("let a = [for x in y: ", "1", "]"),
        ("let a = match x { y => ", "1", "}"),
        ("type A = [", "int", "]"),
        ("type A = {string: ", "int", "}"),
        ("type A = (", "int", ")"),
        ("type A = int", "", "?"),
        ("type A = int", "", " | int"),
        ("let a = ", "1", " + 1"),
        ("let a = ", "1", "\n ?? 1"),
        ("let a = !", "1", ""),
        ("let a = - ", "1", ""),
        ("let a = a", "", ".b"),
        ("let a = a", "", "?.b"),
        ("let a = a", "", "[0]"),
        ("let a = a", "", "(0)"),
        ("if a {}", "", " else if b {}"),
        ("a b { if a {}", "", " else if b {} }"),
        ("@a(", "1", ")"),
    ] {
        let (first, repeated) = open.find("= ").map_or(("", open), |at| open.split_at(at + 2));
        for unit in if repeated == open { vec![open] } else { vec![open, repeated] } {
            let deep = format!("{first}{}{middle}{}\nlet z = 1", unit.repeat(LEVELS), close.repeat(LEVELS));
            let unclosed = format!("{first}{}{middle}", unit.repeat(LEVELS));
            let closing = format!("{open}{middle}{}", close.repeat(LEVELS));
            for text in [deep, unclosed, closing] {
                let start = Instant::now();
                let shown: String = text.chars().take(60).collect();
                codes(text);
                assert!(start.elapsed() < Duration::from_secs(20), "{shown}");
            }
        }
    }
}

#[test]
fn what_is_too_deep_is_said_once() {
    for text in [
        format!("let a = {}1{}\nlet z = 1", "(".repeat(10_000), ")".repeat(10_000)),
        format!("let a = 1{}\nlet z = 1", " + 1".repeat(10_000)),
        format!("let a = {}1\nlet z = 1", "!".repeat(10_000)),
        format!("let a = {}1{}\nlet z = 1", "if x then ".repeat(10_000), " else 2".repeat(10_000)),
        format!("let a = if x then 1{} else 2\nlet z = 1", " else if x then 1".repeat(10_000)),
        format!("type A = int{}\nlet z = 1", "?".repeat(10_000)),
    ] {
        let mut sink = Diagnostics::default();
        let file = parse(FileId(0), &text, &mut sink);
        let codes: Vec<Code> = sink.finish(&[]).iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, [Code::TooDeep], "{}", &text[..40]);
        assert!(!file.items.is_empty());
    }
}

#[test]
fn nesting_that_is_allowed() {
    for (open, middle, close) in
        [("(", "1", ")"), ("[", "1", "]"), ("{a = ", "1", "}"), ("f(", "1", ")"), ("{a ", "{}", "}")]
    {
        assert_eq!(codes(format!("let a = {}{middle}{}", open.repeat(120), close.repeat(120))).len(), 1, "{open}");
    }
}

#[test]
fn many_mistakes_in_little_time() {
    let start = Instant::now();
    for text in [
        "x y { a b\n".repeat(20_000),
        "a b { }}\n".repeat(20_000),
        "let a = \"x\n".repeat(20_000),
        "\0\n".repeat(100_000),
        "\0".repeat(100_000),
        format!("a b {{\n{}}}", "c d e\n".repeat(20_000)),
        format!("a b {{\n{}}}", "c { d e }\n".repeat(20_000)),
        "{".repeat(100_000),
        "\"".repeat(100_001),
        "if ".repeat(50_000),
        "#".repeat(100_000),
        "@a\n".repeat(20_000),
        "[if [if ".repeat(60),
        "x { if { if { ".repeat(40),
        "= = = ".repeat(20_000),
    ] {
        codes(text);
    }
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}

fn check_spans(text: &str) {
    let mut sink = Diagnostics::default();
    let file = parse(FileId(0), text, &mut sink);
    drop(parse_expression(FileId(0), text, &mut sink));
    let valid = |span: Span| {
        assert!(text.get(span.start()..span.end()).is_some(), "{span:?} does not lie on characters of {text:?}");
    };
    let all = |diagnostic: &Diagnostic| {
        diagnostic.primary.iter().chain(&diagnostic.related).for_each(|label| valid(label.span));
    };
    sink.finish(&[]).iter().for_each(all);
    file.comments.iter().for_each(|comment| valid(comment.span));
    for (start, end) in spans_in(&format!("{:?}", file.items)) {
        valid(Span::new(FileId(0), start, end));
    }
}

/// All places of a tree, read from its debugging output so that no node is forgotten.
fn spans_in(debug: &str) -> Vec<(usize, usize)> {
    let number = |text: &str, name: &str| -> Option<usize> {
        let after = text.get(text.find(name)? + name.len()..)?;
        after[..after.find(|c: char| !c.is_ascii_digit())?].parse().ok()
    };
    let spans = debug.split("Span { file: FileId(0), ").skip(1);
    spans.filter_map(|text| Some((number(text, "start: ")?, number(text, "end: ")?))).collect()
}

const PIECES: &[&str] = &[
    "let ",
    "a",
    " = ",
    "\n",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "#",
    "#\"",
    "\\(",
    "\\",
    "if ",
    " then ",
    " else ",
    "for ",
    " in ",
    "match ",
    " => ",
    "...",
    "?",
    "??",
    "|",
    "||",
    "&&",
    ",",
    ":",
    ".",
    "1",
    "4Gi",
    "@",
    "//",
    "///",
    "ü",
    "\r\n",
    "\t",
    "\0",
    "_",
    "resource v1 A b ",
    "schema S ",
    "component c(a: b) ",
    "fn f() -> T ",
    "when x ",
    "unset ",
    "override ",
    "-",
    "->",
    "==",
    "'",
    ";",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        check_spans(&text);
    }

    #[test]
    fn any_tokens(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        check_spans(&pieces.concat());
    }

    #[test]
    fn a_sound_program_with_a_cut(start in 0usize..2500, length in 0usize..30, piece in prop::sample::select(PIECES)) {
        let text = include_str!("../../../tests/programs/clicks.flink");
        let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (floor(start), floor(start + length));
        check_spans(&format!("{}{piece}{}", &text[..start], &text[end..]));
    }
}
