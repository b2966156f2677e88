//! Formats of texts, as the API server knows them (`supportedFormats` of k8s.io/apiextensions-apiserver).

// Addresses only: nothing here speaks to a network.
use ::core::net::Ipv6Addr;

/// Whether a text is in a format. Of formats that are not known, and of those that Kubernetes has no use for (`isbn`,
/// `ssn`, `creditcard` …), every text is one.
pub(super) fn is_of(format: &str, text: &str) -> bool {
    match format {
        "ipv4" => is_ipv4(text) || (text.contains('.') && text.parse::<Ipv6Addr>().is_ok()),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => is_mac(text),
        "uuid" => is_uuid(text, None),
        "uuid3" => is_uuid(text, Some(b'3')),
        "uuid4" => is_uuid(text, Some(b'4')),
        "uuid5" => is_uuid(text, Some(b'5')),
        "hexcolor" => is_hex_color(text),
        "duration" => is_duration(text),
        "date" => is_date(text),
        "date-time" | "datetime" => is_date_time(text),
        "byte" => is_base64(text),
        "hostname" => is_hostname(text),
        "email" => is_email(text),
        "uri" => is_uri(text),
        "k8s-short-name" => is_dns_label(text),
        "k8s-long-name" => text.len() <= 253 && text.split('.').all(is_dns_label),
        _ => true,
    }
}

/// RFC 1123, in lower case.
fn is_dns_label(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 63
        && text.bytes().all(|byte| letter(byte) || byte == b'-')
        && text.bytes().next().is_some_and(letter)
        && text.bytes().last().is_some_and(letter)
}

/// Zeros may stand before a number: the API server's reader is that of old.
fn is_ipv4(text: &str) -> bool {
    let is_part = |part: &str| {
        let digits = part.trim_start_matches('0');
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && digits.len() <= 3
            && digits.parse::<u32>().unwrap_or(0) <= 255
    };
    text.split('.').count() == 4 && text.split('.').all(is_part)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = if is_ipv4(address) { 32 } else { 128 };
    (most == 32 || address.parse::<Ipv6Addr>().is_ok())
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// Six, eight or twenty bytes, in pairs of digits with `:` or `-`, or in fours with `.` between them.
fn is_mac(text: &str) -> bool {
    [(':', 2), ('-', 2), ('.', 4)].into_iter().any(|(sign, width)| {
        let parts: Vec<&str> = text.split(sign).collect();
        matches!(parts.len() * width / 2, 6 | 8 | 20) && parts.iter().all(|part| part.len() == width && is_hex(part))
    })
}

/// A dash may be left out wherever one can be.
fn is_uuid(text: &str, version: Option<u8>) -> bool {
    let mut rest = text;
    let mut digits = String::with_capacity(32);
    for (at, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        rest = rest.strip_prefix('-').filter(|_| at > 0).unwrap_or(rest);
        let Some((part, after)) = rest.split_at_checked(length) else { return false };
        digits.push_str(part);
        rest = after;
    }
    let is_variant = |byte: u8| matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b');
    let has_version = |version: u8| {
        let digits = digits.as_bytes();
        digits.get(12) == Some(&version) && (version == b'3' || digits.get(16).copied().is_some_and(is_variant))
    };
    rest.is_empty() && is_hex(&digits) && version.is_none_or(has_version)
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && is_hex(digits)
}

/// Go's notation, or a number with the name of a unit somewhere in the text, as Scala writes durations.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 15] = ["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w", "hr", "wk", "min", "sec", "nano"];
    const BEGINNINGS: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    let is_unit = |word: &str| {
        let word = word.to_lowercase();
        UNITS.contains(&&*word) || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
    };
    let amounts = text.char_indices().filter(|(_, sign)| sign.is_ascii_digit()).any(|(at, _)| {
        let after = text[at + 1..].trim_start_matches('.').trim_start();
        let end = after.find(|sign: char| !sign.is_alphabetic()).unwrap_or(after.len());
        is_unit(&after[..end])
    });
    matches!(text, "0" | "+0" | "-0") || amounts
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// RFC 3339, `full-date`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, length: usize| {
        (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// RFC 3339, `date-time`.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let clock = |text: &str, limits: &[u32]| {
        let parts: Vec<&str> = text.split(':').collect();
        let fits = |(part, most): (&&str, &u32)| {
            part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok_and(|n| n <= *most)
        };
        parts.len() == limits.len() && parts.iter().zip(limits).all(fits)
    };
    let (time, zone) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, None),
        None => match time.rfind(['+', '-']) {
            Some(at) => (&time[..at], Some(&time[at + 1..])),
            None => return false,
        },
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    is_date(date)
        && clock(time, &[23, 59, 59])
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && zone.is_none_or(|zone| clock(zone, &[99, 99]))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !text.is_empty() && text.len().is_multiple_of(4) && padding <= 2 && body.bytes().all(letter)
}

