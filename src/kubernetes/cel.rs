//! Rules in the Common Expression Language. Nothing evaluates them yet; each is reported as not checked.

/// A compiled rule.
#[derive(Debug)]
pub struct Program;

/// What came of a rule.
#[derive(Debug)]
pub enum Verdict {
    /// It is true.
    Holds,
    /// It is false.
    Fails,
    /// It could not be evaluated, and why.
    Unknown(String),
}

impl Program {
    /// Reads a rule; the error says why it cannot be checked.
    pub fn compile(_: &str) -> Result<Program, String> {
        Err("rules in CEL are not evaluated".to_string())
    }

    /// Whether it compares two states of an object.
    pub fn is_transition(&self) -> bool {
        false
    }

    /// Whether it holds of a value.
    pub fn check(&self, _: &serde_json::Value) -> Verdict {
        Verdict::Holds
    }

    /// The text that it makes of a value.
    pub fn text(&self, _: &serde_json::Value) -> Option<String> {
        None
    }
}
