//! Pushing to a registry; the only user of `oci_client`, `rustls` and `tokio`.
//!
//! Nothing that is said here repeats credentials, tokens, or the addresses that a registry hands out, which may be signed.

use super::artifact::{Artifact, MANIFEST, digest};
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::errors::{OciDistributionError, OciEnvelope};
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use std::error::Error;
use std::time::Duration;

/// How long a connection may take to come about.
const LONGEST_CONNECTION: Duration = Duration::from_secs(10);

/// How long a registry may be silent.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Letters that are shown of what a registry says.
const LONGEST_ANSWER: usize = 300;

/// A tag in a repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    reference: Reference,
}

impl Address {
    /// Reads `oci://HOST/REPOSITORY:TAG`. The error is a text for the user.
    pub fn parse(text: &str) -> Result<Address, String> {
        let rest = text.strip_prefix("oci://").ok_or("it must begin with `oci://`")?;
        let (host, path) = rest.split_once('/').ok_or("a repository is missing: `oci://HOST/REPOSITORY:TAG`")?;
        if host.contains('@') {
            return Err("credentials do not belong into an address: `docker login` keeps them".to_owned());
        }
        // Without this, Docker Hub would be meant.
        if !(host.contains(['.', ':']) || host == "localhost") {
            return Err(format!("`{host}` is no address of a registry, which has a `.` or a port"));
        }
        if path.contains('@') {
            return Err("the digest is what comes out: name a tag, `oci://HOST/REPOSITORY:TAG`".to_owned());
        }
        let Some((repository, tag)) = path.split_once(':') else {
            return Err("a tag is missing: `oci://HOST/REPOSITORY:TAG`".to_owned());
        };
        if repository.contains(|letter: char| letter.is_uppercase()) {
            return Err(format!("`{repository}` has capital letters: a repository is written in lowercase"));
        }
        if tag.is_empty() {
            return Err("the tag after the `:` is missing".to_owned());
        }
        let reference: Reference = rest.parse().map_err(|error| format!("{error}"))?;
        Ok(Address { reference })
    }

    /// The registry, with its port where one is given.
    #[must_use]
    pub fn host(&self) -> &str {
        self.reference.registry()
    }

    /// The repository in the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        self.reference.repository()
    }

    /// The tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.reference.tag().expect("an address has a tag")
    }

    /// Whether the registry runs on this machine, where tools for containers speak plain HTTP.
    fn is_local(&self) -> bool {
        let host = self.host();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        ["localhost", "127.0.0.1", "[::1]"].contains(&name)
    }
}

/// Who pushes. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Somebody.
    Anonymous,
    /// A user's name and password, or what stands for them.
    Password(String, String),
    /// A token for this registry.
    Token(String),
}

/// How bytes go to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTPS, but with registries on this machine HTTP.
    Secure,
    /// HTTP.
    Plain,
}

