//! When two values are the same for the API server, although they are written otherwise.
//!
//! Evidence is needed, from the type of the field: a quantity, bytes, a point in time, a duration. Of built-in kinds the
//! server reads these and writes them anew, so that another way to write one changes nothing; in a custom resource it
//! keeps what it got. `80` and `"80"` are never one: a field that takes either means something else by each.

use super::place::Place;
use crate::diff::base64;
use crate::schema::{Json, Notation};

/// Whether two values that stand in a place are one for the server.
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
        (one, other) => !place.is_custom() && same(one, other, place).is_some(),
    }
}

/// What two values are that mean the same in a place, and are not written the same: as in `quantity`. None where nothing
/// says that they mean the same.
pub(super) fn same(one: &Json, other: &Json, place: Place) -> Option<&'static str> {
    if place.is_quantity() {
        return same_quantity(one, other).then_some("quantity");
    }
    let (Json::String(one), Json::String(other)) = (one, other) else { return None };
    let (is_same, what) = match place.notation()? {
        Notation::Bytes => (agree(base64::decode(one), base64::decode(other)), "bytes"),
        Notation::Time => (agree(time(one, 0), time(other, 0)), "time"),
        Notation::MicroTime => (agree(time(one, 6), time(other, 6)), "time"),
        Notation::Duration => (agree(duration(one), duration(other)), "duration"),
    };
    is_same.then_some(what)
}

/// Whether both could be read, and are the same.
fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && one == other
}

/// Whether two values are one number as quantities.
fn same_quantity(one: &Json, other: &Json) -> bool {
    let parsed = |value: &Json| match value {
        Json::String(text) => nanos(text),
        Json::Number(number) => nanos(&number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    agree(parsed(one), parsed(other))
}

/// A duration in nanoseconds, as `time.ParseDuration` of Go reads it: `1h30m`, `1.5s`. None where it is none, or longer
/// than 63 bits hold.
fn duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let number = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let unit = rest[number..].find(|letter: char| letter.is_ascii_digit() || letter == '.');
        let (part, unit) = rest.split_at(number + unit.unwrap_or(rest.len() - number)).0.split_at(number);
        rest = &rest[part.len() + unit.len()..];
        let factor: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') || fraction.len() > 18 {
            return None;
        }
        let parsed = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
        let part = parsed(fraction)? * factor / 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        total = total.checked_add(parsed(whole)?.checked_mul(factor)?)?.checked_add(part)?;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// A point in time (RFC 3339) as seconds since 1970 and so many decimals of the next one, which is what the server keeps.
fn time(text: &str, decimals: usize) -> Option<(i64, String)> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    let is = |at: usize, letter: u8| text.as_bytes().get(at) == Some(&letter);
    if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':')) {
        return None;
    }
    let [year, month, day] = [number(0..4)?, number(5..7)?, number(8..10)?];
    let [hour, minute, second] = [number(11..13)?, number(14..16)?, number(17..19)?];
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let start = text.len() - zone.len();
    let offset = match zone.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let minutes = number(start + 1..start + 3)? * 60 + number(start + 4..start + 6)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    // Days since 1970, by the years of 400 years that begin in March.
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset * 60;
    Some((seconds, format!("{fraction:0<decimals$}").chars().take(decimals).collect()))
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
    use crate::diff::live::place::Merging;
    use crate::schema::Api;
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

    #[test]
    fn durations_are_equal_by_value() {
        for (one, other) in
            [("1m", "60s"), ("1h30m", "90m0s"), ("1.5s", "1500ms"), ("0", "0s"), ("1us", "1µs"), ("-1m", "-60s")]
        {
            assert!(agree(duration(one), duration(other)), "{one} {other}");
        }
        for text in [
            "",
            "1",
            "1d",
            "s",
            ".s",
            "1.2.3s",
            "1 s",
            "-",
            "9999999999999999999h",
            "99999999999999999999999999999999999999999s",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_ne!(duration("1m"), duration("1ms"));
    }

    #[test]
    fn points_in_time_are_equal_in_any_zone() {
        let utc = time("2026-11-23T10:00:00Z", 0);
        assert_eq!(utc.as_ref().map(|(seconds, _)| *seconds), Some(1_795_428_000));
        assert_eq!(time("2026-11-23T11:30:00+01:30", 0), utc);
        assert_eq!(time("2026-11-23T10:00:00.9Z", 0), utc, "the server keeps whole seconds");
        assert_eq!(time("2024-03-01T00:00:00Z", 0), time("2024-02-29T23:00:00-01:00", 0));
        assert_eq!(time("2026-11-23T10:00:00.5Z", 6), time("2026-11-23T10:00:00.500000Z", 6));
        assert_ne!(time("2026-11-23T10:00:00.5Z", 6), time("2026-11-23T10:00:00Z", 6));
        for text in [
            "",
            "2026-11-23",
            "2026-11-23 10:00:00Z",
            "2026-11-23T10:00:00",
            "2026-11-23T1o:00:00Z",
            "2026-11-23T10:00:00+1:00",
            "ä026-11-23T10:00:00Z",
        ] {
            assert_eq!(time(text, 0), None, "{text}");
        }
    }

    #[test]
    fn only_the_type_of_a_built_in_field_is_evidence() {
        let at = |version: &str, kind: &str, path: &[&str]| {
            let root = Place::root(Api::kubernetes(), version, kind, Merging::ServerSide);
            path.iter().fold(root, |place, name| if *name == "[]" { place.item() } else { place.field(name) })
        };
        let secret = at("v1", "Secret", &["data", "key"]);
        assert!(equal(&json!("YQ=="), &json!("YQ==\n"), secret));
        assert!(!equal(&json!("YQ=="), &json!("YQ"), secret), "the server refuses it");
        assert!(!equal(&json!("YQ=="), &json!("Yg=="), secret));
        assert!(equal(&json!({"key": "YQ=="}), &json!({"key": "YR=="}), at("v1", "ConfigMap", &["binaryData"])));
        assert!(!equal(&json!("YQ=="), &json!("YQ==\n"), at("v1", "ConfigMap", &["data", "key"])));
        let renewed = at("coordination.k8s.io/v1", "Lease", &["spec", "renewTime"]);
        assert!(equal(&json!("2026-11-23T10:00:00.000000Z"), &json!("2026-11-23T11:00:00+01:00"), renewed));
        // A port that is a number, and one that is a name; a share, and a number of pods.
        let port = at("v1", "Service", &["spec", "ports", "[]", "targetPort"]);
        assert!(!equal(&json!(80), &json!("80"), port));
        let surge = at("apps/v1", "Deployment", &["spec", "strategy", "rollingUpdate", "maxSurge"]);
        assert!(!equal(&json!("25%"), &json!("25.0%"), surge) && equal(&json!("25%"), &json!("25%"), surge));
        assert!(!equal(&json!("1m"), &json!("60s"), at("example.com/v1", "Engine", &["spec", "timeout"])));
    }
}
