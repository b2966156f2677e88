//! Finds what a name and a path stand for, and describes it.

use super::api::{ApiType, described, link};
use super::builtin;
use super::lookup::{Problem, listed};
use super::page::{Description, FieldLine, Rule, first_sentence};
use super::world::{Found, World, Written};
use crate::diagnostic::{Code, Severity, did_you_mean};
use crate::schema::FieldType;
use crate::syntax::ast::{self, Check, Demand, Item, Requirement, Schema, TypeExprKind};

/// No path is longer that people write; each part may lead into a type of its own.
const LONGEST: usize = 100;

/// A name such as `flink.application`, `v1.Toleration`, `Deployment.spec`, `apps/v1 Deployment.spec`, with a path of
/// fields after it or as `path`.
///
/// # Errors
/// What is wrong with it, and what there is.
pub fn describe(worlds: &[World], subject: &str, path: Option<&str>) -> Result<Description, Problem> {
    let steps = subject.split('.').chain(path.unwrap_or_default().split('.')).count();
    if steps > LONGEST {
        let help = Some(format!("name at most {LONGEST} fields"));
        return Err(Problem { message: format!("the path has {steps} parts"), help });
    }
    if is_api_version(subject) {
        let Some(path) = path else {
            return Err(no_kind_said(worlds, subject));
        };
        return api_subject(worlds, subject, path);
    }
    let path = path.unwrap_or_default();
    if let Some((api_version, rest)) = split_api_version(subject) {
        let rest = if path.is_empty() { rest.to_owned() } else { format!("{rest}.{path}") };
        return api_subject(worlds, api_version, &rest);
    }
    let parts: Vec<&str> = subject.split('.').chain(path.split('.')).filter(|part| !part.is_empty()).collect();
    for world in worlds {
        if let Some((found, name, rest)) = find(world, &parts) {
            return declaration(world, found, &name, rest);
        }
    }
    if let Some((kind, rest)) = parts.split_first()
        && let Some(described) = bare_kind(worlds, kind, rest)
    {
        return described;
    }
    match parts.as_slice() {
        [only] => builtin::described(only).ok_or_else(|| unknown(worlds, subject)),
        _ => Err(unknown(worlds, subject)),
    }
}

/// Whether a word is an API version: `v1`, `apps/v1`, `cert-manager.io/v1alpha1`.
#[must_use]
pub fn is_api_version(word: &str) -> bool {
    let version = word.rsplit('/').next().unwrap_or(word);
    let digits = version.strip_prefix('v').unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `apps/v1.Deployment.spec` in two.
fn split_api_version(subject: &str) -> Option<(&str, &str)> {
    let slash = subject.find('/').map_or(0, |at| at + 1);
    let dot = slash + subject[slash..].find('.')?;
    let (version, rest) = (&subject[..dot], &subject[dot + 1..]);
    (is_api_version(version) && !rest.is_empty()).then_some((version, rest))
}

/// A declaration, its full name, and what of the parts leads on from it.
fn find<'w, 'p>(world: &'w World, parts: &'p [&'p str]) -> Option<(Found<'w>, String, &'p [&'p str])> {
    let (first, rest) = parts.split_first()?;
    let root = world.modules.root();
    if let Some((second, rest)) = rest.split_first()
        && let Some(module) = world.imported(root, None, first)
        && let Some(found) = world.declared(module, second)
    {
        return Some((found, format!("{first}.{second}"), rest));
    }
    world.declared(root, first).map(|found| (found, (*first).to_owned(), rest))
}

fn unknown(worlds: &[World], subject: &str) -> Problem {
    let mut names: Vec<String> = worlds.iter().flat_map(World::names).collect();
    names.extend(worlds.iter().flat_map(World::environments).map(str::to_owned));
    names.extend(worlds.iter().flat_map(|world| world.api.kinds()).map(|(_, kind)| kind.to_owned()));
    names.extend(builtin::names().map(str::to_owned));
    names.extend(Code::ALL.iter().map(|code| code.name().to_owned()));
    names.sort();
    names.dedup();
    let first = subject.split('.').next().unwrap_or(subject);
    let near = did_you_mean(subject, names.iter().map(String::as_str));
    let near = near.or_else(|| did_you_mean(first, names.iter().map(String::as_str)));
    let help = near.unwrap_or_else(|| {
        "say an error code, a declaration such as `flink.application`, a type such as `apps/v1 Deployment.spec`, or an \
         environment"
            .to_owned()
    });
    Problem { message: format!("nothing is called `{subject}`"), help: Some(help) }
}

fn no_kind_said(worlds: &[World], api_version: &str) -> Problem {
    let all = worlds.iter().flat_map(|world| world.api.kinds());
    let mut kinds: Vec<String> =
        all.filter(|(version, _)| *version == api_version).map(|(version, kind)| format!("{version} {kind}")).collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        return no_version(worlds, api_version);
    }
    let help = format!("it has {}", listed(kinds.into_iter()));
    Problem { message: format!("`{api_version}` is an API version: say a kind or type of it"), help: Some(help) }
}

