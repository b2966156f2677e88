//! Credentials for registries, from where `docker login` and `podman login` keep them.
//!
//! The format is that of <https://docs.docker.com/reference/cli/docker/login/#credential-stores>. No message repeats what is
//! in the file or what a helper says, since that may be the secret.

use crate::oci::registry::Credentials;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a helper may think; some ask a cloud for a token.
const LONGEST_HELP: Duration = Duration::from_secs(30);

/// How often it is looked whether a helper that has answered has ended, and how long after each other: 2 s in all.
const FAREWELLS: u32 = 400;
const FAREWELL: Duration = Duration::from_millis(5);

/// The name under which Docker keeps what it knows of its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What helpers give as the user's name where the secret is no password.
const IDENTITY: &str = "<token>";

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Configuration {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    /// `USER:PASSWORD` in Base64.
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// What a helper answers.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// The credentials for a repository of a registry. The error is a text for the user.
pub(super) fn of(host: &str, repository: &str) -> Result<Credentials, String> {
    let Some((path, text)) = configuration()? else { return Ok(Credentials::Anonymous) };
    let configuration: Configuration = serde_json::from_str(&text).map_err(|error| {
        let (path, line) = (path.display(), error.line());
        format!("`{path}` is not what `docker login` writes: line {line} cannot be read")
    })?;
    let Configuration { auths, cred_helpers, creds_store } = configuration;
    let helper = cred_helpers.get(host).or(creds_store.as_ref());
    if let Some(helper) = helper
        && let Some(credentials) = helped(helper, host)?
    {
        return Ok(credentials);
    }
    match best(&auths, host, repository) {
        Some(entry) => entry.credentials(host, &path),
        None => Ok(Credentials::Anonymous),
    }
}

/// The first file that is there, with its text.
fn configuration() -> Result<Option<(PathBuf, String)>, String> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let docker = variable("DOCKER_CONFIG").or_else(|| Some(variable("HOME")?.join(".docker")));
    let places = [
        docker.map(|directory| directory.join("config.json")),
        variable("REGISTRY_AUTH_FILE"),
        variable("XDG_RUNTIME_DIR").map(|directory| directory.join("containers/auth.json")),
    ];
    for path in places.into_iter().flatten() {
        match fs::read_to_string(&path) {
            Ok(text) => return Ok(Some((path, text))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(format!("`{}` cannot be read: {}", path.display(), error.kind())),
        }
    }
    Ok(None)
}

/// The entry of the registry, or of the part of it that lies nearest to the repository.
fn best<'a>(auths: &'a BTreeMap<String, Entry>, host: &str, repository: &str) -> Option<&'a Entry> {
    let wanted = format!("{host}/{repository}/");
    let covers = |name: &str| {
        let name = if name == DOCKER_HUB { "docker.io" } else { bare(name) };
        wanted.starts_with(&format!("{name}/")).then_some(name.len())
    };
    let covering = auths.iter().filter_map(|(name, entry)| Some((covers(name)?, entry)));
    covering.max_by_key(|(length, _)| *length).map(|(_, entry)| entry)
}

/// A registry's name without what older files have around it.
fn bare(name: &str) -> &str {
    let name = name.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    name.strip_suffix("/v1").or(name.strip_suffix("/v2")).unwrap_or(name)
}

impl Entry {
    fn credentials(&self, host: &str, path: &Path) -> Result<Credentials, String> {
        let Entry { auth, username, password, identitytoken, registrytoken } = self;
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = said(registrytoken) {
            return Ok(Credentials::Token(token));
        }
        if said(identitytoken).is_some() {
            return Err(identity(host));
        }
        if let Some(auth) = said(auth) {
            let pair = STANDARD.decode(&auth).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
            let (user, password) =
                pair.ok_or_else(|| format!("`{}` has no user and password in `auth` of `{host}`", path.display()))?;
            return Ok(Credentials::Password(user.to_owned(), password.trim_end_matches('\0').to_owned()));
        }
        match (said(username), said(password)) {
            (Some(user), Some(password)) => Ok(Credentials::Password(user, password)),
            // `docker login` leaves an empty entry where a helper keeps the secret.
            (_, _) => Ok(Credentials::Anonymous),
        }
    }
}

fn identity(host: &str) -> String {
    format!(
        "what there is for `{host}` is an identity token, which only some registries take: \
         log in with a user and a password or access token"
    )
}

