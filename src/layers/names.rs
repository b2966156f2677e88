//! Names of files and directories.

use std::collections::HashMap;

/// Longest name before a suffix; file systems allow 255 bytes.
const LONGEST: usize = 200;

/// A name that is a file's name everywhere: letters, digits, `.`, `_` and `-`.
pub fn file_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .take(LONGEST)
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' })
        .collect();
    if safe.is_empty() || safe.starts_with('.') { format!("_{safe}") } else { safe }
}

/// The directory of a unit. `overlays` at the top is taken by the overlays that gather the units.
pub fn unit_directory(unit: &str) -> String {
    let name = file_name(unit);
    if name.eq_ignore_ascii_case("overlays") { format!("{name}-unit") } else { name }
}

/// Hands out names that differ in more than case wherever two of them meet in one environment.
#[derive(Debug, Default)]
pub struct Names {
    /// Lower-case name → the environments in which it is taken.
    taken: HashMap<String, Vec<bool>>,
    /// Lower-case wish → the number that the last one got who could have none of its wishes.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// Names that are taken in every environment from the start.
    pub fn reserving(names: &[&str], environments: usize) -> Names {
        let taken = names.iter().map(|name| (name.to_ascii_lowercase(), vec![true; environments])).collect();
        Names { taken, numbers: HashMap::new() }
    }

    /// The first of the wishes that is free in these environments, else the last with a number; `extension` behind.
    pub fn assign(&mut self, wishes: &[String], extension: &str, environments: &[bool]) -> String {
        let last = wishes.last().map_or("", String::as_str);
        let mut wished = wishes.iter().map(|wish| format!("{wish}{extension}"));
        let name = wished.find(|wish| self.is_free(wish, environments)).unwrap_or_else(|| {
            // What was taken once is not free later, so that the search goes on where it ended.
            let common = format!("{last}{extension}").to_ascii_lowercase();
            let from = self.numbers.get(&common).copied().unwrap_or(2);
            let name_of = |number: usize| format!("{last}-{number}{extension}");
            let number = (from..).find(|number| self.is_free(&name_of(*number), environments));
            let number = number.expect("numbers do not run out");
            if environments.iter().all(|wanted| *wanted) {
                self.numbers.insert(common, number);
            }
            name_of(number)
        });
        let taken = self.taken.entry(name.to_ascii_lowercase()).or_insert_with(|| vec![false; environments.len()]);
        taken.iter_mut().zip(environments).for_each(|(taken, wanted)| *taken |= *wanted);
        name
    }

    fn is_free(&self, wish: &str, environments: &[bool]) -> bool {
        self.taken
            .get(&wish.to_ascii_lowercase())
            .is_none_or(|taken| !taken.iter().zip(environments).any(|(taken, wanted)| *taken && *wanted))
    }
}
