//! CustomResourceDefinitions to `.flink` files that declare their kinds.
//!
//! Text becomes documents (`read`), documents definitions (`definition`), schemas types (`lower`, `limits`); of these,
//! some are types of Kubernetes (`known`, `convert`) and some get a name (`share`) before they are printed (`print`) and
//! brought into the language's layout.

mod convert;
mod definition;
mod known;
mod limits;
mod lower;
mod print;
mod problems;
mod read;
mod share;
mod text;
mod tree;

pub use convert::Docs;
pub use read::documents;

use crate::diagnostic::Diagnostic;
use crate::fmt::format;
use crate::schema::Json;
use crate::source::FileId;
use convert::Converter;
use definition::{Found, Version, look, versions};
use known::Recognizer;
use lower::{Lowered, Lowering};
use print::{Kind, Printer};
use problems::{Path, Problems};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use tree::{RecordId, Tree};

/// What every file that this module makes begins with.
pub const HEAD: &str = "//! Made by `flinkc import`";

/// A text to be imported: YAML or JSON, one document or several.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What to call it in messages.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What to make of the definitions.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// How much of the descriptions to keep.
    pub docs: Docs,
    /// Where the definitions come from, for the files' heads.
    pub origin: Option<&'a str>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Imported {
    /// Paths such as `kinds/example.com/v1.flink`, with their texts, sorted. Empty where something is wrong.
    pub files: Vec<(String, String)>,
    /// How many kinds these declare.
    pub kinds: usize,
    /// What was passed over.
    pub notes: Vec<String>,
    /// What is wrong, by document and path in it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A kind as lowered.
struct Declared<'d> {
    version: Version<'d>,
    lowered: Lowered,
}

/// Makes a file of each API version that the definitions in some texts declare.
#[must_use]
pub fn import_crds(sources: &[Source], options: Options) -> Imported {
    let mut problems = Problems::default();
    let mut notes = Vec::new();
    let texts: Vec<Vec<Json>> = sources
        .iter()
        .map(|source| {
            let (documents, problem) = read::documents(source.text);
            if let Some(problem) = problem {
                problems.report(&Path::of(source.name.to_owned()), problem);
            }
            documents
        })
        .collect();
    let mut found = Vec::new();
    for (source, documents) in sources.iter().zip(&texts) {
        for (at, document) in documents.iter().enumerate() {
            let several = documents.len() > 1;
            let name = if several { format!("{}: document {}", source.name, at + 1) } else { source.name.to_owned() };
            collect(document, Path::of(name), &mut found, &mut notes, &mut problems);
        }
    }
    let (files, kinds) = declare(found, options, &mut problems);
    let diagnostics = problems.finish();
    let files = if diagnostics.is_empty() { files } else { Vec::new() };
    Imported { files, kinds, notes, diagnostics }
}

/// The served versions of the definitions in a document.
fn collect<'d>(
    document: &'d Json,
    path: Path,
    found: &mut Vec<Version<'d>>,
    notes: &mut Vec<String>,
    problems: &mut Problems,
) {
    match look(document) {
        Found::Definition(definition) => {
            let versions = versions(definition, &path, problems);
            found.extend(versions);
        }
        Found::List(items) => {
            let path = path.then("items");
            // Lists are not looked for in lists, so that this ends.
            for (at, item) in items.iter().enumerate() {
                match look(item) {
                    Found::Definition(definition) => found.extend(versions(definition, &path.item(at), problems)),
                    Found::Other(what) => notes.push(passed_over(&path.item(at), &what)),
                    Found::List(_) => notes.push(passed_over(&path.item(at), "a list in a list")),
                    Found::Nothing => {}
                }
            }
        }
        Found::Other(what) => notes.push(passed_over(&path, &what)),
        Found::Nothing => {}
    }
}

fn passed_over(path: &Path, what: &str) -> String {
    format!("{path}: {what} is passed over; only CustomResourceDefinitions can be imported so far")
}

/// The files of all versions, and how many kinds they declare.
fn declare(found: Vec<Version>, options: Options, problems: &mut Problems) -> (Vec<(String, String)>, usize) {
    let mut tree = Tree::default();
    let mut durations = FxHashMap::default();
    // By group and version, and kind.
    let mut kinds: BTreeMap<(String, String), BTreeMap<String, Declared>> = BTreeMap::new();
    for version in found {
        let path = version.path.clone();
        let mut lowering = Lowering { tree: &mut tree, problems, durations: &mut durations, path, depth: 0 };
        let Some(lowered) = lowering.version(&version) else { continue };
        let of_version = kinds.entry((version.group.to_owned(), version.version.to_owned())).or_default();
        if let Some(known) = of_version.get(version.kind) {
            let message = format!("`{}` of `{}/{}` is defined twice", version.kind, version.group, version.version);
            problems.report(&version.path, format!("{message}, first at {}", known.version.path));
            continue;
        }
        of_version.insert(version.kind.to_owned(), Declared { version, lowered });
    }
    if kinds.is_empty() {
        return (Vec::new(), 0);
    }
    let count = kinds.values().map(BTreeMap::len).sum();
    let mut recognizer = Recognizer::new();
    let files = kinds.iter().map(|((group, version), kinds)| {
        let path = format!("kinds/{group}/{version}.flink");
        (path, file(&format!("{group}/{version}"), kinds, &tree, &mut recognizer, options))
    });
    (files.collect(), count)
}

/// The text of a file.
fn file(
    api_version: &str,
    kinds: &BTreeMap<String, Declared>,
    tree: &Tree,
    recognizer: &mut Recognizer,
    options: Options,
) -> String {
    let mut converter = Converter::new(tree, recognizer, options.docs);
    let records: Vec<RecordId> = kinds.values().map(|kind| converter.record(kind.lowered.record)).collect();
    let tree = converter.to;
    let roots: Vec<share::Root> =
        kinds.keys().zip(&records).map(|(kind, record)| share::Root { kind, record: *record }).collect();
    let names = share::names(&tree, &roots);
    let mut printer = Printer::new(&tree, &names);
    for (Declared { version, lowered }, record) in kinds.values().zip(records) {
        printer.kind(&Kind {
            api_version,
            name: version.kind,
            cluster: version.cluster,
            deprecated: version.deprecated.as_deref(),
            doc: &options.docs.of(&lowered.doc),
            record,
        });
    }
    let mut sorted: Vec<(&str, RecordId)> = names.iter().map(|(id, name)| (name.as_str(), *id)).collect();
    sorted.sort_unstable();
    for (name, record) in sorted {
        printer.named(api_version, name, record);
    }
    let text = head(kinds, options) + &printer.finish();
    // What is printed parses; if it did not, its readers would have to see it to know why.
    format(FileId(0), &text).unwrap_or(text)
}

/// The file's own documentation: what it was made from.
fn head(kinds: &BTreeMap<String, Declared>, options: Options) -> String {
    let mut head = format!("{HEAD} from ");
    let mut names: Vec<&str> = kinds.values().map(|kind| kind.version.definition.as_str()).collect();
    names.sort_unstable();
    match names.as_slice() {
        [one] => head.push_str(&format!("the CustomResourceDefinition {one}")),
        several => head.push_str(&format!("the CustomResourceDefinitions\n//! {}", several.join(",\n//! "))),
    }
    match options.origin {
        Some(origin) => head.push_str(&format!("\n//! of {}.\n", text::description(origin).replace('\n', " "))),
        None => head.push_str(".\n"),
    }
    head
}
