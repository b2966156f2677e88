//! Data files and params.

use super::build::*;
use crate::core::*;
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::value::Value;
use crate::eval::{Evaluator, Given};

/// `data("jobs.yaml")` as a list of records with a name and an optional parallelism.
fn jobs(b: &mut Build, text_of_file: &str) -> Expr {
    b.file("app/jobs.yaml", text_of_file);
    let fields = vec![
        b.field("name", true, None, DataType::DnsLabel),
        b.field("parallelism", false, Some(int(1)), DataType::Int),
        b.field("memory", false, None, DataType::Optional(Box::new(DataType::Memory))),
    ];
    let schema = b.schema("Job", fields, Vec::new());
    Expr::Data {
        path: Box::new(text("jobs.yaml")),
        ty: DataType::List(Box::new(DataType::Schema(schema))),
        shape: Shape::List(Box::new(Shape::Schema(schema))),
        span: span(0),
    }
}

#[test]
fn data_is_read_by_type_and_completed() {
    let mut b = Build::new();
    let data = jobs(&mut b, "- {name: a, memory: 1Gi}\n- {name: b, parallelism: 4, memory: null}\n");
    let value = b.value(builtin(Builtin::Json, vec![data]));
    let wanted = r#"[{"name":"a","memory":"1Gi","parallelism":1},{"name":"b","parallelism":4}]"#;
    assert_eq!(value, Value::Str(wanted.into()));
}

#[test]
fn what_does_not_fit_is_told_with_its_path() {
    for (file, wanted) in [
        ("- {name: a, parallelism: x}", "jobs.yaml: [0].parallelism: expected a whole number, found \"x\""),
        (
            "- {name: a, paralelism: 1}",
            "jobs.yaml: [0].paralelism: `Job` has no such field; its fields are name, parallelism, memory",
        ),
        ("- {name: A}", "jobs.yaml: [0].name: `A` is no DNS label: `A` is not allowed; only `a-z`, `0-9` and `-` are"),
        ("name: a", "jobs.yaml: expected a list, found a map"),
    ] {
        let mut b = Build::new();
        let data = jobs(&mut b, file);
        assert_eq!(b.problem(data), (Code::BadData, wanted.to_string()));
    }
}

#[test]
fn files_are_found_beside_the_source_and_only_in_the_project() {
    let mut b = Build::new();
    b.file("app/conf/log.xml", "<a/>");
    assert_eq!(b.value(builtin(Builtin::File, vec![text("conf/log.xml")])), Value::Str("<a/>".into()));
    for path in ["../../etc/passwd", "/etc/passwd", "missing"] {
        assert_eq!(Build::new().problem(builtin(Builtin::File, vec![text(path)])).0, Code::Unreadable);
    }
}

#[test]
fn params_are_read_by_type() {
    let mut b = Build::new();
    let types = [DataType::String, DataType::Int, DataType::Memory, DataType::List(Box::new(DataType::Int))];
    for ty in types {
        b.program.globals.push(Global { name: "p".into(), value: None, param: Some(ty), slots: 0, span: span(0) });
    }
    let all = (0..4).map(|id| Expr::Global(GlobalId(id))).collect();
    let field = b.set("data", builtin(Builtin::Json, vec![list(all)]));
    let item = b.resource("it", 0, vec![field]);
    b.root(vec![item]);

    let api = api();
    let mut evaluator = Evaluator::new(&b.program, &b.files, &b.host, api, |_| String::new());
    for (id, value) in [(0, "2.10"), (1, "4"), (2, "4Gi"), (3, "[1, 2]")] {
        assert_eq!(evaluator.set_param(GlobalId(id), &Given::Text(value.to_string())), Ok(()));
    }
    let wrong = evaluator.set_param(GlobalId(1), &Given::Text("x".to_string()));
    assert!(wrong.is_err_and(|text| text == "expected a whole number, found \"x\""));
    let list = |items: &[&str]| Given::List(items.iter().map(ToString::to_string).collect());
    assert!(evaluator.set_param(GlobalId(3), &list(&["1", "x"])).is_err());
    assert!(evaluator.set_param(GlobalId(0), &list(&["1"])).is_err(), "a list is no text");
    assert_eq!(evaluator.set_param(GlobalId(3), &list(&["1", "2"])), Ok(()));
    let mut sink = Diagnostics::default();
    let plan = evaluator.plan(EnvironmentId(0), &mut sink);
    let unit = evaluator.unit(EnvironmentId(0), &plan.units[0], &mut sink);
    assert_eq!(sink.finish(&[]), []);
    assert_eq!(unit.objects[0].fields.get("data"), Some(&Value::Str(r#"["2.10",4,"4Gi",[1,2]]"#.into())));

    assert_eq!(b.problems(0)[0], (Code::BadParam, "the param `p` has no value".to_string()));
}
