//! `flinkc plugin krm`: a KRM function, which Kustomize and kpt call with a list of objects and a configuration.

mod config;
mod list;
mod results;

use super::choice;
use super::limits::Limits;
use crate::cli::{Failure, Verdict, report};
use crate::driver::{self, Annotations, ClusterFacts, Identity, Manifest, Outcome, Project, Request, Way};
use crate::host::{Host, LARGEST_FILE, MemoryHost, OsHost, normal_path};
use clap::Args;
use config::{Config, Mistake, Program};
use list::{INDEX, Item, List, PATH};
use results::{Configuration, Finding};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::env;
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// Says which configuration made an object, so that its next run replaces it.
const MADE_BY: &str = "flinkc.dev/made-by";
/// The file's name of a program that stands in the configuration.
const INLINE: &str = "source.flink";

/// Makes objects as a KRM function, for Kustomize and kpt
///
/// Reads a ResourceList on stdin and writes one to stdout. Its functionConfig names a program and an environment;
/// docs/krm.md says how.
#[derive(Debug, Args)]
pub(super) struct Krm {
    /// The directory that nothing outside of is read [default: the directory that the function is started in]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(flatten)]
    limits: Limits,
}

pub(super) fn run(command: &Krm) -> Result<Verdict, Failure> {
    command.limits.watch()?;
    let list = list::read(&input()?)?;
    let Some(json) = &list.config else {
        let text = "the ResourceList has no functionConfig, which names the program: `apiVersion: flinkc.dev/v1`, \
                    `kind: Flink`, and `spec` with `project` and `environment`";
        return Err(Failure::Told(text.to_owned()));
    };
    let annotations = json.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let path = annotations.and_then(|annotations| annotations.get(PATH)?.as_str());
    let configuration = Configuration { json, path };
    let made = config::read(json).and_then(|config| {
        let outcome = compile(command, &config, &list)?;
        Ok((config, outcome))
    });
    let (config, mut outcome) = match made {
        Ok(made) => made,
        Err(mistakes) => return refuse(command, &list, &configuration, &mistakes),
    };
    report::log(&mut outcome);
    let inline = match &config.program {
        Program::Project(_) => None,
        Program::Inline(_) => Some(format!("{}.source", config.section)),
    };
    let findings: Vec<Finding> = outcome
        .diagnostics
        .iter()
        .map(|diagnostic| configuration.diagnostic(diagnostic, &outcome.files, inline.as_deref()))
        .collect();
    let Some(manifests) = outcome.value else {
        print(command, &unchanged(&list, &findings))?;
        return Ok(Verdict::Wrong);
    };
    let mistakes = collisions(&config, &list, &manifests);
    if !mistakes.is_empty() {
        return refuse(command, &list, &configuration, &mistakes);
    }
    let kept = list.items.iter().filter(|item| !is_replaced(&config, item) && !is_echo(&config, &list, json, item));
    print(command, &list::write(&list, kept, manifests.iter().map(|made| made.text.as_str()), &findings))
}

