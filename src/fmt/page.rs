//! From texts with possible line ends to lines.

use super::doc::{Column, Doc, Hug, Kind, Reach, Stay};

/// Characters that a line may have.
pub(super) const WIDTH: usize = 100;

/// Spaces by which lines in brackets are indented.
pub(super) const INDENTATION: usize = 2;

/// A line of the result.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Spaces before the text.
    pub(super) indentation: usize,
    /// Without indentation and without a comment behind it.
    pub(super) text: String,
    /// Characters of the key, where what follows the key is aligned with that of neighbours.
    pub(super) key: Option<(usize, Column)>,
    /// `// …` behind the text.
    pub(super) comment: Option<String>,
    /// Whether an empty line stands above.
    pub(super) after_empty: bool,
}

/// Whether line ends are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

/// What stands between the last text and the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Nothing,
    Space,
    LineEnd,
    EmptyLine,
}

/// What is still to be done.
enum Task<'d, 't> {
    Print(usize, Mode, &'d Doc<'t>),
    /// A key ends here.
    Key(Column),
    /// What stands behind a key ends here; the key ended on the line of that number, after so many characters.
    EndOfCell(usize, usize, Column),
}

/// The lines of a text.
pub(super) fn lines(doc: &Doc) -> Vec<Line> {
    let mut page = Page { lines: Vec::new(), gap: Gap::LineEnd, indentation: 0, column: 0 };
    let mut tasks = vec![Task::Print(0, Mode::Broken, doc)];
    while let Some(task) = tasks.pop() {
        match task {
            Task::Print(indentation, Mode::Flat, doc) => page.flat(indentation, doc, &mut tasks),
            Task::Print(indentation, Mode::Broken, doc) => page.broken(indentation, doc, &mut tasks),
            Task::Key(column) => {
                if let Some(line) = page.lines.last() {
                    let cell = Task::EndOfCell(page.lines.len(), line.text.chars().count(), column);
                    // Below what stands behind the key, which is the next task.
                    let at = tasks.len().saturating_sub(1);
                    tasks.insert(at, cell);
                }
            }
            Task::EndOfCell(count, key, column) => {
                if let (true, Some(line)) = (page.lines.len() == count, page.lines.last_mut()) {
                    line.key = Some((key, column));
                }
            }
        }
    }
    page.lines
}

/// The lines so far, and what stands before the next text.
struct Page {
    lines: Vec<Line>,
    gap: Gap,
    // Of the next line, where the gap is a line end.
    indentation: usize,
    // Characters on the last line.
    column: usize,
}

impl Page {
    /// Where the next text would begin.
    fn column(&self) -> usize {
        match self.gap {
            Gap::Nothing => self.column,
            Gap::Space => self.column + 1,
            Gap::LineEnd | Gap::EmptyLine => self.indentation,
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.column = self.column();
        match std::mem::replace(&mut self.gap, Gap::Nothing) {
            Gap::Nothing => {}
            Gap::Space => self.push(" "),
            gap @ (Gap::LineEnd | Gap::EmptyLine) => {
                let after_empty = gap == Gap::EmptyLine && !self.lines.is_empty();
                self.lines.push(Line { indentation: self.indentation, after_empty, ..Line::default() });
            }
        }
        self.push(text);
        self.column += text.chars().count();
    }

    /// Text of which a space is one only between two others.
    fn choice(&mut self, text: &str) {
        if text == " " {
            self.gap = self.gap.max(Gap::Space);
        } else {
            self.text(text);
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(text);
        }
    }

    fn line_end(&mut self, gap: Gap, indentation: usize) {
        self.gap = self.gap.max(gap);
        self.indentation = indentation;
    }

    /// A comment behind the last line, or below it where it has one.
    fn trailing(&mut self, indentation: usize, comment: &str) {
        match self.lines.last_mut() {
            Some(line) if line.comment.is_none() => line.comment = Some(comment.to_owned()),
            Some(_) | None => {
                self.line_end(Gap::LineEnd, indentation);
                self.text(comment);
            }
        }
        self.line_end(Gap::LineEnd, indentation);
    }

    /// Lines with line ends of their own.
    fn raw<'l>(&mut self, lines: impl Iterator<Item = &'l str>, indentation: usize) {
        for (index, line) in lines.enumerate() {
            if index == 0 {
                self.text(line);
                continue;
            }
            // An empty line of a text has no indentation.
            let indentation = if line.is_empty() { 0 } else { indentation };
            self.lines.push(Line { indentation, text: line.to_owned(), ..Line::default() });
            self.column = indentation + line.chars().count();
        }
    }

    fn flat<'d, 't>(&mut self, indentation: usize, doc: &'d Doc<'t>, tasks: &mut Vec<Task<'d, 't>>) {
        let flat = |doc| Task::Print(indentation, Mode::Flat, doc);
        match &doc.kind {
            Kind::Text(text) => self.text(text),
            Kind::Choice { broken: _, flat } => self.choice(flat),
            Kind::Break(text) => self.choice(text),
            Kind::Space => self.gap = self.gap.max(Gap::Space),
            Kind::EmptyLine => {}
            Kind::All(docs) => tasks.extend(docs.iter().rev().map(flat)),
            Kind::Indent(doc) | Kind::Group(doc) | Kind::Rigid(doc) => tasks.push(flat(doc)),
            Kind::Hug(hug) => tasks.extend([&hug.after, &hug.hugged, &hug.before].map(flat)),
            Kind::Value(value, _) => {
                self.gap = self.gap.max(Gap::Space);
                tasks.push(flat(value));
            }
            Kind::Cell(parts, _) => tasks.extend(parts.iter().rev().map(flat)),
            // These have no width, so nothing that holds them is printed on one line.
            Kind::LineEnd | Kind::Trailing(_) | Kind::TextBlock(_) | Kind::Verbatim(_) => {
                tasks.push(Task::Print(indentation, Mode::Broken, doc));
            }
        }
    }

