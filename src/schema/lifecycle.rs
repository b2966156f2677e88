//! Which kinds of Kubernetes' own API versions were deprecated and removed, and what to use instead.

use super::table::Table;
use super::{Api, Version};
use std::sync::LazyLock;

/// Lines `API-VERSION KIND DEPRECATED REMOVED [API-VERSION KIND]`, as `tests/tools/lifecycle` writes them.
const DATA: &str = include_str!("data/lifecycle.txt");

/// A replacement can be replaced in turn; more often than this none ever was.
const REPLACEMENTS: usize = 6;

/// How the Kubernetes API leaves a kind of one of its versions behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    /// The first version that warns of its use, where it was or will be deprecated.
    pub deprecated: Option<Version>,
    /// The first version without it, as was announced.
    pub removed: Option<Version>,
}

/// What stands in the place of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successor<'a> {
    /// Such as `policy/v1`.
    pub api_version: &'a str,
    /// Such as `PodDisruptionBudget`.
    pub kind: &'a str,
}

impl Api {
    /// When a kind was deprecated and removed; also of kinds that no known version of Kubernetes has any more.
    #[must_use]
    pub fn lifecycle(&self, api_version: &str, kind: &str) -> Option<Lifecycle> {
        let mut words = table().find(&[api_version, kind])?.1.split(' ');
        let mut version = || Version::any(words.next()?);
        Some(Lifecycle { deprecated: version(), removed: version() })
    }

    /// What to use in a version of Kubernetes instead of a kind that it does not have, or that is deprecated in it.
    #[must_use]
    pub fn successor<'a>(&'a self, api_version: &str, kind: &'a str, version: Version) -> Option<Successor<'a>> {
        let lasting = |candidate: &Successor| {
            let known = self.kind(candidate.api_version, candidate.kind);
            let deprecated =
                self.lifecycle(candidate.api_version, candidate.kind).and_then(|lifecycle| lifecycle.deprecated);
            known.is_some_and(|known| known.lifetime.has(version)) && deprecated.is_none_or(|since| version < since)
        };
        let mut named = std::iter::successors(replacement(api_version, kind), |replaced| {
            replacement(replaced.api_version, replaced.kind)
        });
        // Where none is named that lasts, the same kind of another version of the group does it: the stablest one.
        let of_group = || {
            let others = self.api_versions_of(kind).filter(|other| group(other) == group(api_version));
            let others = others.filter(|other| *other != api_version);
            let candidates = others.map(|api_version| Successor { api_version, kind });
            candidates.filter(lasting).max_by_key(|candidate| stability(candidate.api_version))
        };
        named.by_ref().take(REPLACEMENTS).find(lasting).or_else(of_group)
    }
}

fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(DATA));
    &TABLE
}

/// What the API names in a kind's place.
fn replacement(api_version: &str, kind: &str) -> Option<Successor<'static>> {
    let mut words = table().find(&[api_version, kind])?.1.split(' ').skip(2);
    Some(Successor { api_version: words.next()?, kind: words.next()? })
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Alpha before beta before stable.
fn stability(api_version: &str) -> u8 {
    match (api_version.contains("alpha"), api_version.contains("beta")) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn successor(api_version: &str, kind: &str, version: &str) -> Option<(&'static str, String)> {
        let version = Version::parse(version).expect("a known version");
        let kind: &'static str = Box::leak(kind.to_string().into_boxed_str());
        let found = Api::kubernetes().successor(api_version, kind, version)?;
        Some((found.api_version, found.kind.to_string()))
    }

    #[test]
    fn removed_kinds_are_known_with_what_replaced_them() {
        let removed = |api_version: &str, kind: &str| {
            let lifecycle = Api::kubernetes().lifecycle(api_version, kind).expect("a removed kind");
            lifecycle.removed.map(|version| version.to_string()).expect("removed")
        };
        for (api_version, kind, since, instead) in [
            ("extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"),
            ("policy/v1beta1", "PodDisruptionBudget", "1.25", "policy/v1"),
            ("batch/v1beta1", "CronJob", "1.25", "batch/v1"),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"),
            ("networking.k8s.io/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"),
            // By two steps, and by none that is named.
            ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "1.26", "flowcontrol.apiserver.k8s.io/v1"),
            ("node.k8s.io/v1beta1", "RuntimeClass", "1.25", "node.k8s.io/v1"),
        ] {
            assert_eq!(removed(api_version, kind), since, "{api_version} {kind}");
            assert_eq!(successor(api_version, kind, "1.37"), Some((instead, kind.to_string())));
        }
        assert_eq!(removed("policy/v1beta1", "PodSecurityPolicy"), "1.25");
        assert_eq!(successor("policy/v1beta1", "PodSecurityPolicy", "1.37"), None);
        assert_eq!(Api::kubernetes().lifecycle("apps/v1", "Deployment"), None);
    }

    #[test]
    fn successors_are_those_that_the_version_has() {
        let class = |api_version: &str, version: &str| {
            successor(api_version, "DeviceClass", version).map(|(api_version, _)| api_version)
        };
        assert_eq!(class("resource.k8s.io/v1alpha3", "1.33"), Some("resource.k8s.io/v1beta1"));
        assert_eq!(class("resource.k8s.io/v1beta1", "1.37"), Some("resource.k8s.io/v1"));
        assert_eq!(class("resource.k8s.io/v1", "1.33"), Some("resource.k8s.io/v1beta2"));
    }
}
