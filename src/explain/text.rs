//! Explanations for people: the value first, then who set it, then what that was computed from.

use super::{Explanation, Location, Page, Setting, Source, Values};
use std::fmt::Write as _;

/// A value is cut, and a column is not made wider for one long text.
const WIDEST: usize = 40;
/// Of many sources the first are named where there is one line for all.
const NAMED: usize = 4;
/// Narrower than this the lines of the source are left out.
const LEAST_EXCERPT: usize = 16;

/// The whole text, ended by a line end.
pub(super) fn values(values: &Values, page: Page) -> String {
    let mut out = String::new();
    match values.values.as_slice() {
        [only] if values.path.is_some() => one(&mut out, values, only, page),
        several => {
            writeln!(out, "{} {}", values.environment, values.object).expect("a string takes any text");
            many(&mut out, several, page);
        }
    }
    if !values.made_by.is_empty() {
        out.push_str("\nmade by\n");
        let rows: Vec<Row> = values
            .made_by
            .iter()
            .map(|maker| Row { indent: 2, cells: vec![maker.what.clone(), at(&maker.place)], rest: String::new() })
            .collect();
        table(&mut out, &rows, page);
    }
    out
}

/// A line of a table: cells that are aligned with those above, and a text that takes what room is left.
struct Row {
    indent: usize,
    cells: Vec<String>,
    rest: String,
}

fn one(out: &mut String, values: &Values, explanation: &Explanation, page: Page) {
    let Explanation { path, value, settings, notes } = explanation;
    let value = full(value);
    writeln!(out, "{} {} {path} ={value}", values.environment, values.object).expect("a string takes any text");
    let mut rows = Vec::new();
    layers(&mut rows, "", settings, 2);
    table(out, &rows, page);
    for note in notes {
        writeln!(out, "note: {note}").expect("a string takes any text");
    }
}

/// One line a value: where it was set last, or where the only thing was set that it was computed from. That is where
/// one would change it.
fn many(out: &mut String, explanations: &[Explanation], page: Page) {
    let rows = explanations.iter().map(|explanation| {
        let (setting, path) = decisive(&explanation.settings);
        let from = match (path, setting) {
            (Some(path), _) => format!(": {path}"),
            (None, Some(setting)) if !setting.from.is_empty() => {
                let mut from: Vec<&str> = setting.from.iter().map(|source| source.path.as_str()).collect();
                if from.len() > NAMED {
                    from.truncate(NAMED - 1);
                    from.push("…");
                }
                format!(" from {}", from.join(", "))
            }
            (None, _) => String::new(),
        };
        let place = setting.and_then(|setting| setting.place.as_ref()).map(at).unwrap_or_default();
        let layer = setting.map(|setting| setting.layer.as_str()).unwrap_or_default();
        let value = format!("{} = {}", explanation.path, on_one_line(&explanation.value));
        Row { indent: 2, cells: vec![place, value], rest: format!("({layer}{from})") }
    });
    table(out, &rows.collect::<Vec<_>>(), page);
}

/// The setting that a value comes from in the end, as long as it is computed from one thing only, and what that is
/// called where it is read first.
fn decisive(settings: &[Setting]) -> (Option<&Setting>, Option<&str>) {
    let mut setting = settings.first();
    let mut path = None;
    while let Some([source]) = setting.map(|setting| setting.from.as_slice())
        && let Some(next) = source.settings.first()
    {
        path = path.or(Some(source.path.as_str()));
        setting = Some(next);
    }
    (setting, path)
}

/// The settings of a value, the winner's line beginning with `label`, each followed by what it was computed from.
fn layers(rows: &mut Vec<Row>, label: &str, settings: &[Setting], indent: usize) {
    for setting in settings {
        let Setting { layer, value, place, overridden, from: _, only_where: _ } = setting;
        let excerpt = place.as_ref().map(|place| place.shown.as_str()).unwrap_or_default();
        let rest = if *overridden { format!("(overridden) {excerpt}") } else { excerpt.to_owned() };
        let value = value.clone().map(|value| cut(&value, WIDEST));
        let (indent, cell) = match (*overridden, label.is_empty(), value) {
            (false, false, Some(value)) => (indent, format!("{label} = {value}")),
            (false, false, None) => (indent, label.to_owned()),
            (true, false, value) => (indent + 2, value.unwrap_or_default()),
            (_, true, value) => (indent, value.unwrap_or_default()),
        };
        let place = place.as_ref().map(at).unwrap_or_default();
        rows.push(Row { indent, cells: vec![cell, layer.clone(), place], rest: rest.trim_end().to_owned() });
    }
    for setting in settings {
        sources(rows, "from", &setting.from, indent + 2);
        sources(rows, "only where", &setting.only_where, indent + 2);
    }
}

fn sources(rows: &mut Vec<Row>, word: &str, sources: &[Source], indent: usize) {
    for Source { path, value: _, settings } in sources {
        let label = format!("{word} {path}");
        if settings.is_empty() {
            rows.push(Row { indent, cells: vec![label.clone(), "(not set)".to_owned()], rest: String::new() });
        }
        layers(rows, &label, settings, indent);
    }
}

/// Writes rows with their cells aligned.
fn table(out: &mut String, rows: &[Row], page: Page) {
    let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in rows {
        for (at, cell) in row.cells.iter().enumerate() {
            let own = cell.chars().count() + if at == 0 { row.indent } else { 0 };
            if own <= 2 * WIDEST {
                widths[at] = widths[at].max(own);
            }
        }
    }
    for row in rows {
        let mut line = " ".repeat(row.indent);
        for (at, cell) in row.cells.iter().enumerate() {
            line.push_str(cell);
            let width = widths[at] + widths[..at].iter().map(|width| width + 2).sum::<usize>();
            let missing = width.saturating_sub(line.chars().count());
            line.push_str(&" ".repeat(missing + 2));
        }
        let room = page.width.saturating_sub(line.chars().count());
        // What stands in parentheses is no excerpt, and says what nothing else does.
        if row.rest.starts_with('(') || room >= LEAST_EXCERPT {
            let words = match row.rest.starts_with('(') {
                true => row.rest.split_inclusive(')').next().unwrap_or_default().chars().count(),
                false => 0,
            };
            line.push_str(&cut(&row.rest, room.max(words)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn at(place: &Location) -> String {
    format!("{}:{}:{}", place.file, place.line, place.column)
}

/// A value in full: texts of several lines as they are, indented.
fn full(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) if text.contains('\n') => {
            let lines: Vec<String> = text.trim_end_matches('\n').lines().map(|line| format!("    {line}")).collect();
            format!("\n{}\n", lines.join("\n"))
        }
        other => format!(" {other}"),
    }
}

fn on_one_line(value: &serde_json::Value) -> String {
    const LONGEST: usize = 48;
    match value {
        serde_json::Value::String(text) if text.contains('\n') => format!("({} lines)", text.lines().count()),
        other => cut(&other.to_string(), LONGEST),
    }
}
