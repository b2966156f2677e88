//! A tree of files as an OCI artifact, of the shape that `flux push artifact --reproducible` gives it: the same tree and the
//! same annotations are the same bytes, and so the same digest, on every machine.
//!
//! Media types, annotations and the rules of the archive are those of <https://github.com/fluxcd/pkg/tree/main/oci>.

use crate::layers::Tree;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// The type of the manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.cncf.flux.config.v1+json";
const LAYER: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";

/// When every artifact was made: a time of its own would give each one a digest of its own.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// Where what is in an artifact came from, for people and for Flux's events.
#[derive(Debug, Default, Clone)]
pub struct Origin {
    /// The address of the Git repository.
    pub source: Option<String>,
    /// `BRANCH@sha1:COMMIT` or `TAG@sha1:COMMIT`.
    pub revision: Option<String>,
    /// Further annotations; these win.
    pub annotations: BTreeMap<String, String>,
}

/// An artifact, ready to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What the tag leads to; JSON.
    pub manifest: Vec<u8>,
    /// What the manifest calls its configuration; JSON.
    pub config: Vec<u8>,
    /// The files, as a compressed archive.
    pub layer: Vec<u8>,
}

impl Artifact {
    /// The digest that names the artifact, `sha256:` and 64 digits.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }
}

/// `sha256:` and the hexadecimal digest.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("sha256:{digits}")
}

/// Makes the artifact of a tree, whose top becomes the artifact's.
#[must_use]
pub fn pack(tree: &Tree, origin: &Origin) -> Artifact {
    let archive = archive(tree).expect("memory takes what is written to it");
    let layer = compressed(&archive).expect("memory takes what is written to it");
    // In the order and with the empty fields of go-containerregistry, by which Flux makes it.
    let config = json!({
        "architecture": "",
        "created": CREATED,
        "history": [{ "created": "0001-01-01T00:00:00Z" }],
        "os": "",
        "rootfs": { "type": "layers", "diff_ids": [digest(&archive)] },
        "config": {},
    });
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, &config),
        "layers": [descriptor(LAYER, &layer)],
        "annotations": annotations(origin),
    });
    Artifact { manifest: manifest.to_string().into_bytes(), config, layer }
}

fn descriptor(media_type: &str, content: &[u8]) -> Json {
    json!({ "mediaType": media_type, "size": content.len(), "digest": digest(content) })
}

fn annotations(origin: &Origin) -> Json {
    let Origin { source, revision, annotations } = origin;
    let known = [("created", Some(CREATED)), ("source", source.as_deref()), ("revision", revision.as_deref())];
    let mut all: BTreeMap<String, &str> = known
        .into_iter()
        .filter_map(|(name, value)| Some((format!("org.opencontainers.image.{name}"), value?)))
        .collect();
    all.extend(annotations.iter().map(|(name, value)| (name.clone(), value.as_str())));
    Json::Object(all.into_iter().map(|(name, value)| (name, Json::from(value))).collect::<Map<_, _>>())
}

/// The files and their directories, in the order of a walk that goes through each directory by name, without owners and times.
fn archive(tree: &Tree) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    // A directory stands before what is in it, and neighbours by name: that is the order of paths by their parts.
    let mut entries: BTreeSet<Vec<&str>> = BTreeSet::new();
    for path in tree.files.keys() {
        let parts: Vec<&str> = path.split('/').collect();
        entries.extend((0..parts.len()).map(|length| parts[..=length].to_vec()));
    }
    append(&mut archive, ".", None)?;
    for parts in entries {
        let path = parts.join("/");
        append(&mut archive, &path, tree.files.get(&path).map(Vec::as_slice))?;
    }
    archive.into_inner()
}

/// A file, or a directory where there is no content.
fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, content: Option<&[u8]>) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(if content.is_some() { tar::EntryType::Regular } else { tar::EntryType::Directory });
    header.set_mode(if content.is_some() { 0o644 } else { 0o755 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let content = content.unwrap_or_default();
    header.set_size(content.len() as u64);
    if header.set_path(path).is_err() {
        // Longer than the format has room for: the extension of GNU, which every reader knows, writes its own header.
        return archive.append_data(&mut header, path, content);
    }
    header.set_device_major(0)?;
    header.set_device_minor(0)?;
    header.set_cksum();
    // As Go writes it: six digits, where there is room for seven. So the archive is Flux's own, to the byte.
    let checksum = format!("{:06o}\0 ", header.cksum()?);
    header.as_old_mut().cksum.copy_from_slice(checksum.as_bytes());
    archive.append(&header, content)
}

fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree { files: files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect() }
    }

    #[test]
    fn an_artifact_is_the_same_each_time() {
        let tree = tree(&[("a/b.yaml", "x"), ("c", "")]);
        let origin = Origin { revision: Some("main@sha1:0a".to_owned()), ..Origin::default() };
        assert_eq!(pack(&tree, &origin), pack(&tree, &origin));
        assert_ne!(pack(&tree, &origin).digest(), pack(&tree, &Origin::default()).digest());
        let artifact = pack(&tree, &origin);
        let manifest: Json = serde_json::from_slice(&artifact.manifest).expect("it is JSON");
        assert_eq!(manifest["layers"][0]["digest"], digest(&artifact.layer));
        assert_eq!(manifest["layers"][0]["size"], artifact.layer.len());
        assert_eq!(manifest["config"]["digest"], digest(&artifact.config));
        let expected = json!({
            "org.opencontainers.image.created": CREATED,
            "org.opencontainers.image.revision": "main@sha1:0a",
        });
        assert_eq!(manifest["annotations"], expected);
    }

    #[test]
    fn the_archive_holds_the_tree() {
        let long = format!("{}/{}.yaml", "d".repeat(200), "f".repeat(200));
        let tree = tree(&[("a-b/x", "1"), ("a/y", "22"), ("a/b/z", ""), (&long, "long")]);
        let mut bytes = Vec::new();
        let layer = pack(&tree, &Origin::default()).layer;
        GzDecoder::new(layer.as_slice()).read_to_end(&mut bytes).expect("it is compressed");
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut found = Vec::new();
        for entry in archive.entries().expect("it is an archive") {
            let mut entry = entry.expect("entries can be read");
            let header = entry.header();
            assert_eq!((header.mtime().ok(), header.uid().ok(), header.gid().ok()), (Some(0), Some(0), Some(0)));
            let path = entry.path().expect("it has a path").to_string_lossy().into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("it is text");
            found.push((path, text));
        }
        let entry = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let directory = entry(&"d".repeat(200), "");
        let expected = [
            entry(".", ""),
            entry("a", ""),
            entry("a/b", ""),
            entry("a/b/z", ""),
            entry("a/y", "22"),
            entry("a-b", ""),
            entry("a-b/x", "1"),
            directory,
            entry(&long, "long"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_a_user_annotates_wins() {
        let annotations = [("org.opencontainers.image.source", "mine"), ("team", "streams")];
        let annotations = annotations.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let origin = Origin { source: Some("theirs".to_owned()), revision: None, annotations };
        let manifest: Json = serde_json::from_slice(&pack(&tree(&[("a", "")]), &origin).manifest).expect("it is JSON");
        assert_eq!(manifest["annotations"]["org.opencontainers.image.source"], "mine");
        assert_eq!(manifest["annotations"]["team"], "streams");
    }
}
