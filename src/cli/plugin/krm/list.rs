//! The ResourceList that a KRM function reads and writes, as the specification of KRM functions has it:
//! <https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md>.
//!
//! Items of others go out as the text that they came in as, so that their comments, quotes and order of fields stay.

use super::results::Finding;
use crate::cli::Failure;
use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

/// Where an engine keeps which file of the package an item stands in.
pub(super) const PATH: &str = "internal.config.kubernetes.io/path";
/// Where an engine keeps which document of its file an item is.
pub(super) const INDEX: &str = "internal.config.kubernetes.io/index";
/// [`PATH`] and [`INDEX`] as older engines write them.
const LEGACY: [(&str, &str); 2] = [(PATH, "config.kubernetes.io/path"), (INDEX, "config.kubernetes.io/index")];

/// The versions of ResourceList, the newest first.
const VERSIONS: [&str; 2] = ["config.kubernetes.io/v1", "config.kubernetes.io/v1beta1"];

/// What came in.
#[derive(Debug)]
pub(super) struct List {
    version: &'static str,
    pub config: Option<Json>,
    pub items: Vec<Item>,
}

/// An object of the list.
#[derive(Debug)]
pub(super) struct Item {
    value: Yaml,
    /// Lines as an item of a list, the first behind its dash.
    text: String,
}

impl Item {
    /// A field at a path; none where it is no text.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        path.iter().try_fold(&self.value, |value, key| value.get(key))?.as_str()
    }

    /// An annotation, under its older name too.
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        let older = LEGACY.iter().find(|(new, _)| *new == name).map(|(_, old)| *old);
        [Some(name), older].into_iter().flatten().find_map(|name| self.text_at(&["metadata", "annotations", name]))
    }

    /// The group of its API; empty for the core.
    pub(super) fn group(&self) -> &str {
        self.text_at(&["apiVersion"]).and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
    }
}

/// Reads a ResourceList.
///
/// # Errors
/// It is none. The reader's own words are not used, since they would quote values.
pub(super) fn read(text: &str) -> Result<List, Failure> {
    let told = |text: String| Err(Failure::Told(text));
    let mut whole: Yaml = match serde_yaml::from_str(text) {
        Ok(whole) => whole,
        Err(error) => {
            let place = error.location().map_or_else(String::new, |at| format!(" in line {}", at.line()));
            return told(format!("stdin is no YAML document{place}: a KRM function reads one ResourceList"));
        }
    };
    if whole.is_null() {
        return told("stdin is empty: a KRM function reads a ResourceList, which Kustomize and kpt write".to_owned());
    }
    let word = |field: &str| whole.get(field).and_then(Yaml::as_str).unwrap_or_default().to_owned();
    let (version, kind) = (word("apiVersion"), word("kind"));
    let known = VERSIONS.into_iter().find(|known| *known == version);
    let Some(version) = known.filter(|_| kind == "ResourceList") else {
        let wanted = format!("a ResourceList of {} is expected on stdin", VERSIONS.join(" or "));
        let found = if kind.is_empty() { "something without a kind".to_owned() } else { format!("{kind} {version}") };
        return told(format!("{wanted}, found {}", found.trim_end()));
    };
    let config = whole.get("functionConfig").filter(|config| !config.is_null());
    let config = match config.map(serde_json::to_value).transpose() {
        Ok(config) => config,
        Err(_) => return told("`functionConfig` has keys or numbers that JSON lacks".to_owned()),
    };
    let values = match whole.get_mut("items").map(std::mem::take) {
        None | Some(Yaml::Null) => Vec::new(),
        Some(Yaml::Sequence(values)) => values,
        Some(_) => return told("`items` of the ResourceList is no list".to_owned()),
    };
    if let Some(at) = values.iter().position(|value| !value.is_mapping()) {
        return told(format!("`items[{at}]` of the ResourceList is no object"));
    }
    Ok(List { version, config, items: items(text, values)? })
}

/// The items with their texts: as they stand in the list, or written anew where that is in no block style.
fn items(list: &str, values: Vec<Yaml>) -> Result<Vec<Item>, Failure> {
    let texts = slices(list);
    // The cut is by indentation alone: it is right where each part says the same as the whole's item.
    let same = texts.len() == values.len()
        && texts.iter().zip(&values).all(|(text, value)| {
            serde_yaml::from_str::<Vec<Yaml>>(text).is_ok_and(|parsed| parsed.len() == 1 && parsed[0] == *value)
        });
    if same {
        return Ok(values.into_iter().zip(texts).map(|(value, text)| Item { value, text }).collect());
    }
    let anew = |(at, value): (usize, Yaml)| match serde_json::to_string(&value) {
        // JSON is YAML.
        Ok(json) => Ok(Item { value, text: format!("- {json}\n") }),
        Err(_) => Err(Failure::Told(format!("`items[{at}]` of the ResourceList has keys or numbers that JSON lacks"))),
    };
    values.into_iter().enumerate().map(anew).collect()
}

