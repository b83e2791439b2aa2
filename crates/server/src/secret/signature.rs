//! Signatures with a shared key: made for what is sent, held against what came. Standard Webhooks' form is
//! here, since what we send and what others send us has it; what else others use is made of [`mac`].
//!
//! Comparisons take the same time wherever two signatures differ. The library of the same name would bring
//! an older generation of the same hashes along, for these few lines.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{KeyError, Secret};

/// What a key of Standard Webhooks begins with.
const PREFIX: &str = "whsec_";

/// What a signature of theirs begins with.
const SCHEME: &str = "v1,";

/// Bytes of a new key: as many as the hash has.
const KEY_BYTES: usize = 32;

/// A key that cannot be used for signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is not whsec_ followed by base64")]
pub struct NoSigningKey;

/// A new key, in the form in which libraries for Standard Webhooks take it.
pub fn new_key() -> Result<String, KeyError> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
    Ok(format!("{PREFIX}{}", BASE64.encode(bytes)))
}

/// The value of `webhook-signature`, for a message sent at that second.
pub fn sign(key: &Secret, id: &str, seconds: i64, body: &[u8]) -> Result<String, NoSigningKey> {
    let signature = standard(key, id, &seconds.to_string(), body)?.finalize().into_bytes();
    Ok(format!("{SCHEME}{}", BASE64.encode(signature)))
}

/// Whether one of the signatures in a `webhook-signature` is right. There are several while a sender
/// changes its key; those of other schemes are passed over.
pub fn is_signed(
    key: &Secret,
    (id, timestamp): (&str, &str),
    body: &[u8],
    signatures: &str,
) -> Result<bool, NoSigningKey> {
    let mac = standard(key, id, timestamp, body)?;
    let given = signatures.split(' ').filter_map(|one| BASE64.decode(one.strip_prefix(SCHEME)?).ok());
    Ok(given.fold(false, |found, one| mac.clone().verify_slice(&one).is_ok() | found))
}

fn standard(key: &Secret, id: &str, timestamp: &str, body: &[u8]) -> Result<Hmac<Sha256>, NoSigningKey> {
    let text = key.expose();
    let key = BASE64.decode(text.strip_prefix(PREFIX).unwrap_or(text)).ok();
    let key = key.filter(|key| !key.is_empty()).ok_or(NoSigningKey)?;
    Ok(mac(&key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]))
}

/// The keyed hash of some bytes, one part after the other.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("a key of this hash may have any length"),
    };
    parts.iter().for_each(|part| mac.update(part));
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published with Standard Webhooks: key, id, timestamp, body and signature.
    const PUBLISHED: [(&str, &str, i64, &str, &str); 2] = [
        (
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1_731_705_121,
            r#"{"event_type":"ping","data":{"success":true}}"#,
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ];

    #[test]
    fn signatures_are_those_that_standard_webhooks_publishes() {
        for (key, id, seconds, body, signature) in PUBLISHED {
            let (key, body) = (Secret::new(key), body.as_bytes());
            assert_eq!(sign(&key, id, seconds, body).unwrap(), signature);
            let when = seconds.to_string();
            let is = |given: &str| is_signed(&key, (id, &when), body, given).unwrap();
            assert!(is(signature));
            assert!(is(&format!("v1a,AAAA v1,AAAA {signature}")), "one of several is enough");
            for wrong in ["", "v1,", "v1", &signature[3..], &signature.replace("v1", "v2"), "v1,AAAA"] {
                assert!(!is(wrong), "{wrong}");
            }
            assert!(!is_signed(&key, (id, &when), b"other", signature).unwrap());
            assert!(!is_signed(&key, ("msg_other", &when), body, signature).unwrap());
            assert!(!is_signed(&key, (id, "1614265331"), body, signature).unwrap());
        }
    }

    #[test]
    fn a_key_may_stand_without_its_prefix_and_has_to_be_base64() {
        let (key, id, seconds, body, signature) = PUBLISHED[1];
        let bare = Secret::new(key.strip_prefix(PREFIX).unwrap());
        assert_eq!(sign(&bare, id, seconds, body.as_bytes()).unwrap(), signature);
        for odd in ["", "whsec_", "not base64!", "whsec_ä"] {
            assert_eq!(sign(&Secret::new(odd), id, seconds, b""), Err(NoSigningKey), "{odd}");
        }
        let (one, other) = (new_key().unwrap(), new_key().unwrap());
        assert_ne!(one, other);
        assert!(sign(&Secret::new(&one), id, seconds, b"").is_ok());
    }
}
