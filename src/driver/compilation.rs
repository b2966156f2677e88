//! One run of the compiler: load, check, evaluate unit by unit, link.

use super::conditions::ConditionIndex;
use super::policies::Tracer;
use super::{Outcome, unknown};
use crate::core::{DataType, EnvironmentId, GlobalId, Program};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Edit, did_you_mean};
use crate::eval::value::{Str, Value};
use crate::eval::{Answer, Consequence, Evaluator, Given, Plan, Versions, whole};
use crate::explain::Traced;
use crate::host::Host;
use crate::kinds;
use crate::kubernetes::Object;
use crate::kubernetes::limits::LimitCheck;
use crate::kubernetes::link::LinkIndex;
use crate::kubernetes::versions::{Cluster, VersionCheck};
use crate::layers::{Conditions, Group, unit_directory};
use crate::modules::{self, RootModule, WithStandard};
use crate::schema::{Api, Version};
use crate::source::{Files, Span};
use crate::types;
use crate::yaml::yaml;
use std::collections::HashMap;

/// A unit in all environments that have it.
pub(super) struct Evaluated {
    pub name: String,
    /// The file that declares it.
    pub source: String,
    /// What it makes in each environment that has it; never all environments' units at once.
    pub variants: Vec<InEnvironment>,
}

/// A unit in one environment.
pub(super) struct InEnvironment {
    /// The environment's number.
    pub environment: usize,
    pub objects: Vec<Object>,
    /// What makes the environment special for the unit.
    pub conditions: Conditions,
}

/// A checked program, ready to be evaluated.
pub(super) struct Compilation<'p, 's> {
    program: &'p Program,
    api: &'p Api,
    evaluator: Evaluator<'p>,
    files: &'p Files,
    sink: &'s mut Diagnostics,
}

/// How values of params come in, which messages name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By `--set`.
    CommandLine,
    /// As parameters of an Application of Argo CD.
    Application,
    /// As `params` of a KRM function's configuration.
    Function,
}

/// Loads and checks a program; where that went well, evaluates and links it, and makes of its units what `make` says.
pub(super) fn compile<T>(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
    make: impl FnOnce(&mut Compilation) -> T,
) -> Outcome<T> {
    let given: Vec<(String, Given)> =
        settings.iter().map(|(name, text)| (name.clone(), Given::Text(text.clone()))).collect();
    checked(host, &root_module(module, file), |compilation| {
        compilation.set_params(Way::CommandLine, &given);
        (!compilation.sink.has_errors()).then(|| make(compilation))
    })
}

/// Loads and checks a program; where that went well, makes of it what `make` says. Params are not set.
pub(super) fn checked<T>(
    host: &dyn Host,
    root: &RootModule,
    make: impl FnOnce(&mut Compilation) -> Option<T>,
) -> Outcome<T> {
    let host = WithStandard(host);
    let mut files = Files::default();
    let mut sink = Diagnostics::default();
    let loaded = modules::load(&host, root, &mut files, &mut sink);
    let api = &Api::with(kinds::declare(&loaded, &mut sink));
    let program = types::check(&loaded, api, &files, &mut sink);
    // The trees of all files are the most that there is in memory; what comes next needs the room.
    drop(loaded);
    let mut value = None;
    if !sink.has_errors() {
        let evaluator = Evaluator::new(&program, &files, &host, api, yaml);
        let mut compilation = Compilation { program: &program, api, evaluator, files: &files, sink: &mut sink };
        value = make(&mut compilation);
    }
    let environments: Vec<String> =
        program.environments.iter().map(|environment| environment.name.to_string()).collect();
    let value = if sink.has_errors() { None } else { value };
    let mut diagnostics = sink.finish(&environments);
    // Nobody can change the standard library: what would put it right there is no offer.
    let is_theirs = |edit: &Edit| !modules::is_standard(&files.get(edit.span.file).name);
    for diagnostic in &mut diagnostics {
        diagnostic.fixes.retain(|fix| fix.edits.iter().all(is_theirs));
    }
    Outcome { files, diagnostics, value }
}

