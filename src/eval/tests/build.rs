//! A short way to write checked programs.

use crate::core::*;
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::value::{Map, Value};
use crate::eval::{Evaluated, Evaluator};
use crate::host::{Entry as HostEntry, Host};
use crate::schema::Api;
use crate::source::{FileId, Files, Span};
use std::io;

/// A program in the making.
pub struct Build {
    pub program: Program,
    pub files: Files,
    pub host: OneDirectory,
}

/// Files by their paths.
#[derive(Default)]
pub struct OneDirectory(Vec<(String, String)>);

impl Host for OneDirectory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let file = self.0.iter().find(|(known, _)| known == path);
        file.map(|(_, text)| text.clone().into_bytes()).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list(&self, _path: &str) -> io::Result<Vec<(String, HostEntry)>> {
        Ok(Vec::new())
    }
}

pub const GROUP: Layer = Layer::Group;
pub const ENVIRONMENT: Layer = Layer::Environment;

impl Build {
    /// A program with the environments `dev` and `prod`.
    pub fn new() -> Build {
        let mut files = Files::default();
        files.add("app/cleanup.flink", " ".repeat(1000));
        let mut program = Program::default();
        for name in ["dev", "prod"] {
            program.environments.push(Environment {
                name: name.into(),
                namespace: format!("ns-{name}").into(),
                kubernetes: None,
                context: None,
                span: Span::new(FileId(0), 0, 1),
            });
        }
        Build { program, files, host: OneDirectory::default() }
    }

    pub fn file(&mut self, path: &str, text: &str) {
        self.host.0.push((path.to_string(), text.to_string()));
    }

    pub fn sym(&mut self, name: &str) -> Sym {
        let known = self.program.names.iter().position(|known| **known == *name);
        let at = known.unwrap_or_else(|| {
            self.program.names.push(name.into());
            self.program.names.len() - 1
        });
        Sym(at as u32)
    }

    /// A place of its own, so that places in diagnostics can be told apart.
    pub fn place(&mut self, layer: Layer) -> PlaceId {
        let at = self.program.places.len();
        self.program.places.push(Place { span: span(at), layer });
        PlaceId(at as u32)
    }

    fn path(&mut self, path: &str) -> Box<[Step]> {
        let steps = path.split('.').map(|key| Step { key: Key::Static(self.sym(key)), container: Container::Map });
        steps.collect()
    }

    pub fn set(&mut self, path: &str, value: Expr) -> Entry {
        Entry::Set { path: self.path(path), value, place: self.place(Layer::Base) }
    }

    pub fn open(&mut self, path: &str, entries: Vec<Entry>) -> Entry {
        Entry::Open {
            path: self.path(path),
            body: body(entries),
            container: Container::Map,
            place: self.place(Layer::Base),
        }
    }

    /// A keyed list, labelled by `name`.
    pub fn open_keyed(&mut self, path: &str, entries: Vec<Entry>) -> Entry {
        let container = Container::Keyed(self.sym("name"));
        Entry::Open { path: self.path(path), body: body(entries), container, place: self.place(Layer::Base) }
    }

    pub fn unset(&mut self, path: &str) -> Entry {
        Entry::Unset { path: self.path(path), place: self.place(Layer::Base) }
    }

    pub fn spread(&mut self, value: Expr) -> Entry {
        Entry::Spread { value, place: self.place(Layer::Base) }
    }

    /// `when prod`
    pub fn when(&mut self, layer: Layer, entries: Vec<Entry>) -> Entry {
        Entry::When { environments: prod(), layer, entries: entries.into() }
    }

    pub fn record(&mut self, entries: Vec<Entry>) -> Expr {
        Expr::Record { body: body(entries), container: Container::Map, shape: Shape::Plain, span: span(0) }
    }

    pub fn member(&mut self, base: Expr, name: &str) -> Expr {
        Expr::Member { base: Box::new(base), name: self.sym(name) }
    }

    pub fn global(&mut self, name: &str, value: Expr) -> Expr {
        self.program.globals.push(Global {
            name: name.into(),
            value: Some(value),
            param: None,
            slots: 8,
            span: span(0),
        });
        Expr::Global(GlobalId(self.program.globals.len() as u32 - 1))
    }

    pub fn resource(&mut self, label: &str, index: u32, entries: Vec<Entry>) -> Item {
        Item::Resource(Box::new(Resource {
            index,
            label: Label::Static(self.sym(label)),
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            namespaced: true,
            hashed: false,
            body: body(entries),
            definition: None,
            verify: false,
            span: span(500 + index as usize),
        }))
    }

    pub fn instance(&mut self, label: &str, component: u32, entries: Vec<Entry>, overrides: Vec<Override>) -> Item {
        Item::Instance(Box::new(Instance {
            index: 0,
            label: Some(Label::Static(self.sym(label))),
            name: None,
            component: ComponentId(component),
            spec: Spec::Body(body(entries)),
            overrides,
            span: span(600),
        }))
    }

    /// A schema field; slot and place are counted up.
    pub fn field(&mut self, name: &str, required: bool, default: Option<Expr>, data: DataType) -> SchemaField {
        SchemaField {
            name: self.sym(name),
            required,
            default,
            place: self.place(Layer::Base),
            shape: Shape::Plain,
            data,
            span: span(700),
        }
    }

