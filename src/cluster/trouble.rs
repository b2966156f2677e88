//! What goes wrong between a program and an API server.

use kube::Error;
use kube::config::KubeconfigError;
use kube::core::Status;
use std::error::Error as Source;
use std::fmt;
use std::time::Duration;

/// Why there is no answer, or none that was hoped for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No context was named, and no kubeconfig has a current one.
    NoContext(Vec<String>),
    /// No kubeconfig has that context.
    UnknownContext {
        /// As it was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The server does not serve that kind in that version.
    UnknownKind {
        /// Such as `apps/v1`.
        api_version: String,
        /// Such as `Deployment`.
        kind: String,
    },
    /// The server said no (`Status` of k8s.io/apimachinery/pkg/apis/meta/v1).
    Refused(Box<Refusal>),
    /// There was no answer, or none that an API server gives.
    Unreachable(String),
}

/// What an API server says when it refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code of HTTP.
    pub code: u16,
    /// Such as `Invalid`, `Forbidden`, `NotFound`; empty where there is none.
    pub reason: String,
    /// For people.
    pub message: String,
    /// What it is about: the plural of a kind and a name.
    pub about: (String, String),
    /// The places that are wrong: path as the server writes it, and what is said of it.
    pub fields: Vec<(String, String)>,
    /// How long the server wants to be left alone.
    pub pause: Duration,
}

impl Trouble {
    /// What the server said, where it said no.
    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Trouble::Refused(refusal) => Some(refusal),
            Trouble::NoContext(_)
            | Trouble::UnknownContext { .. }
            | Trouble::UnknownKind { .. }
            | Trouble::Unreachable(_) => None,
        }
    }

    /// Whether there is no object of that name.
    pub(super) fn is_missing(&self, name: &str) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code == 404 && refusal.about.1 == name)
    }

    /// Whether the namespace of the object is not there.
    #[must_use]
    pub fn lacks_namespace(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code == 404 && refusal.about.0 == "namespaces")
    }

    /// Whether whoever asks may not. Admission refuses with the same code, and says what it does not like; only
    /// authorization says what a user cannot do.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.refusal()
            .is_some_and(|refusal| refusal.code == 401 || refusal.code == 403 && refusal.message.contains("cannot "))
    }

    /// Whether a webhook stands in the way that does something besides its answer, and so takes no dry runs.
    #[must_use]
    pub fn takes_no_dry_run(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.message.contains("does not support dry run"))
    }

    /// Whether the same request may be answered later, and how long the server wants to wait until then.
    pub(super) fn worth_another_try(&self) -> Option<Duration> {
        match self {
            Trouble::Refused(refusal) => {
                let is_busy = matches!(refusal.code, 429 | 502 | 503 | 504)
                    || refusal.code == 500 && matches!(&*refusal.reason, "InternalError" | "ServerTimeout");
                is_busy.then_some(refusal.pause)
            }
            Trouble::Unreachable(_) => Some(Duration::ZERO),
            Trouble::NoContext(_) | Trouble::UnknownContext { .. } | Trouble::UnknownKind { .. } => None,
        }
    }

    /// The same without anything that the server may have quoted from the object.
    pub(super) fn without_values(self) -> Trouble {
        match self {
            Trouble::Refused(refusal) => {
                let names: Vec<&str> = refusal.fields.iter().map(|(field, _)| field.as_str()).collect();
                let of = if names.is_empty() { String::new() } else { format!(" because of {}", names.join(", ")) };
                let message = format!("{} (code {}){of}", refusal.reason, refusal.code);
                let fields = refusal.fields.iter().map(|(field, _)| (field.clone(), "is refused".to_owned())).collect();
                Trouble::Refused(Box::new(Refusal { message, fields, ..*refusal }))
            }
            Trouble::NoContext(_)
            | Trouble::UnknownContext { .. }
            | Trouble::UnknownKind { .. }
            | Trouble::Unreachable(_) => self,
        }
    }
}

/// As messages show it.
impl fmt::Display for Trouble {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[String]| match names {
            [] => "there are no contexts".to_owned(),
            names => format!("there are {}", names.join(", ")),
        };
        match self {
            Trouble::NoContext(known) => {
                write!(
                    to,
                    "no kubeconfig says which context is the current one: name it with `--context`; {}",
                    listed(known)
                )
            }
            Trouble::UnknownContext { name, known } => {
                write!(
                    to,
                    "no kubeconfig has a context `{name}`: choose another one with `--context`; {}",
                    listed(known)
                )
            }
            Trouble::UnknownKind { api_version, kind } => write!(to, "the cluster does not know {api_version} {kind}"),
            Trouble::Refused(refusal) => write!(to, "{}", refusal.message),
            Trouble::Unreachable(why) => write!(to, "{why}"),
        }
    }
}

