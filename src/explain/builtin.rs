//! The types that come with the language.

use super::page::Description;

/// Where more is said of them.
const GUIDE: &str = "docs/language.md#types";

/// Name and what it holds.
const TYPES: &[(&str, &str)] = &[
    ("any", "Anything. It fits nowhere but where `any` is wanted, and the functions that take it."),
    ("bool", "`true` or `false`."),
    (
        "cpu",
        "Cores: `2`, `0.5`, `500m`; a plain number fits. Where Kubernetes wants a quantity it becomes one. In text, say \
         the unit: `\\(x.millicores)`, `\\(x.cores)`.",
    ),
    (
        "dns_label",
        "A string of at most 63 characters of `a-z`, `0-9` and `-` that neither begins nor ends with `-`, as Kubernetes \
         wants names.",
    ),
    (
        "duration",
        "A time: `250ms`, `30s`, `5m` or `5min`, `2h`, `1d`, `1h30m`. Where Kubernetes wants seconds it becomes their \
         number. In text, say the unit: `\\(x.milliseconds)`, `\\(x.seconds)`, `\\(x.minutes)`.",
    ),
    ("float", "A number. An `int` fits where a `float` is wanted."),
    ("int", "A whole number."),
    (
        "memory",
        "An exact number of bytes: `512Mi`, `4Gi` (`Ki Mi Gi Ti Pi`). Where Kubernetes wants a quantity it becomes one. \
         In text, say the unit: `\\(x.bytes)`, `\\(x.kibibytes)`, `\\(x.mebibytes)`, `\\(x.gibibytes)`.",
    ),
    ("null", "Only `null`, which is a value; what is not set is absent."),
    (
        "secret",
        "A reference to a key of a Secret: `secret(\"name\", \"key\")`. It has `.name` and `.key`, and cannot be put \
         into a string.",
    ),
    ("string", "Text: `\"…\"`, with `\\(…)` for what is computed; `#\"…\"#` raw; `\"\"\"…\"\"\"` for several lines."),
    ("word", "In unions only: a bare word, which stands for itself as a string."),
];

/// The page of a type.
pub(super) fn described(name: &str) -> Option<Description> {
    let (name, doc) = TYPES.iter().find(|(known, _)| *known == name)?;
    let doc = Some(format!("{doc}\n\nSee {GUIDE}."));
    Some(Description { subject: (*name).to_owned(), what: "type", doc, ..Description::default() })
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name)
}
