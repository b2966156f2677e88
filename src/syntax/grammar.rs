//! The parser that pest derives from the grammar.

/// Holds what pest derives; nothing outside `syntax` sees it.
// pest derives items without documentation.
#[allow(missing_docs)]
mod derived {
    /// The parser for `grammar/flink.pest`.
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/flink.pest"]
    pub struct Grammar;
}

pub(super) use derived::{Grammar, Rule};

/// A node as pest gives it.
pub(super) type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// The parts of a node, without the tokens that only hold it together.
pub(super) struct Parts<'i> {
    pairs: pest::iterators::Pairs<'i, Rule>,
    next: Option<Pair<'i>>,
}

impl<'i> Parts<'i> {
    /// The parts of a node.
    pub(super) fn of(pair: Pair<'i>) -> Parts<'i> {
        let mut parts = Parts { pairs: pair.into_inner(), next: None };
        parts.next = parts.following();
        parts
    }

    fn following(&mut self) -> Option<Pair<'i>> {
        self.pairs.by_ref().find(|pair| !is_token(pair.as_rule()))
    }

    /// How many parts there may be at most.
    pub(super) fn at_most(&self) -> usize {
        self.pairs.len() + usize::from(self.next.is_some())
    }

    /// What the next part is.
    pub(super) fn rule(&self) -> Option<Rule> {
        self.next.as_ref().map(Pair::as_rule)
    }

    /// The next part if it is a `rule`.
    pub(super) fn when(&mut self, rule: Rule) -> Option<Pair<'i>> {
        if self.rule() == Some(rule) { self.next() } else { None }
    }

    /// The next part, which the grammar promises.
    pub(super) fn must(&mut self) -> Pair<'i> {
        self.next().expect("the grammar gives every part that its rule names")
    }
}

impl<'i> Iterator for Parts<'i> {
    type Item = Pair<'i>;

    fn next(&mut self) -> Option<Pair<'i>> {
        let next = self.following();
        std::mem::replace(&mut self.next, next)
    }
}

/// Whether a rule is punctuation or a keyword whose presence the tree says by other means.
fn is_token(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::separator
            | Rule::equal
            | Rule::comma
            | Rule::arrow
            | Rule::fat_arrow
            | Rule::bar
            | Rule::open_brace
            | Rule::open_paren
            | Rule::raw_opening
            | Rule::EOI
            | Rule::kw_import
            | Rule::kw_param
            | Rule::kw_environment
            | Rule::kw_group
            | Rule::kw_let
            | Rule::kw_fn
            | Rule::kw_type
            | Rule::kw_schema
            | Rule::kw_kind
            | Rule::kw_policy
            | Rule::kw_change
            | Rule::kw_explain
            | Rule::kw_component
            | Rule::kw_resource
            | Rule::kw_external
            | Rule::kw_when
            | Rule::kw_if
            | Rule::kw_then
            | Rule::kw_else
            | Rule::kw_for
            | Rule::kw_in
            | Rule::kw_check
            | Rule::kw_match
            | Rule::kw_unset
            | Rule::kw_override
            | Rule::colon
            | Rule::cost_colon
            | Rule::kw_as
    )
}
