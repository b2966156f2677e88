//! Functions that Kubernetes adds to CEL, as far as definitions use them
//! (<https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries>).

// Addresses only: nothing here speaks to a network.
use ::core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use cel::extractors::This;
use cel::{Context, DeclarationError, ExecutionError, Value};
use std::cmp::Ordering;
use std::sync::Arc;

/// Adds them to a context.
pub(super) fn add(context: &mut Context) -> Result<(), DeclarationError> {
    context.add_function("isURL", |text: Arc<String>| is_url(&text))?;
    context.add_function("isIP", |text: Arc<String>| text.parse::<IpAddr>().is_ok())?;
    context.add_function("isCIDR", |text: Arc<String>| is_cidr(&text))?;
    context.add_function("isQuantity", |text: Arc<String>| quantity(&text).is_some())?;
    context.add_function("quantity", |text: Arc<String>| quantity(&text).ok_or_else(|| wrong("quantity", &text)))?;
    context.add_function("isGreaterThan", |This(left): This<f64>, right: f64| left > right)?;
    context.add_function("isLessThan", |This(left): This<f64>, right: f64| left < right)?;
    context.add_function("compareTo", |This(left): This<f64>, right: f64| {
        left.partial_cmp(&right).map_or(0, |order| order as i64)
    })?;
    context.add_function("add", |This(left): This<f64>, right: f64| left + right)?;
    context.add_function("sub", |This(left): This<f64>, right: f64| left - right)?;
    context.add_function("isInteger", |This(number): This<f64>| number.fract() == 0.0)?;
    context.add_function("asInteger", |This(number): This<f64>| whole(number))?;
    context.add_function("asApproximateFloat", |This(number): This<f64>| number)?;
    context.add_function("min", |This(list): This<Arc<Vec<Value>>>| extreme(&list, Ordering::Less))?;
    context.add_function("max", |This(list): This<Arc<Vec<Value>>>| extreme(&list, Ordering::Greater))?;
    context.add_function("isSorted", |This(list): This<Arc<Vec<Value>>>| {
        list.windows(2).all(|pair| pair[0].partial_cmp(&pair[1]).is_some_and(Ordering::is_le))
    })?;
    context.add_function("sum", |This(list): This<Arc<Vec<Value>>>| sum(&list))?;
    context.add_function("find", |This(text): This<Arc<String>>, pattern: Arc<String>| {
        let found = regex(&pattern)?.find(&text).map_or(String::new(), |found| found.as_str().to_string());
        Ok::<Value, ExecutionError>(Value::from(found))
    })?;
    context.add_function("findAll", |This(text): This<Arc<String>>, pattern: Arc<String>| {
        let found: Vec<Value> = regex(&pattern)?.find_iter(&text).map(|found| Value::from(found.as_str())).collect();
        Ok::<Value, ExecutionError>(Value::List(Arc::new(found)))
    })
}

fn wrong(function: &str, text: &str) -> ExecutionError {
    let message = format!("`{}` is none", text.chars().take(60).collect::<String>());
    ExecutionError::FunctionError { function: function.to_string(), message }
}

fn regex(pattern: &str) -> Result<regex_lite::Regex, ExecutionError> {
    regex_lite::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| ExecutionError::FunctionError { function: "find".to_string(), message: error.to_string() })
}

/// An absolute URI or an absolute path, as Go's `url.ParseRequestURI` wants it.
fn is_url(text: &str) -> bool {
    let has_scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
            && !rest.is_empty()
    });
    !text.contains(char::is_control) && (text.starts_with('/') || has_scheme)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = if address.parse::<Ipv4Addr>().is_ok() {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// A quantity as a number; good for comparisons, not for the last digits of very large ones.
fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".+-".contains(c))).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        exponent => {
            let power = exponent.strip_prefix(['e', 'E'])?.parse::<i8>().ok()?;
            return number.parse::<f64>().ok().map(|number| number * 10_f64.powi(i32::from(power)));
        }
    };
    number.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number * factor)
}

fn sum(list: &[Value]) -> Result<Value, ExecutionError> {
    let mut whole = 0_i64;
    let mut float = 0.0;
    let mut is_float = false;
    for value in list {
        match value {
            Value::Int(number) => {
                whole = whole.checked_add(*number).ok_or_else(|| wrong("sum", "the result"))?;
            }
            Value::Float(number) => {
                is_float = true;
                float += number;
            }
            _ => return Err(wrong("sum", "an element")),
        }
    }
    Ok(if is_float { Value::Float(float) } else { Value::Int(whole) })
}

/// The least or the greatest element.
fn extreme(list: &[Value], wanted: Ordering) -> Result<Value, ExecutionError> {
    let better =
        |best: Value, value: &Value| if value.partial_cmp(&best) == Some(wanted) { value.clone() } else { best };
    let (first, rest) = list.split_first().ok_or_else(|| wrong("min", "an empty list"))?;
    Ok(rest.iter().fold(first.clone(), better))
}

#[expect(clippy::cast_possible_truncation, reason = "the number is whole, and within the range where floats are exact")]
fn whole(number: f64) -> Result<i64, ExecutionError> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        Ok(number as i64)
    } else {
        Err(wrong("asInteger", "the number"))
    }
}
