//! When two values are the same for the API server, although they are written otherwise.

use super::place::Place;
use crate::schema::Json;

/// Whether two values that stand in a place are one for the server: numbers by their value, and quantities of built-in
/// kinds, which it writes anew in its own notation. What a custom resource holds is kept as it was sent.
pub(super) fn equal(one: &Json, other: &Json, place: Place) -> bool {
    if one == other {
        return true;
    }
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| equal(value, other, place.field(name))))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other, place.item()))
        }
        (Json::Number(one), Json::Number(other)) if one.as_f64() == other.as_f64() => {
            // Beyond 53 bits two whole numbers can be one float.
            !(one.is_i64() || one.is_u64()) || !(other.is_i64() || other.is_u64())
        }
        (one, other) => place.is_quantity() && !place.is_custom() && same_quantity(one, other),
    }
}

/// Whether two values are one number as quantities.
pub(super) fn same_quantity(one: &Json, other: &Json) -> bool {
    let parsed = |value: &Json| match value {
        Json::String(text) => nanos(text),
        Json::Number(number) => nanos(&number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    matches!((parsed(one), parsed(other)), (Some(one), Some(other)) if one == other)
}

/// A quantity in billionths, rounded up as `k8s.io/apimachinery/pkg/api/resource` does; none where it is none, or beyond
/// what 128 bits hold.
fn nanos(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let decimals = i32::try_from(fraction.len()).ok()?;
    let (factor, exponent) = match suffix {
        "" => (1, 0),
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1_i128 << 50, 0),
        "Ei" => (1_i128 << 60, 0),
        other => (1, other.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?),
    };
    let shift = exponent.checked_add(9)?.checked_sub(decimals)?;
    let value = digits.checked_mul(factor)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let scaled = if shift >= 0 {
        value.checked_mul(power)?
    } else {
        // Away from zero, as the server does.
        value / power + i128::from(value % power != 0)
    };
    Some(if negative { -scaled } else { scaled })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_are_equal_by_value() {
        for (one, other) in [
            (json!("1000m"), json!("1")),
            (json!("1.0"), json!(1)),
            (json!("1024Mi"), json!("1Gi")),
            (json!("0.5"), json!("500m")),
            (json!("1e3"), json!("1k")),
            (json!("1G"), json!("1000000000")),
            (json!("0.0000000001"), json!("1n")),
        ] {
            assert!(same_quantity(&one, &other), "{one} {other}");
        }
        for (one, other) in [
            (json!("1G"), json!("1Gi")),
            (json!("1"), json!("1m")),
            (json!("x"), json!("x")),
            (json!(""), json!("0")),
            (json!("1e99999999999"), json!("1")),
            (json!("999999999999999999999999999999999999999Ei"), json!("1")),
        ] {
            assert!(!same_quantity(&one, &other), "{one} {other}");
        }
    }
}
