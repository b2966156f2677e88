//! What is said where the text does not follow the grammar.

mod slip;

pub(super) use slip::{first_value, key_before};

use super::grammar::Rule;
use super::recover::Source;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Where parsing stopped.
pub(super) struct Failure {
    /// The byte of the file.
    pub(super) at: usize,
    /// Where the declaration ends.
    pub(super) end: usize,
    /// What could have stood there.
    pub(super) expected: Vec<Rule>,
}

impl Failure {
    /// Whether one of these could have stood there.
    pub(super) fn expects(&self, rules: &[Rule]) -> bool {
        rules.iter().any(|rule| self.expected.contains(rule))
    }
}

/// What stands where something else was expected.
struct Found<'t> {
    text: &'t str,
    span: Span,
}

impl Found<'_> {
    /// As it is named in a message.
    fn describe(&self) -> String {
        match self.text {
            "" => "the end of the file".to_owned(),
            "\n" => "the end of the line".to_owned(),
            text if text.starts_with(['"']) => "a string".to_owned(),
            text => format!("`{}`", text.escape_debug()),
        }
    }
}

/// The message for a failure.
pub(super) fn explain(source: &Source, failure: &Failure) -> Diagnostic {
    let found = found(source, failure);
    if let Some(diagnostic) = slip::explain(source, failure, &found) {
        return diagnostic;
    }
    let found = at_line_end(source, found);
    let before = before(source, failure.at);
    let is_setting = failure.expects(&[Rule::equal]) && failure.expects(&[Rule::block, Rule::open_brace]);
    let phrases = phrases(&failure.expected);
    let value = phrases.contains(&"a value") || phrases.contains(&"a type");
    let message = if is_setting && !phrases.contains(&"a name") {
        format!("found {}, expected `=`, `{{` or `.` after the field name", found.describe())
    } else if phrases.is_empty() {
        format!("did not expect {} here", found.describe())
    } else if value && phrases.len() == 1 && !before.is_empty() {
        format!("expected {} after `{before}`, found {}", phrases[0], found.describe())
    } else {
        format!("expected {}, found {}", one_of(&phrases), found.describe())
    };
    let label = if phrases.is_empty() { "not expected".to_owned() } else { format!("expected {}", one_of(&phrases)) };
    Diagnostic::error(Code::Syntax, message, found.span).label(label)
}

/// The token at the place of a failure.
fn found<'t>(source: &Source<'t>, failure: &Failure) -> Found<'t> {
    let rest = &source.text[failure.at..];
    let indent = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    let at = failure.at + indent;
    let rest = &source.text[at..];
    let length = token_length(rest);
    let text = match &rest[..length] {
        // A declaration that ends too early ends with its line, not where the next one begins.
        _ if failure.at >= failure.end && failure.end < source.text.len() => "\n",
        text => text,
    };
    // A line end is nothing that one can point at: the place is behind the last token.
    if text.is_empty() || text == "\n" || text.starts_with("//") {
        let text = if text.is_empty() { "" } else { "\n" };
        let end = source.significant_end(failure.at);
        return Found { text, span: Span::new(source.id, end, end) };
    }
    Found { text, span: Span::new(source.id, at, at + length) }
}

/// What is missing at the end of a line is missing there, not where the next token stands.
fn at_line_end<'t>(source: &Source<'t>, found: Found<'t>) -> Found<'t> {
    let end = source.significant_end(found.span.start());
    if end > 0 && source.text[end..found.span.start()].contains('\n') {
        return Found { text: "\n", span: Span::new(source.id, end, end) };
    }
    found
}

/// How long the token is that a text begins with.
fn token_length(text: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let Some(first) = text.chars().next() else { return 0 };
    let pairs = ["==", "!=", "<=", ">=", "=>", "->", "&&", "||", "??", "?.", "++", "//", ":=", "..."];
    if word(first) && first != '-' {
        return text.find(|c| !word(c)).unwrap_or(text.len());
    }
    if first == '"' {
        let closing = text[1..].find(['"', '\n']).map_or(text.len(), |at| at + 2);
        return if text.as_bytes().get(closing - 1) == Some(&b'"') { closing } else { 1 };
    }
    pairs.iter().find(|pair| text.starts_with(**pair)).map_or(first.len_utf8(), |pair| pair.len())
}

/// The token before a byte, on its line or above it; empty where it is long or there is none.
fn before<'t>(source: &Source<'t>, at: usize) -> &'t str {
    let end = source.significant_end(at);
    let text = &source.text[..end];
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let symbols = |c: char| "=<>!&|?+-*/%.:".contains(c);
    let start = match text.chars().next_back() {
        Some(last) if last.is_ascii_alphanumeric() => text.trim_end_matches(word).len(),
        Some(last) if symbols(last) => text.trim_end_matches(symbols).len(),
        Some(last @ (',' | '(' | '[' | '{' | '@')) => end - last.len_utf8(),
        Some(_) | None => end,
    };
    &text[start..]
}