/// What a helper knows; none where it knows nothing.
fn helped(helper: &str, host: &str) -> Result<Option<Credentials>, String> {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if !helper.chars().all(is_safe) {
        return Err("the credential helper of Docker's configuration is no name of a program".to_owned());
    }
    let program = format!("docker-credential-{helper}");
    let host = if host == "docker.io" { DOCKER_HUB } else { host };
    let told = |why: &str| format!("the credential helper `{program}` {why}");
    let mut command = Command::new(&program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => told("is not installed"),
        kind => told(&format!("cannot be run: {kind}")),
    })?;
    let (succeeded, output) = asked(child, host).map_err(|error| told(&format!("gave no answer: {}", error.kind())))?;
    if !succeeded {
        // The one failure that is none has this text, by the protocol of helpers.
        let nothing = output.contains("credentials not found");
        return if nothing { Ok(None) } else { Err(told(&format!("failed; `{program} get` tells more"))) };
    }
    let answer: Answer = serde_json::from_str(&output).map_err(|_| told("does not answer as helpers do"))?;
    if answer.username == IDENTITY {
        return Err(identity(host));
    }
    Ok(Some(Credentials::Password(answer.username, answer.secret)))
}

/// Asks and waits, but not for ever. Whether the helper succeeded, and what it printed.
fn asked(mut child: Child, question: &str) -> io::Result<(bool, String)> {
    let missing = || io::Error::from(ErrorKind::BrokenPipe);
    let (mut input, output) = (child.stdin.take().ok_or_else(missing)?, child.stdout.take().ok_or_else(missing)?);
    let (sender, receiver) = mpsc::channel();
    // Reads beside the waiting, because a pipe does not know deadlines. It ends when the pipe does.
    thread::spawn(move || {
        let mut text = String::new();
        // An answer is small; one that is not is no answer.
        let read = output.take(1 << 20).read_to_string(&mut text);
        // Where nobody waits any more the answer came too late.
        let _ = sender.send(read.map(|_| text));
    });
    // A helper that does not read its question may answer nonetheless.
    let _ = input.write_all(question.as_bytes());
    drop(input);
    let answer = receiver.recv_timeout(LONGEST_HELP);
    // One that has answered gets time to end; one that has not never would.
    let looks = if answer.is_ok() { FAREWELLS } else { 0 };
    for _ in 0..looks {
        if child.try_wait()?.is_some() {
            break;
        }
        thread::sleep(FAREWELL);
    }
    // One that ended by itself keeps the status that it ended with.
    let _ = child.kill();
    let status = child.wait()?;
    let text = answer.map_err(|_| io::Error::from(ErrorKind::TimedOut))??;
    Ok((status.success(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auths(names: &[&str]) -> BTreeMap<String, Entry> {
        let entry = |name: &str| Entry { username: Some(name.to_owned()), ..Entry::default() };
        names.iter().map(|name| ((*name).to_owned(), entry(name))).collect()
    }

    fn found<'a>(auths: &'a BTreeMap<String, Entry>, host: &str) -> Option<&'a str> {
        best(auths, host, "team/streams")?.username.as_deref()
    }

    #[test]
    fn the_nearest_entry_is_taken() {
        let all = auths(&["a.example.com", "a.example.com/team", "a.example.com/team/streams", "a.example.com/te"]);
        assert_eq!(found(&all, "a.example.com"), Some("a.example.com/team/streams"));
        let all = auths(&["https://a.example.com/v2/", "b.example.com", DOCKER_HUB]);
        assert_eq!(found(&all, "a.example.com"), Some("https://a.example.com/v2/"));
        assert_eq!(found(&all, "docker.io"), Some(DOCKER_HUB));
        assert_eq!(found(&all, "c.example.com"), None);
        // Another port is another registry.
        assert_eq!(found(&all, "b.example.com:5000"), None);
    }

    #[test]
    fn entries_are_read_in_every_form() {
        let read = |text: &str| {
            let entry: Entry = serde_json::from_str(text).expect("it is an entry");
            entry.credentials("a.example.com", Path::new("config.json"))
        };
        let password = |user: &str, password: &str| Ok(Credentials::Password(user.to_owned(), password.to_owned()));
        assert!(read(r#"{"auth":"dXNlcjpwOmFzcw=="}"#) == password("user", "p:ass"));
        assert!(read(r#"{"username":"user","password":"pass"}"#) == password("user", "pass"));
        assert!(read(r#"{"registrytoken":"t"}"#) == Ok(Credentials::Token("t".to_owned())));
        assert!(read("{}") == Ok(Credentials::Anonymous));
        for secret in [r#"{"auth":"c2VjcmV0"}"#, r#"{"auth":"!secret"}"#, r#"{"identitytoken":"secret"}"#] {
            let message = read(secret).err().expect("it cannot be used");
            assert!(!message.contains("secret") && !message.contains("c2VjcmV0"), "{message}");
        }
    }
}
