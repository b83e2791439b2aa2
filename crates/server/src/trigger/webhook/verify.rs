//! Whether a call comes from who may call: the signatures of GitHub and of Standard Webhooks, and a shared
//! secret in a header. Comparisons take the same time wherever two values differ.

use axum::http::HeaderMap;
use callboard_engine::project::{Verify, Webhook};
use callboard_engine::time::Time;
use hmac::Mac as _;

use super::token;
use crate::secret::Secret;
use crate::secret::signature::{is_signed, mac};

/// How far the time of a signed call may be from ours, as Standard Webhooks has it: later it may be a
/// recording.
const TOLERANCE_S: i64 = 300;

/// The headers in which a shared secret is looked for where the webhook names none.
const USUAL: [&str; 4] = ["x-webhook-secret", "x-webhook-token", "x-gitlab-token", "authorization"];

/// The longest id that a sender may give a call; a longer one counts as none.
const MESSAGE_BYTES_MAX: usize = 255;

/// Why a call is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unverified {
    #[error("The call has no signature")]
    Missing,
    #[error("The signature is not right")]
    Wrong,
    #[error("The call was signed too long ago, or its clock is wrong")]
    Expired,
    #[error("The secret of the webhook cannot check signatures: it has to be whsec_ followed by base64")]
    NoKey,
}

impl Unverified {
    /// The stable code that programs can rely on.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Wrong => "signature_wrong",
            Self::Expired => "signature_expired",
            Self::NoKey => "webhook_secret_invalid",
        }
    }
}

/// Checks a call by the secret of its webhook.
pub(super) fn verify(
    webhook: &Webhook,
    secret: &Secret,
    (headers, body): (&HeaderMap, &[u8]),
    now: Time,
) -> Result<(), Unverified> {
    let is_right = match webhook.verify {
        None => true,
        Some(Verify::Github) => {
            let given = one(headers, "x-hub-signature-256").ok_or(Unverified::Missing)?;
            let given = given.strip_prefix("sha256=").and_then(of_hex).ok_or(Unverified::Wrong)?;
            mac(secret.expose().as_bytes(), &[body]).verify_slice(&given).is_ok()
        }
        Some(Verify::StandardWebhooks) => standard(secret, headers, body, now)?,
        Some(Verify::Header) => {
            let given = shared(webhook, headers).ok_or(Unverified::Missing)?;
            is_same(given, secret.expose())
        }
    };
    if is_right { Ok(()) } else { Err(Unverified::Wrong) }
}

fn standard(secret: &Secret, headers: &HeaderMap, body: &[u8], now: Time) -> Result<bool, Unverified> {
    let named = |name| one(headers, name).ok_or(Unverified::Missing);
    let (id, timestamp, signature) =
        (named("webhook-id")?, named("webhook-timestamp")?, named("webhook-signature")?);
    let sent: i64 = timestamp.parse().map_err(|_| Unverified::Wrong)?;
    let is_signed = is_signed(secret, (id, timestamp), body, signature).map_err(|_| Unverified::NoKey)?;
    // Told only to who holds the key.
    let now = now.as_millis().div_euclid(1000);
    if is_signed && now.abs_diff(sent) > TOLERANCE_S.unsigned_abs() {
        return Err(Unverified::Expired);
    }
    Ok(is_signed)
}

/// The secret that a call shows.
fn shared<'h>(webhook: &Webhook, headers: &'h HeaderMap) -> Option<&'h str> {
    let given = match &webhook.header {
        Some(own) => one(headers, own),
        None => USUAL.into_iter().find_map(|name| one(headers, name)),
    };
    given.map(|given| given.strip_prefix("Bearer ").unwrap_or(given).trim())
}

/// Whether two texts are the same: by their keyed hashes, which are compared whole.
fn is_same(one: &str, other: &str) -> bool {
    const WITH: &[u8] = b"the same?";
    let expected = mac(WITH, &[other.as_bytes()]).finalize().into_bytes();
    mac(WITH, &[one.as_bytes()]).verify_slice(&expected).is_ok()
}

