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
        self.send(&format!("GET {path} HTTP/1.1\r\n"), &[]).ok()
    }

    /// What the API makes of JSON, or why it makes nothing of it.
    pub fn post(self, path: &str, body: &Value) -> Result<Value, String> {
        let body = body.to_string();
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n");
        self.send(&head, body.as_bytes()).and_then(|text| serde_json::from_str(&text).map_err(told))
    }

    /// What the API makes of a jar, likewise.
    pub fn upload(self, path: &str, jar: &[u8]) -> Result<Value, String> {
        let mut body = b"--boundary\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"job.jar\"\r\n\
            Content-Type: application/x-java-archive\r\n\r\n"
            .to_vec();
        body.extend_from_slice(jar);
        body.extend_from_slice(b"\r\n--boundary--\r\n");
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=boundary\r\n");
        self.send(&head, &body).and_then(|text| serde_json::from_str(&text).map_err(told))
    }

    /// The body of an answer that says all is well. `head` is the request's first lines.
    fn send(self, head: &str, body: &[u8]) -> Result<String, String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.0)).map_err(told)?;
        connection.set_read_timeout(Some(Duration::from_secs(60))).map_err(told)?;
        let head = format!("{head}Host: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.write_all(head.as_bytes()).map_err(told)?;
        connection.write_all(body).map_err(told)?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).map_err(told)?;
        let answer = String::from_utf8(answer).map_err(told)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer has no end of its head")?;
        match head.split(' ').nth(1) {
            Some(status) if status.starts_with('2') => Ok(body.to_owned()),
            _ => Err(answer),
        }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
