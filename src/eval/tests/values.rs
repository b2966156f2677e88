//! Expressions, built-in functions, budgets.

use super::build::*;
use crate::core::*;
use crate::diagnostic::Code;
use crate::eval::value::Value;

#[test]
fn arithmetic_stays_in_its_bounds() {
    let add = binary(BinaryOperator::Add, int(i64::MAX), int(1));
    assert_eq!(Build::new().problem(add).0, Code::Arithmetic);
    let divide = binary(BinaryOperator::Divide, int(1), int(0));
    assert_eq!(Build::new().problem(divide).0, Code::Arithmetic);
    let large = || Expr::Const(Const::Float(1e308));
    assert_eq!(Build::new().problem(binary(BinaryOperator::Multiply, large(), large())).0, Code::Arithmetic);
}

#[test]
fn a_share_is_exact_and_never_more_than_its_part() {
    let share = |whole: i64, part: f64| {
        binary(BinaryOperator::Multiply, Expr::Const(Const::Memory(whole)), Expr::Const(Const::Float(part)))
    };
    let shared = |whole, part| Build::new().value(share(whole, part));
    assert_eq!(shared(1001, 0.5), Value::Memory(500));
    assert_eq!(shared(4 << 30, 0.1), Value::Memory(429_496_729));
    // A tenth in 32 bits, which is a little more.
    assert_eq!(shared(4 << 30, f64::from(0.1_f32)), Value::Memory(429_496_736));
    assert_eq!(shared(3, 1e18), Value::Memory(3_000_000_000_000_000_000));
    assert_eq!(shared(i64::MAX, 1e-300), Value::Memory(0));
    assert_eq!(Build::new().problem(share(4, 1e300)).0, Code::Arithmetic);
    assert_eq!(Build::new().problem(share(i64::MAX, 1.5)).0, Code::Arithmetic);
}

#[test]
fn conversions_speak_the_language_of_their_place() {
    let convert = |constant, conversion| {
        let value = Expr::Convert { value: Box::new(Expr::Const(constant)), conversion, span: span(0) };
        Build::new().value(value)
    };
    assert_eq!(convert(Const::Memory(4 << 30), Conversion::Quantity), Value::Str("4Gi".into()));
    assert_eq!(convert(Const::Cpu(500), Conversion::Quantity), Value::Str("500m".into()));
    assert_eq!(convert(Const::Duration(90_000), Conversion::Seconds), Value::Int(90));
    assert_eq!(convert(Const::Duration(90_000), Conversion::DurationText), Value::Str("1m30s".into()));
    assert_eq!(convert(Const::Int(2), Conversion::Cpu), Value::Cpu(2000));
    let label = Expr::Convert { value: Box::new(text("No")), conversion: Conversion::DnsLabel, span: span(0) };
    assert_eq!(Build::new().problem(label).0, Code::InvalidValue);
}

#[test]
fn functions_of_text() {
    let run = |function, arguments: Vec<Expr>| Build::new().value(builtin(function, arguments));
    let string = |text: &str| Value::Str(text.into());
    assert_eq!(run(Builtin::Join, vec![list(vec![text("a"), int(1)]), text("-")]), string("a-1"));
    assert_eq!(run(Builtin::Indent, vec![text("a\n\nb"), int(2)]), string("  a\n\n  b"));
    assert_eq!(run(Builtin::Matches, vec![text("a1"), text("^[a-z][0-9]$")]), Value::Bool(true));
    assert_eq!(run(Builtin::XmlEscape, vec![text("<a & 'b'>")]), string("&lt;a &amp; &apos;b&apos;&gt;"));
    for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")] {
        assert_eq!(run(Builtin::Base64, vec![text(plain)]), string(encoded));
    }
    assert_eq!(run(Builtin::Json, vec![list(vec![int(1), text("\"")])]), string("[1,\"\\\"\"]"));
    assert_eq!(
        run(Builtin::Sha256, vec![text("")]),
        string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    let bad = builtin(Builtin::Matches, vec![text("a"), text("(")]);
    assert_eq!(Build::new().problem(bad).0, Code::InvalidValue);
}

