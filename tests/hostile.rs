//! Programs and data that nobody would write in good faith: all end in diagnostics, soon, and on a small stack.

use flinkc::diagnostic::render::{Look, human};
use flinkc::diagnostic::{Code, json};
use flinkc::driver::{build_with, check_with};
use flinkc::host::MemoryHost;
use std::fmt::Write as _;
use std::sync::mpsc;
use std::time::Duration;

/// Without optimization, on a busy machine: most cases take a hundredth of this.
const LONGEST: Duration = Duration::from_secs(120);

const ENVIRONMENT: &str = "environment dev {}\n";

/// The codes of what is said of a program, each once, in the order of their first appearance.
///
/// It runs on a stack of the size that threads have by default. Where nothing is wrong it is built, too.
fn codes(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<Code> {
    let host = MemoryHost::new(files);
    let work = move || {
        let outcome = check_with(&host, "", None, &[]);
        let text = human(&outcome.diagnostics, &outcome.files, Look::Plain);
        assert!(text.len() < 200_000, "{} bytes are too many to read", text.len());
        assert!(json::report(&outcome.diagnostics, &outcome.files).starts_with('{'));
        if outcome.value.is_some() {
            let built = build_with(&host, "", None, &[]);
            assert!(built.value.is_some(), "{:?}", built.diagnostics);
        }
        let mut codes: Vec<Code> = Vec::new();
        for diagnostic in outcome.diagnostics {
            if !codes.contains(&diagnostic.code) {
                codes.push(diagnostic.code);
            }
        }
        codes
    };
    let (done, waiting) = mpsc::channel();
    let send = move || {
        // Whether the receiver still waits is its own affair.
        let _ = done.send(work());
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(send).expect("a thread starts");
    match waiting.recv_timeout(LONGEST) {
        Ok(codes) => codes,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("takes longer than {LONGEST:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => panic!("ends without a result"),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

fn file(path: &str, text: impl Into<Vec<u8>>) -> (String, Vec<u8>) {
    (path.to_string(), text.into())
}

/// Of a program in one file, with an environment.
fn of(text: &str) -> Vec<Code> {
    codes([file("main.flink", format!("{ENVIRONMENT}{text}"))])
}

/// Of a text that is computed.
fn of_text(lets: &str, value: &str) -> Vec<Code> {
    of(&format!("{lets}resource v1 ConfigMap c {{ data {{ x = {value} }} }}\n"))
}

/// Of a YAML file that is read by a type.
fn of_data(ty: &str, text: impl Into<Vec<u8>>) -> Vec<Code> {
    let program = format!(
        "{ENVIRONMENT}let d: {ty} = data(\"d.yaml\")\nresource v1 ConfigMap c {{ data {{ x = \"\\(len(json(d)))\" }} }}\n"
    );
    codes([file("main.flink", program), file("d.yaml", text)])
}

/// `first`, then each of `count` lines with `{}` and `{+}` for its number and the next.
fn lines(first: &str, count: usize, line: &str) -> String {
    let mut text = first.to_string();
    for number in 0..count {
        let line = line.replace("{}", &number.to_string()).replace("{+}", &(number + 1).to_string());
        writeln!(text, "{line}").expect("writing to a string does not fail");
    }
    text
}

/// Texts that double, `a0` to `aCOUNT`.
fn doubling(count: usize) -> String {
    lines("let a0 = \"xxxxxxxxxxxxxxxx\"\n", count, "let a{+} = a{} ++ a{}")
}

#[test]
fn texts_that_are_no_programs() {
    assert_eq!(codes([]), [Code::Unreadable]);
    assert_eq!(codes([file("main.flink", "")]), []);
    assert_eq!(codes([file("main.flink", [0xff, 0xfe, b'a', 0])]), [Code::Unreadable]);
    assert_eq!(codes([file("main.flink", "\u{feff}environment dev {}\r\nresource v1 ConfigMap c {}\r\n")]), []);
    assert_eq!(of("let a = \"\0\""), [Code::Syntax]);
    assert_eq!(of("let a = \"x"), [Code::Syntax]);
    assert_eq!(of("let a = \"\"\"\n x"), [Code::Syntax]);
    assert_eq!(of(&"}\n".repeat(10_000)), [Code::Syntax]);
    assert_eq!(of("\tresource\tv1\tConfigMap\tc\t{}\n"), []);
}

#[test]
fn a_source_of_ten_megabytes() {
    for text in ["let a = 1\n".repeat(1_000_000), "x".repeat(10_000_000), "\"\n".repeat(5_000_000)] {
        assert_eq!(of(&text), [Code::Limit]);
    }
}

#[test]
fn much_of_everything() {
    assert_eq!(of(&lines("", 3000, "resource v1 ConfigMap c{} { data { x = \"1\" } }")), []);
    assert_eq!(of(&lines("", 10_000, "let _a{} = {}")), []);
    assert_eq!(of(&lines("", 10_000, "let a{}: int = \"x\"")), [Code::TypeMismatch]);
    assert_eq!(of(&lines("", 3000, "let a{} = nope{}")), [Code::UnknownName]);
    assert_eq!(of(&format!("let a = [{}]", "nope, ".repeat(10_000))), [Code::UnknownName]);
    assert_eq!(of(&"resource v1 ConfigMap c {}\n".repeat(3000)), [Code::DuplicateName]);
    assert_eq!(of(&format!("let {} = nope", "a".repeat(1_000_000))), [Code::UnknownName]);
    assert_eq!(of(&format!("let z = {}", "a".repeat(1_000_000))), [Code::UnknownName]);
    assert_eq!(of(&format!("type T = {}\n", "\"x\" | ".repeat(20_000) + "int")), [Code::Limit]);
    let records = lines("let _a = [\n", 2000, "{a{} = 1}");
    assert_eq!(of(&format!("{records}]\n")), []);
    let path = "a.".repeat(10_000);
    assert_eq!(of(&format!("open resource example.com/v1 Widget w {{ {path}a = 1 }}")), [Code::TooDeep]);
    let parameters = lines("", 1000, "a{}: bool,").replace('\n', "");
    assert_eq!(of(&format!("fn f({parameters}) -> int = 1\nlet z = f()")), [Code::BadCall]);
    let many = (0..2000).map(|number| file(&format!("f{number}.flink"), format!("let _a{number} = 1\n")));
    assert_eq!(codes(many.chain([file("main.flink", ENVIRONMENT)])), []);
}

#[test]
fn declarations_in_chains() {
    assert_eq!(of(&lines("let a5000 = 1\n", 5000, "let a{} = a{+} + 1")), [Code::Limit]);
    assert_eq!(of(&lines("type A5000 = int\nlet q: A0 = 1\n", 5000, "type A{} = A{+}")), [Code::Limit]);
    assert_eq!(of(&lines("type A5000 = int\nlet q: A0 = []\n", 5000, "type A{} = [A{+}]")), [Code::Limit]);
    assert_eq!(of(&lines("let a0 = [1]\n", 5000, "let a{+} = [a{}]")), [Code::Limit]);
    let functions = lines("fn f5000(x: int) -> int = x\n", 5000, "fn f{}(x: int) -> int = f{+}(x)");
    assert_eq!(of_text(&functions, "\"\\(f0(1))\""), [Code::Limit]);
    let schemas = lines("schema S5000 {}\nlet s: S0 = {}\n", 5000, "schema S{} { s: S{+} = { } }");
    assert_eq!(of_text(&schemas, "json(s)"), [Code::Limit]);
    let components = lines("", 1000, "component c{}(name: string) { c{+} x as name { } }");
    let last = "component c1000(name: string) { resource v1 ConfigMap c {} }\nc0 z {}\n";
    assert_eq!(of(&format!("{components}{last}")), [Code::Limit]);
    assert_eq!(of(&lines("group g1000 = dev\n", 1000, "group g{} = g{+}")), [Code::UnknownEnvironment]);
    let circle = lines("let a0 = a3000\n", 3000, "let a{+} = a{}");
    assert!(of(&circle).iter().all(|code| matches!(code, Code::Limit | Code::Cycle)));
}

#[test]
fn what_doubles_without_taking_room() {
    let types = lines("type A60 = int\nlet q: A0 = []\n", 60, "type A{} = {string: A{+}} | [A{+}]");
    assert_eq!(of(&types), [Code::Limit]);
    let schemas = lines("schema S60 {}\nlet s: S0 = {}\n", 60, "schema S{} { a: S{+} = { }, b: S{+} = { } }");
    assert_eq!(of_text(&schemas, "json(s)"), [Code::Limit]);
    let lists = lines("let a0 = [\"x\"]\nlet b0 = [\"x\"]\n", 60, "let a{+} = [a{}, a{}]\nlet b{+} = [b{}, b{}]");
    for value in ["json(a60)", "yaml(a60)", "if a60 == b60 then \"a\" else \"b\""] {
        assert_eq!(of_text(&lists, value), [Code::Limit], "{value}");
    }
    assert_eq!(of(&format!("{lists}open resource example.com/v1 Widget w {{ x = a60 }}")), [Code::Limit]);
    let shared = "let a = [for i in range(3000): i]\nlet b = [for i in range(3000): a]\n";
    for value in ["json([for i in range(1000): b])", "\"\\(len(flatten(flatten([for i in range(1000): b]))))\""] {
        assert_eq!(of_text(shared, value), [Code::Limit], "{value}");
    }
    for value in ["a60", "\"\\(a60)\"", "replace(a60, \"x\", \"y\")"] {
        assert_eq!(of_text(&doubling(60), value), [Code::Limit], "{value}");
    }
    let replaced = lines("let a0 = \"x\"\n", 60, "let a{+} = replace(a{}, \"x\", \"xxxxxxxxxx\")");
    assert!(matches!(of_text(&replaced, "a60")[..], [Code::Limit | Code::Arithmetic]));
}

#[test]
fn loops_within_loops() {
    const ROUNDS: &str = "for a in range(100000): for b in range(100000)";
    for value in [
        &format!("[{ROUNDS}: 1]"),
        &format!("[{ROUNDS} if false: 1]"),
        &format!("[{ROUNDS} if len(a16) == 1: 1]"),
        &format!("[{ROUNDS}: 1, {ROUNDS}: for c in range(100000): 1]"),
    ] {
        assert_eq!(of_text(&doubling(16), &format!("\"\\(len({value}))\"")), [Code::Limit], "{value}");
    }
    const AROUND: &str = "component k(name: string) { resource v1 ConfigMap x {} }\n\
                          for i in range(100000) { for j in range(100000) ";
    for made in [
        "resource v1 ConfigMap \"c\\(i)-\\(j)\" {}",
        "k \"c\\(i)-\\(j)\" {}",
        "external Secret \"c\\(i)-\\(j)\"",
        "if false { external Secret c }",
    ] {
        assert!(of(&format!("{AROUND} {{ {made} }} }}")).contains(&Code::Limit), "{made}");
    }
}

#[test]
fn arguments_out_of_range() {
    for (value, code) in [
        ("9223372036854775807 + 1", Code::Arithmetic),
        ("abs(-9223372036854775807 - 1)", Code::Arithmetic),
        ("-(-9223372036854775807 - 1)", Code::Arithmetic),
        ("(-9223372036854775807 - 1) / -1", Code::Arithmetic),
        ("(-9223372036854775807 - 1) % -1", Code::Arithmetic),
        ("9223372036854775808", Code::Arithmetic),
        ("sum([9223372036854775807, 1])", Code::Arithmetic),
        ("1 / 0", Code::Arithmetic),
        ("1 % 0", Code::Arithmetic),
        ("(9000000000000000Ki * 10).bytes", Code::Arithmetic),
        ("(99999999999d + 99999999999d).minutes", Code::Arithmetic),
        ("8388608Pi.bytes", Code::InvalidValue),
        ("int(\"99999999999999999999\")", Code::InvalidValue),
        ("float(\"nan\")", Code::InvalidValue),
        ("len(range(-1))", Code::Arithmetic),
        ("len(range(9223372036854775807))", Code::Limit),
        ("len(split(\"abc\", \"\"))", Code::Arithmetic),
        ("replace(\"abc\", \"\", \"x\")", Code::Arithmetic),
        ("indent(\"a\", 9223372036854775807)", Code::Arithmetic),
        ("matches(\"x\", \"((((x{100}){100}){100}){100}){100}\")", Code::InvalidValue),
        ("matches(\"x\", \"((((\")", Code::InvalidValue),
    ] {
        assert_eq!(of_text("", &format!("\"\\({value})\"")), [code], "{value}");
    }
}

#[test]
fn data_that_explodes() {
    let laughs = lines("a0: &a0 [x, x, x, x, x, x, x, x, x]\n", 12, "a{+}: &a{+} [*a{}, *a{}, *a{}, *a{}, *a{}, *a{}]");
    let merged = lines("a0: &a0 {x: 1}\n", 40, "a{+}: &a{+} {p: *a{}, q: *a{}, r: *a{}}");
    for text in [
        laughs,
        merged,
        "a: &a [*a]\n".to_string(),
        "y: &y\n  <<: *y\n".to_string(),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}1{}", "[".repeat(110), "]".repeat(110)),
    ] {
        assert_eq!(of_data("any", text.clone()), [Code::BadData], "{}", &text[..text.len().min(60)]);
    }
}

#[test]
fn data_that_is_not_what_it_seems() {
    for (ty, text) in [
        ("{string: int}", "a: 1\na: 2\n"),
        ("{string: int}", "{\"a\": 1, \"a\": 2}"),
        ("{string: int}", "1: 1\n\"1\": 2\n"),
        ("{string: int}", "a: 18446744073709551615\n"),
        ("{string: float}", "a: .nan\n"),
        ("any", "a: .inf\n"),
        ("any", "a: !foo 1\n"),
        ("any", "? [a]\n: 1\n"),
        ("any", "a: 1\n---\nb: 2\n"),
        ("any", "a: \"\0\"\n"),
        ("any", "a:\n\tb: 1\n"),
        ("any", "y:\n  <<: 1\n"),
        ("[any]", ""),
    ] {
        assert_eq!(of_data(ty, text), [Code::BadData], "{text:?}");
    }
    assert_eq!(of_data("any", [b'a', b':', b' ', 0xff]), [Code::Unreadable]);
    assert_eq!(of_data("{string: int}", "\u{feff}x: &x {}\na: 1\n"), [Code::BadData]);
    assert_eq!(of_data("{string: {string: int}}", "x: &x {a: 1}\ny: { <<: *x, b: 2 }\n"), []);
}

#[test]
fn modules_in_circles() {
    let ring = |count: usize| {
        (0..count).map(move |number| {
            file(&format!("m{number}/a.flink"), format!("import \"../m{}\"\n", (number + 1) % count))
        })
    };
    let root = || file("main.flink", "import \"m0\"\n");
    assert_eq!(codes(ring(50).chain([root()])), [Code::Cycle]);
    assert_eq!(codes(ring(1000).chain([root()])), [Code::Limit]);
    let all = (0..60).map(|number| file(&format!("m{number}/a.flink"), lines("", 60, "import \"../m{}\"")));
    assert!(codes(all.chain([root()])).contains(&Code::Cycle));
    for path in ["..", "../..", "/etc", "a/../../b", "nowhere"] {
        assert_eq!(of(&format!("import \"{path}\"\n")), [Code::UnknownModule], "{path}");
    }
    assert_eq!(of_text("", "file(\"../../etc/passwd\")"), [Code::Unreadable]);
}

#[test]
fn names_that_cannot_be() {
    let long = "a".repeat(300);
    for name in ["", ".", "..", "a/b", "-a", "a b", "a\\nb", "ü", "A", &long] {
        let object = of(&format!("resource v1 ConfigMap \"{name}\" {{ data {{ x = \"1\" }} }}\n"));
        assert_eq!(object, [Code::InvalidValue], "{name:?}");
        let component = "component k(name: string) { resource v1 ConfigMap x {} }\n";
        assert_eq!(of(&format!("{component}k \"{name}\" {{}}\n")), [Code::InvalidValue], "{name:?}");
    }
    let twice =
        "resource v1 ConfigMap a { metadata.name = \"x\" }\nresource v1 ConfigMap b { metadata.name = \"x\" }\n";
    assert_eq!(of(twice), [Code::DuplicateObject]);
    for (left, right) in [("a b", "a_b"), ("A", "a"), ("overlays", "overlays-unit")] {
        let object = |path: &str, name: &str| {
            file(&format!("{path}.flink"), format!("resource v1 ConfigMap {name} {{ data {{ x = \"1\" }} }}\n"))
        };
        let found = codes([file("main.flink", ENVIRONMENT), object(left, "one"), object(right, "two")]);
        assert_eq!(found, [Code::DuplicateObject], "{left} and {right}");
    }
    assert_eq!(of_text("", "\"\\u{7f}\""), [Code::InvalidValue], "Kustomize cannot carry it");
}