/// The text of stdin, no more of it than of any file.
fn input() -> Result<String, Failure> {
    let told = |text: String| Failure::Told(text);
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LARGEST_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| told(format!("stdin cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(told(format!("stdin has more than {} MiB", LARGEST_FILE >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| told("stdin is not UTF-8".to_owned()))
}

/// Says what is wrong with the configuration, on stderr and in a list that has what came in.
fn refuse(command: &Krm, list: &List, configuration: &Configuration, mistakes: &[Mistake]) -> Result<Verdict, Failure> {
    mistakes.iter().for_each(|mistake| report::error(&mistake.text()));
    let findings: Vec<Finding> = mistakes.iter().map(|mistake| configuration.mistake(mistake)).collect();
    print(command, &unchanged(list, &findings))?;
    Ok(Verdict::Wrong)
}

fn unchanged(list: &List, findings: &[Finding]) -> String {
    list::write(list, list.items.iter(), std::iter::empty(), findings)
}

/// Nothing is written before all of it is there.
fn print(command: &Krm, text: &str) -> Result<Verdict, Failure> {
    command.limits.check_output(text.len())?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(Verdict::Fine)
}

/// A program that was found.
enum Place<'a> {
    Project(Project),
    Inline(&'a str),
}

/// Makes the objects that the configuration asks for.
fn compile(command: &Krm, config: &Config, list: &List) -> Result<Outcome<Vec<Manifest>>, Vec<Mistake>> {
    let only = |mistake: Mistake| vec![mistake];
    let field = |name: &str| format!("{}.{name}", config.section);
    let place = match &config.program {
        Program::Project(path) => {
            Place::Project(project(command, path).map_err(|text| only(Mistake::new(field("project"), text)))?)
        }
        Program::Inline(source) => Place::Inline(source),
    };
    let Some(environment) = &config.environment else {
        let help = match &place {
            Place::Project(project) => choice(&driver::environments(project)),
            Place::Inline(_) => "name one that the program declares".to_owned(),
        };
        return Err(only(Mistake::new(field("environment"), "is missing").help(help)));
    };
    let request = Request {
        given: &config.given,
        way: Way::Function,
        environment,
        only: config.only.as_deref(),
        most_steps: command.limits.max_steps,
        cluster: &ClusterFacts::default(),
    };
    let mut files = Files::of(config, list);
    let annotate = |identities: &[Identity]| files.annotations(identities);
    let outcome = match &place {
        Place::Project(project) => driver::manifests_for_list(project, request, annotate),
        Place::Inline(source) => {
            let host = MemoryHost::new([(INLINE.to_owned(), (*source).to_owned())]);
            driver::manifests_for_list_with(&host, "", Some(INLINE), request, annotate)
        }
    };
    if outcome.value.as_ref().is_some_and(Vec::is_empty) && !config.allow_empty {
        let what = config.only.as_ref().map_or_else(String::new, |only| format!(" of `{only}`"));
        let text = format!("there are no objects{what} in environment `{environment}`");
        let help = "everything would be deleted; if that is meant, set `allowEmpty` to true";
        return Err(only(Mistake::new(field("environment"), text).help(help)));
    }
    Ok(outcome)
}

/// The program at a path from where the function is started, inside the root. The error is a text.
fn project(command: &Krm, path: &str) -> Result<Project, String> {
    let here = env::current_dir().and_then(|here| here.canonicalize());
    let here = here.map_err(|error| format!("the working directory cannot be read: {error}"))?;
    let root = match &command.root {
        None => here.clone(),
        Some(root) => {
            root.canonicalize().map_err(|error| format!("`--root {}` cannot be read: {error}", root.display()))?
        }
    };
    let base = here.strip_prefix(&root).ok().and_then(|base| base.to_str());
    let base = base.ok_or("`--root` does not hold the directory that the function is started in")?;
    let outside = "lies outside of the root, which is the directory that the function is started in; its `--root DIR` \
                   permits more";
    let place = normal_path(base, path).ok_or_else(|| format!("`{path}` {outside}"))?;
    let (module, file) = match place.rsplit_once('/') {
        Some((directory, name)) if name.ends_with(".flink") => (directory.to_owned(), Some(name.to_owned())),
        None if place.ends_with(".flink") => (String::new(), Some(place)),
        Some(_) | None => (place, None),
    };
    let host = OsHost::new(&root).map_err(|error| error.to_string())?;
    host.list(&module).map_err(|error| error.to_string())?;
    Ok(Project { root, module, file })
}

/// Whether what is made goes to files, which the next run reads: as kpt does, and `kustomize build` does not, whose
/// lists name no files.
fn is_kept(config: &Config, list: &List) -> bool {
    !config.names_function || list.items.iter().any(|item| item.annotation(PATH).is_some())
}

/// Whether a former run of this configuration made the item.
fn is_replaced(config: &Config, item: &Item) -> bool {
    item.annotation(MADE_BY) == Some(config.id.as_str())
}

/// Whether the item is the configuration, which Kustomize hands to generators in place of nothing.
fn is_echo(config: &Config, list: &List, json: &Json, item: &Item) -> bool {
    let same = |path: &[&str]| {
        item.text_at(path) == path.iter().try_fold(json, |value, key| value.get(key)).and_then(Json::as_str)
    };
    !is_kept(config, list) && same(&["apiVersion"]) && same(&["kind"]) && same(&["metadata", "name"])
}

/// What tells objects apart, of whatever version.
type Key = (String, String, Option<String>, String);

fn key(identity: &Identity) -> Key {
    let Identity { api_version, kind, namespace, name } = identity;
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    (group.to_owned(), kind.clone(), namespace.clone(), name.clone())
}

fn key_of_item(item: &Item) -> Option<Key> {
    let name = item.text_at(&["metadata", "name"])?.to_owned();
    let namespace = item.text_at(&["metadata", "namespace"]).map(str::to_owned);
    Some((item.group().to_owned(), item.text_at(&["kind"])?.to_owned(), namespace, name))
}

/// Objects that others brought already: two of one name in a list would be two truths.
fn collisions(config: &Config, list: &List, manifests: &[Manifest]) -> Vec<Mistake> {
    let others: HashMap<Key, &Item> = list
        .items
        .iter()
        .filter(|item| !is_replaced(config, item))
        .filter_map(|item| Some((key_of_item(item)?, item)))
        .collect();
    let both = manifests.iter().filter_map(|made| Some((&made.identity, others.get(&key(&made.identity))?)));
    let mistakes = both.map(|(Identity { kind, name, .. }, item)| {
        let place = item.annotation(PATH).map_or_else(String::new, |path| format!(" in {path}"));
        let help = match item.annotation(MADE_BY) {
            Some(other) => format!("the configuration `{other}` made it"),
            None => "take it away, or name the one of the program otherwise".to_owned(),
        };
        Mistake::new("", format!("{kind} `{name}` is there already{place}")).help(help)
    });
    mistakes.collect()
}

/// Which files of a package what is made goes to.
struct Files<'a> {
    config: &'a Config,
    is_kept: bool,
    /// Where a former run's objects stand now: who moves one finds it there again.
    former: HashMap<Key, (&'a str, &'a str)>,
    taken: HashSet<String>,
}

impl<'a> Files<'a> {
    fn of(config: &'a Config, list: &'a List) -> Files<'a> {
        let former = list.items.iter().filter(|item| is_replaced(config, item));
        let former = former.filter_map(|item| {
            Some((key_of_item(item)?, (item.annotation(PATH)?, item.annotation(INDEX).unwrap_or("0"))))
        });
        // The files of what is replaced are free again, but for those that it goes back to.
        let foreign = list.items.iter().filter(|item| !is_replaced(config, item));
        let taken = foreign.filter_map(|item| item.annotation(PATH)).map(str::to_owned);
        Files { config, is_kept: is_kept(config, list), former: former.collect(), taken: taken.collect() }
    }

    fn annotations(&mut self, identities: &[Identity]) -> Vec<Annotations> {
        if !self.is_kept {
            return vec![Vec::new(); identities.len()];
        }
        let kept = identities.iter().filter_map(|identity| self.former.get(&key(identity)));
        self.taken.extend(kept.map(|(path, _)| (*path).to_owned()));
        identities.iter().map(|identity| self.place(identity)).collect()
    }

    /// Where an object goes, and who made it.
    fn place(&mut self, identity: &Identity) -> Annotations {
        let (path, index) = match self.former.get(&key(identity)) {
            Some((path, index)) => ((*path).to_owned(), *index),
            None => (self.fresh(identity), "0"),
        };
        let pairs = [(MADE_BY, self.config.id.as_str()), (PATH, &path), (INDEX, index)];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// A file that there is not yet: a directory for the configuration, and in it a file for the object.
    fn fresh(&mut self, identity: &Identity) -> String {
        let directory = Some(file_name(&self.config.id)).filter(|name| !name.is_empty());
        let directory = directory.unwrap_or_else(|| "flinkc".to_owned());
        let stem = file_name(&format!("{}-{}", identity.kind, identity.name));
        let mut path = format!("{directory}/{stem}.yaml");
        let mut count = 1;
        while !self.taken.insert(path.clone()) {
            count += 1;
            path = format!("{directory}/{stem}-{count}.yaml");
        }
        path
    }
}

/// A text with what every file system takes.
fn file_name(text: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
    let name: String = text.to_ascii_lowercase().chars().map(safe).collect();
    name.trim_matches(['-', '.']).to_owned()
}
