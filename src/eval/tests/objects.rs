//! Components, names, overrides, completion, units.

use super::build::*;
use crate::core::*;
use crate::diagnostic::Severity;
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::Evaluator;

/// An override of a resource, by a path of instances.
fn override_of(instances: Vec<u32>, resource: u32, entries: Vec<Entry>) -> Override {
    Override { routes: vec![Route { instances, resource }], body: body(entries), verify: false, span: span(800) }
}

#[test]
fn objects_in_components_are_named_for_both() {
    let mut b = Build::new();
    let refers = b.set("data.other", name_of(1));
    let main = b.resource("main", 0, vec![refers]);
    let name =
        b.set("metadata.name", Expr::Text([TextPart::Value(Expr::Local(Slot(0))), TextPart::Text("-x".into())].into()));
    let other = b.resource("other", 1, vec![name]);
    b.program.components.push(component("worker", vec![main, other]));
    let instance = b.instance("clicks", 0, Vec::new(), Vec::new());
    let plain = b.resource("plain", 0, Vec::new());
    b.root(vec![instance, plain]);
    let (units, sink) = b.run(0);
    assert_eq!(sink.finish(&[]), []);
    let names: Vec<&str> = units.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["clicks", "cleanup"]);
    let clicks = &units[0].1.objects;
    assert_eq!(shown(&clicks[0].fields), "{metadata:{name:clicks-main},data:{other:clicks-x}}");
    assert_eq!((&*clicks[1].name, &*clicks[1].label), ("clicks-x", "other"));
    assert_eq!(clicks[1].namespace.as_deref(), Some("ns-dev"));
    assert_eq!(&*units[1].1.objects[0].name, "plain");
}

#[test]
fn overrides_win_from_the_inside_out() {
    let mut b = Build::new();
    let fields = vec![b.set("data.a", text("component")), b.set("data.b", text("component"))];
    let main = b.resource("main", 0, fields);
    b.program.components.push(component("inner", vec![main]));
    let inner = vec![b.set("data.a", text("wrapper")), b.set("data.b", text("wrapper"))];
    let inner = b.instance("job", 0, Vec::new(), vec![override_of(Vec::new(), 0, inner)]);
    b.program.components.push(component("outer", vec![inner]));
    let outer = vec![b.set("data.a", text("user"))];
    let outer = b.instance("clicks", 1, Vec::new(), vec![override_of(vec![0], 0, outer)]);
    b.root(vec![outer]);

    let api = api();
    let mut sink = Diagnostics::default();
    let mut evaluator = Evaluator::new(&b.program, &b.files, &b.host, api, |_| String::new());
    let plan = evaluator.plan(EnvironmentId(0), &mut sink);
    let unit = evaluator.unit(EnvironmentId(0), &plan.units[0], &mut sink);
    assert_eq!(sink.finish(&[]), []);
    let object = &unit.objects[0];
    assert_eq!(shown(&object.fields), "{metadata:{name:clicks-job-main},data:{a:user,b:wrapper}}");
    assert_eq!(&*object.label, "job-main");

    // All that set `a` can be told, from the winner down.
    let Some(crate::eval::value::Value::Map(data)) = object.fields.get("data") else { panic!("data") };
    let mut origin = data.entry("a").expect("it was just shown").origin;
    let mut places = vec![evaluator.place(origin).expect("the source set it").span];
    while let Some(overridden) = evaluator.overridden(origin) {
        origin = overridden.loser;
        places.push(evaluator.place(origin).expect("the source set it").span);
    }
    assert_eq!(places, [span(4), span(2), span(0)]);
}

#[test]
fn an_override_of_what_is_not_made_is_wrong_only_where_it_says_something() {
    let mut b = Build::new();
    let main = b.resource("main", 0, Vec::new());
    let when = Item::When { environments: prod(), items: vec![main] };
    b.program.components.push(component("worker", vec![when]));
    let set = b.set("data.a", int(1));
    let quiet = b.set("data.a", int(1));
    let quiet = b.when(ENVIRONMENT, vec![quiet]);
    let overrides = vec![override_of(Vec::new(), 0, vec![set]), override_of(Vec::new(), 0, vec![quiet])];
    let instance = b.instance("clicks", 0, Vec::new(), overrides);
    b.root(vec![instance]);
    let message = "what is overridden here is not made in this environment";
    assert_eq!(b.problems(0), [(Code::NothingThere, message.to_string())]);
    assert_eq!(b.problems(1), []);
}

#[test]
fn a_name_can_be_read_by_what_it_is_made_of() {
    // The object's labels read the object's own name.
    let mut b = Build::new();
    let labels = b.set("metadata.labels.app", name_of(0));
    let item = b.resource("it", 0, vec![labels]);
    b.root(vec![item]);
    assert_eq!(b.object(0), "{metadata:{name:it,labels:{app:it}}}");
}

