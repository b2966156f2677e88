//! Kustomize's `images`, where only images differ.
//!
//! The transformer goes by the image's name and touches every `containers` and `initContainers` list in every kind.
//! It is used only where that is exactly what is wanted; what is left stays a patch.

use super::patch::{Action, Change};
use crate::eval::value::{Map, Value};
use crate::kubernetes::Object;

/// An entry of `images`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The name in the base, without tag and digest.
    pub name: String,
    /// The name to put in its place.
    pub new_name: Option<String>,
    /// The tag.
    pub new_tag: Option<String>,
    /// The digest, such as `sha256:…`.
    pub digest: Option<String>,
}

/// Takes out of the changes what `images` says. `objects` is all that the transformer meets, as it shall be, and each
/// list of changes belongs to one of them.
pub fn extract(changes: &mut [(&Object, Vec<Change>)], objects: &[&Object]) -> Vec<Image> {
    let mut images = candidates(changes);
    if images.is_empty() {
        return images;
    }
    let Some(uses) = Uses::of(objects) else { return Vec::new() };
    while let Some(at) = images.iter().position(|image| uses.suffer_from(image, &images)) {
        images.remove(at);
    }
    for (object, changes) in changes {
        changes.retain(|change| match image_change(object, change) {
            Some((from, to)) => transformed(from, &images) != to,
            None => true,
        });
    }
    images
}

/// An entry for each image name that becomes one and the same image wherever it changes.
fn candidates(changes: &[(&Object, Vec<Change>)]) -> Vec<Image> {
    let mut wishes: Vec<(&str, Option<&str>)> = Vec::new();
    for (object, changes) in changes {
        for (from, to) in changes.iter().filter_map(|change| image_change(object, change)) {
            let (name, _, _) = split(from);
            match wishes.iter_mut().find(|(known, _)| *known == name) {
                Some((_, wish)) if *wish == Some(to) => {}
                Some((_, wish)) => *wish = None,
                None => wishes.push((name, Some(to))),
            }
        }
    }
    wishes.into_iter().filter_map(|(name, wish)| entry(name, wish?)).collect()
}

/// The entry that makes the image `to` of every image of a name, if there is one.
fn entry(name: &str, to: &str) -> Option<Image> {
    // Kustomize takes the name for a regular expression; these letters mean themselves, or any letter.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte)) {
        return None;
    }
    let (new_name, tag, digest) = split(to);
    // Versions of Kustomize differ in what they make of both; without either the old tag would stay.
    if tag.is_empty() == digest.is_empty() {
        return None;
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let new_name = (new_name != name).then(|| new_name.to_owned());
    Some(Image { name: name.to_owned(), new_name, new_tag: some(tag), digest: some(digest) })
}

/// Where the transformer looks in every object, whatever its kind, besides all lists of containers.
const FIELDS: [&[&str]; 6] = [
    &["spec", "containers", "image"],
    &["spec", "initContainers", "image"],
    &["spec", "volumes", "image", "reference"],
    &["spec", "template", "spec", "containers", "image"],
    &["spec", "template", "spec", "initContainers", "image"],
    &["spec", "template", "spec", "volumes", "image", "reference"],
];

/// Whether the transformer can follow a path into a map: it goes through lists and maps, stops at nothing and null,
/// and gives up the whole build at anything else.
fn is_passable_map(map: &Map, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    map.get(first).is_none_or(|value| is_passable(value, rest))
}

fn is_passable(value: &Value, path: &[&str]) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => is_passable_map(map, path),
        Value::List(items) => !path.is_empty() && items.iter().all(|item| is_passable(item, path)),
        Value::Keyed(keyed) => {
            !path.is_empty() && keyed.items.entries().iter().all(|entry| is_passable(&entry.value, path))
        }
        Value::Absent
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => path.is_empty(),
    }
}

/// Images of all objects of an environment, as they shall be.
struct Uses<'a> {
    /// In `containers` and `initContainers`.
    images: Vec<&'a str>,
    /// In image volumes, which only newer versions of Kustomize touch.
    volumes: Vec<&'a str>,
}

