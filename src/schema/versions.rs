//! Versions of Kubernetes, and which of them know a kind or field.

use std::fmt;

/// A version of Kubernetes by its minor number, the major being 1. The API of most is known; others have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

/// Why a text is none of the known versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoVersion {
    /// It does not look like a version.
    Malformed,
    /// Older than all that are known.
    Older,
    /// Newer than all that are known.
    Newer,
}

/// The versions that know or want something: a first and a last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    since: Version,
    until: Version,
}

/// In what the versions that know the type of a field differ about the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldVersions {
    /// Those that know it.
    pub lifetime: Lifetime,
    /// Those that refuse an object without it, where they are some but not all.
    pub required: Option<Lifetime>,
    /// Whether they may differ about what is in its value.
    pub differ_below: bool,
}

impl Version {
    /// The oldest that is known.
    pub const OLDEST: Version = Version(33);
    /// The newest that is known.
    pub const NEWEST: Version = Version(37);

    /// Reads a version as people and clusters write it: `1.34`, `v1.34.2`, `v1.34.1-gke.1200`, `1.34+`.
    ///
    /// Patches, builds and a `v` are passed over: they say nothing of the API.
    ///
    /// # Errors
    /// Says why it is none of the known versions.
    pub fn parse(text: &str) -> Result<Version, NoVersion> {
        let (major, rest) = text.strip_prefix('v').unwrap_or(text).split_once('.').ok_or(NoVersion::Malformed)?;
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let (minor, rest) = rest.split_at(end);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(major) || !digits(minor) || !is_patch(rest) {
            return Err(NoVersion::Malformed);
        }
        match (major.parse::<u32>(), minor.parse::<u8>()) {
            (Ok(0), _) => Err(NoVersion::Older),
            (Ok(1), Ok(minor)) if minor < Version::OLDEST.0 => Err(NoVersion::Older),
            (Ok(1), Ok(minor)) if minor <= Version::NEWEST.0 => Ok(Version(minor)),
            // Too large for the numbers that these are read as, too.
            (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(NoVersion::Newer),
        }
    }

    /// All that are known, oldest first.
    pub fn all() -> impl Iterator<Item = Version> {
        (Version::OLDEST.0..=Version::NEWEST.0).map(Version)
    }

    /// The version of a minor number, also where its API is not known.
    pub(super) fn any(minor: &str) -> Option<Version> {
        Some(Version(minor.parse().ok()?))
    }

    /// The version of a minor number, where it is known.
    fn of_minor(minor: &str) -> Option<Version> {
        let version = Version::any(minor)?;
        (Version::OLDEST..=Version::NEWEST).contains(&version).then_some(version)
    }
}

/// Whether a text is what may follow major and minor: nothing, `+`, or a patch and what builders add to it.
fn is_patch(text: &str) -> bool {
    let build = |text: &str| {
        text.is_empty()
            || text.starts_with(['-', '+'])
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+._".contains(&byte))
    };
    match text.strip_prefix('.') {
        Some(patch) => {
            let end = patch.find(|character: char| !character.is_ascii_digit()).unwrap_or(patch.len());
            end > 0 && build(&patch[end..])
        }
        None => build(text),
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "1.{}", self.0)
    }
}

impl Lifetime {
    /// That of everything that all known versions have.
    pub const ALWAYS: Lifetime = Lifetime { since: Version::OLDEST, until: Version::NEWEST };

    /// Reads `34-`, `-36` or `34-36`; what cannot be read is the lifetime around it.
    pub(super) fn parse(text: &str, around: Lifetime) -> Lifetime {
        let (since, until) = text.split_once('-').unwrap_or_default();
        Lifetime {
            since: Version::of_minor(since).unwrap_or(around.since),
            until: Version::of_minor(until).unwrap_or(around.until),
        }
    }

    /// The first version, where an older one is known that is not in it.
    #[must_use]
    pub fn since(self) -> Option<Version> {
        (self.since > Version::OLDEST).then_some(self.since)
    }

