//! As much of an HTTP client as Flink's REST API wants.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A port of this machine where Flink answers.
#[derive(Debug, Clone, Copy)]
pub struct Rest(pub u16);

impl Rest {
    /// The JSON at a path; none while nobody has it.
    pub fn get(self, path: &str) -> Option<Value> {
        serde_json::from_str(&self.text(path)?).ok()
    }

    /// The text at a path, likewise.
    pub fn text(self, path: &str) -> Option<String> {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), &[])
    }

    /// What the API makes of JSON.
    pub fn post(self, path: &str, body: &Value) -> Option<Value> {
        let body = body.to_string();
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n");
        serde_json::from_str(&self.send(&head, body.as_bytes())?).ok()
    }

    /// What the API makes of a jar.
    pub fn upload(self, path: &str, jar: &[u8]) -> Option<Value> {
        let mut body = b"--boundary\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"job.jar\"\r\n\
            Content-Type: application/x-java-archive\r\n\r\n"
            .to_vec();
        body.extend_from_slice(jar);
        body.extend_from_slice(b"\r\n--boundary--\r\n");
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=boundary\r\n");
        serde_json::from_str(&self.send(&head, &body)?).ok()
    }

    /// The body of an answer that says all is well. `head` is the request's first lines.
    fn send(self, head: &str, body: &[u8]) -> Option<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.0)).ok()?;
        connection.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let head = format!("{head}Host: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.write_all(head.as_bytes()).ok()?;
        connection.write_all(body).ok()?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8(answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.split(' ').nth(1)?.starts_with('2').then(|| body.to_owned())
    }
}