/// The module that the command line named.
pub(super) fn root_module(module: &str, file: Option<&str>) -> RootModule {
    match file {
        Some(file) if module.is_empty() => RootModule::File(file.to_string()),
        Some(file) => RootModule::File(format!("{module}/{file}")),
        None => RootModule::Directory(module.to_string()),
    }
}

impl<'p> Compilation<'p, '_> {
    pub(super) fn environment_names(&self) -> Vec<String> {
        self.program.environments.iter().map(|environment| environment.name.to_string()).collect()
    }

    /// The types of all kinds that the program knows.
    pub(super) fn api(&self) -> &'p Api {
        self.api
    }

    /// The groups of environments that the program declares.
    pub(super) fn groups(&self) -> Vec<Group> {
        let names = self.environment_names();
        let groups = self.program.groups.iter().map(|group| Group {
            name: group.name.to_string(),
            environments: group.environments.iter().map(|id| names[id.0 as usize].clone()).collect(),
        });
        groups.collect()
    }

    /// What the changes at some paths of an object do, as the program's rules have it; of one that is gone there is
    /// nothing afterwards. What is wrong with the rules is reported.
    pub(super) fn consequences(
        &mut self,
        environment: usize,
        before: &Object,
        after: Option<&Object>,
        paths: &[Vec<String>],
    ) -> Vec<Option<Consequence>> {
        let (was, is) = (whole(before), after.map_or(Value::Absent, whole));
        let Object { api_version, kind, .. } = after.unwrap_or(before);
        let versions = Versions { api_version, kind, before: &was, after: &is };
        self.evaluator.consequences(environment_id(environment), versions, paths, self.sink)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.sink.report(diagnostic);
    }

    /// Whether anything reported so far forbids a result.
    pub(super) fn has_errors(&self) -> bool {
        self.sink.has_errors()
    }

    /// Allows at most this many steps of evaluation.
    pub(super) fn limit_steps(&mut self, most: u64) {
        self.evaluator.limit_steps(most);
    }

    /// The params of all modules: name, type, and the value that each has in an environment, or in all alike where
    /// none is named. What cannot be computed is reported.
    pub(super) fn params(&mut self, environment: Option<usize>) -> Vec<(&'p str, &'p DataType, Option<Value>)> {
        let environments = match environment {
            Some(only) => only..only + 1,
            None => 0..self.program.environments.len(),
        };
        let mut params = Vec::new();
        for (id, global) in (0u32..).zip(&self.program.globals) {
            let Some(ty) = &global.param else { continue };
            let mut values =
                environments.clone().map(|at| self.evaluator.param(environment_id(at), GlobalId(id), self.sink));
            let first = values.next().flatten();
            let same = values.all(|value| value == first);
            params.push((&*global.name, ty, first.filter(|_| same)));
        }
        params
    }

    /// The version of Kubernetes that an environment declares, and where.
    pub(super) fn kubernetes(&self, environment: usize) -> Option<(Version, Span)> {
        self.program.environments.get(environment)?.kubernetes
    }

    /// The context of the kubeconfig that an environment names.
    pub(super) fn context(&self, environment: usize) -> Option<&'p str> {
        self.program.environments.get(environment)?.context.as_deref()
    }

    /// Sets params, and sees to it that all have values.
    pub(super) fn set_params(&mut self, way: Way, settings: &[(String, Given)]) {
        let params: Vec<(GlobalId, &str)> = (0u32..)
            .zip(&self.program.globals)
            .filter(|(_, global)| global.param.is_some())
            .map(|(id, global)| (GlobalId(id), &*global.name))
            .collect();
        let mut set = Vec::new();
        for (name, given) in settings {
            let named: Vec<GlobalId> = params.iter().filter(|(_, known)| known == name).map(|(id, _)| *id).collect();
            if named.is_empty() {
                let known: Vec<&str> = params.iter().map(|(_, name)| *name).collect();
                let help = did_you_mean(name, known.iter().copied()).or_else(|| {
                    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                    Some(if listed.is_empty() {
                        "the program declares none: `param image_tag: string = \"1.0\"`".to_string()
                    } else {
                        format!("there are {}", listed.join(", "))
                    })
                });
                self.report(Diagnostic::global(Code::BadParam, format!("there is no param `{name}`")).help(help));
            }
            for id in named {
                if let Err(problem) = self.evaluator.set_param(id, given) {
                    let span = self.program.globals[id.0 as usize].span;
                    let message = match (way, given) {
                        (Way::CommandLine, Given::Text(text)) => format!("`--set {name}={text}`: {problem}"),
                        (Way::CommandLine | Way::Application | Way::Function, _) => {
                            format!("parameter `{name}`: {problem}")
                        }
                    };
                    self.report(Diagnostic::error(Code::BadParam, message, span).label("declared here"));
                }
                set.push(id);
            }
        }
        for (id, name) in params {
            let global = &self.program.globals[id.0 as usize];
            if global.value.is_none() && !set.contains(&id) {
                let message = format!("param `{name}` has no value");
                let help = match way {
                    Way::CommandLine => format!("it has no default: give it one, or say `--set {name}=…`"),
                    Way::Application => format!("it has no default: set the parameter `{name}` of the Application"),
                    Way::Function => format!("it has no default: set `params.{name}` in the function's configuration"),
                };
                self.report(Diagnostic::error(Code::BadParam, message, global.span).help(help));
            }
        }
    }

    /// Evaluates a unit of an environment once more, with tracing, and makes of it what `make` says; none where that
    /// goes beyond the limits, which is reported.
    pub(super) fn traced<T>(
        &mut self,
        environment: usize,
        unit: &str,
        read: &dyn Fn(&str) -> Option<String>,
        make: impl FnOnce(&Traced) -> T,
    ) -> Option<T> {
        let mut evaluator = self.evaluator.tracing();
        let mut sink = Diagnostics::default();
        let id = environment_id(environment);
        let plan = evaluator.plan(id, &mut sink);
        let planned = plan.units.iter().find(|planned| &*planned.name == unit);
        let made = planned.map(|planned| evaluator.unit(id, planned, &mut sink));
        if sink.has_errors() {
            self.sink.extend(sink);
            return None;
        }
        let made = made?;
        let (program, files) = (self.program, self.files);
        let objects = &made.objects;
        Some(make(&Traced { program, files, evaluator: &evaluator, environment: id, objects, read }))
    }

    /// The topics of a unit in an environment, with the answers of the one that is named; none where there is no such
    /// unit, or it is wrong, which is reported.
    pub(super) fn topics(&mut self, environment: usize, unit: &str, topic: Option<&str>) -> Option<Vec<Answer>> {
        let id = environment_id(environment);
        let mut sink = Diagnostics::default();
        let plan = self.evaluator.plan(id, &mut sink);
        let planned = plan.units.iter().find(|planned| &*planned.name == unit);
        let answers = planned.map(|planned| self.evaluator.topics(id, planned, topic, &mut sink));
        let is_wrong = sink.has_errors();
        self.sink.extend(sink);
        if planned.is_none() && !is_wrong {
            let names: Vec<String> = plan.units.iter().map(|planned| planned.name.to_string()).collect();
            let note = format!("an object is named as `Kind/name`, such as `Deployment/{unit}`");
            self.report(unknown("declaration", unit, &names, Code::UnknownName).note(note));
        }
        answers.filter(|_| !is_wrong)
    }

    /// Evaluates all units in all environments, one unit after the other, and links each environment.
    pub(super) fn units(&mut self, mut each: impl FnMut(Evaluated)) {
        let environments = self.program.environments.len();
        let mut plans: Vec<Plan<'p>> = Vec::with_capacity(environments);
        let mut links: Vec<LinkIndex> = Vec::with_capacity(environments);
        let clusters = self
            .program
            .environments
            .iter()
            .map(|environment| Cluster { environment: environment.name.to_string(), version: environment.kubernetes });
        let mut limits = LimitCheck::new(self.api);
        let mut tracer = Tracer::default();
        let mut versions = VersionCheck::new(self.api, clusters.collect());
        for environment in 0..environments {
            let plan = self.evaluator.plan(environment_id(environment), self.sink);
            let known = &self.program.environments[environment];
            links.push(LinkIndex::new(&known.name, &known.namespace));
            plans.push(plan);
        }
        // The order of a unit is that of its first appearance, in the first environment that has it.
        let mut order: Vec<(Str, Vec<Option<usize>>)> = Vec::new();
        let mut known: HashMap<Str, usize> = HashMap::new();
        for (environment, plan) in plans.iter().enumerate() {
            for (at, planned) in plan.units.iter().enumerate() {
                let number = *known.entry(planned.name.clone()).or_insert_with(|| {
                    order.push((planned.name.clone(), vec![None; environments]));
                    order.len() - 1
                });
                order[number].1[environment] = Some(at);
            }
        }
        self.report_shared_directories(&order, &plans);
        let places = plans.iter().flat_map(|plan| plan.units.iter().map(|planned| planned.span));
        let conditions = ConditionIndex::new(self.program, places);
        // Where an object may be missing because of another mistake, links to it are not to be blamed.
        let mut whole = !self.sink.has_errors();
        for (number, (name, places)) in order.iter().enumerate() {
            let mut unit = Evaluated { name: name.to_string(), source: String::new(), variants: Vec::new() };
            for (environment, at) in places.iter().enumerate() {
                let Some(at) = at else { continue };
                let planned = &plans[environment].units[*at];
                let mut own = Diagnostics::default();
                let made = self.evaluator.unit(environment_id(environment), planned, &mut own);
                unit.source.clone_from(&planned.source);
                // What is wrong with a unit shows in its objects too, and is not to be told twice.
                whole &= !own.has_errors();
                if !own.has_errors() {
                    for object in &made.objects {
                        let (evaluator, files) = (&self.evaluator, self.files);
                        // What the standard library sets comes of what its user says.
                        let theirs = |span: &Span| !modules::is_standard(&files.get(span.file).name);
                        let place = |origin| evaluator.place(origin).map(|place| place.span).filter(theirs);
                        links[environment].add(number, object, &place, &mut own);
                        versions.add(environment, object, &place);
                        limits.add(&self.program.environments[environment].name, object, &place, &mut own);
                    }
                    let unit = (environment_id(environment), &**name);
                    tracer.judge(&mut self.evaluator, unit, &made.objects, self.files, &mut own);
                }
                self.sink.extend(own);
                let conditions = conditions.of(planned.span, environment);
                plans[environment].externals.extend(made.externals);
                unit.variants.push(InEnvironment { environment, objects: made.objects, conditions });
            }
            each(unit);
            self.evaluator.clear();
        }
        versions.finish(self.sink);
        if whole {
            for (link, plan) in links.into_iter().zip(&plans) {
                link.finish(
                    &plan.externals,
                    &|label, at, name| super::written::find(self.files, label, at, name),
                    self.sink,
                );
            }
        }
    }
}

impl<'p> Compilation<'p, '_> {
    /// Reports units whose names differ, but not as names of directories: the files of one would replace the other's.
    fn report_shared_directories(&mut self, order: &[(Str, Vec<Option<usize>>)], plans: &[Plan<'p>]) {
        let mut taken: HashMap<String, (&Str, Span)> = HashMap::new();
        for (name, places) in order {
            let planned = places.iter().zip(plans).find_map(|(at, plan)| plan.units.get((*at)?));
            let Some(span) = planned.map(|planned| planned.span) else { continue };
            let directory = unit_directory(name);
            let Some((other, first)) = taken.insert(directory.to_lowercase(), (name, span)) else { continue };
            let message = format!("`{name}` and `{other}` would share the directory `{directory}`");
            let diagnostic = Diagnostic::error(Code::DuplicateObject, message, span).also(first, "the other is here");
            self.report(diagnostic.help("rename one of them, or the file that it stands in".to_string()));
        }
    }
}

fn environment_id(number: usize) -> EnvironmentId {
    EnvironmentId(u32::try_from(number).unwrap_or(u32::MAX))
}