fn no_version(worlds: &[World], api_version: &str) -> Problem {
    let mut versions: Vec<&str> =
        worlds.iter().flat_map(|world| world.api.kinds()).map(|(version, _)| version).collect();
    versions.sort_unstable();
    versions.dedup();
    let help = did_you_mean(api_version, versions.iter().copied());
    let help = help.unwrap_or_else(|| format!("there are {}", listed(versions.iter().map(|v| (*v).to_owned()))));
    Problem { message: format!("there is no API version `{api_version}`"), help: Some(help) }
}

/// A kind that only one API version has, or one of whose fields is asked for.
fn bare_kind(worlds: &[World], kind: &str, rest: &[&str]) -> Option<Result<Description, Problem>> {
    let mut versions: Vec<&str> = worlds.iter().flat_map(|world| world.api.api_versions_of(kind)).collect();
    versions.sort_unstable();
    versions.dedup();
    let path = [kind].into_iter().chain(rest.iter().copied()).collect::<Vec<_>>().join(".");
    match versions.as_slice() {
        [] => None,
        [only] => Some(api_subject(worlds, only, &path)),
        several => {
            let help = format!("say which one: {}", listed(several.iter().map(|version| format!("{version} {kind}"))));
            let message = format!("`{kind}` is a kind of {} API versions", several.len());
            Some(Err(Problem { message, help: Some(help) }))
        }
    }
}

/// `Deployment.spec.strategy` of `apps/v1`.
fn api_subject(worlds: &[World], api_version: &str, subject: &str) -> Result<Description, Problem> {
    let mut parts = subject.split('.').filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    for world in worlds {
        let kind = world.api.kind(api_version, name);
        let definition = kind.as_ref().map(|kind| kind.definition).or_else(|| world.api.type_named(api_version, name));
        if let Some(definition) = definition {
            let what = if kind.is_some() { "kind" } else { "type" };
            let space = if kind.is_some() { ' ' } else { '.' };
            let top = ApiType { what, name: format!("{api_version}{space}{name}"), kind, ty: record(definition) };
            let mut page = described(world, &top, &rest)?;
            page.checks.extend(Checks::default().of_policies(world, (api_version, name), &rest).0);
            return Ok(page);
        }
    }
    if !worlds.iter().flat_map(|world| world.api.kinds()).any(|(version, _)| version == api_version) {
        return Err(no_version(worlds, api_version));
    }
    let known: Vec<&str> = worlds.iter().flat_map(|world| world.api.types_of(api_version)).collect();
    let help = did_you_mean(name, known.iter().copied()).or_else(|| {
        let elsewhere = worlds.iter().flat_map(|world| world.api.api_versions_of(name)).next();
        elsewhere.map(|version| format!("`{name}` belongs to `{version}`: `flinkc explain {version} {name}`"))
    });
    let help = help.or_else(|| no_kind_said(worlds, api_version).help);
    Err(Problem { message: format!("`{api_version}` has no kind or type `{name}`"), help })
}

fn record(definition: &str) -> FieldType {
    FieldType::Record(definition.to_owned())
}

