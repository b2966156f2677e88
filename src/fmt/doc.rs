//! Texts that may be laid out in more than one way.
//!
//! After Wadler, "A prettier printer", with three additions: places after which a value may go to a line of its own
//! ([`Doc::value`]), brackets that open together with what they hold ([`Doc::hug`]), and columns ([`Doc::cell`]).

/// A text and its possible line ends.
#[derive(Debug)]
pub(super) struct Doc<'t> {
    pub(super) kind: Kind<'t>,
    /// Characters on one line; none where it cannot be on one.
    pub(super) width: Option<usize>,
}

/// The forms of texts.
#[derive(Debug)]
pub(super) enum Kind<'t> {
    /// Text without line ends.
    Text(&'t str),
    /// A space, unless a line ends there.
    Space,
    /// A line end, or this on one line: a space or nothing.
    Break(&'static str),
    /// A line end. Several of them in a row are one.
    LineEnd,
    /// A line end with an empty line behind it; nothing on one line.
    EmptyLine,
    /// A comment behind what stands on the line. A line end follows.
    Trailing(&'t str),
    /// A block of text between quotes: its lines, of which the first goes on where it is and all others are indented.
    TextBlock(Vec<&'t str>),
    /// Text with line ends that must stay as it is.
    Verbatim(&'t str),
    /// One text where the text around it has line ends, another where it has none.
    Choice {
        /// With line ends.
        broken: &'static str,
        /// On one line.
        flat: &'static str,
    },
    /// One after the other.
    All(Vec<Doc<'t>>),
    /// Its lines are indented.
    Indent(Box<Doc<'t>>),
    /// All on one line if it fits there, else with all its own line ends.
    Group(Box<Doc<'t>>),
    /// On one line but for what is hugged: `f(a, [`, lines, `])`.
    Hug(Box<Hug<'t>>),
    /// Behind a token after which lines may end.
    Value(Box<Doc<'t>>, Stay),
    /// A group that what stands before it must leave room for.
    Rigid(Box<Doc<'t>>),
    /// A key and what stands behind it, which is aligned with that of its neighbours.
    Cell(Box<[Doc<'t>; 2]>, Column),
}

/// What begins behind a key. Only like is aligned with like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// `= value`
    Value,
    /// `{ … }`
    Block,
    /// `=> value`
    Arm,
    /// `: cost`
    Cost,
}

/// What is hugged, and what stands around it.
#[derive(Debug)]
pub(super) struct Hug<'t> {
    pub(super) before: Doc<'t>,
    pub(super) hugged: Doc<'t>,
    pub(super) after: Doc<'t>,
    /// Whether it is indented where it is not hugged.
    pub(super) indented: bool,
}

/// Whether a value begins on the line of the `=` before it, where the line cannot hold all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// It begins there: it has an opening bracket or quotes.
    Always,
    /// It goes to the next line if it fits there as a whole.
    UnlessNextHoldsIt,
    /// It goes to the next line.
    Never,
}

impl<'t> Doc<'t> {
    /// Nothing.
    pub(super) fn nothing() -> Doc<'t> {
        Doc::all(Vec::new())
    }

    /// Text without line ends.
    pub(super) fn text(text: &'t str) -> Doc<'t> {
        Doc { width: Some(text.chars().count()), kind: Kind::Text(text) }
    }

    /// A space, unless a line ends there.
    pub(super) fn space() -> Doc<'t> {
        Doc { kind: Kind::Space, width: Some(1) }
    }

    /// A line end, or a space.
    pub(super) fn line() -> Doc<'t> {
        Doc { kind: Kind::Break(" "), width: Some(1) }
    }

    /// A line end, or nothing.
    pub(super) fn soft_line() -> Doc<'t> {
        Doc { kind: Kind::Break(""), width: Some(0) }
    }

    /// A line end.
    pub(super) fn line_end() -> Doc<'t> {
        Doc { kind: Kind::LineEnd, width: None }
    }

    /// An empty line.
    pub(super) fn empty_line() -> Doc<'t> {
        Doc { kind: Kind::EmptyLine, width: Some(0) }
    }

    /// A comment at the end of the line.
    pub(super) fn trailing(comment: &'t str) -> Doc<'t> {
        Doc { kind: Kind::Trailing(comment), width: None }
    }

    /// The lines of a text in quotes.
    pub(super) fn text_block(lines: Vec<&'t str>) -> Doc<'t> {
        Doc { kind: Kind::TextBlock(lines), width: None }
    }

    /// Text with line ends that stays as it is.
    pub(super) fn verbatim(text: &'t str) -> Doc<'t> {
        Doc { kind: Kind::Verbatim(text), width: None }
    }

    /// What depends on the line ends around it.
    pub(super) fn choice(broken: &'static str, flat: &'static str) -> Doc<'t> {
        Doc { kind: Kind::Choice { broken, flat }, width: Some(flat.len()) }
    }

    /// One after the other.
    pub(super) fn all(docs: Vec<Doc<'t>>) -> Doc<'t> {
        Doc { width: docs.iter().map(|doc| doc.width).sum(), kind: Kind::All(docs) }
    }

    /// With its lines indented.
    pub(super) fn indent(self) -> Doc<'t> {
        Doc { width: self.width, kind: Kind::Indent(Box::new(self)) }
    }

    /// On one line if it fits there.
    pub(super) fn group(self) -> Doc<'t> {
        Doc { width: self.width, kind: Kind::Group(Box::new(self)) }
    }

    /// A group that goes over several lines only after all that stands before it on its line does.
    pub(super) fn rigid(self) -> Doc<'t> {
        Doc { width: self.width, kind: Kind::Rigid(Box::new(self)) }
    }

    /// A group, with line ends whether it would fit or not.
    pub(super) fn broken(self) -> Doc<'t> {
        Doc { width: None, kind: Kind::Group(Box::new(self)) }
    }

    /// On one line but for what is hugged.
    pub(super) fn hug(hug: Hug<'t>) -> Doc<'t> {
        let width = [hug.before.width, hug.hugged.width, hug.after.width].into_iter().sum();
        Doc { width, kind: Kind::Hug(Box::new(hug)) }
    }

    /// A value behind a token after which lines may end.
    pub(super) fn value(self, stay: Stay) -> Doc<'t> {
        Doc { width: self.width.map(|width| width + 1), kind: Kind::Value(Box::new(self), stay) }
    }

    /// A key and what stands behind it.
    pub(super) fn cell(key: Doc<'t>, column: Column, rest: Doc<'t>) -> Doc<'t> {
        let width = key.width.zip(rest.width).map(|(key, rest)| key + rest);
        Doc { width, kind: Kind::Cell(Box::new([key, rest]), column) }
    }

    /// How far the first line reaches if it ends as soon as it can, and whether it can end here.
    pub(super) fn reach(&self) -> Reach {
        match &self.kind {
            Kind::Text(_) | Kind::Space => Reach::open(self.width.unwrap_or_default()),
            Kind::Choice { broken, flat: _ } => Reach::open(broken.len()),
            Kind::EmptyLine | Kind::Break(_) | Kind::LineEnd | Kind::Trailing(_) => Reach { width: 0, ends: true },
            Kind::TextBlock(lines) => Reach { width: first_line(lines), ends: true },
            Kind::Verbatim(text) => {
                Reach { width: text.lines().next().map_or(0, |line| line.chars().count()), ends: true }
            }
            Kind::All(docs) => Reach::of(docs),
            Kind::Indent(doc) | Kind::Group(doc) => doc.reach(),
            Kind::Hug(hug) => Reach::of([&hug.before, &hug.hugged, &hug.after]),
            Kind::Value(value, Stay::Always) => Reach::open(1).then(|| value.reach()),
            Kind::Value(_, Stay::UnlessNextHoldsIt | Stay::Never) => Reach { width: 0, ends: true },
            Kind::Rigid(doc) => self.width.map_or_else(|| doc.reach(), Reach::open),
            Kind::Cell(parts, _) => Reach::of(parts.iter()),
        }
    }
}

fn first_line(lines: &[&str]) -> usize {
    lines.first().map_or(0, |line| line.chars().count())
}

/// How far a text reaches before its first possible line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// Characters.
    pub(super) width: usize,
    /// Whether there is such a line end.
    pub(super) ends: bool,
}

impl Reach {
    fn open(width: usize) -> Reach {
        Reach { width, ends: false }
    }

    /// What follows, unless the line ended before.
    pub(super) fn then(self, next: impl FnOnce() -> Reach) -> Reach {
        if self.ends {
            return self;
        }
        let next = next();
        Reach { width: self.width + next.width, ends: next.ends }
    }

    fn of<'d, 't: 'd>(docs: impl IntoIterator<Item = &'d Doc<'t>>) -> Reach {
        let mut reach = Reach::open(0);
        for doc in docs {
            reach = reach.then(|| doc.reach());
            if reach.ends {
                break;
            }
        }
        reach
    }
}
