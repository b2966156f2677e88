//! Reading and writing values with units: memory in bytes, cpu in thousandths of a core, durations in milliseconds.

/// Suffixes of memory, largest first, and how many bytes each is.
const MEMORY: [(&str, i64); 5] = [("Pi", 1 << 50), ("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];

/// Suffixes of durations and how many milliseconds each is. `ms` and `min` come before `m`, which begins them.
const DURATION: [(&str, i64); 6] =
    [("ms", 1), ("min", 60_000), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// The bytes of a text such as `512Mi` or `1.5Gi`. `None` where it is none, too large, or no whole number of bytes.
#[must_use]
pub fn parse_memory(text: &str) -> Option<i64> {
    let (suffix, factor) = MEMORY.iter().find(|(suffix, _)| text.ends_with(suffix))?;
    scaled(&text[..text.len() - suffix.len()], *factor)
}

/// The thousandths of a core of a text such as `2`, `0.5` or `500m`. `None` where it is none, or finer than that.
#[must_use]
pub fn parse_cpu(text: &str) -> Option<i64> {
    match text.strip_suffix('m') {
        Some(number) => scaled(number, 1),
        None => scaled(text, 1000),
    }
}

/// The milliseconds of a text such as `250ms`, `30s` or `1h30m`. `None` where it is none.
#[must_use]
pub fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    let mut finest = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).filter(|end| *end > 0)?;
        let (number, after) = rest.split_at(digits);
        let (suffix, factor) = DURATION.iter().find(|(suffix, _)| after.starts_with(suffix))?;
        // From coarse to fine, each once, as people write them.
        if *factor >= finest {
            return None;
        }
        finest = *factor;
        total = total.checked_add(scaled(number, *factor)?)?;
        rest = &after[suffix.len()..];
    }
    (finest != i64::MAX).then_some(total)
}

/// A decimal number times a factor, where that is a whole number.
fn scaled(number: &str, factor: i64) -> Option<i64> {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    if !whole.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut value: i128 = 0;
    let mut scale: i128 = 1;
    for (digits, after_point) in [(whole, false), (fraction, true)] {
        for c in digits.chars().filter(|c| *c != '_') {
            value = value * 10 + i128::from(c.to_digit(10)?);
            scale *= if after_point { 10 } else { 1 };
            // Far beyond what fits, far below where the multiplication overflows.
            if value > 1 << 80 || scale > 1 << 80 {
                return None;
            }
        }
    }
    let product = value.checked_mul(i128::from(factor))?;
    if product % scale != 0 {
        return None;
    }
    i64::try_from(product / scale).ok()
}

/// Memory as a Kubernetes quantity: `4Gi`, or plain bytes where no binary suffix divides them.
#[must_use]
pub fn memory_quantity(bytes: i64) -> String {
    match MEMORY.iter().find(|(_, factor)| bytes != 0 && bytes % factor == 0) {
        Some((suffix, factor)) => format!("{}{suffix}", bytes / factor),
        None => bytes.to_string(),
    }
}

/// Cpu as a Kubernetes quantity: `2` or `500m`.
#[must_use]
pub fn cpu_quantity(millicores: i64) -> String {
    if millicores % 1000 == 0 { (millicores / 1000).to_string() } else { format!("{millicores}m") }
}

/// A duration in Go's notation: `1h30m`, `30s`, `250ms`.
#[must_use]
pub fn duration_text(milliseconds: i64) -> String {
    if milliseconds == 0 {
        return "0s".to_string();
    }
    let mut text = String::new();
    if milliseconds < 0 {
        text.push('-');
    }
    let mut rest = milliseconds.unsigned_abs();
    for (suffix, factor) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= factor {
            text.push_str(&format!("{}{suffix}", rest / factor));
            rest %= factor;
        }
    }
    text
}

/// What keeps a text from being a Kubernetes quantity, if anything does.
/// The grammar is that of `k8s.io/apimachinery/pkg/api/resource.Quantity`.
#[must_use]
pub fn quantity_problem(text: &str) -> Option<&'static str> {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    if !number.contains(|c: char| c.is_ascii_digit()) || number.matches('.').count() > 1 {
        return Some("it does not begin with a number");
    }
    let exponent = suffix.strip_prefix(['e', 'E']).map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    let is_exponent = exponent.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    if SUFFIXES.contains(&suffix) || is_exponent {
        None
    } else {
        Some("its unit is none of n u m k M G T P E Ki Mi Gi Ti Pi Ei")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_values() {
        assert_eq!(parse_memory("512Mi"), Some(512 << 20));
        assert_eq!(parse_memory("1.5Gi"), Some(1536 << 20));
        assert_eq!(parse_memory("512"), None);
        assert_eq!(parse_memory("9999999Pi"), None);
        assert_eq!(parse_memory("0.0001Ki"), None);
        assert_eq!(parse_cpu("500m"), Some(500));
        assert_eq!(parse_cpu("0.5"), Some(500));
        assert_eq!(parse_cpu("0.0005"), None);
        assert_eq!(parse_duration("1h30m"), Some(5_400_000));
        assert_eq!(parse_duration("5min"), Some(300_000));
        assert_eq!(parse_duration("250ms"), Some(250));
        assert_eq!(parse_duration("30m1h"), None);
        assert_eq!(parse_duration("30"), None);
        assert_eq!(parse_duration(""), None);
    }

    #[test]
    fn values_become_texts() {
        assert_eq!(memory_quantity(4 << 30), "4Gi");
        assert_eq!(memory_quantity(1000), "1000");
        assert_eq!(memory_quantity(0), "0");
        assert_eq!(cpu_quantity(2000), "2");
        assert_eq!(cpu_quantity(1500), "1500m");
        assert_eq!(duration_text(5_400_000), "1h30m");
        assert_eq!(duration_text(1_250), "1s250ms");
        assert_eq!(duration_text(i64::MIN).chars().next(), Some('-'));
    }

    #[test]
    fn quantities_follow_the_grammar() {
        for good in ["4Gi", "500m", "1", "0.5", "1e3", "1E-3", "100k", "5E", ".5"] {
            assert_eq!(quantity_problem(good), None, "{good}");
        }
        for bad in ["", "Gi", "4gb", "1.2.3", "4 Gi", "1e"] {
            assert!(quantity_problem(bad).is_some(), "{bad}");
        }
    }
}