#[test]
fn functions_of_lists_and_numbers() {
    let run = |function, arguments: Vec<Expr>| Build::new().value(builtin(function, arguments));
    let ints = |values: &[i64]| Value::List(values.iter().map(|value| Value::Int(*value)).collect::<Vec<_>>().into());
    assert_eq!(run(Builtin::Sort, vec![list(vec![int(3), int(1), int(2)])]), ints(&[1, 2, 3]));
    assert_eq!(run(Builtin::Unique, vec![list(vec![int(1), int(1), int(2)])]), ints(&[1, 2]));
    assert_eq!(run(Builtin::Range, vec![int(3)]), ints(&[0, 1, 2]));
    assert_eq!(run(Builtin::Max, vec![int(3), int(5), int(4)]), Value::Int(5));
    assert_eq!(run(Builtin::Sum, vec![list(vec![int(3), int(5)])]), Value::Int(8));
    assert_eq!(run(Builtin::Int, vec![text(" 42 ")]), Value::Int(42));
    assert_eq!(run(Builtin::Round, vec![Expr::Const(Const::Float(1.5))]), Value::Int(2));
    assert_eq!(Build::new().problem(builtin(Builtin::Range, vec![int(100_001)])).0, Code::Limit);
}

#[test]
fn a_match_takes_the_first_arm_that_fits() {
    let arm = |pattern, value| Arm { patterns: [pattern].into(), binding: Some(Slot(1)), value };
    let matched = Expr::Match {
        value: Box::new(Expr::Const(Const::Memory(1 << 20))),
        arms: [
            arm(Pattern::Type(TypeTest::String), text("string")),
            arm(
                Pattern::Type(TypeTest::Memory),
                Expr::UnitMember { base: Box::new(Expr::Local(Slot(1))), member: UnitMember::Mebibytes },
            ),
            arm(Pattern::Any, text("other")),
        ]
        .into(),
    };
    assert_eq!(Build::new().value(matched), Value::Int(1));
}

#[test]
fn work_without_end_is_ended() {
    // Three loops over a hundred thousand each.
    let range = || builtin(Builtin::Range, vec![int(100_000)]);
    let mut elements = Element::Value(int(1));
    for slot in 1..4 {
        elements =
            Element::For { key: None, variable: Slot(slot), iterable: range(), filter: None, each: [elements].into() };
    }
    assert_eq!(Build::new().problem(Expr::List([elements].into())).0, Code::Limit);
}

#[test]
fn expressions_within_each_other_are_counted() {
    // Functions that each call the next, far deeper than any stack.
    let mut b = Build::new();
    for next in 1..5000 {
        let call = Expr::Call { function: FunctionId(next), arguments: [Expr::Local(Slot(0))].into() };
        let body = binary(BinaryOperator::Add, call, int(1));
        b.program.functions.push(Function { name: "f".into(), parameters: 1, slots: 1, lets: Vec::new(), body });
    }
    let body = Expr::Local(Slot(0));
    b.program.functions.push(Function { name: "f".into(), parameters: 1, slots: 1, lets: Vec::new(), body });
    let call = Expr::Call { function: FunctionId(0), arguments: [int(1)].into() };
    assert_eq!(b.problem(call).0, Code::Limit);
}

#[test]
fn blocks_within_each_other_are_counted() {
    let mut b = Build::new();
    let mut value = int(1);
    for _ in 0..5000 {
        let set = b.set("a", value);
        value = b.record(vec![set]);
    }
    let (code, _) = {
        let set = b.set("data", value);
        let item = b.resource("it", 0, vec![set]);
        b.root(vec![item]);
        b.problems(0).remove(0)
    };
    assert_eq!(code, Code::Limit);
    // Dropping the program goes as deep as it is; the parser lets none be that deep.
    std::mem::forget(b);
}

#[test]
fn what_failed_once_is_told_once() {
    let mut b = Build::new();
    let bad = b.global("bad", binary(BinaryOperator::Divide, int(1), int(0)));
    let main = b.set("data.a", bad);
    let main = b.resource("main", 0, vec![main]);
    b.program.components.push(component("worker", vec![main]));
    let items = vec![b.instance("a", 0, Vec::new(), Vec::new()), b.instance("b", 0, Vec::new(), Vec::new())];
    b.root(items);
    assert_eq!(b.problems(0), [(Code::Arithmetic, "a division by zero".to_string())]);
}

#[test]
fn values_that_build_on_each_other_are_counted() {
    // `let b = [a]`, `let c = [b]`, and so on, each read before the next.
    let mut b = Build::new();
    let mut all = Vec::new();
    b.global("g", int(1));
    for below in 0..5000 {
        all.push(Element::If {
            condition: Expr::Has(Box::new(Expr::Global(GlobalId(below)))),
            then: [Element::Value(int(1))].into(),
        });
        let value = list(vec![Expr::Global(GlobalId(below))]);
        b.global("g", value);
    }
    assert_eq!(b.problem(Expr::List(all.into())).0, Code::Limit);
}