    pub fn schema(&mut self, name: &str, fields: Vec<SchemaField>, checks: Vec<Check>) -> SchemaId {
        let slots = fields.len() as u32;
        self.program.schemas.push(Schema {
            name: name.into(),
            fields,
            requirements: checks.into_iter().map(Requirement::Check).collect(),
            slots,
            span: span(700),
        });
        SchemaId(self.program.schemas.len() as u32 - 1)
    }

    /// The root's items.
    pub fn root(&mut self, items: Vec<Item>) {
        self.program.root = component("root", items);
    }

    /// All that is made in an environment (0 for `dev`, 1 for `prod`), and what was reported.
    pub fn run(&self, environment: u32) -> (Vec<(String, Evaluated)>, Diagnostics) {
        let api = api();
        let mut sink = Diagnostics::default();
        let mut evaluator = Evaluator::new(&self.program, &self.files, &self.host, api, print_yaml);
        let plan = evaluator.plan(EnvironmentId(environment), &mut sink);
        let mut units = Vec::new();
        for planned in &plan.units {
            let evaluated = evaluator.unit(EnvironmentId(environment), planned, &mut sink);
            units.push((planned.name.to_string(), evaluated));
        }
        (units, sink)
    }

    /// The fields of the only object, as JSON.
    pub fn object(&self, environment: u32) -> String {
        let (units, sink) = self.run(environment);
        assert_eq!(sink.finish(&[]), []);
        let [(_, unit)] = units.as_slice() else { panic!("{} units", units.len()) };
        shown(&unit.objects[0].fields)
    }

    /// Evaluates an expression as a field of an object.
    pub fn value(mut self, value: Expr) -> Value {
        let field = self.set("data", value);
        let item = self.resource("it", 0, vec![field]);
        self.root(vec![item]);
        let (units, sink) = self.run(0);
        assert_eq!(sink.finish(&[]), []);
        units[0].1.objects[0].fields.get("data").cloned().unwrap_or(Value::Absent)
    }

    /// What goes wrong with an expression.
    pub fn problem(mut self, value: Expr) -> (Code, String) {
        let field = self.set("data", value);
        let item = self.resource("it", 0, vec![field]);
        self.root(vec![item]);
        self.problems(0).pop().expect("something is wrong")
    }

    /// Codes and messages of what is wrong.
    pub fn problems(&self, environment: u32) -> Vec<(Code, String)> {
        let (_, sink) = self.run(environment);
        sink.finish(&[]).into_iter().map(|diagnostic| (diagnostic.code, diagnostic.message)).collect()
    }
}

pub fn api() -> &'static Api {
    Api::kubernetes()
}

/// JSON of a map.
pub fn shown(map: &Map) -> String {
    crate::eval::builtins::json(&Value::Map(std::rc::Rc::new(map.clone()))).replace('"', "")
}

fn print_yaml(value: &Value) -> String {
    format!("{}\n", crate::eval::builtins::json(value))
}

pub fn span(at: usize) -> Span {
    Span::new(FileId(0), at, at + 1)
}

/// A body with `layered` set as the checker would.
pub fn body(entries: Vec<Entry>) -> Body {
    let layered = entries.iter().any(is_layered);
    Body { entries: entries.into(), layered, constant: false }
}

fn is_layered(entry: &Entry) -> bool {
    match entry {
        Entry::When { .. } => true,
        Entry::Open { body, .. } => body.layered,
        Entry::If { then, otherwise, .. } => then.iter().chain(&**otherwise).any(is_layered),
        Entry::For { each, .. } => each.iter().any(is_layered),
        Entry::Set { .. } | Entry::Unset { .. } | Entry::Spread { .. } | Entry::Let { .. } => false,
    }
}

pub fn prod() -> EnvironmentSet {
    let mut environments = EnvironmentSet::default();
    environments.insert(EnvironmentId(1));
    environments
}

pub fn component(name: &str, items: Vec<Item>) -> Component {
    Component {
        name: name.into(),
        name_slot: Some(Slot(0)),
        spec: None,
        slots: 8,
        lazy: Vec::new(),
        items,
        resources: 8,
        instances: 8,
    }
}

pub fn int(value: i64) -> Expr {
    Expr::Const(Const::Int(value))
}

pub fn text(value: &str) -> Expr {
    Expr::Const(Const::String(value.into()))
}

pub fn builtin(function: Builtin, arguments: Vec<Expr>) -> Expr {
    Expr::Builtin { function, arguments: arguments.into(), span: span(0) }
}

pub fn binary(operator: BinaryOperator, left: Expr, right: Expr) -> Expr {
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right), span: span(0) }
}

pub fn list(values: Vec<Expr>) -> Expr {
    Expr::List(values.into_iter().map(Element::Value).collect())
}

pub fn name_of(resource: u32) -> Expr {
    let target = Target { start: Start::Own, routes: vec![Route { instances: Vec::new(), resource }] };
    Expr::Object { target, read: ObjectRead::Name, span: span(0) }
}
