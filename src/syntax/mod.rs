//! Text to syntax tree, comments and diagnostics. The only user of pest.
//!
//! A scan finds comments, brackets and where declarations begin (`scan`); pest parses one declaration after the other by
//! `grammar/flink.pest` (`recover`, which also takes out what cannot be parsed); its nodes become the tree (`build`).

pub mod ast;
mod build;
mod errors;
mod expected;
mod grammar;
mod patch;
mod recover;
mod repair;
mod scan;
mod yaml;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use grammar::{Parts, Rule};
use patch::Patches;
use recover::{Piece, Source};
use scan::{Declaration, Scan};

/// Mistakes in one file after which no more are shown.
const MAX_SHOWN: usize = 200;

/// Nesting from which on the parser gets a stack of its own, because the caller's may be small.
const DEEP: usize = 16;

/// Enough for the deepest nesting that the scan lets pass, without optimization.
const DEEP_STACK: usize = 64 << 20;

/// Parses a file. Always gives a tree; what is wrong is reported and missing from it.
pub fn parse(id: FileId, text: &str, sink: &mut Diagnostics) -> ast::File {
    let Scan { comments, declarations, found, regions: _ } = scan::scan(id, text);
    let mut source = Source::new(id, text, &comments);
    source.found = found;
    let mut items = Vec::new();
    let declarations = without_yaml(&mut source, declarations);
    with_enough_stack(&declarations, || {
        for declaration in declarations.iter().filter(|declaration| !declaration.is_too_deep()) {
            let (piece, patches) = prepare(declaration);
            items.extend(
                source.parse(Rule::file, &piece, patches, |builder, file| builder.items(file)).unwrap_or_default(),
            );
        }
    });
    show(std::mem::take(&mut source.found), sink);
    let first_item = declarations.first().map_or(text.len(), |declaration| declaration.range.start);
    let doc = build::file_doc(text, &comments, first_item);
    ast::File { id, doc, items, comments }
}

/// Reports YAML among the declarations once, instead of every line of it.
fn without_yaml(source: &mut Source, mut declarations: Vec<Declaration>) -> Vec<Declaration> {
    let pasted = yaml::pasted(source.text, &declarations);
    for pasted in pasted.into_iter().rev() {
        let inside = |diagnostic: &Diagnostic| {
            diagnostic.primary.as_ref().is_some_and(|label| pasted.range.contains(&label.span.start()))
        };
        source.found.retain(|diagnostic| !inside(diagnostic));
        source.found.push(yaml::explain(source.id, source.text, &pasted));
        declarations.drain(pasted.declarations);
    }
    declarations
}

/// Parses a text that is one value, such as that of a param on the command line.
pub fn parse_expression(id: FileId, text: &str, sink: &mut Diagnostics) -> ast::Expr {
    let Scan { comments, declarations, found, regions: _ } = scan::scan(id, text);
    let mut source = Source::new(id, text, &comments);
    source.found = found;
    let mut value = None;
    if declarations.iter().all(|declaration| !declaration.is_too_deep()) {
        with_enough_stack(&declarations, || {
            // The scan divides by declarations, but here all pieces are one value.
            let mut patches = Patches::default();
            let mut faults = Vec::new();
            for declaration in &declarations {
                declaration.strays.iter().for_each(|stray| patches.blank(*stray..stray + 1));
                patches.close(&declaration.closers);
                faults.extend_from_slice(&declaration.faults);
            }
            let piece = Piece { range: 0..text.len(), faults: &faults };
            value =
                source.parse(Rule::expression, &piece, patches, |builder, pair| builder.expr(Parts::of(pair).must()));
        });
    }
    show(std::mem::take(&mut source.found), sink);
    value.unwrap_or(ast::Expr { kind: ast::ExprKind::Error, span: Span::new(id, 0, text.len()) })
}

/// What the scan says of a declaration, for the parser.
fn prepare(declaration: &Declaration) -> (Piece<'_>, Patches) {
    let start = declaration.range.start;
    let mut patches = Patches::default();
    patches.close(&declaration.closers);
    for stray in &declaration.strays {
        patches.blank(stray - start..stray - start + 1);
    }
    (Piece { range: declaration.range.clone(), faults: &declaration.faults }, patches)
}

/// Runs `work`, which recurses as deep as the declarations are nested.
fn with_enough_stack(declarations: &[Declaration], work: impl FnOnce() + Send) {
    if declarations.iter().all(|declaration| declaration.depth < DEEP || declaration.is_too_deep()) {
        work();
        return;
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK);
        // Where there is no thread to be had, there is none for the rest of the compilation either.
        let parser = thread.spawn_scoped(scope, work).expect("the system gives the parser a thread");
        if let Err(panic) = parser.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Passes on what was found, in source order and not without end.
fn show(mut found: Vec<Diagnostic>, sink: &mut Diagnostics) {
    found.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
    let rest = found.split_off(found.len().min(MAX_SHOWN));
    found.into_iter().for_each(|diagnostic| sink.report(diagnostic));
    if let Some(at) = rest.first().and_then(|diagnostic| diagnostic.primary.as_ref()) {
        sink.report(errors::too_many(at.span));
    }
}