/// Puts an artifact into a registry and sets the tag, in this order, so that a tag never leads to half of something.
/// The error is a text for the user.
pub fn push(
    address: &Address,
    artifact: &Artifact,
    credentials: &Credentials,
    transport: Transport,
    timeout: Duration,
) -> Result<(), String> {
    // There is one provider in the process, whoever was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let plain = transport == Transport::Plain || address.is_local();
    let config = ClientConfig {
        protocol: if plain { ClientProtocol::Http } else { ClientProtocol::Https },
        connect_timeout: Some(LONGEST_CONNECTION),
        read_timeout: Some(LONGEST_SILENCE),
        user_agent: concat!("flinkc/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    };
    let client = Client::try_from(config).map_err(|error| told(&error, address, credentials))?;
    // No I/O driver is asked for by name: `enable_all` enables what the client was built with.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("nothing can be sent from here: {error}"))?;
    let pushed =
        runtime.block_on(async { tokio::time::timeout(timeout, send(&client, address, artifact, credentials)).await });
    // A look-up of a name cannot be called off; dropping the runtime would wait for it beyond the time that is allowed.
    runtime.shutdown_background();
    match pushed {
        Ok(result) => result.map_err(|error| told(&error, address, credentials)),
        Err(_) => Err(format!(
            "`{}` did not take everything within {} s; the tag `{}` may not be set: push again, or allow more `--timeout`",
            address.host(),
            timeout.as_secs(),
            address.tag(),
        )),
    }
}

async fn send(
    client: &Client,
    address: &Address,
    artifact: &Artifact,
    credentials: &Credentials,
) -> Result<(), OciDistributionError> {
    let reference = &address.reference;
    let auth = match credentials {
        Credentials::Anonymous => RegistryAuth::Anonymous,
        Credentials::Password(user, password) => RegistryAuth::Basic(user.clone(), password.clone()),
        Credentials::Token(token) => RegistryAuth::Bearer(token.clone()),
    };
    // Asked first and by itself: later requests would hide that the credentials were refused.
    client.auth(reference, &auth, RegistryOperation::Push).await?;
    for blob in [&artifact.layer, &artifact.config] {
        client.push_blob(reference, blob.clone(), &digest(blob)).await?;
    }
    let media_type = MANIFEST.parse().expect("the media type is ASCII");
    client.push_manifest_raw(reference, artifact.manifest.clone(), media_type).await?;
    Ok(())
}

/// What went wrong, in words.
fn told(error: &OciDistributionError, address: &Address, credentials: &Credentials) -> String {
    let host = address.host();
    match error {
        OciDistributionError::AuthenticationFailure(_) | OciDistributionError::UnauthorizedError { .. } => {
            unauthorized(host, credentials)
        }
        OciDistributionError::ServerError { code: 401, .. } => unauthorized(host, credentials),
        OciDistributionError::ServerError { code: 403, message, .. } => {
            let (place, said) = (address.repository(), answer(message));
            format!("`{host}` forbids a push to `{place}`{said}")
        }
        OciDistributionError::ServerError { code, message, .. } => {
            format!("`{host}` refused the artifact with status {code}{}", answer(message))
        }
        OciDistributionError::RegistryError { envelope, .. } => {
            format!("`{host}` refused the artifact{}", listed(envelope))
        }
        OciDistributionError::RequestError(error) => broken(host, error.is_connect(), error.is_timeout(), error),
        // What remains is about answers that no registry gives; their texts may hold addresses.
        _ => format!("`{host}` does not answer as a registry does: is the address right?"),
    }
}

fn unauthorized(host: &str, credentials: &Credentials) -> String {
    match credentials {
        Credentials::Anonymous => format!("`{host}` wants credentials, and there are none: run `docker login {host}`"),
        Credentials::Password(..) | Credentials::Token(_) => {
            format!("`{host}` does not accept the credentials that there are for it: run `docker login {host}`")
        }
    }
}

/// A connection that did not come about or did not last.
fn broken(host: &str, while_connecting: bool, timeout: bool, error: &dyn Error) -> String {
    let cause = innermost(error);
    let again = "the tag is set last, so nothing half-done has it: push again";
    if while_connecting && timeout {
        format!("`{host}` cannot be reached within {} s", LONGEST_CONNECTION.as_secs())
    } else if while_connecting {
        format!("`{host}` cannot be reached: {cause}{}", hint(&cause))
    } else if timeout {
        format!("`{host}` was silent for {} s; {again}", LONGEST_SILENCE.as_secs())
    } else {
        format!("the connection to `{host}` broke: {cause}; {again}")
    }
}

/// What to do about a failed handshake.
fn hint(cause: &str) -> &'static str {
    if cause.contains("certificate") {
        "; if it is signed by an authority of your own, name its certificate in SSL_CERT_FILE"
    } else if cause.contains("InvalidContentType") {
        "; if it speaks plain HTTP, say so by `--insecure-registry`"
    } else {
        ""
    }
}

/// The error that caused all others, which alone has no address in it.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    shortened(&innermost.to_string())
}

/// What a registry said of its refusal, if it is said as the specification wants it.
fn answer(message: &str) -> String {
    serde_json::from_str::<OciEnvelope>(message).map(|envelope| listed(&envelope)).unwrap_or_default()
}

fn listed(envelope: &OciEnvelope) -> String {
    let said: Vec<&str> = envelope.errors.iter().map(|error| error.message.as_str()).collect();
    if said.is_empty() { String::new() } else { format!(": {}", shortened(&said.join("; "))) }
}

/// One line of a text from outside.
fn shortened(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    match line.char_indices().nth(LONGEST_ANSWER) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_registry_a_repository_and_a_tag() {
        let address = Address::parse("oci://registry.example.com:5000/team/streams:prod").expect("it is one");
        let parts = (address.host(), address.repository(), address.tag());
        assert_eq!(parts, ("registry.example.com:5000", "team/streams", "prod"));
        assert!(!address.is_local());
        for local in ["oci://localhost/a:b", "oci://127.0.0.1:5000/a:b", "oci://localhost:80/a:b"] {
            assert!(Address::parse(local).expect("it is one").is_local(), "{local}");
        }
        let wrong = [
            ("registry.example.com/a:b", "begin with `oci://`"),
            ("oci://registry.example.com", "a repository is missing"),
            ("oci://streams/a:b", "`streams` is no address"),
            ("oci://registry.example.com/a", "a tag is missing"),
            ("oci://registry.example.com:5000/a", "a tag is missing"),
            ("oci://registry.example.com/a:b@sha256:00", "name a tag"),
            ("oci://registry.example.com/A:b", "lowercase"),
            ("oci://registry.example.com/a:", "the tag after the `:` is missing"),
            ("oci://registry.example.com/a:b c", "invalid"),
            ("oci://ci:secret@registry.example.com/a:b", "credentials do not belong"),
        ];
        for (text, part) in wrong {
            let message = Address::parse(text).expect_err(text);
            assert!(message.contains(part) && !message.contains("secret"), "{text}: {message}");
        }
    }

    #[test]
    fn what_a_registry_says_is_one_short_line() {
        let message = r#"{"errors":[{"code":"DENIED","message":"no\u001b[31m\nway","detail":"secret"}]}"#;
        assert_eq!(answer(message), ": no [31m way");
        assert_eq!(answer("<html>"), "");
        assert_eq!(shortened(&"x".repeat(1000)).chars().count(), LONGEST_ANSWER + 1);
    }
}
