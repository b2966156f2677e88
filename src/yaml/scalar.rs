//! Strings as YAML scalars: bare, quoted or as a literal block.

use std::fmt::Write as _;

/// Appends a string value; lines of a literal block stand at column `indent`, which is one step right of the
/// block that holds the value.
pub fn write_string(out: &mut Vec<u8>, text: &str, indent: usize) {
    if text.contains('\n') && fits_literal_block(text) {
        write_literal_block(out, text, indent);
    } else {
        write_key(out, text);
    }
}

/// Appends a string on one line, as keys want it.
pub fn write_key(out: &mut Vec<u8>, text: &str) {
    if is_plain(text) {
        out.extend_from_slice(text.as_bytes());
    } else if text.contains(['"', '\\']) && !text.contains('\'') && text.chars().all(is_printable) {
        out.push(b'\'');
        out.extend_from_slice(text.as_bytes());
        out.push(b'\'');
    } else {
        write_double_quoted(out, text);
    }
}

/// Whether readers of YAML 1.1 and 1.2 alike take the bare text for this very string.
fn is_plain(text: &str) -> bool {
    has_plain_shape(text) && !means_something_else(text)
}

/// Whether the text, written bare, is one plain scalar.
fn has_plain_shape(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    let opens = match first {
        b'-' => bytes.len() > 1 && bytes[1] != b' ' && !text.starts_with("---"),
        b'.' => !text.starts_with("..."),
        b' ' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' | b'=' | b'<' | b'~' => false,
        _ => true,
    };
    if !opens || last == b' ' || last == b':' {
        return false;
    }
    let mut before = 0u8;
    let mut ascii = true;
    for &byte in bytes {
        match byte {
            0..0x20 | 0x7f => return false,
            b' ' if before == b':' => return false,
            b'#' if before == b' ' => return false,
            0x80.. => ascii = false,
            _ => {}
        }
        before = byte;
    }
    ascii || text.chars().all(is_printable)
}

/// Whether a reader of YAML 1.1 or 1.2 might take the bare text for a boolean, null, number or time.
fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "no", "on", "yes", "off", "true", "null", "false"];
    match text.as_bytes().first() {
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => is_number_like(text),
        _ => false,
    }
}

/// Numbers in every notation that some reader knows: `1_000`, `0x1f`, `0o17`, `1e3`, `.5`, `-.inf`, base 60
/// (`12:30:45`), dates and times. The pattern of YAML 1.1 for floats even takes `1.2.3`.
fn is_number_like(text: &str) -> bool {
    const NAMES: [&str; 5] = [".inf", ".nan", "inf", "nan", "infinity"];
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if NAMES.iter().any(|name| unsigned.eq_ignore_ascii_case(name)) {
        return true;
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return false;
    }
    let bytes = unsigned.as_bytes();
    if let [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', digits @ ..] = bytes {
        return digits.iter().all(|byte| byte.is_ascii_hexdigit() || b"_pP.+-".contains(byte));
    }
    bytes.iter().all(|byte| byte.is_ascii_digit() || b"_.,:+-eETtZz ".contains(byte))
}

/// Whether the character can stand in a YAML text on one line without an escape.
fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        // Line breaks of YAML 1.1, byte order marks and what is no character.
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        '\u{a0}'.. => true,
        _ => false,
    }
}

fn fits_literal_block(text: &str) -> bool {
    // A block of nothing but line breaks is read differently by different readers, and Go's writer forgets to say
    // where a block is indented that begins with a tab.
    !text.starts_with('\t')
        && text.bytes().any(|byte| byte != b'\n')
        && text.chars().all(|character| matches!(character, '\n' | '\t') || is_printable(character))
}

fn write_literal_block(out: &mut Vec<u8>, text: &str, indent: usize) {
    out.push(b'|');
    // Otherwise the reader would count these as indentation.
    if text.starts_with([' ', '\n']) {
        out.push(b'2');
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push(b'-'),
        Some(body) if body.ends_with('\n') => out.push(b'+'),
        Some(_) => {}
    }
    out.push(b'\n');
    for line in body.unwrap_or(text).split('\n') {
        if !line.is_empty() {
            super::write_indent(out, indent);
            out.extend_from_slice(line.as_bytes());
        }
        out.push(b'\n');
    }
}

fn write_double_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut utf8 = [0; 4];
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\0' => out.extend_from_slice(b"\\0"),
            character if is_printable(character) => {
                out.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
            }
            character => write_escape(out, character),
        }
    }
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, character: char) {
    let mut escape = String::with_capacity(10);
    let code = u32::from(character);
    let written = if code < 0x100 { write!(escape, "\\x{code:02x}") } else { write!(escape, "\\u{code:04x}") };
    // Everything beyond the basic plane is printable, so four digits are enough.
    debug_assert!(written.is_ok() && code < 0x1_0000);
    out.extend_from_slice(escape.as_bytes());
}
