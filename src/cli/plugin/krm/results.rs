//! What a function has to say, as `results` of the list that goes out.

use super::config::Mistake;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Files;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One thing to say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    message: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_ref: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File>,
    /// The code of the diagnostic, and the line and column in the file, which the specification has no fields for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_value: Option<String>,
}

#[derive(Debug, Serialize)]
struct File {
    path: String,
}

/// The function's configuration, as findings point to it.
pub(super) struct Configuration<'a> {
    pub json: &'a Json,
    /// Its file in the package, where the engine says it.
    pub path: Option<&'a str>,
}

impl Configuration<'_> {
    fn reference(&self) -> Option<Json> {
        let text = |json: &Json, field: &str| json.get(field).and_then(Json::as_str).map(str::to_owned);
        let metadata = self.json.get("metadata").unwrap_or(&Json::Null);
        let fields = [
            ("apiVersion", text(self.json, "apiVersion")),
            ("kind", text(self.json, "kind")),
            ("name", text(metadata, "name")),
            ("namespace", text(metadata, "namespace")),
        ];
        let known: serde_json::Map<String, Json> =
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
        (!known.is_empty()).then_some(Json::Object(known))
    }

    fn file(&self) -> Option<File> {
        self.path.map(|path| File { path: path.to_owned() })
    }

    /// A mistake in it.
    pub(super) fn mistake(&self, mistake: &Mistake) -> Finding {
        Finding {
            message: mistake.text(),
            severity: "error",
            resource_ref: self.reference(),
            field: (!mistake.field.is_empty())
                .then(|| Field { path: mistake.field.clone(), proposed_value: mistake.proposed.clone() }),
            file: self.file(),
            tags: BTreeMap::new(),
        }
    }

    /// A diagnostic of the program. Where the program stands in the configuration, `inline` is the field.
    pub(super) fn diagnostic(&self, diagnostic: &Diagnostic, files: &Files, inline: Option<&str>) -> Finding {
        let help = diagnostic.help.as_deref().map_or_else(String::new, |help| format!("; {help}"));
        let within = match &diagnostic.environments[..] {
            [] => String::new(),
            names => format!(" (in {})", names.join(", ")),
        };
        let mut tags = BTreeMap::from([("code", diagnostic.code.name().to_owned())]);
        let mut name = None;
        if let Some(label) = &diagnostic.primary {
            let source = files.get(label.span.file);
            let (line, column) = source.line_column(label.span.start());
            tags.extend([("line", line.to_string()), ("column", column.to_string())]);
            name = Some(source.name.clone());
        }
        let is_inline = inline.is_some() && name.as_deref().is_none_or(|name| name == super::INLINE);
        Finding {
            message: format!("{}{within}{help}", diagnostic.message),
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            resource_ref: if is_inline { self.reference() } else { None },
            field: inline.filter(|_| is_inline).map(|path| Field { path: path.to_owned(), proposed_value: None }),
            file: if is_inline { self.file() } else { name.map(|path| File { path }) },
            tags,
        }
    }
}