/// A name with dots, or a word. Letters and symbols of all scripts are letters here.
fn is_hostname(text: &str) -> bool {
    let sign =
        |c: char| if c.is_ascii() { c.is_ascii_alphabetic() || "$+<=>^`|~".contains(c) } else { !c.is_numeric() };
    let letter = |c: char| sign(c) || c.is_ascii_digit();
    let label = |label: &str| {
        let ends = label.starts_with(letter) && label.ends_with(letter);
        ends && label.len() <= 63 && label.chars().all(|c| letter(c) || c == '-')
    };
    if text.len() > 255 || text.contains(char::is_whitespace) {
        return false;
    }
    match text.rsplit_once('.') {
        Some((labels, last)) => {
            let last_letter = |c: char| c.is_ascii_alphabetic() || (!c.is_ascii() && sign(c));
            labels.split('.').all(label) && (2..=63).contains(&last.len()) && last.chars().all(last_letter)
        }
        // One dash at most, and only behind the first letter: so the API server has it.
        None => {
            let mut signs = text.chars();
            let first = signs.next().is_some_and(letter);
            let rest = signs.as_str();
            first && text.len() <= 63 && rest.strip_prefix('-').unwrap_or(rest).chars().all(letter)
        }
    }
}

/// An address as mails have it; with a name before it or quotes in it, it is not looked at closely.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !domain.is_empty()
        && (text.contains(['<', '"', '(']) || !text.trim().contains(char::is_whitespace))
}

/// What Go's `url.ParseRequestURI` takes: an absolute URI, or an absolute path.
fn is_uri(text: &str) -> bool {
    if text.contains(|c: char| c.is_ascii_control()) {
        return false;
    }
    if text.starts_with('/') || text == "*" {
        return true;
    }
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
        && !authority.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn formats() {
        for (format, good, bad) in [
            ("ipv4", "10.0.0.1", "10.0.0.256"),
            ("ipv6", "fe80::1", "fe80::g"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/33"),
            ("mac", "00:00:5e:00:53:01", "00:00:5e:00:53"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456"),
            ("date", "2024-02-29", "2023-02-29"),
            ("date-time", "2024-02-29T23:59:59.5+01:00", "2024-02-29 25:00:00Z"),
            ("date-time", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59"),
            ("byte", "aGVsbG8=", "aGVsbG8"),
            ("hostname", "a-b.example.com", "-a.example.com"),
            ("hostname", "localhost", "my-own-host"),
            ("email", "a@example.com", "a.example.com"),
            ("uri", "https://example.com/x", "example.com"),
            ("k8s-short-name", "a-b", "a.b"),
            ("k8s-long-name", "a.b", "a_b"),
        ] {
            assert!(is_of(format, good), "{format} {good}");
            assert!(!is_of(format, bad), "{format} {bad}");
        }
        assert!(is_of("isbn", "anything"));
    }
}
