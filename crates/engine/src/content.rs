//! What is kept by its content: documents, and the messages that models are sent.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The hash of a content: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^sha256:[0-9a-f]{64}$")]
pub struct ContentHash(Arc<str>);

impl ContentHash {
    /// The hash of a text.
    pub fn of(text: &str) -> Self {
        Self(hash(text).into())
    }

    /// The hash of texts in a row; parted otherwise, the same texts have another.
    pub fn of_parts(texts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for text in texts {
            hasher.update(text.as_bytes());
            hasher.update([0]);
        }
        Self(written(&hasher.finalize()).into())
    }

    /// The hash as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The hash of a text, as it is written.
pub(crate) fn hash(text: &str) -> String {
    written(&Sha256::digest(text.as_bytes()))
}

/// A hash as it is written.
fn written(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hash = String::with_capacity("sha256:".len() + 2 * digest.len());
    hash.push_str("sha256:");
    for byte in digest {
        hash.push(char::from(DIGITS[usize::from(byte >> 4)]));
        hash.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    hash
}
