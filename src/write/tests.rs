//! Writing to real directories.

use super::*;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree { files: files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect() }
}

fn output() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn put(output: &TempDir, path: &str, text: &str) {
    let place = output.path().join(path);
    fs::create_dir_all(place.parent().expect("has a parent")).expect("can be made");
    fs::write(place, text).expect("can be written");
}

/// All files below the output directory with their texts, without the list.
fn found(output: &TempDir) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = walkdir::WalkDir::new(output.path())
        .into_iter()
        .map(|entry| entry.expect("can be read"))
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != MANIFEST)
        .map(|entry| {
            let path = entry.path().strip_prefix(output.path()).expect("is below").to_string_lossy().into_owned();
            (path, fs::read_to_string(entry.path()).expect("is text"))
        })
        .collect();
    files.sort();
    files
}

fn texts(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let sorted: BTreeSet<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    sorted.into_iter().collect()
}

fn build(output: &TempDir, files: &[(&str, &str)]) -> Result<Summary, WriteError> {
    write(&tree(files), output.path(), Edited::Refuse)
}

/// Builds, and the build must succeed with exactly these files on disk.
fn builds(output: &TempDir, files: &[(&str, &str)]) -> Summary {
    let summary = build(output, files).expect("can be written");
    assert_eq!(found(output), texts(files));
    assert_eq!(check(&tree(files), output.path()).expect("can be checked"), []);
    summary
}

/// Builds, and the build must be refused with nothing changed.
fn refuses(output: &TempDir, files: &[(&str, &str)], conflicts: &[(&str, Reason)]) {
    let before = found(output);
    let expected: Vec<Conflict> =
        conflicts.iter().map(|(path, reason)| Conflict { path: (*path).to_owned(), reason: *reason }).collect();
    match build(output, files) {
        Err(WriteError::Conflicts(conflicts)) => assert_eq!(conflicts, expected),
        other => panic!("{other:?}"),
    }
    assert_eq!(found(output), before);
}

fn manifest(output: &TempDir) -> String {
    fs::read_to_string(output.path().join(MANIFEST)).expect("was written")
}

#[test]
fn a_second_build_changes_nothing() {
    let output = output();
    let files = [("a/b.yaml", "1"), ("c.yaml", "2")];
    assert_eq!(builds(&output, &files).written, 2);
    let old = SystemTime::now() - Duration::from_secs(1000);
    for name in ["a/b.yaml", MANIFEST] {
        let file = File::options().write(true).open(output.path().join(name)).expect("is there");
        file.set_modified(old).expect("can be set");
    }
    assert_eq!(builds(&output, &files), Summary { written: 0, unchanged: 2, removed: 0, kept: vec![] });
    assert_eq!(builds(&output, &[("a/b.yaml", "1"), ("c.yaml", "3")]).written, 1);
    let stamp = fs::metadata(output.path().join("a/b.yaml")).and_then(|data| data.modified()).expect("is there");
    assert_eq!(stamp, old);
}

#[test]
fn stale_files_and_the_directories_they_leave_empty_go() {
    let output = output();
    builds(&output, &[("a/b/c", "1"), ("a/d", "2"), ("e/f", "3")]);
    put(&output, "e/mine", "m");
    let summary = build(&output, &[("a/d", "2")]).expect("can be written");
    assert_eq!(summary.removed, 2);
    assert_eq!(found(&output), texts(&[("a/d", "2"), ("e/mine", "m")]));
    assert!(!output.path().join("a/b").exists());
}

#[test]
fn a_stale_file_that_was_changed_stays() {
    let output = output();
    builds(&output, &[("a", "1"), ("b", "2")]);
    put(&output, "b", "mine");
    let summary = build(&output, &[("a", "1")]).expect("can be written");
    assert_eq!((summary.removed, summary.kept), (0, vec!["b".to_owned()]));
    assert_eq!(found(&output), texts(&[("a", "1"), ("b", "mine")]));
    refuses(&output, &[("a", "1"), ("b", "2")], &[("b", Reason::Foreign)]);
}