/// The value of a header that is there once.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// What names a call for its sender, so that the same one starts one run: the id that is signed, or that
/// GitHub gives; without a signature whichever there is.
pub(super) fn message(webhook: &Webhook, headers: &HeaderMap) -> Option<String> {
    let names: &[&str] = match webhook.verify {
        Some(Verify::Github) => &["x-github-delivery"],
        Some(Verify::StandardWebhooks) => &["webhook-id"],
        Some(Verify::Header) | None => &["idempotency-key", "webhook-id", "x-github-delivery"],
    };
    let found = names.iter().find_map(|name| Some((name, one(headers, name)?)));
    let (name, id) = found.filter(|(_, id)| !id.trim().is_empty() && id.len() <= MESSAGE_BYTES_MAX)?;
    Some(token::hash(&format!("{name}: {id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in of {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn webhook(verify: Verify) -> Webhook {
        Webhook { verify: Some(verify), secret: Some("hook".to_owned()), ..Webhook::default() }
    }

    fn checked(
        webhook: &Webhook,
        secret: &str,
        given: &[(&'static str, &str)],
        body: &str,
        s: i64,
    ) -> &'static str {
        let now = Time::from_millis(s * 1000);
        match verify(webhook, &Secret::new(secret), (&headers(given), body.as_bytes()), now) {
            Ok(()) => "right",
            Err(Unverified::Missing) => "missing",
            Err(Unverified::Wrong) => "wrong",
            Err(Unverified::Expired) => "expired",
            Err(Unverified::NoKey) => "no key",
        }
    }

    #[test]
    fn githubs_documented_example_passes() {
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let (secret, body) = ("It's a Secret to Everybody", "Hello, World!");
        let check = |given: &str, body: &str| {
            checked(&webhook(Verify::Github), secret, &[("x-hub-signature-256", given)], body, 0)
        };
        assert_eq!(check(right, body), "right");
        assert_eq!(check(&right.to_uppercase().replace("SHA256", "sha256"), body), "right");
        for wrong in
            ["", "sha256=", "sha256=7571", &right[7..], &right.replace('7', "8"), &format!("{right}00")]
        {
            assert_eq!(check(wrong, body), "wrong", "{wrong}");
        }
        assert_eq!(check(right, "Hello, World?"), "wrong");
        let none = checked(&webhook(Verify::Github), secret, &[], body, 0);
        let two = [("x-hub-signature-256", right), ("x-hub-signature-256", right)];
        let two = checked(&webhook(Verify::Github), secret, &two, body, 0);
        assert_eq!((none, two), ("missing", "missing"));
    }

    #[test]
    fn a_standard_webhook_is_taken_for_five_minutes() {
        let (secret, at) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1_614_265_330);
        let body = r#"{"test": 2432232314}"#;
        let given = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        let hook = webhook(Verify::StandardWebhooks);
        for (s, is) in [
            (at, "right"),
            (at + 300, "right"),
            (at - 300, "right"),
            (at + 301, "expired"),
            (at - 301, "expired"),
        ] {
            assert_eq!(checked(&hook, secret, &given, body, s), is, "{s}");
        }
        assert_eq!(checked(&hook, secret, &given, "{}", at), "wrong");
        assert_eq!(
            checked(&hook, secret, &given, "{}", at + 999),
            "wrong",
            "a wrong one is not told its age"
        );
        assert_eq!(checked(&hook, secret, &given[..2], body, at), "missing");
        assert_eq!(checked(&hook, "not a key!", &given, body, at), "no key");
        let odd = [given[0], ("webhook-timestamp", "yesterday"), given[2]];
        assert_eq!(checked(&hook, secret, &odd, body, at), "wrong");
    }

    #[test]
    fn a_shared_secret_is_looked_for_in_its_header() {
        let hook = webhook(Verify::Header);
        for name in USUAL {
            assert_eq!(checked(&hook, "hush", &[(name, "hush")], "", 0), "right", "{name}");
            assert_eq!(checked(&hook, "hush", &[(name, "hus")], "", 0), "wrong", "{name}");
        }
        assert_eq!(checked(&hook, "hush", &[("authorization", "Bearer hush")], "", 0), "right");
        assert_eq!(checked(&hook, "hush", &[("x-other", "hush")], "", 0), "missing");
        let own = Webhook { header: Some("X-Other".to_owned()), ..hook };
        assert_eq!(checked(&own, "hush", &[("x-other", "hush")], "", 0), "right");
        assert_eq!(checked(&own, "hush", &[("x-webhook-secret", "hush")], "", 0), "missing");
    }

    #[test]
    fn a_call_is_named_by_what_its_sender_signs() {
        let both = headers(&[("x-github-delivery", "g"), ("webhook-id", "w")]);
        let named = |verify| message(&webhook(verify), &both);
        assert_ne!(named(Verify::Github), named(Verify::StandardWebhooks));
        assert_eq!(named(Verify::Header), named(Verify::StandardWebhooks));
        assert_eq!(message(&webhook(Verify::Github), &headers(&[("webhook-id", "w")])), None);
        assert_eq!(message(&Webhook::default(), &headers(&[("webhook-id", " ")])), None);
        assert_eq!(message(&Webhook::default(), &headers(&[("webhook-id", &"x".repeat(256))])), None);
    }
}
