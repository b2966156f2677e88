//! Rules of documentation and of real definitions, and hostile ones.

use super::{Program, Verdict, escape};
use proptest::prelude::*;
use serde_json::{Value, json};

fn verdict(rule: &str, value: &Value) -> Verdict {
    match Program::compile(rule) {
        Ok(program) => program.check(value),
        Err(why) => Verdict::Unknown(why),
    }
}

#[track_caller]
fn holds(rule: &str, good: &Value, bad: &Value) {
    assert_eq!(verdict(rule, good), Verdict::Holds, "{rule} of {good}");
    assert_eq!(verdict(rule, bad), Verdict::Fails, "{rule} of {bad}");
}

/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>
#[test]
fn rules_of_the_documentation() {
    let replicas = |min: i64, now: i64, max: i64| json!({ "minReplicas": min, "replicas": now, "maxReplicas": max });
    holds(
        "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas",
        &replicas(1, 2, 3),
        &replicas(1, 4, 3),
    );
    let state = |counts: Value| json!({ "stateCounts": counts });
    holds("'Available' in self.stateCounts", &state(json!({ "Available": 1 })), &state(json!({ "Ready": 1 })));
    holds(
        "(size(self.list1) == 0) != (size(self.list2) == 0)",
        &json!({ "list1": [1], "list2": [] }),
        &json!({ "list1": [1], "list2": [2] }),
    );
    holds(
        "self.envars.filter(e, e.name == 'MY_ENV').all(e, e.value.matches('^[a-zA-Z]*$'))",
        &json!({ "envars": [{ "name": "MY_ENV", "value": "abc" }, { "name": "X", "value": "1" }] }),
        &json!({ "envars": [{ "name": "MY_ENV", "value": "a1" }] }),
    );
    holds(
        "has(self.expired) && self.created + 3 < self.expired",
        &json!({ "created": 1, "expired": 9 }),
        &json!({ "created": 1, "expired": 2 }),
    );
    holds("self.health.startsWith('ok')", &json!({ "health": "ok!" }), &json!({ "health": "bad" }));
    holds(
        "self.widgets.exists(w, w.key == 'x' && w.foo < 10)",
        &json!({ "widgets": [{ "key": "x", "foo": 1 }] }),
        &json!({ "widgets": [] }),
    );
    holds("type(self) == string ? self == '99%' : self == 42", &json!("99%"), &json!(41));
    holds(
        "self.metadata.name == 'singleton'",
        &json!({ "metadata": { "name": "singleton" } }),
        &json!({ "metadata": { "name": "x" } }),
    );
    holds(
        "self.set1.all(e, !(e in self.set2))",
        &json!({ "set1": [1], "set2": [2] }),
        &json!({ "set1": [1], "set2": [1] }),
    );
    holds("!has(self.optional)", &json!({}), &json!({ "optional": 1 }));
}

#[test]
fn functions_of_kubernetes() {
    holds("isURL(self)", &json!("https://example.com:80/"), &json!("not a url"));
    holds("isIP(self)", &json!("fe80::1"), &json!("10.0.0"));
    holds("isCIDR(self)", &json!("10.0.0.0/8"), &json!("10.0.0.0/40"));
    holds("isQuantity(self)", &json!("1.5Gi"), &json!("1.5GB"));
    holds("quantity(self).isGreaterThan(quantity('1Gi'))", &json!("2Gi"), &json!("500Mi"));
    holds("quantity(self).compareTo(quantity('1k')) == 0", &json!("1000"), &json!("1001"));
    holds("self.isSorted()", &json!([1, 2, 2]), &json!([2, 1]));
    holds("self.sum() == 6", &json!([1, 2, 3]), &json!([1]));
    holds("self.find('[0-9]+') == '12'", &json!("a12b"), &json!("ab"));
    holds("self.findAll('[0-9]').size() == 2", &json!("1a2"), &json!("1"));
    holds("self.lowerAscii() == 'ab'", &json!("AB"), &json!("B"));
    holds("self.split(',').size() == 2", &json!("a,b"), &json!("a"));
}

/// HTTPRoute of the Gateway API.
#[test]
fn rules_of_the_gateway_api() {
    holds(
        "self.type != 'URLRewrite' || has(self.urlRewrite)",
        &json!({ "type": "URLRewrite", "urlRewrite": {} }),
        &json!({ "type": "URLRewrite" }),
    );
    holds(
        "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
        &json!({ "group": "", "kind": "Service", "port": 80 }),
        &json!({ "group": "", "kind": "Service" }),
    );
    holds(
        "self.matches.all(m, !has(m.path) || m.path.value.startsWith('/'))",
        &json!({ "matches": [{}, { "path": { "value": "/a" } }] }),
        &json!({ "matches": [{ "path": { "value": "a" } }] }),
    );
    holds(
        "self.all(l1, self.exists_one(l2, l1.name == l2.name))",
        &json!([{ "name": "a" }, { "name": "b" }]),
        &json!([{ "name": "a" }, { "name": "a" }]),
    );
}