/// A declaration, or a field below it.
fn declaration(world: &World, found: Found, name: &str, rest: &[&str]) -> Result<Description, Problem> {
    let Found { module, file, item } = found;
    let written = |ty| Written { module, file, ty };
    let (described, inside) = match item {
        Item::Schema(schema) => {
            let checks = Checks::default().below(world, schema, rest);
            return fields_of(world, found, schema, name, rest, checks);
        }
        Item::Component(component) => {
            let spec = component.params.get(1).map(|param| written(&param.ty));
            let mut page = page(world, "component", name, component.doc.as_deref(), component.name.span);
            if let Some(spec) = spec {
                page.ty = Some(world.source(spec.ty.span));
                page.fields = fields(world, spec);
            }
            for item in &component.items {
                if let Item::Check(check) = item {
                    page.checks.push(rule(world, check));
                }
            }
            (page, spec)
        }
        Item::Function(function) => {
            let mut page = page(world, "function", name, function.doc.as_deref(), function.name.span);
            page.ty = Some(world.source(function.result.span));
            page.fields = function
                .params
                .iter()
                .map(|param| FieldLine {
                    name: param.name.text.to_string(),
                    ty: world.source(param.ty.span),
                    required: param.default.is_none(),
                    default: param.default.as_ref().map(|default| world.source(default.span)),
                    doc: None,
                })
                .collect();
            (page, Some(written(&function.result)))
        }
        Item::TypeAlias(alias) => {
            let mut page = page(world, "type", name, alias.doc.as_deref(), alias.name.span);
            page.ty = Some(world.source(alias.ty.span));
            page.values = values(&alias.ty);
            page.fields = fields(world, written(&alias.ty));
            (page, Some(written(&alias.ty)))
        }
        Item::Param(param) => {
            let mut page = page(world, "param", name, param.doc.as_deref(), param.name.span);
            page.ty = Some(world.source(param.ty.span));
            page.required = Some(param.default.is_none());
            page.default = param.default.as_ref().map(|default| world.source(default.span));
            page.values = values(&param.ty);
            page.fields = fields(world, written(&param.ty));
            (page, Some(written(&param.ty)))
        }
        Item::Let(value) => {
            let mut page = page(world, "let", name, value.doc.as_deref(), value.name.span);
            page.ty = value.ty.as_ref().map(|ty| world.source(ty.span));
            page.default = Some(world.source(value.value.span));
            (page, value.ty.as_ref().map(written))
        }
        Item::Import(_)
        | Item::Environment(_)
        | Item::Group(_)
        | Item::Kind(_)
        | Item::ApiType(_)
        | Item::Policy(_)
        | Item::Change(_)
        | Item::Resource(_)
        | Item::Instance(_)
        | Item::External(_)
        | Item::When(_)
        | Item::If(_)
        | Item::For(_)
        | Item::Check(_)
        | Item::Include(_)
        | Item::Topic(_) => return Err(unknown(std::slice::from_ref(world), name)),
    };
    match (rest.is_empty(), inside) {
        (true, _) => Ok(described),
        (false, Some(inside)) => below(world, inside, name, rest, Checks::default()),
        (false, None) => Err(plain(name, rest)),
    }
}

fn page(world: &World, what: &'static str, name: &str, doc: Option<&str>, span: crate::source::Span) -> Description {
    Description {
        subject: name.to_owned(),
        what,
        doc: doc.map(str::to_owned),
        declared: Some(world.location(span)),
        ..Description::default()
    }
}

/// The checks that speak of the field on the way to which they stand.
#[derive(Default)]
struct Checks(Vec<Rule>);

impl Checks {
    /// Adds those of a schema that mention the first of the fields that lead on, or all of them where none does.
    fn below(mut self, world: &World, schema: &Schema, rest: &[&str]) -> Checks {
        self.add(world, &schema.requirements, &rest.join("."), "");
        self
    }

    /// Adds those of the program's policies about a kind that mention the field, or all of them.
    fn of_policies(mut self, world: &World, (api_version, kind): (&str, &str), rest: &[&str]) -> Checks {
        for policy in world.policies() {
            if *policy.api_version.text == *api_version && *policy.kind.text == *kind {
                let path = [&*policy.variable.text].iter().chain(rest).copied().collect::<Vec<_>>().join(".");
                self.add(world, &policy.requirements, if rest.is_empty() { "" } else { &path }, "");
            }
        }
        self
    }

