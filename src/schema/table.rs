//! Sorted text, one entry a line, that is searched without being read first.

/// The lines of an embedded text. Comments begin with `#`, which sorts before every entry.
#[derive(Debug)]
pub(super) struct Table {
    lines: Vec<&'static str>,
}

impl Table {
    /// A text whose lines are sorted by their bytes.
    pub(super) fn new(text: &'static str) -> Table {
        Table { lines: text.lines().collect() }
    }

    /// How many lines.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line that begins with these words: where it stands, and what follows the words and a space.
    pub(super) fn find(&self, words: &[&str]) -> Option<(usize, &'static str)> {
        // A space sorts before all that words consist of, so that the wanted line is the first with this prefix.
        let prefix = words.join(" ");
        let at = self.lines.partition_point(|line| *line < prefix.as_str());
        let rest = self.lines.get(at)?.strip_prefix(prefix.as_str())?;
        if rest.is_empty() { Some((at, rest)) } else { Some((at, rest.strip_prefix(' ')?)) }
    }

    /// The last of these words as the text itself holds it, where a line begins with them.
    pub(super) fn find_word(&self, words: &[&str]) -> Option<&'static str> {
        let (at, _) = self.find(words)?;
        self.lines[at].split(' ').nth(words.len().checked_sub(1)?)
    }

    /// The lines that begin with a word and a space.
    pub(super) fn section(&self, word: &str) -> Section<'_> {
        let prefix = format!("{word} ");
        let from = self.lines.partition_point(|line| *line < prefix.as_str());
        let count = self.lines[from..].iter().take_while(|line| line.starts_with(&prefix)).count();
        Section { lines: &self.lines[from..from + count], first_word: prefix.len() }
    }

    /// What follows a prefix, for every line that has it.
    pub(super) fn starting_with(&self, prefix: &str) -> impl Iterator<Item = &'static str> + use<'_> {
        let from = self.lines.partition_point(|line| *line < prefix);
        let prefix = prefix.to_string();
        self.lines[from..].iter().map_while(move |line| line.strip_prefix(prefix.as_str()))
    }
}

/// Lines of a table that begin with the same word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section<'a> {
    lines: &'a [&'static str],
    /// How many bytes that word and the space after it have.
    first_word: usize,
}

impl Section<'_> {
    /// What follows the second word and a space, in the line that has this second word.
    pub(super) fn find(&self, word: &str) -> Option<&'static str> {
        self.lines.iter().find_map(|line| {
            let rest = line.get(self.first_word..)?.strip_prefix(word)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
        })
    }
}
