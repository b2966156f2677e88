//! Constants: arguments of attributes as JSON.

use crate::schema::Json;
use crate::syntax::ast::{Block, Element, Entry, Expr, ExprKind, Segment, UnaryOperator};

/// The constant that an expression is; `None` where something in it would have to be computed.
pub(super) fn json(value: &Expr) -> Option<Json> {
    Some(match &value.kind {
        ExprKind::Null => Json::Null,
        ExprKind::Bool(value) => Json::Bool(*value),
        ExprKind::Int(value) => Json::from(*value),
        ExprKind::Float(value) => Json::from(*value),
        ExprKind::String(_) => Json::from(super::types::text(value)?),
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => negative(&json(operand)?)?,
        ExprKind::List(elements) => Json::Array(elements.iter().map(element).collect::<Option<_>>()?),
        ExprKind::Block(inner) => block(inner)?,
        ExprKind::Error | ExprKind::Unit(_) | ExprKind::Name(_) | ExprKind::Member { .. } => return None,
        ExprKind::Index { .. } | ExprKind::Call { .. } | ExprKind::Unary { .. } | ExprKind::Binary { .. } => {
            return None;
        }
        ExprKind::If { .. } | ExprKind::Match { .. } => return None,
    })
}

fn negative(value: &Json) -> Option<Json> {
    match value.as_i64() {
        Some(whole) => whole.checked_neg().map(Json::from),
        None => value.as_f64().map(|float| Json::from(-float)),
    }
}

fn element(element: &Element) -> Option<Json> {
    match element {
        Element::Value(value) => json(value),
        Element::Spread(_) | Element::For(_) | Element::If(_) => None,
    }
}

fn block(block: &Block) -> Option<Json> {
    let mut object = serde_json::Map::new();
    for entry in &block.entries {
        let (path, value) = match entry {
            Entry::Set { path, value } => (path, json(value)?),
            Entry::Open { path, block: inner } => (path, self::block(inner)?),
            Entry::Unset { .. } | Entry::Spread { .. } | Entry::Let(_) | Entry::Override { .. } => return None,
            Entry::When(_) | Entry::If(_) | Entry::For(_) => return None,
        };
        let keys: Vec<&str> = path
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Name(name) => Some(&*name.text),
                Segment::Computed(key) => super::types::text(key),
            })
            .collect::<Option<_>>()?;
        let (last, outer) = keys.split_last()?;
        let mut at = &mut object;
        for key in outer {
            let inner = at.entry(*key).or_insert_with(|| Json::Object(serde_json::Map::new()));
            at = inner.as_object_mut()?;
        }
        at.insert((*last).to_string(), value);
    }
    Some(Json::Object(object))
}
