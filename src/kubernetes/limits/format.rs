//! Formats of texts, as the API server knows them (`supportedFormats` of k8s.io/apiextensions-apiserver).

// Addresses only: nothing here speaks to a network.
use ::core::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text is in a format. Of formats that are not known, and of those that Kubernetes has no use for (`isbn`,
/// `ssn`, `creditcard` …), every text is one.
pub(super) fn is_of(format: &str, text: &str) -> bool {
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => is_mac(text),
        "uuid" => is_uuid(text),
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

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match (address.parse::<Ipv4Addr>(), address.parse::<Ipv6Addr>()) {
        (Ok(_), _) => 32,
        (_, Ok(_)) => 128,
        (Err(_), Err(_)) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    matches!(parts.len(), 6 | 8 | 20) && parts.iter().all(|part| part.len() == 2 && is_hex(part))
}

fn is_uuid(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| *c != '-').collect();
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    plain.len() == 32 && is_hex(&plain) && (parts == [8, 4, 4, 4, 12] || parts.len() == 1)
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
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else { return false };
    let clock = |text: &str, seconds: bool| {
        let parts: Vec<&str> = text.split(':').collect();
        let limits: &[u32] = if seconds { &[23, 59, 60] } else { &[23, 59] };
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
        && clock(time, true)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && zone.is_none_or(|zone| clock(zone, false))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    text.len().is_multiple_of(4) && padding <= 2 && body.bytes().all(letter)
}

/// RFC 1123, with a trailing dot or without.
fn is_hostname(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
}

/// An absolute URI, or an absolute path.
fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    };
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && (text.starts_with('/') || scheme.is_some_and(is_scheme))
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