    /// `around` says under what they stand.
    fn add(&mut self, world: &World, requirements: &[Requirement], path: &str, around: &str) {
        for requirement in requirements {
            match requirement {
                Requirement::Check(check) => {
                    let rule = rule(world, check);
                    let condition = format!("{around}{}", rule.condition);
                    if path.is_empty() || mentions(&condition.replace("?.", "."), path) {
                        self.0.push(Rule { condition, ..rule });
                    }
                }
                Requirement::Let(_) => {}
                Requirement::If(branch) => {
                    let condition = world.source(branch.condition.span);
                    self.add(world, &branch.then, path, &format!("{around}if {condition}: "));
                    self.add(world, &branch.otherwise, path, &format!("{around}if not {condition}: "));
                }
                Requirement::For(repeated) => {
                    let key = repeated.key.as_ref().map_or(String::new(), |key| format!("{}, ", key.text));
                    let iterable = world.source(repeated.iterable.span);
                    let around = format!("{around}for {key}{} in {iterable}: ", repeated.variable.text);
                    self.add(world, &repeated.each, path, &around);
                }
            }
        }
    }
}

/// Whether a text holds a path of names that is not part of a longer name before or after it.
fn mentions(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let before = text[..at].chars().next_back().is_some_and(|c| is_name(c) || matches!(c, '.' | '"'));
        let after = text[at + path.len()..].chars().next().is_some_and(|c| is_name(c) || matches!(c, '"' | '('));
        !before && !after
    })
}

fn rule(world: &World, check: &Check) -> Rule {
    Rule {
        condition: world.source(check.condition.span),
        severity: match check.demand {
            Demand::Must => Severity::Error.name(),
            Demand::Should => Severity::Warning.name(),
        },
        // A long text is often written in several parts.
        message: world.source(check.message.span).replace("\" ++ \"", ""),
        place: Some(world.location(check.condition.span)),
    }
}

/// A schema, or a field of it.
fn fields_of(
    world: &World,
    found: Found,
    schema: &Schema,
    name: &str,
    rest: &[&str],
    checks: Checks,
) -> Result<Description, Problem> {
    let Some((first, further)) = rest.split_first() else {
        let mut page = page(world, "schema", name, schema.doc.as_deref(), schema.name.span);
        page.fields = lines(world, schema);
        page.checks = checks.0;
        return Ok(page);
    };
    let Some(field) = schema.fields.iter().find(|field| &*field.name.text == *first) else {
        return Err(no_field(name, first, schema.fields.iter().map(|field| &*field.name.text)));
    };
    let name = format!("{name}.{first}");
    let written = Written { module: found.module, file: found.file, ty: &field.ty };
    if !further.is_empty() {
        return below(world, written, &name, further, checks);
    }
    let mut page = page(world, "field", &name, field.doc.as_deref(), field.name.span);
    page.ty = Some(world.source(field.ty.span));
    page.required = Some(is_required(field));
    page.default = field.default.as_ref().map(|default| world.source(default.span));
    page.values = values(&field.ty);
    page.fields = fields(world, written);
    page.checks = checks.0;
    if let Meaning::Api(definition) = meaning(world, written) {
        page.link = link(world, &definition, None);
    }
    Ok(page)
}

fn is_required(field: &ast::FieldDecl) -> bool {
    field.default.is_none() && !matches!(field.ty.kind, TypeExprKind::Optional(_))
}

fn lines(world: &World, schema: &Schema) -> Vec<FieldLine> {
    let line = |field: &ast::FieldDecl| FieldLine {
        name: field.name.text.to_string(),
        ty: world.source(field.ty.span),
        required: is_required(field),
        default: field.default.as_ref().map(|default| world.source(default.span)),
        doc: field.doc.as_deref().map(first_sentence),
    };
    schema.fields.iter().map(line).collect()
}