impl<'a> Uses<'a> {
    /// None where the transformer would stumble over a list that holds no containers.
    fn of(objects: &[&'a Object]) -> Option<Uses<'a>> {
        let mut uses = Uses { images: Vec::new(), volumes: Vec::new() };
        let read = objects.iter().filter(|object| takes_images(object)).all(|object| {
            FIELDS.iter().all(|path| is_passable_map(&object.fields, path)) && uses.read_map(&object.fields)
        });
        read.then_some(uses)
    }

    /// Whether an entry is to blame for a change that nobody wants. Patches come before images: whatever they wrote
    /// must come through unharmed.
    fn suffer_from(&self, image: &Image, images: &[Image]) -> bool {
        self.volumes.iter().any(|reference| matches(reference, &image.name))
            || self.images.iter().any(|wanted| matches(wanted, &image.name) && transformed(wanted, images) != **wanted)
    }

    fn read_map(&mut self, map: &'a Map) -> bool {
        map.entries().iter().all(|entry| match &*entry.key {
            "containers" | "initContainers" => self.read_containers(&entry.value),
            "image" => self.read_image_volume(&entry.value),
            _ => self.read(&entry.value),
        })
    }

    fn read(&mut self, value: &'a Value) -> bool {
        match value {
            Value::Map(map) => self.read_map(map),
            Value::Keyed(keyed) => self.read_map(&keyed.items),
            Value::List(items) => items.iter().all(|item| self.read(item)),
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => true,
        }
    }

    fn read_containers(&mut self, value: &'a Value) -> bool {
        match value {
            Value::List(items) => items.iter().all(|item| self.read_container(item)),
            Value::Keyed(keyed) => keyed.items.entries().iter().all(|entry| self.read_container(&entry.value)),
            value => self.read(value),
        }
    }

    fn read_container(&mut self, value: &'a Value) -> bool {
        let Value::Map(container) = value else { return false };
        match container.get("image") {
            None => {}
            Some(Value::Str(image)) => self.images.push(image),
            Some(_) => return false,
        }
        self.read_map(container)
    }

    fn read_image_volume(&mut self, value: &'a Value) -> bool {
        if let Value::Map(volume) = value
            && let Some(Value::Str(reference)) = volume.get("reference")
        {
            self.volumes.push(reference);
        }
        self.read(value)
    }
}

/// From which image to which a change leads, if it is one that the transformer could make.
fn image_change<'a>(object: &Object, change: &'a Change) -> Option<(&'a str, &'a str)> {
    let mut steps = change.pointer.rsplit('/');
    let is_image = steps.next() == Some("image")
        && steps.next().is_some_and(|position| position.bytes().all(|byte| byte.is_ascii_digit()))
        && matches!(steps.next(), Some("containers" | "initContainers"));
    match &change.action {
        Action::Replace { from: Value::Str(from), to: Value::Str(to) } if is_image && takes_images(object) => {
            Some((from, to))
        }
        Action::Add(_) | Action::Replace { .. } | Action::Remove => None,
    }
}

/// Kustomize leaves the schemas in these alone.
fn takes_images(object: &Object) -> bool {
    &*object.kind != "CustomResourceDefinition"
}

/// What Kustomize makes of an image, entry by entry.
fn transformed(image: &str, images: &[Image]) -> String {
    let mut image = image.to_owned();
    for Image { name, new_name, new_tag, digest } in images {
        if !matches(&image, name) {
            continue;
        }
        let (old_name, _, _) = split(&image);
        let mut next = new_name.as_deref().unwrap_or(old_name).to_owned();
        if let Some(tag) = new_tag {
            next.push(':');
            next.push_str(tag);
        }
        if let Some(digest) = digest {
            next.push('@');
            next.push_str(digest);
        }
        image = next;
    }
    image
}

/// Whether Kustomize's expression `^NAME(:TAG)?(@sha256:DIGEST)?$` matches, in which a dot of the name is any letter.
fn matches(image: &str, name: &str) -> bool {
    let mut rest = image.chars();
    let begins = name.chars().all(|wanted| rest.next().is_some_and(|letter| wanted == '.' || wanted == letter));
    if !begins {
        return false;
    }
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.{}-".contains(&byte));
    let rest = rest.as_str();
    let (tag, digest) = rest.split_once('@').map_or((rest, None), |(tag, digest)| (tag, Some(digest)));
    (tag.is_empty() || tag.strip_prefix(':').is_some_and(word))
        && digest.is_none_or(|digest| digest.strip_prefix("sha256:").is_some_and(word))
}

/// Name, tag and digest, as Kustomize's `image.Split` has them.
fn split(image: &str) -> (&str, &str, &str) {
    // A colon before the first slash stands before a port.
    let from = image.find('/').unwrap_or(0);
    let (image, digest) = match image[from..].find('@') {
        Some(at) => (&image[..from + at], &image[from + at + 1..]),
        None => (image, ""),
    };
    match image.get(from..).and_then(|rest| rest.find(':')) {
        Some(at) => (&image[..from + at], &image[from + at + 1..], digest),
        None => (image, "", digest),
    }
}
