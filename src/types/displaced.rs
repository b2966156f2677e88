//! Fields that stand one level too high: newcomers leave `spec` or `metadata` out, or forget `job`.

use super::coverage::Coverage;
use super::entries::{Standing, written};
use super::ty::Type;
use super::{Checker, errors};
use crate::schema::{FieldType, Version};
use crate::syntax::ast::{Entry, Name, Path, Segment};

impl<'a> Checker<'a> {
    /// Reports entries that together belong one level down, as the one mistake that they are: the block around them is
    /// missing. Says which entries those are; a single one is left to where fields are looked up.
    pub(super) fn displaced(
        &mut self,
        entries: &'a [Entry],
        holder: &Type,
        covered: &mut Coverage,
        standing: &Standing,
    ) -> Vec<bool> {
        let Type::Definition(definition) = holder.present() else { return Vec::new() };
        let Some(known) = self.api.definition(&definition).filter(|known| !known.open) else { return Vec::new() };
        let is_field = |name: &Name| known.fields.iter().any(|field| field.name == *name.text);
        let strangers: Vec<(usize, &'a Path, &'a Name)> = entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some((at, path(entry)?, first_name(path(entry)?)?)))
            .filter(|(_, _, name)| !is_field(name))
            .collect();
        let down = |name: &Name| self.api_field_down(&definition, &name.text);
        let Some(outer) = strangers.first().and_then(|(_, _, name)| down(name)) else { return Vec::new() };
        let together: Vec<_> =
            strangers.into_iter().filter(|(_, _, name)| down(name).as_ref() == Some(&outer)).collect();
        if together.len() < 2 {
            return Vec::new();
        }
        let owner = self.show(holder);
        let names: Vec<&Name> = together.iter().map(|(_, _, name)| *name).collect();
        let version = format!("{} to {}", Version::OLDEST, Version::NEWEST);
        self.sink.report(errors::displaced(&owner, &outer, &names, &version));
        let mut skipped = vec![false; entries.len()];
        for (at, path, _) in together {
            covered.stray(&standing.path(&written(path)));
            skipped[at] = true;
        }
        skipped
    }

    /// What to do about a field that its owner does not have, but a part of the owner does.
    pub(super) fn one_level_down(&mut self, owner: &Type, name: &str) -> Option<String> {
        let outer = match owner {
            Type::Definition(definition) => self.api_field_down(definition, name),
            Type::Schema(id) => {
                let fields = self.schema_fields(*id);
                let declared = self.schemas[id.0 as usize].declared;
                let has = |ty: &Type| {
                    matches!(ty.present(), Type::Schema(inner) if self.schemas[inner.0 as usize]
                        .declared.fields.iter().any(|field| *field.name.text == *name))
                };
                let mut holders = fields.iter().zip(&declared.fields).filter(|((_, ty), _)| has(ty));
                // A name such as `memory`, which several parts have, says nothing.
                let only = holders.next().filter(|_| holders.next().is_none());
                only.map(|(_, field)| field.name.text.to_string())
            }
            _ => None,
        };
        outer.map(|outer| format!("it is a field of `{outer}`: `{outer}.{name}`"))
    }

    /// The field of an API type whose own fields include a name.
    fn api_field_down(&self, definition: &str, name: &str) -> Option<String> {
        let definition = self.api.definition(definition)?;
        definition.fields.iter().find_map(|field| {
            let FieldType::Record(inner) = &field.ty else { return None };
            let inner = self.api.definition(inner)?;
            inner.fields.iter().any(|field| field.name == name).then(|| field.name.clone())
        })
    }
}

fn path(entry: &Entry) -> Option<&Path> {
    match entry {
        Entry::Set { path, .. } | Entry::Open { path, .. } => Some(path),
        Entry::Unset { .. }
        | Entry::Override { .. }
        | Entry::Spread { .. }
        | Entry::Let(_)
        | Entry::When(_)
        | Entry::If(_)
        | Entry::For(_) => None,
    }
}

fn first_name(path: &Path) -> Option<&Name> {
    match path.segments.first()? {
        Segment::Name(name) => Some(name),
        Segment::Computed(_) => None,
    }
}
