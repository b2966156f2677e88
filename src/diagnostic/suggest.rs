//! Names that a misspelt one may have meant.

/// Longer names are not compared: that takes time by the square of the length.
const LONGEST: usize = 100;
/// More candidates are not compared: a program with thousands of names may have thousands of mistakes.
const MOST: usize = 1000;

/// The nearest of `candidates`: at most a third of the letters differ, nothing under three letters.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(name, candidates).into_iter().min().map(|(_, candidate)| candidate)
}

/// The nearest of `candidates` where no other is as near.
pub(super) fn the_one<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = near(name, candidates);
    let (distance, nearest) = *near.iter().min()?;
    near.iter().all(|(other, candidate)| *other > distance || *candidate == nearest).then_some(nearest)
}

/// The candidates that are near enough, with how far they are.
fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<(usize, &'a str)> {
    let length = name.chars().count();
    if !(3..=LONGEST).contains(&length) {
        return Vec::new();
    }
    // What differs in length by more is out of question, and telling that is cheap.
    let is_near = |candidate: &&str| {
        candidate.len() <= 4 * LONGEST && {
            let other = candidate.chars().count();
            length.abs_diff(other) * 3 <= length.max(other)
        }
    };
    let name = name.to_lowercase();
    candidates
        .into_iter()
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
