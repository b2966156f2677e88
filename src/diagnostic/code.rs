//! The closed list of diagnostics.

/// Which mistake a diagnostic is about. The name in kebab case is what users see and pass to `flinkc explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The text does not follow the grammar.
    Syntax,
    /// Brackets or expressions are nested deeper than the compiler goes.
    TooDeep,
    /// A file cannot be read: not there, outside the project, too large, not UTF-8.
    Unreadable,
    /// An import names a directory or library that is not there.
    UnknownModule,
    /// Something is defined by itself: modules, values, functions, schemas, components, objects.
    Cycle,
    /// A name that nothing in scope has.
    UnknownName,
    /// A field that a closed schema or an API type does not have.
    UnknownField,
    /// A type that nothing in scope has.
    UnknownType,
    /// A kind or API version that the Kubernetes API does not have.
    UnknownKind,
    /// A `when` or group names no environment.
    UnknownEnvironment,
    /// An `@` word that means nothing there.
    UnknownAttribute,
    /// Two declarations have one name.
    DuplicateName,
    /// One field is set twice in the same layer.
    DuplicateField,
    /// A value of one type stands where another is expected.
    TypeMismatch,
    /// A required field is never set.
    MissingField,
    /// A call with too few, too many or unknown arguments.
    BadCall,
    /// An optional value is used as if it were there.
    OptionalRead,
    /// A literal with a unit stands where nothing says what it measures.
    AmbiguousUnit,
    /// A `match` that leaves values out.
    NotExhaustive,
    /// Something stands where it may not: a `when` in a `when`, an object in a library, an override outside an instance.
    Misplaced,
    /// A value of the right type that its place cannot take: no DNS label, no quantity, no such name.
    InvalidValue,
    /// A `check` of a schema, component or policy does not hold.
    CheckFailed,
    /// An override, `unset` or reference reaches for something that is not made in that environment.
    NothingThere,
    /// A data file does not have the declared type.
    BadData,
    /// Overflow, division by zero, an argument out of range.
    Arithmetic,
    /// Evaluation takes more steps or memory than allowed.
    Limit,
    /// Two objects have one identity, or two units one directory.
    DuplicateObject,
    /// An object names another that is neither made nor declared external.
    BrokenLink,
    /// A `--set` that fits no param, or a param without value.
    BadParam,
    /// There is something to build but no environment to build it for.
    NoEnvironment,
    /// Something has no effect, and can be taken away.
    Unused,
    /// A kind that the Kubernetes API is going to leave behind.
    Deprecated,
    /// A rule or pattern of a custom resource that only the API server can check.
    Unchecked,
    /// A string holds `${name}` or `{{ name }}` with a name that is known here, and keeps it as it is.
    NotReplaced,
}

impl Code {
    /// All codes, in the order in which they are declared.
    pub const ALL: &[Code] = &[
        Code::Syntax,
        Code::TooDeep,
        Code::Unreadable,
        Code::UnknownModule,
        Code::Cycle,
        Code::UnknownName,
        Code::UnknownField,
        Code::UnknownType,
        Code::UnknownKind,
        Code::UnknownEnvironment,
        Code::UnknownAttribute,
        Code::DuplicateName,
        Code::DuplicateField,
        Code::TypeMismatch,
        Code::MissingField,
        Code::BadCall,
        Code::OptionalRead,
        Code::AmbiguousUnit,
        Code::NotExhaustive,
        Code::Misplaced,
        Code::InvalidValue,
        Code::CheckFailed,
        Code::NothingThere,
        Code::BadData,
        Code::Arithmetic,
        Code::Limit,
        Code::DuplicateObject,
        Code::BrokenLink,
        Code::BadParam,
        Code::NoEnvironment,
        Code::Unused,
        Code::Deprecated,
        Code::Unchecked,
        Code::NotReplaced,
    ];

