//! Which sets of environments get a directory for what they share.
//!
//! Objects that some environments have and others have not are written once, in a directory of exactly these. Changes
//! to what the base has are shared only where the sets lie within each other or apart, so that every environment builds
//! on one chain of directories.

use super::Group;
use std::collections::BTreeSet;

/// Bytes that a directory costs in files and lines of its own; sharing less is not worth one that nobody named.
const COST: usize = 600;

/// Environments of a unit, by position.
pub type Set = BTreeSet<usize>;

/// Environments that share a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// The directory's name.
    pub name: String,
    /// Who uses it: two or more, and not all.
    pub environments: Set,
    /// Whether the directory is a link of the chain from the base to these environments' overlays. Else it stands by
    /// itself, and holds nothing but objects.
    pub in_chain: bool,
}

/// Chooses the sets. `required` are sets that have objects of their own; `shared` are sets of environments that have
/// the same difference from the base, and how many bytes it is worth to say that once.
pub fn choose(environments: &[&str], groups: &[Group], required: &[Set], shared: &[(Set, usize)]) -> Vec<Sharing> {
    let is_some = |set: &Set| set.len() > 1 && set.len() < environments.len();
    let declared: Vec<(&str, Set)> = groups.iter().map(|group| (&*group.name, members(group, environments))).collect();
    let mut worth: Vec<(Set, usize)> = Vec::new();
    for (set, bytes) in shared.iter().filter(|(set, _)| is_some(set)) {
        match worth.iter_mut().find(|(known, _)| known == set) {
            Some((_, sum)) => *sum += bytes,
            None => worth.push((set.clone(), *bytes)),
        }
    }
    worth.retain(|(_, bytes)| *bytes > COST);
    // A stable sort: of sets that are worth the same the first found is the first.
    worth.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let candidates = declared.iter().map(|(_, set)| set).chain(worth.iter().map(|(set, _)| set)).chain(required);
    let mut chosen: Vec<Sharing> = Vec::new();
    for set in candidates.filter(|set| is_some(set)) {
        if chosen.iter().any(|sharing| sharing.environments == *set) {
            continue;
        }
        let fits = chosen.iter().filter(|known| known.in_chain).all(|known| {
            let known = &known.environments;
            known.is_subset(set) || set.is_subset(known) || known.is_disjoint(set)
        });
        if fits || required.contains(set) {
            let name = name(set, environments, &declared);
            chosen.push(Sharing { name, environments: set.clone(), in_chain: fits });
        }
    }
    // From the larger to the smaller, so that what changes a state comes after what makes it.
    chosen.sort_by_key(|sharing| std::cmp::Reverse(sharing.environments.len()));
    chosen
}

fn members(group: &Group, environments: &[&str]) -> Set {
    let position = |name: &String| environments.iter().position(|environment| environment == name);
    group.environments.iter().filter_map(position).collect()
}

/// The name that the program gives the set, else who is in it, or who is not where these are fewer.
fn name(set: &Set, environments: &[&str], declared: &[(&str, Set)]) -> String {
    if let Some((name, _)) = declared.iter().find(|(_, known)| known == set) {
        return (*name).to_owned();
    }
    let named = |is_in: bool| {
        let some = environments.iter().enumerate().filter(|(at, _)| set.contains(at) == is_in);
        some.map(|(_, name)| *name).collect::<Vec<_>>().join("-and-")
    };
    if set.len() * 2 > environments.len() { format!("all-but-{}", named(false)) } else { named(true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(groups: &[(&str, &[&str])], required: &[&[usize]], shared: &[(&[usize], usize)]) -> Vec<(String, bool)> {
        let groups: Vec<Group> = groups
            .iter()
            .map(|(name, members)| Group {
                name: (*name).to_owned(),
                environments: members.iter().map(|name| (*name).to_owned()).collect(),
            })
            .collect();
        let set = |members: &[usize]| members.iter().copied().collect::<Set>();
        let required: Vec<Set> = required.iter().map(|members| set(members)).collect();
        let shared: Vec<(Set, usize)> = shared.iter().map(|(members, bytes)| (set(members), *bytes)).collect();
        let chosen = choose(&["dev", "staging", "eu", "us"], &groups, &required, &shared);
        chosen.into_iter().map(|sharing| (sharing.name, sharing.in_chain)).collect()
    }

    fn named(names: &[(&str, bool)]) -> Vec<(String, bool)> {
        names.iter().map(|(name, in_chain)| ((*name).to_owned(), *in_chain)).collect()
    }

    #[test]
    fn groups_of_the_program_that_lie_within_each_other() {
        let groups: &[(&str, &[&str])] =
            &[("prod", &["eu", "us"]), ("cloud", &["staging", "eu", "us"]), ("early", &["dev", "staging"])];
        assert_eq!(chosen(groups, &[], &[]), named(&[("cloud", true), ("prod", true)]));
        assert_eq!(chosen(&[("all", &["dev", "staging", "eu", "us"]), ("one", &["eu", "elsewhere"])], &[], &[]), []);
    }

    #[test]
    fn objects_of_some_environments_need_a_place() {
        let groups: &[(&str, &[&str])] = &[("prod", &["eu", "us"])];
        assert_eq!(chosen(groups, &[&[0, 2], &[2, 3]], &[]), named(&[("prod", true), ("dev-and-eu", false)]));
    }

    #[test]
    fn what_nobody_named_must_be_worth_it() {
        assert_eq!(chosen(&[], &[], &[(&[2, 3], 300), (&[0, 1], 500)]), []);
        assert_eq!(
            chosen(&[], &[], &[(&[2, 3], 500), (&[0, 1], 700), (&[2, 3], 400), (&[1, 2], 650)]),
            named(&[("eu-and-us", true), ("dev-and-staging", true)])
        );
    }
}
