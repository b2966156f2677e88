//! Text to syntax tree, comments and diagnostics. The only user of pest.

pub mod ast;
mod build;
mod grammar;
mod patch;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use build::Builder;
use grammar::{Grammar, Pair, Rule};
use patch::Patches;
use pest::Parser;

/// Parses a file. Always gives a tree; what is wrong is reported and missing from it.
pub fn parse(id: FileId, text: &str, sink: &mut Diagnostics) -> ast::File {
    let items = run(Rule::file, id, text, sink, |builder, file| builder.items(file));
    build::file(id, None, items.unwrap_or_default(), Vec::new())
}

/// Parses a text that is one value, such as that of a param on the command line.
pub fn parse_expression(id: FileId, text: &str, sink: &mut Diagnostics) -> ast::Expr {
    let value = run(Rule::expression, id, text, sink, |builder, pair| {
        builder.expr(grammar::Parts::of(pair).must())
    });
    value.unwrap_or(ast::Expr { kind: ast::ExprKind::Error, span: Span::new(id, 0, text.len()) })
}

fn run<T>(
    rule: Rule,
    id: FileId,
    text: &str,
    sink: &mut Diagnostics,
    build: impl FnOnce(&mut Builder, Pair) -> T,
) -> Option<T> {
    let patches = Patches::default();
    let mut builder = Builder::new(id, 0, text, &patches, &[]);
    match Grammar::parse(rule, text) {
        Ok(mut pairs) => {
            let built = pairs.next().map(|pair| build(&mut builder, pair));
            builder.found.into_iter().for_each(|diagnostic| sink.report(diagnostic));
            built
        }
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
            };
            sink.report(Diagnostic::error(Code::Syntax, error.variant.message(), Span::new(id, at, at)));
            None
        }
    }
}
