//! What Kubernetes takes as an object's name.

use crate::core::dns_label_problem;

/// What keeps a text from being the name of an object of that kind, if anything does.
///
/// Most kinds want a DNS subdomain (`IsDNS1123Subdomain`); Services a label that begins with a letter
/// (`IsDNS1035Label`); Namespaces a label; RBAC takes whatever can be part of a path (`IsValidPathSegmentName`).
pub(super) fn problem(api_version: &str, kind: &str, name: &str) -> Option<String> {
    if api_version.starts_with("rbac.authorization.k8s.io/") {
        return path_segment_problem(name);
    }
    match (api_version, kind) {
        ("v1", "Namespace") => dns_label_problem(name),
        ("v1", "Service") => dns_label_problem(name)
            .or_else(|| name.starts_with(|c: char| c.is_ascii_digit()).then(|| "it begins with a digit".to_string())),
        (_, _) => subdomain_problem(name),
    }
}

fn path_segment_problem(name: &str) -> Option<String> {
    let bad =
        name.is_empty() || name == "." || name == ".." || name.contains(['/', '%']) || name.contains(char::is_control);
    bad.then(|| "it must be text without `/` and `%`".to_string())
}

fn subdomain_problem(name: &str) -> Option<String> {
    const LONGEST: usize = 253;
    if name.is_empty() {
        return Some("it is empty".to_string());
    }
    if name.len() > LONGEST {
        return Some(format!("it has {} characters, at most {LONGEST} are allowed", name.len()));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if let Some(bad) = name.chars().find(|c| !allowed(*c)) {
        return Some(format!("`{}` is not allowed; only `a-z`, `0-9`, `-` and `.` are", bad.escape_default()));
    }
    let bad_part = |part: &str| part.is_empty() || part.starts_with('-') || part.ends_with('-');
    name.split('.').any(bad_part).then(|| "each part between dots begins and ends with a letter or digit".to_string())
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn kinds_differ_in_what_names_they_take() {
        assert_eq!(problem("v1", "ConfigMap", "a.b-c"), None);
        assert_eq!(problem("rbac.authorization.k8s.io/v1", "Role", "system:a"), None);
        assert!(problem("v1", "ConfigMap", "system:a").is_some());
        assert!(problem("v1", "ConfigMap", "a..b").is_some());
        assert!(problem("v1", "Service", "1a").is_some());
        assert!(problem("v1", "Service", "a.b").is_some());
        assert!(problem("v1", "ConfigMap", &"a".repeat(254)).is_some());
    }
}
