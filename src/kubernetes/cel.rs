//! Rules in the Common Expression Language, as `x-kubernetes-validations` of a CustomResourceDefinition has them.
//!
//! The `cel` crate evaluates them; `cel/functions.rs` adds what Kubernetes has beyond the language
//! (<https://kubernetes.io/docs/reference/using-api/cel/>). What cannot be evaluated is said, and never guessed.

mod cost;
mod functions;
#[cfg(test)]
mod tests;

use cel::{Context, Env, ExecutionError, Value};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The longest rule. Those of real definitions have a few hundred bytes.
const LONGEST: usize = 8 << 10;
/// Signs that may make an expression deeper. The engine goes through expressions by recursion.
const MOST_SIGNS: usize = 600;
/// Steps of one evaluation, estimated from the rule and the sizes of what it sees.
const MOST_STEPS: usize = 2_000_000;

/// What Kubernetes adds to the language.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut environment = Env::stdlib().with_optional_support(true);
    // Of the extensions, Kubernetes has this one; that of lists is not its own.
    environment.add_extension(cel::extensions::strings).expect("the extension declares no name twice");
    Arc::new(environment)
});

/// A compiled rule.
pub struct Program {
    program: cel::Program,
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
        Ok(Program { program, is_transition })
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
        // What loops over a map could give another text each time.
        if cost::has_loop(self.program.expression()) {
            return None;
        }
        match self.evaluate(value) {
            Ok(Value::String(text)) if !text.trim().is_empty() && !text.contains('\n') => Some(text.to_string()),
            Ok(_) | Err(_) => None,
        }
    }

    fn evaluate(&self, value: &Json) -> Result<Value, String> {
        if cost::steps(self.program.expression(), cost::Size::of(value)) > MOST_STEPS {
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

/// A value as a rule sees it.
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
            let entries: HashMap<String, Value> = map.iter().map(|(name, value)| (name.clone(), seen(value))).collect();
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

/// How rules write the name of a field that CEL would not read as one: `__dash__` for `-`, `__namespace__` for a word of
/// its own. Keys of maps are never written so.
#[must_use]
pub fn escape(name: &str) -> Option<String> {
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    if !name.contains(['.', '-', '/']) && !name.contains("__") {
        return None;
    }
    let text = name.replace("__", "__underscores__");
    Some(text.replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__"))
}
