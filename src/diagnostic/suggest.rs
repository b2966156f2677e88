//! Names that a misspelt one may have meant.

/// Longer names are not compared: that takes time by the square of the length.
const LONGEST: usize = 100;
/// More candidates are not compared: a program with thousands of names may have thousands of mistakes.
const MOST: usize = 1000;

/// The nearest of `candidates`: at most a third of the letters differ, nothing under three letters. Where none is so
/// near, the only one that is the name's beginning or begins with it: `prod` for `production`.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().take(MOST).collect();
    let nearest = near(name, &candidates).into_iter().min().map(|(_, candidate)| candidate);
    nearest.or_else(|| lengthened(name, &candidates))
}

/// The nearest of `candidates` where no other is as near: what a misspelt name must have meant.
pub(super) fn the_one<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = near(name, candidates);
    let (distance, nearest) = *near.iter().min()?;
    near.iter().all(|(other, candidate)| *other > distance || *candidate == nearest).then_some(nearest)
}

fn is_comparable(name: &str) -> bool {
    (3..=LONGEST).contains(&name.chars().count())
}

fn lengthened<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    if !is_comparable(name) {
        return None;
    }
    let name = name.to_lowercase();
    let mut fitting = candidates.iter().filter(|candidate| {
        let candidate = candidate.to_lowercase();
        candidate.len() >= 3 && (name.starts_with(&candidate) || candidate.starts_with(&name))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// The candidates that are near enough, with how far they are.
fn near<'a>(name: &str, candidates: &[&'a str]) -> Vec<(usize, &'a str)> {
    if !is_comparable(name) {
        return Vec::new();
    }
    let length = name.chars().count();
    // What differs in length by more is out of question, and telling that is cheap.
    let is_near = |candidate: &&str| {
        candidate.len() <= 4 * LONGEST && {
            let other = candidate.chars().count();
            length.abs_diff(other) * 3 <= length.max(other)
        }
    };
    let name = name.to_lowercase();
    candidates
        .iter()
        .copied()
        .take(MOST)
        .filter(is_near)
        .map(|candidate| (strsim::damerau_levenshtein(&name, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= length.max(candidate.chars().count()))
        .collect()
}

/// Help text that offers the nearest candidate.
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}