    fn broken<'d, 't>(&mut self, indentation: usize, doc: &'d Doc<'t>, tasks: &mut Vec<Task<'d, 't>>) {
        let broken = |doc| Task::Print(indentation, Mode::Broken, doc);
        match &doc.kind {
            Kind::Text(text) => self.text(text),
            Kind::Choice { broken, flat: _ } => self.choice(broken),
            Kind::Space => self.gap = self.gap.max(Gap::Space),
            Kind::Break(_) | Kind::LineEnd => self.line_end(Gap::LineEnd, indentation),
            Kind::EmptyLine => self.line_end(Gap::EmptyLine, indentation),
            Kind::Trailing(comment) => self.trailing(indentation, comment),
            Kind::TextBlock(lines) => self.raw(lines.iter().copied(), indentation + INDENTATION),
            Kind::Verbatim(text) => self.raw(text.split('\n'), 0),
            Kind::All(docs) => tasks.extend(docs.iter().rev().map(broken)),
            Kind::Indent(doc) => tasks.push(Task::Print(indentation + INDENTATION, Mode::Broken, doc)),
            Kind::Group(doc_in_group) | Kind::Rigid(doc_in_group) => {
                let mode = if fits(doc, self.column(), tasks) { Mode::Flat } else { Mode::Broken };
                tasks.push(Task::Print(indentation, mode, doc_in_group));
            }
            Kind::Hug(hug) => self.hug(indentation, doc, hug, tasks),
            Kind::Value(value, stay) => self.value(indentation, value, *stay, tasks),
            Kind::Cell(parts, column) => {
                let [key, rest] = &**parts;
                tasks.extend([broken(rest), Task::Key(*column), broken(key)]);
            }
        }
    }

    fn hug<'d, 't>(&mut self, indentation: usize, doc: &'d Doc<'t>, hug: &'d Hug<'t>, tasks: &mut Vec<Task<'d, 't>>) {
        let Hug { before, hugged, after, indented } = hug;
        let print = |mode, doc| Task::Print(indentation, mode, doc);
        if fits(doc, self.column(), tasks) {
            tasks.extend([after, hugged, before].map(|doc| print(Mode::Flat, doc)));
            return;
        }
        let opens = before.width.is_some_and(|before| self.column() + before + hugged.reach().width <= WIDTH);
        let closes = after.width.is_some_and(|after| indentation + 1 + after + behind(tasks).width <= WIDTH);
        if opens && closes {
            tasks.extend([print(Mode::Flat, after), print(Mode::Broken, hugged), print(Mode::Flat, before)]);
        } else {
            let inner = indentation + if *indented { INDENTATION } else { 0 };
            let hugged = Task::Print(inner, Mode::Broken, hugged);
            tasks.extend([print(Mode::Broken, after), hugged, print(Mode::Broken, before)]);
        }
    }

    fn value<'d, 't>(&mut self, indentation: usize, value: &'d Doc<'t>, stay: Stay, tasks: &mut Vec<Task<'d, 't>>) {
        let inner = indentation + INDENTATION;
        let here = self.column() + 1;
        if fits(value, here, tasks) {
            self.gap = self.gap.max(Gap::Space);
            tasks.push(Task::Print(indentation, Mode::Flat, value));
            return;
        }
        let next = || fits(value, inner, tasks);
        let stays = match stay {
            Stay::Always => true,
            Stay::UnlessNextHoldsIt => !next() && here + value.reach().width <= WIDTH,
            Stay::Never => false,
        };
        if stays {
            self.gap = self.gap.max(Gap::Space);
            tasks.push(Task::Print(indentation, Mode::Broken, value));
        } else {
            self.line_end(Gap::LineEnd, inner);
            // A group of its own: on the next line it may fit.
            let mode = if next() { Mode::Flat } else { Mode::Broken };
            tasks.push(Task::Print(inner, mode, value));
        }
    }
}

/// Whether a text fits on the line from a column on, with what cannot be parted from it.
fn fits(doc: &Doc, column: usize, tasks: &[Task]) -> bool {
    doc.width.is_some_and(|width| column + width <= WIDTH && column + width + behind(tasks).width <= WIDTH)
}

/// What follows on the same line at least.
fn behind(tasks: &[Task]) -> Reach {
    let mut reach = Reach { width: 0, ends: false };
    for task in tasks.iter().rev() {
        let Task::Print(_, mode, doc) = task else { continue };
        reach = reach.then(|| match (mode, doc.width) {
            (Mode::Flat, Some(width)) => Reach { width, ends: false },
            (Mode::Flat, None) | (Mode::Broken, _) => doc.reach(),
        });
        if reach.ends || reach.width > WIDTH {
            break;
        }
    }
    reach
}
