//! Layers, spreads, keyed lists, collisions.

use super::build::*;
use crate::core::*;
use crate::diagnostic::Code;

/// A program with one object of these fields.
fn with(mut b: Build, entries: Vec<Entry>) -> Build {
    let item = b.resource("it", 0, entries);
    b.root(vec![item]);
    b
}

#[test]
fn a_stronger_layer_wins_and_keeps_the_rest() {
    let mut b = Build::new();
    let strongest = b.set("spec.a", int(3));
    let group = [b.set("spec.a", int(2)), b.set("spec.b", int(2))];
    let strongest = b.when(ENVIRONMENT, vec![strongest]);
    let group = b.when(GROUP, group.into());
    let base = [b.set("spec.a", int(1)), b.set("spec.c", int(1))];
    let entries = [strongest, group].into_iter().chain(base).collect();
    let b = with(b, entries);
    assert_eq!(b.object(0), "{metadata:{name:it},spec:{a:1,c:1}}");
    assert_eq!(b.object(1), "{metadata:{name:it},spec:{a:3,c:1,b:2}}");
}

#[test]
fn a_when_deep_inside_reaches_as_one_outside() {
    let mut b = Build::new();
    let inner = b.set("a", int(2));
    let when = b.when(ENVIRONMENT, vec![inner]);
    let base = b.set("a", int(1));
    let open = b.open("spec", vec![base, when]);
    let b = with(b, vec![open]);
    assert_eq!(b.object(1), "{metadata:{name:it},spec:{a:2}}");
}

#[test]
fn two_settings_in_one_layer_collide() {
    let mut b = Build::new();
    let entries = vec![b.set("a.b", int(1)), b.set("a.b", int(2))];
    let b = with(b, entries);
    let (_, sink) = b.run(0);
    let [problem] = &sink.finish(&[])[..] else { panic!("one problem") };
    assert_eq!(problem.code, Code::DuplicateField);
    assert_eq!(problem.primary.as_ref().map(|label| label.span), Some(span(1)));
    assert_eq!(problem.related[0].span, span(0));
    assert_eq!(problem.environments, ["dev"]);
}

#[test]
fn a_whole_and_a_part_of_it_collide_either_way_round() {
    for whole_first in [true, false] {
        let mut b = Build::new();
        let inner = b.set("c", int(1));
        let whole = b.record(vec![inner]);
        let mut entries = vec![b.set("a", whole), b.set("a.b", int(1))];
        if !whole_first {
            entries.reverse();
        }
        let b = with(b, entries);
        assert_eq!(b.problems(0), [(Code::DuplicateField, "`a` is set twice in the same layer".to_string())]);
    }
}

#[test]
fn a_part_of_a_shared_value_is_set_without_changing_the_others() {
    let mut b = Build::new();
    let inner = [b.set("x", int(1)), b.set("y", int(1))];
    let shared = b.record(inner.into());
    b.global("shared", shared);
    let labels = || Expr::Global(GlobalId(0));
    let higher = b.set("a.x", int(2));
    let when = b.when(ENVIRONMENT, vec![higher]);
    let entries = vec![b.set("a", labels()), b.set("b", labels()), when];
    let b = with(b, entries);
    assert_eq!(b.object(1), "{metadata:{name:it},a:{x:2,y:1},b:{x:1,y:1}}");
}

#[test]
fn ranks_inside_a_value_mean_nothing_outside() {
    // `let shared = { when prod { x = 1 } }`, then `a = shared` and `when prod { a.x = 2 }`.
    let mut b = Build::new();
    let inner = b.set("x", int(1));
    let when = b.when(ENVIRONMENT, vec![inner]);
    let record = b.record(vec![when]);
    let shared = b.global("shared", record);
    let higher = b.set("a.x", int(2));
    let when = b.when(ENVIRONMENT, vec![higher]);
    let entries = vec![b.set("a", shared), when];
    let b = with(b, entries);
    assert_eq!(b.object(1), "{metadata:{name:it},a:{x:2}}");
}

