//! The page of each code, as `flinkc explain CODE` shows it and as it lies in `docs/errors`.

use super::Code;

impl Code {
    /// The code with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// What the code means, with a wrong and a right program, as Markdown.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Code::Syntax => include_str!("../../docs/errors/syntax.md"),
            Code::TooDeep => include_str!("../../docs/errors/too-deep.md"),
            Code::Unreadable => include_str!("../../docs/errors/unreadable.md"),
            Code::UnknownModule => include_str!("../../docs/errors/unknown-module.md"),
            Code::Cycle => include_str!("../../docs/errors/cycle.md"),
            Code::UnknownName => include_str!("../../docs/errors/unknown-name.md"),
            Code::UnknownField => include_str!("../../docs/errors/unknown-field.md"),
            Code::UnknownType => include_str!("../../docs/errors/unknown-type.md"),
            Code::UnknownKind => include_str!("../../docs/errors/unknown-kind.md"),
            Code::UnknownEnvironment => include_str!("../../docs/errors/unknown-environment.md"),
            Code::UnknownAttribute => include_str!("../../docs/errors/unknown-attribute.md"),
            Code::DuplicateName => include_str!("../../docs/errors/duplicate-name.md"),
            Code::DuplicateField => include_str!("../../docs/errors/duplicate-field.md"),
            Code::TypeMismatch => include_str!("../../docs/errors/type-mismatch.md"),
            Code::MissingField => include_str!("../../docs/errors/missing-field.md"),
            Code::BadCall => include_str!("../../docs/errors/bad-call.md"),
            Code::OptionalRead => include_str!("../../docs/errors/optional-read.md"),
            Code::AmbiguousUnit => include_str!("../../docs/errors/ambiguous-unit.md"),
            Code::NotExhaustive => include_str!("../../docs/errors/not-exhaustive.md"),
            Code::Misplaced => include_str!("../../docs/errors/misplaced.md"),
            Code::InvalidValue => include_str!("../../docs/errors/invalid-value.md"),
            Code::CheckFailed => include_str!("../../docs/errors/check-failed.md"),
            Code::NothingThere => include_str!("../../docs/errors/nothing-there.md"),
            Code::BadData => include_str!("../../docs/errors/bad-data.md"),
            Code::Arithmetic => include_str!("../../docs/errors/arithmetic.md"),
            Code::Limit => include_str!("../../docs/errors/limit.md"),
            Code::DuplicateObject => include_str!("../../docs/errors/duplicate-object.md"),
            Code::BrokenLink => include_str!("../../docs/errors/broken-link.md"),
            Code::BadParam => include_str!("../../docs/errors/bad-param.md"),
            Code::NoEnvironment => include_str!("../../docs/errors/no-environment.md"),
            Code::Unused => include_str!("../../docs/errors/unused.md"),
            Code::Unchecked => include_str!("../../docs/errors/unchecked.md"),
            Code::Deprecated => include_str!("../../docs/errors/deprecated.md"),
            Code::NotReplaced => include_str!("../../docs/errors/not-replaced.md"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_name_only() {
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(*code));
        }
        assert_eq!(Code::from_name("UnknownField"), None);
    }
}
