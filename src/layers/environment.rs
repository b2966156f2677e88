//! The part of a tree that one environment is built from.

use super::{Tree, names};
use std::collections::BTreeSet;

impl Tree {
    /// The files that Kustomize reads to build an environment; none where nothing is made in it. They are as they are
    /// in the whole tree, so that a change of another environment alone leaves them the same.
    #[must_use]
    pub fn of_environment(&self, environment: &str) -> Tree {
        let mut waiting = vec![format!("overlays/{}", names::file_name(environment))];
        let mut needed = BTreeSet::new();
        while let Some(directory) = waiting.pop() {
            let Some(kustomization) = self.files.get(&format!("{directory}/kustomization.yaml")) else { continue };
            // Files are written by this crate, one reference a line.
            let text = String::from_utf8_lossy(kustomization);
            let named = text.lines().filter_map(|line| line.trim_start().strip_prefix("- ../"));
            waiting.extend(named.map(|path| below(&directory, &format!("../{path}"))));
            needed.insert(directory);
        }
        let is_needed = |path: &str| needed.iter().any(|directory| lies_in(path, directory));
        let files = self.files.iter().filter(|(path, _)| is_needed(path));
        Tree { files: files.map(|(path, content)| (path.clone(), content.clone())).collect() }
    }
}

fn lies_in(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// What a path leads to from a directory.
fn below(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').collect();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_others_need_is_left_out() {
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        let tree = Tree {
            files: [
                file("overlays/dev/kustomization.yaml", "resources:\n- ../../a/overlays/dev\n"),
                file("overlays/prod/kustomization.yaml", "resources:\n- ../../a/overlays/prod\n"),
                file("a/overlays/dev/kustomization.yaml", "resources:\n- ../../base\n"),
                file("a/overlays/prod/kustomization.yaml", "resources:\n- ../../groups/all\n- resources/x.yaml\n"),
                file("a/overlays/prod/resources/x.yaml", ""),
                file("a/groups/all/kustomization.yaml", "resources:\n- ../../base\n"),
                file("a/base/kustomization.yaml", "resources:\n- b.yaml\n"),
                file("a/base/b.yaml", ""),
                file("b/overlays/dev/kustomization.yaml", ""),
            ]
            .into(),
        };
        let paths = |environment: &str| tree.of_environment(environment).files.into_keys().collect::<Vec<_>>();
        let expected = [
            "a/base/b.yaml",
            "a/base/kustomization.yaml",
            "a/overlays/dev/kustomization.yaml",
            "overlays/dev/kustomization.yaml",
        ];
        assert_eq!(paths("dev"), expected);
        let expected = [
            "a/base/b.yaml",
            "a/base/kustomization.yaml",
            "a/groups/all/kustomization.yaml",
            "a/overlays/prod/kustomization.yaml",
            "a/overlays/prod/resources/x.yaml",
            "overlays/prod/kustomization.yaml",
        ];
        assert_eq!(paths("prod"), expected);
        assert_eq!(paths("staging"), [""; 0]);
    }
}
