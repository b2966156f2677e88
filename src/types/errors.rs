//! What the checker has to say, one function a mistake.

use super::expr::Asker;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{NoVersion, Successor, Version};
use crate::source::Span;
use crate::syntax::ast::Name;

/// Lists of names up to this long are shown whole.
pub const FEW: usize = 12;
/// Of a longer circle only the first members are named.
const LONGEST_CIRCLE: usize = 100;

pub fn duplicate_name(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateName, format!("`{name}` is declared twice"), at)
        .label("declared again here")
        .also(first, "first declared here")
}

/// Two objects of the program have one label.
pub fn duplicate_label(name: &str, at: Span, first: Span) -> Diagnostic {
    let help =
        format!("call this one `{name}-2`; with `metadata.name = \"{name}\"` the object itself is still `{name}`");
    duplicate_name(name, at, first).help(help)
}

pub fn duplicate_field(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateField, format!("`{name}` is set twice in the same layer"), at)
        .label("set again here")
        .also(first, "first set here")
        .help("keep one; what differs in an environment goes into a `when` block".to_string())
}

pub fn unknown_setting(name: &str, at: Span, known: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownField, format!("an environment has no setting `{name}`"), at)
        .help(format!("an environment has {}", listed(known.iter().copied())))
        .suggest(name, at, known.iter().copied())
}

pub fn cycle(chain: &[(String, Span)]) -> Diagnostic {
    let mut names: Vec<&str> = chain.iter().take(LONGEST_CIRCLE).map(|(name, _)| name.as_str()).collect();
    if chain.len() > names.len() {
        names.push("…");
    }
    let (first, at) = chain.first().expect("a circle has at least one member");
    let message = if chain.len() == 1 {
        format!("`{first}` is defined by itself")
    } else {
        format!("these are defined by each other: {} → {first}", names.join(" → "))
    };
    let mut diagnostic = Diagnostic::error(Code::Cycle, message, *at).label("the circle begins here");
    for (name, span) in chain.iter().take(LONGEST_CIRCLE).skip(1) {
        diagnostic = diagnostic.also(*span, format!("`{name}` is part of it"));
    }
    diagnostic.help("nothing may need itself: there is no recursion".to_string())
}

/// `whole`: the text that the name begins and where it stands: `com.example.Main`, which may want quotes as it is.
pub fn unknown_name<'n>(
    name: &str,
    at: Span,
    known: impl IntoIterator<Item = &'n str>,
    whole: (&str, Span),
) -> Diagnostic {
    let message = format!("nothing here is called `{name}`");
    let diagnostic = Diagnostic::error(Code::UnknownName, &*message, at);
    let known: Vec<&str> = known.into_iter().collect();
    let parts: Vec<&str> = name.split('-').collect();
    let words = parts.len() > 1
        && parts.iter().all(|part| known.contains(part) || part.bytes().all(|byte| byte.is_ascii_digit()));
    if words {
        let spaced = parts.join(" - ");
        return diagnostic.help(format!("a subtraction wants spaces: `{spaced}`")).fix(
            format!("write `{spaced}`"),
            at,
            spaced,
        );
    }
    let lower = name.to_lowercase();
    if ["true", "false"].contains(&lower.as_str()) {
        return diagnostic.help(format!("write `{lower}`")).fix(format!("write `{lower}`"), at, lower);
    }
    let diagnostic = diagnostic.suggest(name, at, known);
    match diagnostic.help {
        Some(_) => diagnostic,
        None if whole.0.contains(['\n', '"']) => diagnostic.help(format!("text stands in quotes: `\"{name}\"`")),
        None => Diagnostic::error(Code::UnknownName, message, whole.1)
            .help(format!("text stands in quotes: `\"{}\"`", whole.0)),
    }
}

pub fn unknown_in_module<'n>(
    name: &str,
    at: Span,
    module: &str,
    what: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let all = (known.len() <= FEW && !known.is_empty()).then(|| format!("it has {}", listed(known.iter().copied())));
    Diagnostic::error(Code::UnknownName, format!("`{module}` has no {what} `{name}`"), at)
        .help(all)
        .suggest(name, at, known)
}

/// `declared`: where the schema is, unless it is the Kubernetes API's.
pub fn unknown_field(
    field: &str,
    at: Span,
    owner: &str,
    declared: Option<Span>,
    fields: &[String],
    elsewhere: Option<String>,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(Code::UnknownField, format!("`{owner}` has no field `{field}`"), at).label("not a field");
    let mut diagnostic = match elsewhere {
        Some(elsewhere) => diagnostic.help(elsewhere),
        None => diagnostic.suggest(field, at, fields.iter().map(String::as_str)),
    };
    if let Some(declared) = declared {
        diagnostic = diagnostic.also(declared, format!("`{owner}` is declared here, and is closed"));
    }
    if fields.len() <= FEW && !fields.is_empty() {
        diagnostic = diagnostic.note(format!("its fields are {}", listed(fields.iter().map(String::as_str))));
    }
    diagnostic
}