    /// The last version, where a newer one is known that is not in it.
    #[must_use]
    pub fn until(self) -> Option<Version> {
        (self.until < Version::NEWEST).then_some(self.until)
    }

    /// Whether a version is in it.
    #[must_use]
    pub fn has(self, version: Version) -> bool {
        self.since <= version && version <= self.until
    }
}

impl FieldVersions {
    /// Those of a field that a declaration gives: all know it, and what is in it may be of the API's own types.
    pub const DECLARED: FieldVersions =
        FieldVersions { lifetime: Lifetime::ALWAYS, required: None, differ_below: true };

    /// Reads what stands after a field's name: `!`, `!36-`, `@34-`, `~`. The first is whether all versions of the type
    /// require it.
    pub(super) fn parse(marks: &str) -> (bool, FieldVersions) {
        let (marks, differ_below) = marks.strip_suffix('~').map_or((marks, false), |marks| (marks, true));
        let (required, known) = marks.split_once('@').unwrap_or((marks, ""));
        let lifetime = Lifetime::parse(known, Lifetime::ALWAYS);
        // A version that does not know a field cannot require it.
        let by_all = required == "!" && known.is_empty();
        let by_some = required.strip_prefix('!').filter(|_| !by_all);
        let by_some = by_some.map(|versions| Lifetime::parse(versions, lifetime));
        (by_all, FieldVersions { lifetime, required: by_some, differ_below })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_clusters_write_them() {
        for text in ["1.34", "v1.34", "1.34.2", "v1.34.1-eks-x", "v1.34.1-gke.1200", "1.34+", "v1.34.1+k3s1"] {
            assert_eq!(Version::parse(text).map(|version| version.to_string()), Ok("1.34".to_string()), "{text}");
        }
        for text in ["", "abc", "1", "v", "1.", "1.x", "1.34.", "1.34.x", "1.34 ", "1.34.1 beta", "-1.34", "1.34,5"] {
            assert_eq!(Version::parse(text), Err(NoVersion::Malformed), "{text}");
        }
        for text in ["1.20", "0.9", "v1.32.9"] {
            assert_eq!(Version::parse(text), Err(NoVersion::Older), "{text}");
        }
        for text in ["1.99", "2.0", "1.300", "99999999999999999999.1", "1.38"] {
            assert_eq!(Version::parse(text), Err(NoVersion::Newer), "{text}");
        }
    }

    #[test]
    fn lifetimes_are_read_as_the_table_has_them() {
        let [v33, v34, v36] = ["1.33", "1.34", "1.36"].map(|text| Version::parse(text).expect("a known version"));
        let since = Lifetime::parse("34-", Lifetime::ALWAYS);
        assert_eq!((since.since(), since.until()), (Some(v34), None));
        assert!(since.has(v34) && since.has(Version::NEWEST) && !since.has(v33));
        let until = Lifetime::parse("-36", since);
        assert_eq!((until.since(), until.until()), (Some(v34), Some(v36)));
        assert_eq!((Lifetime::ALWAYS.since(), Lifetime::ALWAYS.until()), (None, None));
        assert_eq!(Lifetime::parse("", Lifetime::ALWAYS), Lifetime::ALWAYS);
    }

    #[test]
    fn fields_are_required_by_all_or_some_versions() {
        let some = |marks: &str| {
            let (all, versions) = FieldVersions::parse(marks);
            (all, versions.required.map(|required| (required.since(), required.until())))
        };
        let version = |text: &str| Some(Version::parse(text).expect("a known version"));
        assert_eq!(some("!"), (true, None));
        assert_eq!(some("!~"), (true, None));
        assert_eq!(some("@34-~"), (false, None));
        assert_eq!(some("!-35"), (false, Some((None, version("1.35")))));
        // Those that know it require it; others do not know it.
        assert_eq!(some("!@36-"), (false, Some((version("1.36"), None))));
    }
}
