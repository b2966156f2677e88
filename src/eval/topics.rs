//! What can be asked of what components make: `explain` in a component.

use super::evaluator::{Eval, Evaluator};
use super::frame::Frame;
use super::plan::Planned;
use super::value::{Str, Value};
use crate::core::{EnvironmentId, Topic};
use crate::diagnostic::Diagnostics;
use std::rc::Rc;

/// A topic of an instance.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The instance's name.
    pub instance: Str,
    /// The topic's name.
    pub topic: String,
    /// What it is about, as its declaration says.
    pub about: Option<String>,
    /// None where the topic was not asked for.
    pub value: Option<Value>,
}

/// What is asked while a unit is evaluated.
#[derive(Debug)]
pub(super) struct Asked {
    topic: Option<String>,
    answers: Vec<Answer>,
}

impl<'p> Evaluator<'p> {
    /// The topics of all instances in a unit, in source order; the values of those with the name that is asked for.
    pub fn topics(
        &mut self,
        environment: EnvironmentId,
        planned: &Planned<'p>,
        topic: Option<&str>,
        sink: &mut Diagnostics,
    ) -> Vec<Answer> {
        self.asked = Some(Asked { topic: topic.map(str::to_owned), answers: Vec::new() });
        self.unit(environment, planned, sink);
        self.asked.take().map(|asked| asked.answers).unwrap_or_default()
    }

    /// Answers, if anybody asks.
    pub(super) fn topic(&mut self, topic: &'p Topic, frame: &Rc<Frame<'p>>) -> Eval<()> {
        let Some(asked) = &self.asked else { return Ok(()) };
        let is_meant = asked.topic.as_deref() == Some(&topic.name);
        let value = if is_meant { Some(self.expr(&topic.value, frame)?) } else { None };
        let answer = Answer {
            instance: frame.site.as_ref().map_or_else(|| Str::from(""), |site| site.name.clone()),
            topic: topic.name.to_string(),
            about: topic.doc.as_deref().map(str::to_owned),
            value,
        };
        self.spend(size_of::<Answer>())?;
        if let Some(asked) = &mut self.asked {
            asked.answers.push(answer);
        }
        Ok(())
    }
}
