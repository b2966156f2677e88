//! Rules in the Common Expression Language, as `x-kubernetes-validations` of a CustomResourceDefinition has them.
//!
//! The `cel` crate evaluates them; `cel/functions.rs` adds what Kubernetes has beyond the language
//! (<https://kubernetes.io/docs/reference/using-api/cel/>). What cannot be evaluated is said, and never guessed.

mod functions;
#[cfg(test)]
mod tests;

use cel::common::ast::Expr;
use cel::{Context, Env, ExecutionError, IdedExpr, Value};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The longest rule. Those of real definitions have a few hundred bytes.
const LONGEST: usize = 8 << 10;
/// Signs that may make an expression deeper. The engine goes through expressions by recursion.
const MOST_SIGNS: usize = 600;
/// Steps of one evaluation, estimated from the loops of a rule and the largest list or map that it sees.
const MOST_STEPS: usize = 2_000_000;

/// What Kubernetes adds to the language.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut environment = Env::stdlib().with_optional_support(true);
    // These add functions to an environment that has none of their names yet.
    for extension in [cel::extensions::strings, cel::extensions::lists] {
        environment.add_extension(extension).expect("the extensions declare no name twice");
    }
    Arc::new(environment)
});

/// A compiled rule.
pub struct Program {
    program: cel::Program,
    /// Loops within each other.
    loops: u32,
    is_transition: bool,
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is true.
    Holds,
    /// It is false.
    Fails,
    /// It could not be evaluated, and why.
    Unknown(String),
}

impl Program {
    /// Reads a rule.
    ///
    /// # Errors
    /// Says why it cannot be checked here.
    pub fn compile(rule: &str) -> Result<Program, String> {
        if rule.len() > LONGEST {
            return Err(format!("it is longer than {} KiB", LONGEST >> 10));
        }
        if rule.bytes().filter(|byte| b"&|+-*/%<>=!?.([{:,".contains(byte)).count() > MOST_SIGNS {
            return Err(format!("it has more than {MOST_SIGNS} operators"));
        }
        let program = ENVIRONMENT.compile(rule).map_err(|errors| {
            let first = errors.to_string();
            format!("it does not follow the grammar: {}", first.lines().next().unwrap_or_default())
        })?;
        let is_transition = program.references().has_variable("oldSelf");
        let loops = loops(program.expression());
        Ok(Program { program, loops, is_transition })
    }

    /// Whether it compares two states of an object.
    #[must_use]
    pub fn is_transition(&self) -> bool {
        self.is_transition
    }

    /// Whether it holds of a value, which it sees as `self`.
    #[must_use]
    pub fn check(&self, value: &Json) -> Verdict {
        match self.evaluate(value) {
            Ok(Value::Bool(true)) => Verdict::Holds,
            Ok(Value::Bool(false)) => Verdict::Fails,
            Ok(_) => Verdict::Unknown("it is neither true nor false".to_string()),
            Err(why) => Verdict::Unknown(why),
        }
    }

    /// The text that it makes of a value.
    #[must_use]
    pub fn text(&self, value: &Json) -> Option<String> {
        match self.evaluate(value) {
            Ok(Value::String(text)) if !text.trim().is_empty() && !text.contains('\n') => Some(text.to_string()),
            Ok(_) | Err(_) => None,
        }
    }

    fn evaluate(&self, value: &Json) -> Result<Value, String> {
        let widest = widest(value).max(2);
        let steps = widest.checked_pow(self.loops).unwrap_or(usize::MAX);
        if steps > MOST_STEPS {
            return Err("it would take too long".to_string());
        }
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        functions::add(&mut context).map_err(|error| error.to_string())?;
        context.add_variable_from_value("self", seen(value));
        self.program.execute(&context).map_err(|error| why(&error))
    }
}

/// Why a rule could not be evaluated, for a user.
fn why(error: &ExecutionError) -> String {
    match error {
        ExecutionError::UndeclaredReference(name) => format!("it uses `{name}`, which is not known here"),
        ExecutionError::NoSuchKey(key) => format!("it reads `{key}`, which is not set"),
        other => {
            let text = other.to_string();
            text.lines().next().unwrap_or_default().chars().take(200).collect()
        }
    }
}

/// How many loops of an expression lie within each other. It was parsed, so that it is not deep.
fn loops(expression: &IdedExpr) -> u32 {
    let most = |inner: &mut dyn Iterator<Item = &IdedExpr>| inner.map(loops).max().unwrap_or(0);
    match &expression.expr {
        Expr::Comprehension(inner) => {
            let range = loops(&inner.iter_range);
            let body = [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result];
            range.max(1 + body.into_iter().map(loops).max().unwrap_or(0))
        }
        Expr::Call(call) => most(&mut call.target.iter().map(|target| &**target).chain(&call.args)),
        Expr::List(list) => most(&mut list.elements.iter()),
        Expr::Select(select) => loops(&select.operand),
        // Maps and messages are written in messages, not in rules; their values count as one loop.
        Expr::Map(_) | Expr::Struct(_) => 1,
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => 0,
    }
}

/// The length of the largest list, map or text in a value.
fn widest(value: &Json) -> usize {
    match value {
        Json::Array(list) => list.iter().map(widest).max().unwrap_or(0).max(list.len()),
        Json::Object(map) => map.values().map(widest).max().unwrap_or(0).max(map.len()),
        // Few rules loop over the characters of a text, and those split it first.
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    }
}

/// A value as a rule sees it. Names of fields are there as rules have to write them too: `__dash__` for `-`,
/// `__namespace__` for a word of CEL. Keys of maps are not escaped, but one cannot be told from the other here.
fn seen(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, float) => Value::Float(float.unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Array(list) => Value::List(Arc::new(list.iter().map(seen).collect())),
        Json::Object(map) => {
            let mut entries: HashMap<String, Value> = HashMap::with_capacity(map.len());
            for (name, value) in map {
                let value = seen(value);
                if let Some(escape) = escape(name) {
                    entries.insert(escape, value.clone());
                }
                entries.insert(name.clone(), value);
            }
            Value::from(entries)
        }
    }
}

/// Words of CEL that no name can be (`Escape` of k8s.io/apiserver/pkg/cel).
const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

fn escape(name: &str) -> Option<String> {
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    if !name.contains(['.', '-', '/']) && !name.contains("__") {
        return None;
    }
    let text = name.replace("__", "__underscores__");
    Some(text.replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__"))
}
