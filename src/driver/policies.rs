//! What policies say of the objects of a unit.

use crate::core::EnvironmentId;
use crate::diagnostic::Diagnostics;
use crate::eval::{Evaluator, Plan};
use crate::kubernetes::Object;
use crate::modules;
use crate::source::{Files, Span};
use std::collections::HashMap;

/// Evaluators that trace remember all that they evaluate: after so many units others take their place.
const MOST_UNITS: usize = 64;

/// Traces units in which something is wrong.
#[derive(Default)]
pub(super) struct Tracer<'p> {
    // Of each environment that was looked at.
    evaluators: HashMap<EnvironmentId, (Evaluator<'p>, Plan<'p>)>,
    units: usize,
}

impl<'p> Tracer<'p> {
    /// Reports what breaks policies among the objects of a unit, which `evaluator` has made.
    pub fn judge(
        &mut self,
        evaluator: &mut Evaluator<'p>,
        (environment, unit): (EnvironmentId, &str),
        objects: &[Object],
        files: &Files,
        sink: &mut Diagnostics,
    ) {
        let broken: Vec<_> =
            objects.iter().map(|object| evaluator.broken_policies(environment, object, sink)).collect();
        if broken.iter().all(Vec::is_empty) {
            return;
        }
        let theirs = |span: Span| !modules::is_standard(&files.get(span.file).name);
        let mut tell = |evaluator: &mut Evaluator<'p>, objects: &[Object]| {
            for (object, broken) in objects.iter().zip(&broken) {
                evaluator.report_broken(environment, object, broken, &theirs, sink);
            }
        };
        let (tracing, plan) = self.tracing(evaluator, environment);
        let planned = plan.units.iter().find(|planned| &*planned.name == unit);
        let mut unheard = Diagnostics::default();
        let traced = planned.map(|planned| tracing.unit(environment, planned, &mut unheard));
        match traced {
            Some(made) if !unheard.has_errors() && made.objects.len() == objects.len() => tell(tracing, &made.objects),
            // To remember everything may go beyond a limit: then it is told without.
            Some(_) | None => tell(evaluator, objects),
        }
    }

    fn tracing(&mut self, evaluator: &Evaluator<'p>, environment: EnvironmentId) -> (&mut Evaluator<'p>, &Plan<'p>) {
        self.units += 1;
        if self.units > MOST_UNITS {
            self.units = 1;
            self.evaluators.clear();
        }
        let (tracing, plan) = self.evaluators.entry(environment).or_insert_with(|| {
            let mut tracing = evaluator.tracing();
            let plan = tracing.plan(environment, &mut Diagnostics::default());
            (tracing, plan)
        });
        (tracing, plan)
    }
}