    /// The name in kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Code::Syntax => "syntax",
            Code::TooDeep => "too-deep",
            Code::Unreadable => "unreadable",
            Code::UnknownModule => "unknown-module",
            Code::Cycle => "cycle",
            Code::UnknownName => "unknown-name",
            Code::UnknownField => "unknown-field",
            Code::UnknownType => "unknown-type",
            Code::UnknownKind => "unknown-kind",
            Code::UnknownEnvironment => "unknown-environment",
            Code::UnknownAttribute => "unknown-attribute",
            Code::DuplicateName => "duplicate-name",
            Code::DuplicateField => "duplicate-field",
            Code::TypeMismatch => "type-mismatch",
            Code::MissingField => "missing-field",
            Code::BadCall => "bad-call",
            Code::OptionalRead => "optional-read",
            Code::AmbiguousUnit => "ambiguous-unit",
            Code::NotExhaustive => "not-exhaustive",
            Code::Misplaced => "misplaced",
            Code::InvalidValue => "invalid-value",
            Code::CheckFailed => "check-failed",
            Code::NothingThere => "nothing-there",
            Code::BadData => "bad-data",
            Code::Arithmetic => "arithmetic",
            Code::Limit => "limit",
            Code::DuplicateObject => "duplicate-object",
            Code::BrokenLink => "broken-link",
            Code::BadParam => "bad-param",
            Code::NoEnvironment => "no-environment",
            Code::Unused => "unused",
            Code::Deprecated => "deprecated",
            Code::Unchecked => "unchecked",
            Code::NotReplaced => "not-replaced",
        }
    }

    /// What the code stands for, in a sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Code::Syntax => "The text does not follow the grammar.",
            Code::TooDeep => "Brackets or expressions are nested deeper than the compiler goes.",
            Code::Unreadable => "A file cannot be read: not there, outside the project, too large, not UTF-8.",
            Code::UnknownModule => "An import names a directory or library that is not there.",
            Code::Cycle => "Something is defined by itself: modules, values, functions, schemas, components, objects.",
            Code::UnknownName => "A name that nothing in scope has.",
            Code::UnknownField => "A field that a closed schema or an API type does not have.",
            Code::UnknownType => "A type that nothing in scope has.",
            Code::UnknownKind => "A kind or API version that the Kubernetes API does not have.",
            Code::UnknownEnvironment => "A `when` or group names no environment.",
            Code::UnknownAttribute => "An `@` word that means nothing there.",
            Code::DuplicateName => "Two declarations have one name.",
            Code::DuplicateField => "One field is set twice in the same layer.",
            Code::TypeMismatch => "A value of one type stands where another is expected.",
            Code::MissingField => "A required field is never set.",
            Code::BadCall => "A call with too few, too many or unknown arguments.",
            Code::OptionalRead => "An optional value is used as if it were there.",
            Code::AmbiguousUnit => "A literal with a unit stands where nothing says what it measures.",
            Code::NotExhaustive => "A `match` that leaves values out.",
            Code::Misplaced => {
                "Something stands where it may not: a `when` in a `when`, an object in a library, an override outside an instance."
            }
            Code::InvalidValue => {
                "A value of the right type that its place cannot take: no DNS label, no quantity, no such name."
            }
            Code::CheckFailed => "A `check` of a schema, component or policy does not hold.",
            Code::NothingThere => {
                "An override, `unset` or reference reaches for something that is not made in that environment."
            }
            Code::BadData => "A data file does not have the declared type.",
            Code::Arithmetic => "Overflow, division by zero, an argument out of range.",
            Code::Limit => "Evaluation takes more steps or memory than allowed.",
            Code::DuplicateObject => "Two objects have one identity, or two units one directory.",
            Code::BrokenLink => "An object names another that is neither made nor declared external.",
            Code::BadParam => "A `--set` that fits no param, or a param without value.",
            Code::NoEnvironment => "There is something to build but no environment to build it for.",
            Code::Deprecated => "An API version that Kubernetes is about to give up.",
            Code::Unchecked => "A rule or pattern of a custom resource that only the API server can check.",
            Code::Unused => "Something has no effect, and can be taken away.",
            Code::NotReplaced => {
                "A string holds `${name}` or `{{ name }}` with a name that is known here, and keeps it as it is."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_codes_are_listed_once_in_order() {
        // The file itself knows them: what `ALL` lacks has no rule in formats that list rules.
        let text = include_str!("code.rs");
        let body = text.split("pub enum Code {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("is there");
        let declared: Vec<&str> = body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
        let declared: Vec<&str> = declared.into_iter().filter(|line| !line.starts_with("///")).collect();
        let listed: Vec<String> = Code::ALL.iter().map(|code| format!("{code:?}")).collect();
        assert_eq!(listed, declared);
    }

    #[test]
    fn every_summary_is_a_sentence() {
        for summary in Code::ALL.iter().map(|code| code.summary()) {
            assert!(summary.ends_with('.') && summary.len() > 10 && !summary.contains('\n'), "{summary}");
        }
    }
}