#[test]
fn what_cannot_be_evaluated_is_said() {
    let unknown = |rule: &str, value: &Value, reason: &str| match verdict(rule, value) {
        Verdict::Unknown(why) => assert!(why.contains(reason), "{why}"),
        other => panic!("{rule} {other:?}"),
    };
    unknown("self.", &json!(1), "grammar");
    unknown("self.foo > 1", &json!({}), "`foo`");
    unknown("self.authorize()", &json!(1), "authorize");
    unknown("self + 1", &json!(1), "neither true nor false");
    unknown(&"(".repeat(700), &json!(1), "operators");
    unknown(&" ".repeat(10_000), &json!(1), "longer");
    let long: Vec<i64> = (0..5000).collect();
    unknown("self.all(a, self.all(b, a == b))", &json!(long), "too long");
}

#[test]
fn deep_rules_do_not_break_the_stack() {
    let chain = vec!["self"; 290].join(" && ");
    assert_eq!(verdict(&chain, &json!(true)), Verdict::Holds);
    let nested = format!("{}self{}", "(".repeat(500), ")".repeat(500));
    assert!(matches!(verdict(&nested, &json!(true)), Verdict::Holds | Verdict::Unknown(_)));
}

#[test]
fn transitions_and_messages() {
    assert!(Program::compile("self.a >= oldSelf.a").is_ok_and(|program| program.is_transition()));
    let message = Program::compile("'is ' + string(self.a)").expect("a sound expression");
    assert_eq!(message.text(&json!({ "a": 3 })).as_deref(), Some("is 3"));
}

#[test]
fn names_that_rules_cannot_write_are_escaped() {
    let names = ["x-prop", "namespace", "a.b/c", "a__b", "name"].map(escape);
    let names: Vec<_> = names.iter().map(Option::as_deref).collect();
    let escaped = ["x__dash__prop", "__namespace__", "a__dot__b__slash__c", "a__underscores__b"];
    assert_eq!(names, [&escaped.map(Some)[..], &[None]].concat());
}

/// Each of these doubles a text or a list at every step, and would need more memory than there is.
#[test]
fn rules_that_grow_without_end_are_not_run() {
    for (step, start) in [(".map(a, a + a)", "['xxxxxxxx']"), (".map(a, [a, a])", "[1]"), (".map(a, a + a)", "[self]")]
    {
        let rule = format!("{start}{}.size() == 1", step.repeat(60));
        match verdict(&rule, &json!(["a", "b"])) {
            Verdict::Unknown(why) => assert!(why.contains("too long"), "{rule}: {why}"),
            other => panic!("{rule}: {other:?}"),
        }
    }
    let nested = "{'k': self.all(a, self.all(b, self.all(c, self.all(d, a == d))))}.k";
    let long: Vec<i64> = (0..100).collect();
    assert!(matches!(verdict(nested, &json!(long)), Verdict::Unknown(why) if why.contains("too long")));
    let replaced = format!("self{} == 'a'", ".replace('', self)".repeat(9));
    assert!(matches!(verdict(&replaced, &json!("x".repeat(99))), Verdict::Unknown(_)));
}

/// Loops over lists as real objects have them are run.
#[test]
fn loops_over_real_lists_are_run() {
    let ends: Vec<Value> = (0..200).map(|n| json!({ "name": format!("a-long-name-{n}"), "port": n })).collect();
    let value = json!({ "ends": ends });
    for rule in [
        "self.ends.all(a, self.ends.exists_one(b, a.name == b.name))",
        "self.ends.filter(a, a.port > 5).all(a, a.name.startsWith('a-'))",
        "self.ends.map(a, a.name).filter(a, a != 'x').size() == 200",
    ] {
        assert_eq!(verdict(rule, &value), Verdict::Holds, "{rule}");
    }
}

#[test]
fn patterns_that_repeat_much_are_not_compiled_often() {
    let all: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    assert!(matches!(verdict("self.all(x, x.matches('(a{500}){500}|b'))", &json!(all)), Verdict::Unknown(_)));
    assert_eq!(verdict("self.all(x, x.matches('^[0-9]{1,3}$'))", &json!(all)), Verdict::Holds);
}

#[test]
fn messages_do_not_depend_on_the_order_of_maps() {
    let message = Program::compile("self.map(k, k).join(',')").expect("a sound expression");
    assert_eq!(message.text(&json!({ "a": 1, "b": 2 })), None);
}

proptest! {
    #[test]
    fn any_text_ends(rule in "[a-z\\.\\(\\)\\[\\]\\{\\}'\"&|!<>=+*/%?:, 0-9-]{0,80}") {
        let _ = verdict(&rule, &json!({ "a": [1, "b", { "c": null }], "self": 1.5 }));
    }
}