#[test]
fn a_persons_file_is_never_touched() {
    let output = output();
    put(&output, "a", "mine");
    refuses(&output, &[("a", "1"), ("b", "2")], &[("a", Reason::Foreign)]);
    let forced = write(&tree(&[("a", "1")]), output.path(), Edited::Overwrite);
    assert!(matches!(forced, Err(WriteError::Conflicts(_))), "{forced:?}");
    assert_eq!(found(&output), texts(&[("a", "mine")]));
}

#[test]
fn a_file_that_is_right_already_is_adopted() {
    let output = output();
    put(&output, "a", "1");
    assert_eq!(check(&tree(&[("a", "1")]), output.path()).expect("can be checked").len(), 1);
    assert_eq!(builds(&output, &[("a", "1")]).unchanged, 1);
    builds(&output, &[("a", "2")]);
}

#[test]
fn an_edited_file_is_overwritten_by_force_only() {
    let output = output();
    builds(&output, &[("a", "1"), ("b", "1")]);
    put(&output, "a", "mine");
    refuses(&output, &[("a", "2"), ("b", "2")], &[("a", Reason::Edited)]);
    write(&tree(&[("a", "2"), ("b", "2")]), output.path(), Edited::Overwrite).expect("is forced");
    assert_eq!(found(&output), texts(&[("a", "2"), ("b", "2")]));
}

#[test]
fn files_and_directories_take_each_others_place() {
    let output = output();
    builds(&output, &[("a", "1"), ("b/c/d", "2")]);
    builds(&output, &[("a/x", "3"), ("b", "4")]);
    builds(&output, &[("a", "1"), ("b/c/d", "2")]);
    put(&output, "b/mine", "m");
    refuses(&output, &[("b", "4")], &[("b", Reason::Obstacle)]);
}

#[cfg(unix)]
#[test]
fn links_in_the_output_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (output, elsewhere) = (output(), self::output());
    put(&elsewhere, "x", "theirs");
    symlink(elsewhere.path(), output.path().join("dir")).expect("can be made");
    symlink(elsewhere.path().join("x"), output.path().join("file")).expect("can be made");
    refuses(&output, &[("dir/x", "1"), ("file", "2")], &[("dir/x", Reason::Link), ("file", Reason::Link)]);

    // A directory that a build made and somebody replaced by a link: what is behind it is not ours to remove.
    let output = self::output();
    builds(&output, &[("dir/x", "theirs"), ("y", "1")]);
    fs::remove_dir_all(output.path().join("dir")).expect("can be removed");
    symlink(elsewhere.path(), output.path().join("dir")).expect("can be made");
    build(&output, &[("y", "1")]).expect("can be written");
    assert_eq!(found(&elsewhere), texts(&[("x", "theirs")]));

    // The output directory itself may be one.
    let real = self::output();
    let link = output.path().join("link");
    symlink(real.path(), &link).expect("can be made");
    write(&tree(&[("a", "1")]), &link, Edited::Refuse).expect("can be written");
    assert_eq!(found(&real), texts(&[("a", "1")]));
}

#[test]
fn a_build_that_fails_midway_is_repaired_by_the_next() {
    let output = output();
    builds(&output, &[("a", "1"), ("b", "1"), ("old", "1")]);
    let (former, next) = (tree(&[("a", "1"), ("b", "1"), ("old", "1")]), tree(&[("a", "2"), ("b", "2"), ("c/d", "2")]));
    let plan = plan::plan(&next, output.path(), Edited::Refuse).expect("can be read");
    let writes = ["c/d", "a", "b"];
    {
        let staging = Staging::fill(output.path(), &next, &writes).expect("can be written");
        // The last rename has nothing to rename, as if the build had been killed before it.
        fs::remove_file(staging.place(2)).expect("is there");
        replace(&plan, output.path(), &writes, &staging).expect_err("one rename fails");
    }
    for (path, text) in found(&output) {
        let known = [former.files.get(&path), next.files.get(&path)];
        assert!(known.iter().flatten().any(|bytes| bytes.as_slice() == text.as_bytes()), "{path} is half written");
    }
    assert!(found(&output).iter().any(|(path, _)| path == "old"), "nothing is removed before all is replaced");
    builds(&output, &[("a", "2"), ("b", "2"), ("c/d", "2")]);
    assert_eq!(manifest(&output).lines().count(), 4);
}

