//! Several versions of the Kubernetes API in one table: what only some of them know says which.
//!
//! ```text
//! kind resource.k8s.io/v1 DeviceClass cluster io.k8s.api.resource.v1.DeviceClass 34-
//! type io.k8s.api.core.v1.Container … image:string … restartPolicyRules@34-:[io.k8s.api.core.v1.ContainerRestartRule] …
//! type io.k8s.api.rbac.v1.RoleBinding metadata:… roleRef!~:io.k8s.api.rbac.v1.RoleRef subjects:[…]
//! type io.k8s.api.rbac.v1.RoleRef apiGroup!-35:string kind!:string name!:string
//! ```
//!
//! Versions are written by their minor number, as the first and the last that know a kind or field, or require a
//! field: `34-`, `-36`, `34-36`. The oldest and the newest that the table is of are left out. A field whose value can
//! hold such a difference at any depth is marked with `~`, so that a check of versions need not look into others.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

/// The first and the last of the versions, by their places among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lifetime {
    first: usize,
    last: usize,
}

/// One version's dump, taken apart.
#[derive(Default)]
struct Dump<'a> {
    minor: &'a str,
    /// API version and kind → scope and definition.
    kinds: BTreeMap<&'a str, &'a str>,
    /// Definition → field → whether it is required, and its type.
    types: BTreeMap<&'a str, BTreeMap<&'a str, (bool, &'a str)>>,
    texts: BTreeMap<&'a str, &'a str>,
}

/// Writes `types.txt` and `descriptions.txt`.
pub fn write(directory: &Path, dumps: &[String]) -> Result<(), Box<dyn Error>> {
    let dumps = dumps.iter().map(|text| read(text)).collect::<Result<Vec<_>, _>>()?;
    let versions: Vec<String> = dumps.iter().map(|dump| format!("1.{}", dump.minor)).collect();
    let head = format!("of Kubernetes {}, written by tests/tools/schemas from k8s-openapi 0.29.", versions.join(" "));
    std::fs::write(directory.join("types.txt"), format!("# The types {head}\n{}", types(&dumps)?))?;
    std::fs::write(directory.join("descriptions.txt"), format!("# What the API says {head}\n{}", texts(&dumps)))?;
    Ok(())
}

fn read<'a>(text: &'a str) -> Result<Dump<'a>, Box<dyn Error>> {
    let mut dump = Dump::default();
    for line in text.lines() {
        let (what, rest) = line.split_once(' ').ok_or("a line has words")?;
        let mut words = rest.splitn(2, ' ');
        let (name, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match what {
            "kind" => {
                let kind = rest.split(' ').next().unwrap_or_default();
                let (kind, what) = line["kind ".len()..].split_at(name.len() + 1 + kind.len());
                dump.kinds.insert(kind, what.trim_start());
            }
            "type" => {
                let fields = rest.split(' ').filter_map(|field| field.split_once(':'));
                let field = |(name, ty): (&'a str, &'a str)| (name.trim_end_matches('!'), (name.ends_with('!'), ty));
                dump.types.insert(name, fields.map(field).collect());
            }
            "text" => {
                dump.texts.insert(name, rest);
            }
            "version" => dump.minor = name.strip_prefix("1.").ok_or("a version is of Kubernetes 1")?,
            _ => return Err(format!("`{what}` is no line of a dump").into()),
        }
    }
    Ok(dump)
}

/// In which of the versions something holds. An error where it comes, goes and comes again.
fn lifetime(holds: impl Iterator<Item = bool>, what: &str) -> Result<Option<Lifetime>, Box<dyn Error>> {
    let places: Vec<usize> = holds.enumerate().filter(|(_, holds)| *holds).map(|(at, _)| at).collect();
    let (Some(&first), Some(&last)) = (places.first(), places.last()) else { return Ok(None) };
    if last - first + 1 != places.len() {
        return Err(format!("{what} comes, goes and comes again").into());
    }
    Ok(Some(Lifetime { first, last }))
}

/// The lifetime as the table has it; nothing where it is that of `around`.
fn shown(lifetime: Lifetime, around: Lifetime, dumps: &[Dump]) -> String {
    if lifetime == around {
        return String::new();
    }
    let first = if lifetime.first == 0 { "" } else { dumps[lifetime.first].minor };
    let last = if lifetime.last + 1 == dumps.len() { "" } else { dumps[lifetime.last].minor };
    format!("{first}-{last}")
}

