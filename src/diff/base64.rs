//! Bytes as text, as the API server writes and reads them (RFC 4648, section 4).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// As `base64.StdEncoding` of Go: padding is needed, and what the last letter says beyond the last byte is not looked at.
const NOTATION: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Bytes as text.
pub fn encode(bytes: &[u8]) -> String {
    NOTATION.encode(bytes)
}

/// The bytes of a text; line breaks count for nothing. None where the server refuses the text.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    NOTATION.decode(letters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_and_read_as_the_server_does() {
        for (bytes, text) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&every)), Some(every));
    }

    #[test]
    fn line_breaks_and_spare_bits_count_for_nothing_and_the_padding_does() {
        for text in ["YWJjZA==\n", "YWJj\r\nZA==", "YWJjZA=\n=", "YWJjZB=="] {
            assert_eq!(decode(text).as_deref(), Some(&b"abcd"[..]), "{text:?}");
        }
        for text in ["YWJjZA", "YWJjZA=", "YWJj ZA==", "YW_j", "Y===", "====", "=", "YQ==YQ=="] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
