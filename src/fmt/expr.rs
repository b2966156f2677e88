//! Values.

use super::Walker;
use super::doc::{Column, Doc, Hug, Stay};
use super::sequence::Brackets;
use crate::syntax::ast::{Argument, Arm, BinaryOperator, Dotted, Element, Expr, ExprKind, If, Pattern};

impl<'t> Walker<'t> {
    /// A value, in as many parentheses as it has.
    pub(super) fn expr(&mut self, expr: &Expr) -> Doc<'t> {
        // Comments are outside of the value's own groups, which need no line ends for the sake of comments above.
        let mut above = self.comments();
        let own_start = own_start(expr);
        let mut openings = Vec::new();
        while self.reader.ahead < own_start && self.reader.rest().starts_with('(') {
            openings.push((above, self.token("(")));
            above = self.comments();
        }
        let mut doc = super::with(above, self.bare(expr, openings.len()));
        while let Some((above, opening)) = openings.pop() {
            doc = super::with(above, self.close(opening, doc, ")"));
        }
        doc
    }

    /// Brackets around one value.
    pub(super) fn close(&mut self, opening: Doc<'t>, inner: Doc<'t>, closing: &'static str) -> Doc<'t> {
        let end = self.comments_at_end(false);
        let inner = Doc::all(vec![Doc::soft_line(), inner, end]).indent();
        Doc::all(vec![opening, inner, Doc::soft_line(), self.token(closing)]).group()
    }

    /// A value that stands in a number of parentheses, without them.
    fn bare(&mut self, expr: &Expr, parentheses: usize) -> Doc<'t> {
        match &expr.kind {
            ExprKind::Error
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Unit(_)
            | ExprKind::Name(_) => self.leaf(expr, parentheses),
            ExprKind::String(parts) => self.string(expr, parts, parentheses),
            ExprKind::Member { base, member, optional } => {
                let base = self.expr(base);
                let dot = self.token(if *optional { "?." } else { "." });
                Doc::all(vec![base, dot, self.name(member)])
            }
            ExprKind::Index { base, index } => {
                let base = self.expr(base);
                let opening = self.token("[");
                let index = self.expr(index);
                Doc::all(vec![base, self.close(opening, index, "]")])
            }
            ExprKind::Call { callee, arguments } => Doc::all(vec![self.callee(callee), self.arguments(arguments)]),
            ExprKind::Unary { operator: _, operand } => {
                let operator = if self.reader.rest().starts_with('!') { "!" } else { "-" };
                Doc::all(vec![self.token(operator), self.expr(operand)])
            }
            ExprKind::Binary { operator, operator_span: _, left: _, right: _ } => {
                self.chain(expr, operator.precedence())
            }
            ExprKind::If { condition, then, otherwise } => self.choice(condition, then, otherwise.as_deref()),
            ExprKind::Match { value, arms } => {
                let head = [self.token("match"), Doc::space(), self.head(value), Doc::space()];
                let arms = self.sequence(Brackets::BLOCK, arms, Walker::arm).group();
                Doc::all(head.into_iter().chain([arms]).collect())
            }
            ExprKind::List(elements) => self.list(elements),
            ExprKind::Block(block) => self.block(block).group(),
        }
    }

    /// A name, a number or a constant.
    fn leaf(&mut self, expr: &Expr, parentheses: usize) -> Doc<'t> {
        let comments = self.comments();
        let end = self.reader.inside(expr.span.end(), parentheses);
        super::with(comments, super::written(self.reader.take(end)))
    }

    /// A value behind a token after which lines may end: `=`, `=>`, `:`, `then`, `else`.
    pub(super) fn value(&mut self, expr: &Expr) -> Doc<'t> {
        let stay = match (self.has_comments(), self.in_parentheses(expr)) {
            (true, _) => Stay::Never,
            (false, true) => Stay::UnlessNextHoldsIt,
            (false, false) => self.stay(expr),
        };
        self.expr(expr).value(stay)
    }

    /// Whether a value begins on the line before it where that line cannot hold it.
    fn stay(&self, expr: &Expr) -> Stay {
        match &expr.kind {
            ExprKind::Block(_) | ExprKind::Match { value: _, arms: _ } => Stay::Always,
            ExprKind::List(elements) => match &elements[..] {
                [Element::For(_) | Element::If(_)] => Stay::UnlessNextHoldsIt,
                _ => Stay::Always,
            },
            ExprKind::String(_) if self.has_line_ends(expr) => Stay::Always,
            ExprKind::Call { callee: _, arguments } if !arguments.is_empty() => Stay::UnlessNextHoldsIt,
            ExprKind::Binary { operator: _, operator_span: _, left: _, right } if self.is_hugged(right) => {
                Stay::UnlessNextHoldsIt
            }
            ExprKind::Error
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Unit(_)
            | ExprKind::String(_)
            | ExprKind::Name(_)
            | ExprKind::Member { base: _, member: _, optional: _ }
            | ExprKind::Index { base: _, index: _ }
            | ExprKind::Call { callee: _, arguments: _ }
            | ExprKind::Unary { operator: _, operand: _ }
            | ExprKind::Binary { operator: _, operator_span: _, left: _, right: _ }
            | ExprKind::If { condition: _, then: _, otherwise: _ } => Stay::Never,
        }
    }

    /// Whether a value opens with what stands around it: `f(a, [`.
    fn is_hugged(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Block(_) | ExprKind::List(_) | ExprKind::Match { value: _, arms: _ } => {
                !self.in_parentheses(expr)
            }
            ExprKind::String(_) => self.has_line_ends(expr) && !self.in_parentheses(expr),
            ExprKind::Error
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Unit(_)
            | ExprKind::Name(_)
            | ExprKind::Member { base: _, member: _, optional: _ }
            | ExprKind::Index { base: _, index: _ }
            | ExprKind::Call { callee: _, arguments: _ }
            | ExprKind::Unary { operator: _, operand: _ }
            | ExprKind::Binary { operator: _, operator_span: _, left: _, right: _ }
            | ExprKind::If { condition: _, then: _, otherwise: _ } => false,
        }
    }

    fn has_line_ends(&self, expr: &Expr) -> bool {
        self.reader.slice(expr.span.start(), expr.span.end()).contains('\n')
    }

    fn in_parentheses(&self, expr: &Expr) -> bool {
        let text = self.reader.slice(expr.span.start(), expr.span.end());
        text.starts_with('(') && expr.span.start() < own_start(expr)
    }

    /// A value in a head, before which no line can end: its further lines are indented.
    pub(super) fn head(&mut self, expr: &Expr) -> Doc<'t> {
        let doc = self.expr(expr);
        let is_indented = if let ExprKind::Binary { operator: _, operator_span: _, left: _, right } = &expr.kind {
            !self.is_hugged(right)
        } else {
            matches!(expr.kind, ExprKind::If { condition: _, then: _, otherwise: _ })
        };
        if is_indented { doc.indent() } else { doc }
    }

    /// Operands with operators that bind alike. A line begins with `??`, `||` or `&&`, and ends with any other operator.
    fn chain(&mut self, expr: &Expr, precedence: u8) -> Doc<'t> {
        let mut links = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary { operator, operator_span, left, right } = &first.kind {
            if operator.precedence() != precedence || (!links.is_empty() && self.in_parentheses(first)) {
                break;
            }
            links.push((*operator, *operator_span, &**right));
            first = left;
        }
        let mut docs = vec![self.expr(first)];
        let mut hugged = None;
        while let Some((operator, span, right)) = links.pop() {
            let begins = match operator {
                BinaryOperator::Else | BinaryOperator::Or | BinaryOperator::And => true,
                BinaryOperator::Equal
                | BinaryOperator::NotEqual
                | BinaryOperator::Less
                | BinaryOperator::LessEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterEqual
                | BinaryOperator::In
                | BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Concat
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Remainder => false,
            };
            let (before, after) = if begins { (Doc::line(), Doc::space()) } else { (Doc::space(), Doc::line()) };
            docs.extend([before, self.place(span), after]);
            let is_last = links.is_empty();
            let operand = self.expr(right);
            if is_last && self.is_hugged(right) {
                hugged = Some(operand);
            } else {
                docs.push(operand);
            }
        }
        match hugged {
            Some(hugged) => Doc::hug(Hug { before: Doc::all(docs), hugged, after: Doc::nothing(), indented: false }),
            None => Doc::all(docs).group(),
        }
    }

    /// `if c then a else b`: on one line, or a line for each of the three. With `else if`, each branch may have a line.
    fn choice(&mut self, condition: &Expr, then: &Expr, otherwise: Option<&Expr>) -> Doc<'t> {
        let mut lines = Vec::new();
        let (mut condition, mut then, mut otherwise) = (condition, then, otherwise);
        loop {
            let head = [self.token("if"), Doc::space(), self.head(condition), Doc::line()];
            let branch = Doc::all(head.into_iter().chain([self.token("then"), self.value(then)]).collect());
            let Some(last) = otherwise else {
                lines.push(if lines.is_empty() { branch } else { branch.group() });
                return Doc::all(lines).group();
            };
            let other = [Doc::line(), self.token("else")];
            match &last.kind {
                ExprKind::If { condition: next, then: result, otherwise: rest }
                    if !self.reader.rest().starts_with('(') =>
                {
                    lines.push(branch.group());
                    lines.extend(other.into_iter().chain([Doc::space()]));
                    (condition, then, otherwise) = (next, result, rest.as_deref());
                }
                _ => {
                    lines.push(if lines.is_empty() { branch } else { branch.group() });
                    lines.extend(other.into_iter().chain([self.value(last)]));
                    return Doc::all(lines).group();
                }
            }
        }
    }

    /// A function's name; parentheses around it are allowed.
    fn callee(&mut self, callee: &Dotted) -> Doc<'t> {
        let Dotted { parts: _, span } = callee;
        let mut docs = Vec::new();
        while self.reader.ahead < span.end() {
            docs.push(match self.reader.rest().as_bytes() {
                [b'(', ..] => self.token("("),
                [b')', ..] => self.token(")"),
                [b'.', ..] => self.token("."),
                _ => self.word(),
            });
        }
        Doc::all(docs)
    }

    pub(super) fn arguments(&mut self, arguments: &[Argument]) -> Doc<'t> {
        let hugs = |this: &Self| {
            let mut hugged = arguments.iter().enumerate().filter(|(_, argument)| this.is_hugged(&argument.value));
            match (hugged.next(), hugged.next()) {
                (Some((index, _)), None) => Some(index),
                (None, _) => match arguments {
                    // A call alone in a call opens with it.
                    [Argument { name: _, value: Expr { kind: ExprKind::Call { callee: _, arguments }, span: _ } }] => {
                        (!arguments.is_empty()).then_some(0)
                    }
                    _ => None,
                },
                (Some(_), Some(_)) => None,
            }
        };
        let argument = |this: &mut Self, argument: &Argument| {
            let Argument { name, value } = argument;
            match name {
                Some(name) => Doc::all(vec![this.name(name), this.assigned(value)]),
                None => this.expr(value),
            }
        };
        self.sequence_with(Brackets::ARGUMENTS, arguments, hugs, argument).group()
    }

    fn list(&mut self, elements: &[Element]) -> Doc<'t> {
        let hugs = |this: &Self| match elements {
            [element] => this.ends_with_block(element).then_some(0),
            _ => None,
        };
        self.sequence_with(Brackets::LIST, elements, hugs, Walker::element).group()
    }

    fn ends_with_block(&self, element: &Element) -> bool {
        let mut element = element;
        loop {
            let inner = match element {
                Element::Value(value) => {
                    return matches!(value.kind, ExprKind::Block(_)) && !self.in_parentheses(value);
                }
                Element::Spread(_) => return false,
                Element::For(each) => &each.each,
                Element::If(branch) => &branch.then,
            };
            match inner.first() {
                Some(inner) => element = inner,
                None => return false,
            }
        }
    }

    fn element(&mut self, element: &Element) -> Doc<'t> {
        match element {
            Element::Value(value) => self.expr(value),
            Element::Spread(value) => Doc::all(vec![self.token("..."), self.head(value)]),
            Element::For(each) => {
                let head = self.for_head(each);
                Doc::all(vec![head, self.token(":"), self.inner_elements(&each.each)])
            }
            Element::If(branch) => {
                let If { condition, then, otherwise: _, span: _ } = &**branch;
                let head = [self.token("if"), Doc::space(), self.head(condition), self.token(":")];
                Doc::all(head.into_iter().chain([self.inner_elements(then)]).collect())
            }
        }
    }

    /// What stands behind the colon of an element: one element.
    fn inner_elements(&mut self, elements: &[Element]) -> Doc<'t> {
        Doc::all(elements.iter().map(|element| self.inner_element(element)).collect())
    }

    fn inner_element(&mut self, element: &Element) -> Doc<'t> {
        match element {
            Element::Value(value) => self.value(value),
            Element::Spread(_) | Element::For(_) | Element::If(_) => self.element(element).value(Stay::Never),
        }
    }

    fn arm(&mut self, arm: &Arm) -> Doc<'t> {
        let Arm { patterns, value, span: _ } = arm;
        let mut docs = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            if index > 0 {
                docs.extend([Doc::line(), self.token("|"), Doc::space()]);
            }
            docs.push(self.pattern(pattern));
        }
        let rest = Doc::all(vec![Doc::space(), self.token("=>"), self.value(value)]);
        Doc::cell(Doc::all(docs).indent().group(), Column::Arm, rest)
    }

    fn pattern(&mut self, pattern: &Pattern) -> Doc<'t> {
        match pattern {
            Pattern::Any(span) => self.place(*span),
            Pattern::Literal(value) => self.expr(value),
            Pattern::Type { name, ty, span: _ } => {
                Doc::all(vec![self.name(name), self.token(":"), Doc::space(), self.type_expr(ty)])
            }
        }
    }
}

/// Where a value begins without the parentheses around the whole of it. Those around its first part are not its own;
/// and what is one token, or begins with another bracket or a keyword, has no own part that begins with a parenthesis.
fn own_start(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Member { base: first, member: _, optional: _ }
        | ExprKind::Index { base: first, index: _ }
        | ExprKind::Binary { operator: _, operator_span: _, left: first, right: _ } => first.span.start(),
        ExprKind::Call { callee, arguments: _ } => callee.span.start(),
        ExprKind::Error
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Unit(_)
        | ExprKind::String(_)
        | ExprKind::Name(_)
        | ExprKind::Unary { operator: _, operand: _ }
        | ExprKind::If { condition: _, then: _, otherwise: _ }
        | ExprKind::Match { value: _, arms: _ }
        | ExprKind::List(_)
        | ExprKind::Block(_) => usize::MAX,
    }
}
