//! Texts below each other in columns.

/// The longest row that is aligned; what is wider is nothing to look at.
const MOST_COLUMNS: usize = 50;

/// Rows with their cells below each other, two spaces apart. A word that begins with a digit stands at the right of its column,
/// all else at the left. No line ends with a space, and the last has no line end.
#[must_use]
pub fn aligned(rows: &[Vec<&str>]) -> String {
    let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or(0).min(MOST_COLUMNS)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &Vec<&str>| {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let width = widths.get(at).copied().unwrap_or(0);
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            let number = cell.starts_with(|letter: char| letter.is_ascii_digit()) && !cell.contains(' ');
            let (before, after) = if number { (&*space, "") } else { ("", &*space) };
            line.extend([if at == 0 { "" } else { "  " }, before, cell, after]);
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn numbers_stand_at_the_right_and_texts_at_the_left() {
        let rows = [vec!["part", "size", "from"], vec!["heap", "9Mi", "rest"], vec!["network", "128Mi", ""]];
        assert_eq!(aligned(&rows), "part     size   from\nheap       9Mi  rest\nnetwork  128Mi");
    }

    #[test]
    fn rows_may_be_empty_or_of_any_length() {
        assert_eq!(aligned(&[]), "");
        assert_eq!(aligned(&[vec![], vec!["ä", "b"], vec!["c"]]), "\nä  b\nc");
    }
}
