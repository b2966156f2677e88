//! Names of files and directories.

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
    /// Lower-case name, and the environments in which it is taken.
    taken: Vec<(String, Vec<bool>)>,
}

impl Names {
    /// Names that are taken in every environment from the start.
    pub fn reserving(names: &[&str], environments: usize) -> Names {
        Names { taken: names.iter().map(|name| ((*name).to_owned(), vec![true; environments])).collect() }
    }

    /// The first of the wishes that is free in these environments, else the last with a number; `extension` behind.
    pub fn assign(&mut self, wishes: &[String], extension: &str, environments: &[bool]) -> String {
        let last = wishes.last().map_or("", String::as_str);
        let numbered = (2..).map(|number: usize| format!("{last}-{number}{extension}"));
        let wished = wishes.iter().map(|wish| format!("{wish}{extension}"));
        let free = wished.chain(numbered).find(|wish| self.is_free(wish, environments));
        let name = free.expect("numbers do not run out");
        self.taken.push((name.to_ascii_lowercase(), environments.to_vec()));
        name
    }

    fn is_free(&self, wish: &str, environments: &[bool]) -> bool {
        !self.taken.iter().any(|(name, taken)| {
            name.eq_ignore_ascii_case(wish) && taken.iter().zip(environments).any(|(taken, wanted)| *taken && *wanted)
        })
    }
}
