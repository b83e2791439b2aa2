//! A key that is never shown.

use std::fmt;

/// What stands where a key was.
const MARK: &str = "[key]";

/// A key. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a key in. Space around it is a slip of whoever pasted it, so it is cut off.
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// The key itself, for the one place that sends it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The text without the key: providers repeat what they were sent.
    pub(crate) fn redact(&self, text: String) -> String {
        if self.0.is_empty() || !text.contains(&self.0) { text } else { text.replace(&self.0, MARK) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

#[test]
fn a_key_is_not_shown_and_is_cut_out_of_what_others_say() {
    let key = Secret::new(" sk-123\n");
    assert_eq!(format!("{key:?}"), "Secret");
    assert_eq!(key.redact("no such key: sk-123!".into()), "no such key: [key]!");
    assert_eq!(Secret::new("").redact("all well".into()), "all well");
}