#[test]
fn spread_gives_way_wherever_it_stands() {
    for spread_first in [true, false] {
        let mut b = Build::new();
        let inner = [b.set("a", int(1)), b.set("b.x", int(1)), b.set("c", int(1))];
        let record = b.record(inner.into());
        let spread = b.spread(record);
        let own = [b.set("a", int(2)), b.set("b.y", int(2))];
        let mut entries = Vec::from(own);
        entries.insert(if spread_first { 0 } else { 2 }, spread);
        let open = b.open("spec", entries);
        let b = with(b, vec![open]);
        let wanted = if spread_first { "spec:{a:2,b:{x:1,y:2},c:1}" } else { "spec:{a:2,b:{y:2,x:1},c:1}" };
        assert_eq!(b.object(0), format!("{{metadata:{{name:it}},{wanted}}}"));
    }
}

#[test]
fn the_later_of_two_spreads_wins() {
    let mut b = Build::new();
    let first = b.set("a", int(1));
    let second = b.set("a", int(2));
    let records = [b.record(vec![first]), b.record(vec![second])];
    let entries = records.map(|record| b.spread(record));
    let open = b.open("spec", entries.into());
    let b = with(b, vec![open]);
    assert_eq!(b.object(0), "{metadata:{name:it},spec:{a:2}}");
}

#[test]
fn a_layer_reaches_into_a_keyed_list_and_into_a_plain_one() {
    let mut b = Build::new();
    let image = b.set("image", text("a:1"));
    let main = b.open("main", vec![image]);
    let keyed = b.open_keyed("containers", vec![main]);
    let name = b.set("name", text("main"));
    let item = b.record(vec![name]);
    let plain = b.set("plain", list(vec![item]));
    let mut reach = Vec::new();
    for path in ["containers", "plain"] {
        let tty = b.set("tty", int(1));
        let main = b.open("main", vec![tty]);
        reach.push(b.open_keyed(path, vec![main]));
    }
    let when = b.when(ENVIRONMENT, reach);
    let b = with(b, vec![keyed, plain, when]);
    assert_eq!(b.object(1), "{metadata:{name:it},containers:[{name:main,image:a:1,tty:1}],plain:[{name:main,tty:1}]}");
}

#[test]
fn unset_removes_what_is_there_and_only_that() {
    let mut b = Build::new();
    let unset = b.unset("spec.a");
    let when = b.when(ENVIRONMENT, vec![unset]);
    let entries = vec![b.set("spec.a", int(1)), b.set("spec.b", int(1)), when];
    let b = with(b, entries);
    assert_eq!(b.object(1), "{metadata:{name:it},spec:{b:1}}");

    let mut b = Build::new();
    let unset = b.unset("spec.a");
    let b = with(b, vec![unset]);
    assert_eq!(b.problems(0), [(Code::NothingThere, "no `a` is set here".to_string())]);
}

#[test]
fn an_absent_value_sets_nothing() {
    let mut b = Build::new();
    let entries = vec![b.set("a.b", Expr::Const(Const::Absent)), b.open("c", Vec::new())];
    let b = with(b, entries);
    assert_eq!(b.object(0), "{metadata:{name:it},c:{}}");
}

#[test]
fn a_constant_body_is_shared_between_objects() {
    let mut b = Build::new();
    let mut items = Vec::new();
    let inner = b.set("a", int(1));
    let constant = Body { entries: [inner].into(), layered: false, constant: true };
    let place = b.place(Layer::Base);
    let path = [Step { key: Key::Static(b.sym("spec")), container: Container::Map }];
    let open = Entry::Open { path: path.into(), body: constant, container: Container::Map, place };
    let item = b.resource("it", 0, vec![open]);
    items.push(Item::For {
        key: None,
        variable: Slot(1),
        iterable: list(vec![int(1), int(2)]),
        filter: None,
        each: vec![item],
    });
    b.root(items);
    let (units, sink) = b.run(0);
    assert!(sink.is_empty());
    let specs: Vec<_> = units[0].1.objects.iter().map(|object| object.fields.get("spec")).collect();
    let [Some(super::super::value::Value::Map(first)), Some(super::super::value::Value::Map(second))] = specs[..]
    else {
        panic!("two maps")
    };
    assert!(std::rc::Rc::ptr_eq(first, second));
}
