//! What is written is read back as it was meant, whatever it is.

use super::{json, yaml};
use crate::eval::value::{Keyed, Map, Value};
use proptest::prelude::*;
use std::rc::Rc;

/// Texts that some reader of YAML takes for something else than a string, or cannot read bare.
const TREACHEROUS: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "True",
    "false",
    "yes",
    "Yes",
    "no",
    "NO",
    "on",
    "Off",
    "y",
    "Y",
    "n",
    "=",
    "<<",
    "1",
    "-1",
    "+1",
    "1_000",
    "0x1f",
    "0o17",
    "0b11",
    "017",
    "1e3",
    "1.5",
    ".5",
    "5.",
    "1.2.3",
    ".inf",
    "-.INF",
    ".nan",
    "+inf",
    "12:30:45",
    "2001-01-01",
    "2001-12-14 21:59:43.10 -5",
    "2001-12-14t21:59:43Z",
    " x",
    "x ",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "- a",
    "-",
    "---",
    "...",
    "? a",
    "[a]",
    "{a}",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "'",
    "\"",
    "%a",
    "@a",
    "`a`",
    "\t",
    "a\tb",
    "\r\n",
    "a\rb",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{0}",
    "\u{7f}",
    "\u{fffe}",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "\na",
    " a\nb",
    "\ta\nb",
    "a\n b",
    "a \nb",
    "a\n\n\nb\n",
    "  \n x",
    "a\n  ",
    "\u{1f600}",
    "\u{1f600}\n\u{e4}\n",
    "# no\n---\n...\n",
];

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn map(entries: &[(&str, Value)]) -> Value {
    let mut map = Map::default();
    for (key, value) in entries {
        map.set((*key).into(), value.clone());
    }
    Value::Map(Rc::new(map))
}

fn list(items: &[Value]) -> Value {
    Value::List(Rc::new(items.to_vec()))
}

fn read(text: &str) -> serde_json::Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"))
}

#[test]
fn treacherous_texts_stay_texts() {
    for treacherous in TREACHEROUS {
        for shape in [
            text(treacherous),
            map(&[("a", text(treacherous)), ("b", Value::Int(1))]),
            map(&[(treacherous, list(&[text(treacherous), list(&[text(treacherous), text("x")])]))]),
            map(&[("a", list(&[map(&[("b", text(treacherous)), (treacherous, Value::Null)])]))]),
        ] {
            let expected: serde_json::Value = serde_json::from_str(&json(&shape)).unwrap();
            assert_eq!(read(&yaml(&shape)), expected, "{}", yaml(&shape));
        }
    }
}

#[test]
fn what_older_readers_mistake_is_quoted() {
    for treacherous in
        TREACHEROUS.iter().filter(|treacherous| !treacherous.contains('\n')).filter(|t| !t.contains('\u{1f600}'))
    {
        let written = yaml(&text(treacherous));
        assert!(written.starts_with(['"', '\'']), "{written}");
    }
    for plain in
        ["4Gi", "500m", "30s", "--topic", "a:b", "a#b", "\u{1f600}", "/opt", "$(POD)", "yesterday", "1a", "x=y"]
    {
        assert_eq!(yaml(&text(plain)), format!("{plain}\n"));
    }
}

#[test]
fn blocks_look_as_a_person_would_write_them() {
    let mut items = Map::default();
    items.set("main".into(), map(&[("args", list(&[text("--a"), text("no")])), ("env", list(&[]))]));
    let keyed = Value::Keyed(Rc::new(Keyed { field: "name".into(), items }));
    let value = map(&[
        ("spec", map(&[("containers", keyed), ("nodeSelector", map(&[]))])),
        ("matrix", list(&[list(&[Value::Int(1), Value::Int(-20)]), list(&[])])),
        ("script", text("one\n\n  two\n")),
        ("float", Value::Float(1e21)),
        ("size", Value::Memory(4 << 30)),
        ("odd", Value::Memory(1000)),
        ("cpu", list(&[Value::Cpu(500), Value::Cpu(2000)])),
        (
            "every",
            list(&[Value::Duration(90_000), Value::Duration(250), Value::Duration(86_400_000), Value::Duration(0)]),
        ),
    ]);
    let expected = "\
spec:
  containers:
  - name: main
    args:
    - --a
    - \"no\"
    env: []
  nodeSelector: {}
matrix:
- - 1
  - -20
- []
script: |
  one

    two
float: 1.0e+21
size: 4Gi
odd: \"1000\"
cpu:
- 500m
- \"2\"
every:
- 1m30s
- 250ms
- 24h
- 0s
";
    assert_eq!(yaml(&value), expected);
}

#[test]
fn large_and_small_numbers_are_numbers_to_older_readers() {
    for (number, written) in [(1e21, "1.0e+21"), (1.5e-9, "1.5e-9"), (-2.0, "-2.0"), (0.1, "0.1")] {
        assert_eq!(yaml(&Value::Float(number)), format!("{written}\n"));
    }
    assert_eq!(yaml(&list(&[Value::Int(i64::MIN), Value::Int(0)])), "- -9223372036854775808\n- 0\n");
}

#[test]
fn a_long_key_is_marked() {
    let value = map(&[(&"k".repeat(2000), map(&[("a", Value::Int(1))])), ("b", list(&[Value::Null]))]);
    let expected: serde_json::Value = serde_json::from_str(&json(&value)).unwrap();
    assert_eq!(read(&yaml(&value)), expected);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::collection::vec(
            prop_oneof![
                Just(' '), Just('\n'), Just('\t'), Just(':'), Just('#'), Just('-'), Just('"'), Just('\''), Just('\\'),
                Just('0'), Just('e'), Just('.'), Just('_'), Just('\r'), Just('\u{85}'), Just('a'),
            ],
            0..8,
        ).prop_map(|characters| characters.into_iter().collect()),
        1 => any::<String>(),
        1 => proptest::sample::select(TREACHEROUS).prop_map(str::to_owned),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => any_text().prop_map(|text| Value::Str(text.into())),
        1 => any::<i64>().prop_map(Value::Int),
        // Few digits: the JSON reader that says what is expected rounds long fractions.
        1 => any::<i16>().prop_map(|number| Value::Float(f64::from(number) / 64.0)),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let entries = proptest::collection::vec((any_text(), inner.clone()), 0..5).boxed();
        prop_oneof![
            proptest::collection::vec(inner, 0..5).prop_map(|items| Value::List(Rc::new(items))),
            entries.clone().prop_map(|entries| Value::Map(Rc::new(collect(entries)))),
            entries.prop_map(|entries| {
                let items = entries.into_iter().map(|(label, value)| (label, map(&[("value", value)]))).collect();
                Value::Keyed(Rc::new(Keyed { field: "name".into(), items: collect(items) }))
            }),
        ]
    })
}

fn collect(entries: Vec<(String, Value)>) -> Map {
    let mut map = Map::default();
    for (key, value) in entries {
        map.set(key.into(), value);
    }
    map
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_read_back(value in any_value()) {
        let written = yaml(&value);
        let expected: serde_json::Value = serde_json::from_str(&json(&value)).unwrap();
        prop_assert_eq!(read(&written), expected, "{}", written);
    }
}
