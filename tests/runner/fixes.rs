//! What `--fix` makes of a case.

use super::case::Case;
use flinkc::diagnostic::Diagnostic;
use flinkc::driver::{self, Fixed};
use flinkc::host::MemoryHost;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What is wrong with the fixes of the diagnostics that a case gave: they must all be made, and what they are for must
/// be gone then.
pub fn problem(case: &Case, diagnostics: &[Diagnostic]) -> Option<String> {
    let offered: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| !diagnostic.fixes.is_empty()).collect();
    if offered.is_empty() {
        return None;
    }
    let files: BTreeMap<String, String> = case.files.iter().map(|file| (file.path.clone(), file.text())).collect();
    let files = RefCell::new(files);
    let directive = &case.directive;
    let check = || {
        let host = MemoryHost::new(files.borrow().clone());
        driver::check_with(&host, &directive.module, directive.file.as_deref(), &directive.settings)
    };
    let replace = |path: &str, before: &str, after: &str| {
        let old = files.borrow_mut().insert(path.to_owned(), after.to_owned());
        assert_eq!(old.as_deref(), Some(before), "{path}");
        Ok(())
    };
    let Fixed { done, left } = driver::fix_with(check, replace);
    let left = left.expect("files in memory can be written").diagnostics;
    if let Some(diagnostic) = left.iter().find(|diagnostic| !diagnostic.fixes.is_empty()) {
        return Some(format!("still to be fixed after {done:#?}: {}", diagnostic.message));
    }
    let is_left =
        |fixed: &&Diagnostic| left.iter().any(|other| (other.code, &other.message) == (fixed.code, &fixed.message));
    offered.into_iter().find(is_left).map(|diagnostic| format!("not gone after {done:#?}: {}", diagnostic.message))
}