fn types(dumps: &[Dump]) -> Result<String, Box<dyn Error>> {
    let all = Lifetime { first: 0, last: dumps.len() - 1 };
    let mut lines = String::new();
    let kinds: BTreeSet<&str> = dumps.iter().flat_map(|dump| dump.kinds.keys().copied()).collect();
    for kind in kinds {
        let known = dumps.iter().map(|dump| dump.kinds.contains_key(kind));
        let lifetime = lifetime(known, kind)?.ok_or("a kind is in some version")?;
        let what: BTreeSet<&str> = dumps.iter().filter_map(|dump| dump.kinds.get(kind).copied()).collect();
        let [what] = what.into_iter().collect::<Vec<_>>()[..] else {
            return Err(format!("{kind} changes its scope or definition").into());
        };
        let lifetime = shown(lifetime, all, dumps);
        writeln!(lines, "{}", format!("kind {kind} {what} {lifetime}").trim_end())?;
    }
    let definitions = definitions(dumps)?;
    let differing = differing(&definitions, dumps);
    for (name, fields) in &definitions {
        let shown = |field: &Field| field.shown(differing.contains(&(*name, field.name)));
        writeln!(lines, "type {name}{}", fields.iter().map(shown).collect::<String>())?;
    }
    Ok(lines)
}

/// A field in all versions.
struct Field<'a> {
    name: &'a str,
    /// `!`, and the versions that require it where others do not; `@` and the versions that know it.
    marks: String,
    ty: &'a str,
}

impl Field<'_> {
    /// Whether versions differ in the field itself.
    fn differs(&self) -> bool {
        !matches!(&*self.marks, "" | "!")
    }

    fn shown(&self, differs_below: bool) -> String {
        format!(" {}{}{}:{}", self.name, self.marks, if differs_below { "~" } else { "" }, self.ty)
    }
}

/// All definitions of all versions.
fn definitions<'a>(dumps: &[Dump<'a>]) -> Result<BTreeMap<&'a str, Vec<Field<'a>>>, Box<dyn Error>> {
    let all = Lifetime { first: 0, last: dumps.len() - 1 };
    let names: BTreeSet<&str> = dumps.iter().flat_map(|dump| dump.types.keys().copied()).collect();
    let mut definitions = BTreeMap::new();
    for name in names {
        // A type that is new has new fields only, which need not say so: nothing leads to it in other versions.
        let around = lifetime(dumps.iter().map(|dump| dump.types.contains_key(name)), name)?.unwrap_or(all);
        let fields: BTreeSet<&str> =
            dumps.iter().filter_map(|dump| dump.types.get(name)).flat_map(|fields| fields.keys().copied()).collect();
        let fields = fields.into_iter().map(|field| merged(name, field, around, dumps));
        definitions.insert(name, fields.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(definitions)
}

fn merged<'a>(name: &str, field: &'a str, around: Lifetime, dumps: &[Dump<'a>]) -> Result<Field<'a>, Box<dyn Error>> {
    let what = format!("{name}.{field}");
    let found: Vec<Option<(bool, &str)>> =
        dumps.iter().map(|dump| dump.types.get(name)?.get(field).copied()).collect();
    let known = lifetime(found.iter().map(Option::is_some), &what)?.ok_or("a field is in some version")?;
    let required = lifetime(found.iter().map(|field| matches!(field, Some((true, _)))), &what)?;
    let types: BTreeSet<&str> = found.iter().flatten().map(|(_, ty)| *ty).collect();
    let [ty] = types.into_iter().collect::<Vec<_>>()[..] else {
        return Err(format!("{what} changes its type").into());
    };
    let mut marks = required.map(|required| format!("!{}", shown(required, known, dumps))).unwrap_or_default();
    if known != around {
        write!(marks, "@{}", shown(known, around, dumps))?;
    }
    Ok(Field { name: field, marks, ty })
}

/// The fields, by definition and name, whose values can differ between versions below themselves.
fn differing<'a>(definitions: &BTreeMap<&'a str, Vec<Field<'a>>>, dumps: &[Dump]) -> BTreeSet<(&'a str, &'a str)> {
    let tops: BTreeSet<&str> =
        dumps.iter().flat_map(|dump| dump.kinds.values()).filter_map(|kind| kind.split(' ').nth(1)).collect();
    // What is applied as the status of an object is ignored.
    let counts = |name: &str, field: &Field| !(field.name == "status" && tops.contains(name));
    let own = |(name, fields): (&&'a str, &Vec<Field<'a>>)| {
        fields.iter().any(|field| field.differs() && counts(name, field)).then_some(*name)
    };
    let mut types: BTreeSet<&str> = definitions.iter().filter_map(own).collect();
    let mut marked = BTreeSet::new();
    loop {
        let before = marked.len();
        for (name, fields) in definitions {
            for field in fields {
                let ty = field.ty.trim_matches(['[', ']', '{', '}']);
                if types.contains(ty) && counts(name, field) {
                    marked.insert((*name, field.name));
                    types.insert(name);
                }
            }
        }
        if marked.len() == before {
            return marked;
        }
    }
}

/// What the newest version says that says anything, sorted.
fn texts(dumps: &[Dump]) -> String {
    let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
    for dump in dumps {
        texts.extend(&dump.texts);
    }
    texts.iter().flat_map(|(name, text)| [name, " ", text, "\n"]).collect()
}
