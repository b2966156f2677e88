//! Blocks and their entries.

use super::item::ForHead;
use super::{Builder, gather, unexpected};
use crate::syntax::ast::{Block, Entry, For, If, Path, Segment, When};
use crate::syntax::grammar::{Pair, Parts, Rule};

impl Builder<'_> {
    /// `{ entries }`
    pub(super) fn block(&mut self, pair: Pair) -> Block {
        let span = self.span(&pair);
        let entries = |this: &mut Self| gather(Parts::of(pair).filter_map(|entry| this.entry(entry)));
        Block { entries: self.deeper(1, span, entries).unwrap_or_default(), span }
    }

    fn entries(&mut self, pair: Pair) -> Vec<Entry> {
        self.block(pair).entries
    }

    fn entry(&mut self, pair: Pair) -> Option<Entry> {
        let span = self.span(&pair);
        Some(match pair.as_rule() {
            Rule::setting => {
                let mut parts = Parts::of(pair);
                let path = self.path(parts.must());
                let value = parts.must();
                // A block without `=` before it is a direct part; one that is a value stands in a chain.
                if value.as_rule() == Rule::block {
                    let block = self.inside(&path, |this| this.block(value))?;
                    Entry::Open { path, block }
                } else {
                    let value = self.inside(&path, |this| this.expr(value))?;
                    Entry::Set { path, value }
                }
            }
            Rule::let_binding => Entry::Let(self.let_binding(pair)),
            Rule::spread => Entry::Spread { value: self.expr(Parts::of(pair).must()), span },
            Rule::unset => {
                let path = self.path(Parts::of(pair).must());
                self.inside(&path, |_| ())?;
                Entry::Unset { path, span }
            }
            Rule::override_entry => {
                let mut parts = Parts::of(pair);
                let path = self.path(parts.must());
                let block = self.inside(&path, |this| this.block(parts.must()))?;
                Entry::Override { path, block, span }
            }
            Rule::when_entries => {
                let mut parts = Parts::of(pair);
                let environments = self.names(parts.must());
                Entry::When(When { environments, then: self.entries(parts.must()), span })
            }
            Rule::if_entries => Entry::If(self.if_entries(pair)?),
            Rule::for_entries => {
                let mut parts = Parts::of(pair);
                let ForHead { key, variable, iterable, filter } = self.for_head(parts.must());
                Entry::For(For { key, variable, iterable, filter, each: self.entries(parts.must()), span })
            }
            rule => unexpected(rule, "a block"),
        })
    }

    fn if_entries(&mut self, pair: Pair) -> Option<If<Entry>> {
        let span = self.span(&pair);
        let parts: Vec<Pair> = Parts::of(pair).collect();
        self.branches(parts, span, Self::entries, Entry::If)
    }

    /// What stands at the end of a path lies as deep as the path is long.
    fn inside<T>(&mut self, path: &Path, build: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.deeper(path.segments.len().saturating_sub(1), path.span, build)
    }

    pub(super) fn path(&mut self, pair: Pair) -> Path {
        let span = self.span(&pair);
        let segments = gather(Parts::of(pair).map(|part| match part.as_rule() {
            Rule::name => Segment::Name(self.name(&part)),
            _ => Segment::Computed(self.string(part)),
        }));
        Path { segments, span }
    }
}
