//! Regular expressions as definitions have them: those of Go.

/// Bytes of the largest compiled regular expression. Patterns of definitions repeat long groups up to hundreds of times.
const LARGEST: usize = 4 << 20;

/// A compiled regular expression.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Of the small engine, which compiles quickly and is enough for nearly all.
    Small(regex_lite::Regex),
    /// Of the engine that knows classes of Unicode, such as `\p{Lu}`.
    Unicode(regex::Regex),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Says what is not understood of it.
    pub(super) fn compile(pattern: &str) -> Result<Pattern, String> {
        let small = regex_lite::RegexBuilder::new(pattern).size_limit(LARGEST).build();
        small.map(Pattern::Small).or_else(|error| {
            let unicode = regex::RegexBuilder::new(&spelt_out(pattern)).size_limit(LARGEST).build();
            unicode.map(Pattern::Unicode).map_err(|_| error.to_string())
        })
    }

    /// Whether it matches somewhere in a text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Pattern::Small(regex) => regex.is_match(text),
            Pattern::Unicode(regex) => regex.is_match(text),
        }
    }
}

/// The pattern with the classes spelt out that are of ASCII in Go and of Unicode here.
fn spelt_out(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        if sign != '\\' {
            out.push(sign);
            continue;
        }
        match signs.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('s') => out.push_str(r"[\t\n\f\r ]"),
            Some('S') => out.push_str(r"[^\t\n\f\r ]"),
            Some('b') => out.push_str(r"(?-u:\b)"),
            Some('B') => out.push_str(r"(?-u:\B)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
