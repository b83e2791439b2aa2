//! Tokens: what makes the address of a webhook one that nobody guesses.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest as _, Sha256};

use crate::secret::{KeyError, Secret};

/// Random bytes of a token; in base64 they are 43 characters.
const BYTES: usize = 32;

/// A new token.
pub(super) fn new() -> Result<Secret, KeyError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
    Ok(Secret::new(&BASE64.encode(bytes)))
}

/// What finds a token, or an id of a sender, without keeping it.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = write!(hex, "{byte:02x}");
        hex
    })
}

#[test]
fn tokens_have_43_characters_and_no_two_are_alike() {
    let (one, other) = (new().unwrap(), new().unwrap());
    assert_eq!(one.expose().len(), 43);
    assert!(one.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    assert_ne!(one.expose(), other.expose());
    assert_eq!(hash("a"), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
}