/// What lies below a type.
fn below(world: &World, written: Written, name: &str, rest: &[&str], checks: Checks) -> Result<Description, Problem> {
    match meaning(world, written) {
        Meaning::Schema(found, schema) => {
            let checks = checks.below(world, schema, rest);
            fields_of(world, found, schema, name, rest, checks)
        }
        Meaning::Api(definition) => {
            let top = ApiType { what: "field", name: name.to_owned(), kind: None, ty: record(&definition) };
            described(world, &top, rest)
        }
        Meaning::Plain => Err(plain(name, rest)),
    }
}

fn plain(name: &str, rest: &[&str]) -> Problem {
    let help = Some(format!("leave out `{}`", rest.join(".")));
    Problem { message: format!("`{name}` has no fields"), help }
}

pub(super) fn no_field<'a>(name: &str, wrong: &str, fields: impl Iterator<Item = &'a str> + Clone) -> Problem {
    let help = did_you_mean(wrong, fields.clone());
    let help = help.unwrap_or_else(|| format!("there are {}", listed(fields.map(str::to_owned))));
    Problem { message: format!("`{name}` has no field `{wrong}`"), help: Some(help) }
}

/// What the values of a type are, or the items or entries of its values.
enum Meaning<'w> {
    Schema(Found<'w>, &'w Schema),
    Api(String),
    Plain,
}

fn meaning<'w>(world: &'w World, written: Written<'w>) -> Meaning<'w> {
    meaning_within(world, written, &mut 200)
}

/// Looks at so many types at most: where aliases go in a circle, which is a mistake, no end is ever reached.
fn meaning_within<'w>(world: &'w World, mut written: Written<'w>, left: &mut u32) -> Meaning<'w> {
    while *left > 0 {
        *left -= 1;
        match &written.ty.kind {
            TypeExprKind::List(inner) | TypeExprKind::Map(inner) | TypeExprKind::Optional(inner) => written.ty = inner,
            TypeExprKind::Name(name) => match world.resolve(written.module, written.file, name) {
                Some(found) => match found.item {
                    Item::Schema(schema) => return Meaning::Schema(found, schema),
                    Item::TypeAlias(alias) => {
                        written = Written { module: found.module, file: found.file, ty: &alias.ty };
                    }
                    _ => return Meaning::Plain,
                },
                None => return Meaning::Plain,
            },
            TypeExprKind::Kubernetes { api_version, name } => {
                return match world.api.type_named(api_version, &name.text) {
                    Some(definition) => Meaning::Api(definition.to_owned()),
                    None => Meaning::Plain,
                };
            }
            TypeExprKind::Union(members) => {
                let inside = members.iter().map(|ty| meaning_within(world, Written { ty, ..written }, left));
                let mut inside = inside.filter(|meaning| !matches!(meaning, Meaning::Plain));
                return inside.next().unwrap_or(Meaning::Plain);
            }
            _ => return Meaning::Plain,
        }
    }
    Meaning::Plain
}

/// The fields of what a type's values hold.
fn fields(world: &World, written: Written) -> Vec<FieldLine> {
    match meaning(world, written) {
        Meaning::Schema(_, schema) => lines(world, schema),
        Meaning::Api(definition) => super::api::lines(world, &definition),
        Meaning::Plain => Vec::new(),
    }
}

/// The values of a closed set of strings, numbers and bools.
fn values(ty: &ast::TypeExpr) -> Vec<String> {
    match &ty.kind {
        TypeExprKind::Optional(inner) => values(inner),
        TypeExprKind::Union(members) => {
            let literals: Vec<String> = members
                .iter()
                .filter_map(|member| match &member.kind {
                    TypeExprKind::Literal(value) => literal(value),
                    _ => None,
                })
                .collect();
            if literals.len() == members.len() { literals } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

fn literal(value: &ast::Expr) -> Option<String> {
    match &value.kind {
        ast::ExprKind::String(parts) => match parts.as_slice() {
            [] => Some("\"\"".to_owned()),
            [ast::StringPart::Text(text)] => Some(format!("\"{text}\"")),
            _ => None,
        },
        ast::ExprKind::Int(number) => Some(number.to_string()),
        ast::ExprKind::Bool(value) => Some(value.to_string()),
        ast::ExprKind::Null => Some("null".to_owned()),
        _ => None,
    }
}