/// Several fields of `owner` that belong into its field `outer`.
pub fn displaced(owner: &str, outer: &str, names: &[&Name], version: &str) -> Diagnostic {
    let (first, others) = names.split_first().expect("there are fields to report");
    let all = listed(names.iter().map(|name| &*name.text));
    let message = format!("`{owner}` has no fields {all}: they are fields of its `{outer}`");
    let mut diagnostic = Diagnostic::error(Code::UnknownField, message, first.span).label("not a field");
    for other in others {
        diagnostic = diagnostic.also(other.span, "nor is this");
    }
    diagnostic
        .help(format!("put them into `{outer} {{ … }}`"))
        .note(format!("`{owner}` is a type of the Kubernetes API {version}"))
}

/// `inside`: the fields that a value of the type cannot do without, where it is a schema.
pub fn missing_field(
    field: &str,
    at: Span,
    owner: &str,
    declared: Option<Span>,
    ty: &str,
    inside: Option<&[String]>,
) -> Diagnostic {
    let example = inside.map(|fields| {
        let settings: Vec<String> = fields.iter().map(|field| format!("{field} = …")).collect();
        if settings.is_empty() { format!("`{field} {{}}`") } else { format!("`{field} {{ {} }}`", settings.join(", ")) }
    });
    let help = match example {
        Some(example) => format!("add {example}; it is of type `{ty}`"),
        None => format!("set `{field}`, which is of type `{ty}`"),
    };
    let mut diagnostic =
        Diagnostic::error(Code::MissingField, format!("`{owner}` needs `{field}`, which is never set"), at)
            .label(format!("`{field}` is missing"))
            .help(help);
    if let Some(declared) = declared {
        diagnostic = diagnostic.also(declared, format!("`{field}` is required here"));
    }
    diagnostic
}

/// `by`: who expects it, and where that is declared.
pub fn mismatch(found: &str, expected: &str, at: Span, by: Option<&Asker>) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(Code::TypeMismatch, format!("expected {expected}, found {found}"), at)
        .label(format!("this is {found}"));
    if let Some((who, declared)) = by {
        match declared {
            Some(span) => diagnostic = diagnostic.also(*span, format!("{who} expects {expected}")),
            None => diagnostic = diagnostic.note(format!("{who} expects {expected}")),
        }
    }
    diagnostic
}

pub fn optional_read(what: &str, at: Span, ty: &str, declared: Option<Span>) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(Code::OptionalRead, format!("`{what}` may be absent"), at)
        .label(format!("this is {ty} or absent"))
        .help(format!("give a value for that case, `{what} ?? …`, or ask first: `if has({what})`"));
    if let Some(declared) = declared {
        diagnostic = diagnostic.also(declared, "declared optional here");
    }
    diagnostic
}

/// An `if` without `else` where a value is always wanted.
pub fn no_else(at: Span, wanted: Option<&Asker>) -> Diagnostic {
    let message = "without `else` there is no value where the condition does not hold";
    let diagnostic =
        Diagnostic::error(Code::OptionalRead, message, at).help("add `else` and another value".to_string());
    match wanted {
        Some((who, Some(declared))) => diagnostic.also(*declared, format!("{who} needs a value")),
        Some((who, None)) => diagnostic.note(format!("{who} needs a value")),
        None => diagnostic,
    }
}

pub fn bad_call(message: String, at: Span, declared: Option<Span>, signature: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(Code::BadCall, message, at).note(format!("it is `{signature}`"));
    if let Some(declared) = declared {
        diagnostic = diagnostic.also(declared, "declared here");
    }
    diagnostic
}

/// Names in a sentence.
pub fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The cluster of an environment is said to run a version that is none, or that nothing is known of.
pub fn unknown_version(text: &str, at: Span, problem: NoVersion) -> Diagnostic {
    let (oldest, newest) = (Version::OLDEST, Version::NEWEST);
    let (message, help) = match problem {
        NoVersion::Malformed => {
            let help = "write it as `kubectl version` does, or major and minor only: `kubernetes = \"1.34\"`";
            (format!("`{text}` is no version of Kubernetes"), help.to_string())
        }
        NoVersion::Older | NoVersion::Newer => {
            let help = format!("leave `kubernetes` out to have everything checked against {newest}");
            (format!("nothing is known of Kubernetes `{text}`, only of {oldest} to {newest}"), help)
        }
    };
    Diagnostic::error(Code::InvalidValue, message, at).help(help)
}

/// A kind that no known version of Kubernetes has any more.
pub fn removed_kind(api_version: &Name, kind: &str, removed: Version, successor: Option<Successor<'_>>) -> Diagnostic {
    let message = format!("`{} {kind}` was removed in Kubernetes {removed}", api_version.text);
    let error = Diagnostic::error(Code::UnknownKind, message, api_version.span);
    error.help(successor.map(|successor| format!("use `{} {}`", successor.api_version, successor.kind)))
}
