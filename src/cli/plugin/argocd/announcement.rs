//! The parameters of a project, as Argo CD announces them to its users.

use super::application::{Application, ENVIRONMENT, ONLY};
use crate::cli::Failure;
use crate::driver::{Collection, Given, Items, Offer, Parameter};
use serde::Serialize;
use std::collections::BTreeMap;

/// `ParameterAnnouncement` of Argo CD's repository server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Announcement<'a> {
    name: &'a str,
    title: &'a str,
    tooltip: String,
    required: bool,
    item_type: &'static str,
    collection_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    string: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    array: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    map: Option<BTreeMap<&'a str, &'a str>>,
}

/// The announcements as a JSON array on one line.
pub(super) fn json(offer: &Offer, application: &Application) -> Result<String, Failure> {
    let own = |name, title, tooltip, required, string| Announcement {
        name,
        title,
        tooltip,
        required,
        item_type: "string",
        collection_type: "string",
        string,
        array: None,
        map: None,
    };
    let environments = format!("one of {}", offer.environments.join(", "));
    let mut all = vec![
        own(ENVIRONMENT, "Environment", environments, true, application.environment.as_deref()),
        own(ONLY, "Declaration", "only what this declaration makes".to_owned(), false, application.only.as_deref()),
    ];
    // These two names are taken: a param that has one of them keeps its default.
    let params = offer.parameters.iter().filter(|param| ![ENVIRONMENT, ONLY].contains(&param.name.as_str()));
    all.extend(params.map(announcement));
    serde_json::to_string(&all)
        .map(|text| text + "\n")
        .map_err(|error| Failure::Told(format!("the parameters cannot be written: {error}")))
}

fn announcement(parameter: &Parameter) -> Announcement<'_> {
    let Parameter { name, doc, ty, required, items, collection, default } = parameter;
    let doc = doc.as_deref().map(|doc| doc.split_whitespace().collect::<Vec<_>>().join(" "));
    let (string, array, map) = match default {
        Some(Given::Text(text)) => (Some(text.as_str()), None, None),
        Some(Given::List(items)) => (None, Some(items.as_slice()), None),
        Some(Given::Map(entries)) => {
            (None, None, Some(entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()))
        }
        None => (None, None, None),
    };
    Announcement {
        name,
        title: name,
        tooltip: doc.map_or_else(|| ty.clone(), |doc| format!("{doc} ({ty})")),
        required: *required,
        item_type: match items {
            Items::Text => "string",
            Items::Number => "number",
            Items::Bool => "boolean",
        },
        collection_type: match collection {
            Collection::Single => "string",
            Collection::List => "array",
            Collection::Map => "map",
        },
        string,
        array,
        map,
    }
}