/// The parts of a block list `items:` at the top, each from its dash to the next.
fn slices(list: &str) -> Vec<String> {
    let mut lines = list.split_inclusive('\n').skip_while(|line| line.trim_end() != "items:").skip(1).peekable();
    let mut parts: Vec<String> = Vec::new();
    let Some(indent) = lines.peek().and_then(|line| line.find("- ")) else { return parts };
    for line in lines {
        let depth = line.len() - line.trim_start_matches(' ').len();
        let is_blank = line.trim().is_empty();
        if depth == indent && (line[depth..].starts_with("- ") || line[depth..].trim_end() == "-") {
            parts.push(String::new());
        } else if !is_blank && depth <= indent && !line.trim_start().starts_with('#') {
            break;
        }
        let Some(part) = parts.last_mut() else { break };
        part.push_str(line.get(indent.min(depth)..).unwrap_or(line));
        if !line.ends_with('\n') {
            part.push('\n');
        }
    }
    parts
}

/// Writes the list that goes out: items of others, objects in block style, and what there is to say.
pub(super) fn write<'a>(
    list: &List,
    kept: impl Iterator<Item = &'a Item>,
    made: impl Iterator<Item = &'a str>,
    findings: &[Finding],
) -> String {
    let mut out = format!("apiVersion: {}\nkind: ResourceList\nitems:", list.version);
    let empty = out.len();
    for item in kept {
        if out.len() == empty {
            out.push('\n');
        }
        out.push_str(&item.text);
    }
    for object in made {
        if out.len() == empty {
            out.push('\n');
        }
        for (at, line) in object.split_inclusive('\n').enumerate() {
            let indent = match at {
                0 => "- ",
                // A line of a block of text that has nothing in it stays so.
                _ if line == "\n" => "",
                _ => "  ",
            };
            out.push_str(indent);
            out.push_str(line);
        }
    }
    if out.len() == empty {
        out.push_str(" []\n");
    }
    if !findings.is_empty() {
        let json = serde_json::to_string(findings).expect("texts and numbers can always be written");
        out.push_str(&format!("results: {json}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n# first\n- a: 0x10 # kept\n  \
                        b: |\n    - x\n\n    y\n- c: [on, 'no']\nfunctionConfig: {kind: X}\n";

    fn refusal(text: &str) -> String {
        match read(text) {
            Err(Failure::Told(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn items_go_out_as_they_came_in() {
        for list in [LIST.replace("# first\n", ""), LIST.replace("# first\n", "").replace("/v1\n", "/v1beta1\n")] {
            let read = read(&list).expect("is a list");
            assert_eq!(read.items.len(), 2);
            let written = write(&read, read.items.iter(), std::iter::empty(), &[]);
            assert_eq!(format!("{written}functionConfig: {{kind: X}}\n"), list);
        }
    }

    #[test]
    fn what_is_in_no_block_style_says_the_same() {
        let text = r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"a":"1","b":[1,true]}]}"#;
        for text in [text, LIST] {
            let list = read(text).expect("is a list");
            let written = write(&list, list.items.iter(), ["d: |\n  x\n\n  y\n"].into_iter(), &[]);
            let [before, after] = [text, &written].map(|text| serde_yaml::from_str::<Yaml>(text).expect("YAML"));
            let items = |list: &Yaml| list["items"].as_sequence().expect("is a list").clone();
            let (before, after) = (items(&before), items(&after));
            assert_eq!(before, after[..before.len()]);
            assert_eq!(after[before.len()]["d"].as_str(), Some("x\n\ny\n"));
        }
    }

    #[test]
    fn what_is_no_list_is_refused_without_quoting_it() {
        assert!(refusal("").starts_with("stdin is empty"));
        assert_eq!(
            refusal("a: [hunter2"),
            "stdin is no YAML document in line 2: a KRM function reads one ResourceList"
        );
        let wanted = "a ResourceList of config.kubernetes.io/v1 or config.kubernetes.io/v1beta1 is expected on stdin";
        assert_eq!(refusal("{}"), format!("{wanted}, found something without a kind"));
        assert_eq!(refusal("{apiVersion: v1, kind: List}"), format!("{wanted}, found List v1"));
        let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
        assert_eq!(refusal(&format!("{head}items: 1\n")), "`items` of the ResourceList is no list");
        assert_eq!(refusal(&format!("{head}items: [1]\n")), "`items[0]` of the ResourceList is no object");
    }
}