#[test]
fn a_disk_that_is_full_leaves_the_former_output() {
    let output = output();
    builds(&output, &[("a", "1"), ("b", "1")]);
    let before = manifest(&output);
    // Every write of contents happens before the first change; here the second cannot be written at all.
    let next = tree(&[("a", "2"), ("b", "2")]);
    let staging = output.path().join(STAGING);
    put(&output, &format!("{STAGING}/left-by-a-killed-build"), "x");
    let result = Staging::fill(output.path(), &next, &["a", "b"]).map(|staged| {
        fs::create_dir(staged.directory.join("manifest")).expect("can be made");
        let plan = plan::plan(&next, output.path(), Edited::Refuse).expect("can be read");
        replace(&plan, output.path(), &["a", "b"], &staged)
    });
    assert!(matches!(result, Ok(Err(WriteError::Io { .. }))), "the list cannot be written");
    assert!(!staging.exists(), "what was staged is removed");
    assert_eq!(found(&output), texts(&[("a", "1"), ("b", "1")]));
    assert_eq!(manifest(&output), before);
}

#[test]
fn what_a_killed_build_staged_goes_where_nothing_else_is_to_do() {
    let output = output();
    builds(&output, &[("a", "1")]);
    put(&output, &format!("{STAGING}/0"), "2");
    builds(&output, &[("a", "1")]);
    assert!(!output.path().join(STAGING).exists());
    assert_eq!(found(&output), texts(&[("a", "1")]));
}

#[test]
fn a_damaged_list_is_not_trusted() {
    let output = output();
    builds(&output, &[("a", "1")]);
    put(&output, MANIFEST, "<<<<<<< HEAD\n");
    let error = build(&output, &[("a", "2")]).expect_err("cannot know its files").to_string();
    assert!(error.contains("is damaged in line 1"), "{error}");
    assert_eq!(found(&output), texts(&[("a", "1")]));
}

#[test]
fn the_check_names_each_difference() {
    let output = output();
    builds(&output, &[("same", "1"), ("changed", "1"), ("edited", "1"), ("stale", "1")]);
    put(&output, "edited", "mine");
    let wanted = tree(&[("same", "1"), ("changed", "2"), ("edited", "1"), ("missing/x", "1")]);
    let differences = check(&wanted, output.path()).expect("can be checked");
    let named: Vec<(&str, Change)> = differences.iter().map(|one| (one.path.as_str(), one.change)).collect();
    let expected = [
        ("changed", Change::Different),
        ("edited", Change::Different),
        ("missing/x", Change::Missing),
        ("stale", Change::Stale),
    ];
    assert_eq!(named, expected);
    assert_eq!(found(&output).len(), 4, "a check writes nothing");
    let nowhere = output.path().join("nowhere");
    assert_eq!(check(&wanted, &nowhere).expect("all is missing").len(), 4);
    assert!(!nowhere.exists());
}

#[test]
fn builds_of_one_directory_take_turns() {
    let output = output();
    let files: Vec<(String, String)> = (0..50).map(|number| (format!("f{number}"), "x".repeat(1000))).collect();
    std::thread::scope(|scope| {
        for letter in ["1", "2", "3", "4"] {
            let (output, files) = (&output, &files);
            scope.spawn(move || {
                let files = files.iter().map(|(path, text)| (path.clone(), (letter.to_owned() + text).into_bytes()));
                write(&Tree { files: files.collect() }, output.path(), Edited::Refuse).expect("waits for its turn");
            });
        }
    });
    let contents: BTreeSet<String> = found(&output).into_iter().map(|(_, text)| text).collect();
    assert_eq!(contents.len(), 1, "the last build's files, all of them");
}