/// What is wrong with a kubeconfig, in words for people.
pub(super) fn of_kubeconfig(error: &KubeconfigError) -> Trouble {
    Trouble::Unreachable(match error {
        KubeconfigError::ReadConfig(reason, path) => {
            let path = path.display().to_string();
            format!(
                "the kubeconfig `{}` cannot be read: {reason}; name another one with `--kubeconfig`",
                path.trim_matches('"')
            )
        }
        other => one_line(&without_password(&chain(other))),
    })
}

/// What the client says, in words for people.
pub(super) fn of_client(error: Error) -> Trouble {
    match error {
        Error::Api(status) => Trouble::Refused(Box::new(refusal(*status))),
        error => Trouble::Unreachable(without_password(&chain(&error))),
    }
}

fn refusal(status: Status) -> Refusal {
    let (about, fields, pause) = match status.details {
        Some(details) => {
            let fields = details.causes.into_iter().map(|cause| (cause.field, cause.message)).collect();
            ((details.kind, details.name), fields, details.retry_after_seconds)
        }
        None => Default::default(),
    };
    let message = match status.message.trim() {
        "" => format!("the server answers with code {} and says nothing", status.code),
        said => one_line(said),
    };
    Refusal {
        code: status.code,
        reason: status.reason,
        message,
        about,
        fields,
        pause: Duration::from_secs(pause.into()),
    }
}

/// Characters of the longest message: a server lists all that it does not like.
const LONGEST: usize = 2000;

/// A text from outside as one line that does nothing to a terminal.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// An error with what caused it, each part once.
pub(super) fn chain(error: &dyn Source) -> String {
    let mut text = String::new();
    let mut at = Some(error);
    // Errors that name themselves as their cause exist.
    for _ in 0..8 {
        let Some(known) = at else { break };
        let said = known.to_string();
        let said = said.strip_prefix("ServiceError: ").unwrap_or(&said);
        if !text.contains(said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(said);
        }
        at = known.source();
    }
    text
}

/// A text without the passwords that addresses in it hold.
pub(super) fn without_password(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '"', '`']) {
        match word.split_once("://").and_then(|(scheme, rest)| {
            let (host, more) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            Some((scheme, host.rsplit_once('@')?.1, more))
        }) {
            Some((scheme, host, more)) => out.push_str(&format!("{scheme}://{host}{more}")),
            None => out.push_str(word),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, reason: &str, message: &str) -> Trouble {
        let about = (String::new(), String::new());
        let (reason, message) = (reason.to_owned(), message.to_owned());
        Trouble::Refused(Box::new(Refusal { code, reason, message, about, fields: Vec::new(), pause: Duration::ZERO }))
    }

    #[test]
    fn only_what_may_go_better_is_tried_again() {
        for (code, reason, again) in [
            (429, "TooManyRequests", true),
            (500, "InternalError", true),
            (500, "", false),
            (503, "", true),
            (409, "Conflict", false),
            (422, "Invalid", false),
        ] {
            assert_eq!(refused(code, reason, "").worth_another_try().is_some(), again, "{code} {reason}");
        }
    }

    #[test]
    fn who_may_not_ask_is_told_from_what_is_not_liked() {
        assert!(refused(403, "Forbidden", "pods \"a\" is forbidden: User \"u\" cannot patch resource").is_forbidden());
        assert!(!refused(403, "Forbidden", "pods \"a\" is forbidden: exceeded quota").is_forbidden());
    }

    #[test]
    fn values_and_passwords_stay_inside() {
        let mut quoting = refused(422, "Invalid", "Invalid value: \"hunter2\"");
        if let Trouble::Refused(refusal) = &mut quoting {
            refusal.fields.push(("data[x]".to_owned(), "Invalid value: \"hunter2\"".to_owned()));
        }
        let shown = format!("{0} {0:?}", quoting.without_values());
        assert!(!shown.contains("hunter2") && shown.contains("data[x]"), "{shown}");
        assert_eq!(one_line("a\u{1b}[31m\nb"), "a [31m b");
        assert_eq!(one_line(&"x".repeat(LONGEST + 1)).chars().count(), LONGEST + 1);
        assert_eq!(without_password("proxy http://me:pass@host:1/x failed"), "proxy http://host:1/x failed");
    }
}