#[test]
fn names_that_need_each_other_are_a_cycle() {
    let mut b = Build::new();
    let first = b.set("metadata.name", name_of(1));
    let second = b.set("metadata.name", name_of(0));
    let items = vec![b.resource("first", 0, vec![first]), b.resource("second", 1, vec![second])];
    b.root(items);
    let problems = b.problems(0);
    assert!(problems.iter().all(|(code, _)| *code == Code::Cycle), "{problems:?}");
    assert!(problems[0].1.contains("first.name → second.name → first.name"), "{problems:?}");
}

/// A component with a spec of `memory`, `heap` (half of it) and `slots`, which must be positive.
fn with_spec() -> Build {
    let mut b = Build::new();
    let half = binary(BinaryOperator::Divide, Expr::Local(Slot(0)), int(2));
    let fields = vec![
        b.field("memory", true, None, DataType::Memory),
        b.field("heap", false, Some(half), DataType::Memory),
        b.field("slots", false, Some(int(1)), DataType::Int),
    ];
    let check = Check {
        severity: Severity::Error,
        condition: binary(BinaryOperator::Greater, Expr::Local(Slot(2)), int(0)),
        message: text("it needs slots"),
        reads: vec![Read { slot: Slot(2), path: Vec::new() }],
        span: span(900),
    };
    let schema = b.schema("Size", fields, vec![check]);
    let heap = b.member(Expr::Local(Slot(1)), "heap");
    let heap = Expr::UnitMember { base: Box::new(heap), member: UnitMember::Mebibytes };
    let field = b.set("data.heap", heap);
    let main = b.resource("main", 0, vec![field]);
    let mut worker = component("worker", vec![main]);
    worker.spec = Some((Slot(1), schema));
    b.program.components.push(worker);
    b
}

#[test]
fn defaults_are_filled_in_from_the_fields_before() {
    let mut b = with_spec();
    let memory = b.set("memory", Expr::Const(Const::Memory(1 << 30)));
    let instance = b.instance("clicks", 0, vec![memory], Vec::new());
    b.root(vec![instance]);
    assert_eq!(b.object(0), "{metadata:{name:clicks-main},data:{heap:512}}");
}

#[test]
fn a_missing_field_and_a_failed_check_are_both_told_at_the_users_place() {
    let mut b = with_spec();
    let slots = b.set("slots", int(0));
    let at = b.program.places.last().expect("it was just set").span;
    let instance = b.instance("clicks", 0, vec![slots], Vec::new());
    b.root(vec![instance]);
    let (units, sink) = b.run(0);
    assert!(units[0].1.objects.is_empty());
    let problems = sink.finish(&[]);
    let [check, missing] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((check.code, &*check.message), (Code::CheckFailed, "it needs slots"));
    assert_eq!(check.primary.as_ref().map(|label| label.span), Some(at));
    assert_eq!(check.related[0].span, span(900));
    assert_eq!(check.notes, ["slots = 0"]);
    assert_eq!((missing.code, &*missing.message), (Code::MissingField, "`memory` of `Size` is missing"));
}

#[test]
fn loops_make_units_with_their_own_variables() {
    let mut b = Build::new();
    let field = b.set("data.name", Expr::Local(Slot(0)));
    let main = b.resource("main", 0, vec![field]);
    b.program.components.push(component("worker", vec![main]));
    let Item::Instance(mut instance) = b.instance("unused", 0, Vec::new(), Vec::new()) else { panic!("an instance") };
    instance.label = Some(Label::Computed(Expr::Local(Slot(3))));
    let each = Item::For {
        key: None,
        variable: Slot(3),
        iterable: list(vec![text("one"), text("two"), text("One")]),
        filter: None,
        each: vec![Item::Instance(instance)],
    };
    b.root(vec![each]);
    let (units, sink) = b.run(0);
    let problems = sink.finish(&[]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, Code::InvalidValue);
    let shown: Vec<String> = units.iter().map(|(name, unit)| format!("{name} {}", unit.objects[0].name)).collect();
    assert_eq!(shown, ["one one-main", "two two-main"]);
}

#[test]
fn one_directory_for_two_instances_is_refused() {
    let mut b = Build::new();
    b.program.components.push(component("worker", Vec::new()));
    let items = vec![b.instance("a", 0, Vec::new(), Vec::new()), b.instance("a", 0, Vec::new(), Vec::new())];
    b.root(items);
    assert_eq!(b.problems(0)[0].0, Code::DuplicateObject);
}