fn one_of(phrases: &[&str]) -> String {
    match phrases {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// What could have stood there, in words, each once. What could have gone on without need is left out.
fn phrases(expected: &[Rule]) -> Vec<&'static str> {
    let mut phrases: Vec<&str> = Vec::new();
    for phrase in expected.iter().filter_map(|rule| phrase(*rule)) {
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    for broad in ["a declaration", "a field", "a value"] {
        if phrases.contains(&broad) {
            return vec![broad];
        }
    }
    phrases
}

fn phrase(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::name | Rule::dotted | Rule::names | Rule::label => "a name",
        Rule::api_version => "an API version such as `apps/v1`",
        Rule::equal => "`=`",
        Rule::colon | Rule::cost_colon => "`:`",
        Rule::arrow => "`->` and the type of the result",
        Rule::fat_arrow => "`=>`",
        Rule::open_brace | Rule::block | Rule::requirements | Rule::effects | Rule::items | Rule::function_body => {
            "`{`"
        }
        Rule::open_paren | Rule::parameters | Rule::versions => "`(`",
        Rule::separator => "a line end or `,`",
        Rule::kw_then | Rule::then_branch => "`then`",
        Rule::kw_else => "`else`",
        Rule::kw_in => "`in`",
        Rule::kw_resource => "`resource`",
        Rule::parameter => "a parameter",
        Rule::attribute => "an attribute",
        Rule::arm | Rule::pattern | Rule::type_pattern | Rule::word => "a pattern",
        Rule::type_expr
        | Rule::type_member
        | Rule::type_atom
        | Rule::kubernetes_type
        | Rule::list_type
        | Rule::map_type
        | Rule::record_type
        | Rule::partial_type
        | Rule::type_parentheses => "a type",
        Rule::chain
        | Rule::expr
        | Rule::if_expr
        | Rule::operand
        | Rule::primary
        | Rule::variable
        | Rule::parentheses
        | Rule::argument
        | Rule::element
        | Rule::for_element
        | Rule::if_element
        | Rule::list
        | Rule::match_expr
        | Rule::kw_match
        | Rule::number
        | Rule::unit
        | Rule::minus
        | Rule::literal => "a value",
        Rule::string | Rule::plain_string | Rule::block_string | Rule::raw_string | Rule::raw_block_string => {
            "a string"
        }
        Rule::setting
        | Rule::entry
        | Rule::unset
        | Rule::override_entry
        | Rule::when_entries
        | Rule::if_entries
        | Rule::for_entries
        | Rule::field
        | Rule::requirement
        | Rule::if_checks
        | Rule::for_checks
        | Rule::effect
        | Rule::cost
        | Rule::if_effects
        | Rule::for_effects
        | Rule::record_field
        | Rule::path => "a field",
        Rule::item
        | Rule::import
        | Rule::param
        | Rule::environment
        | Rule::group
        | Rule::function
        | Rule::type_alias
        | Rule::schema
        | Rule::kind
        | Rule::api_type
        | Rule::policy
        | Rule::change
        | Rule::component
        | Rule::object
        | Rule::resource
        | Rule::instance
        | Rule::external
        | Rule::include
        | Rule::topic
        | Rule::when_items
        | Rule::if_items
        | Rule::for_items => "a declaration",
        // What may follow but need not, what is part of a token, and what the scan reports.
        Rule::operator
        | Rule::prefix
        | Rule::optional
        | Rule::postfix
        | Rule::member
        | Rule::call
        | Rule::index
        | Rule::leading
        | Rule::bar
        | Rule::comma
        | Rule::filter
        | Rule::spread
        | Rule::other_fields
        | Rule::map_opening
        | Rule::for_head
        | Rule::check
        | Rule::let_binding
        | Rule::item_word
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
        | Rule::kw_open
        | Rule::kw_external
        | Rule::kw_when
        | Rule::kw_if
        | Rule::kw_for
        | Rule::kw_as
        | Rule::kw_check
        | Rule::kw_warn
        | Rule::kw_unset
        | Rule::kw_override
        | Rule::EOI
        | Rule::file
        | Rule::expression
        | Rule::WHITESPACE
        | Rule::comment_text
        | Rule::nl
        | Rule::word_char
        | Rule::word_end
        | Rule::reserved
        | Rule::digits
        | Rule::plain_text
        | Rule::block_text
        | Rule::raw_text
        | Rule::raw_block_text
        | Rule::escape
        | Rule::interpolation
        | Rule::raw_interpolation
        | Rule::raw_opening => return None,
    })
}
