//! The key under which secrets are sealed: a file beside the database that only its owner can read,
//! made when the server first starts, or a variable of the environment.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The file of a data folder.
const FILE: &str = "callboard.key";

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// Bytes of the number that is used once, which stands before what is sealed with it.
const NONCE_BYTES: usize = 12;

/// The key that seals secrets.
#[derive(Clone)]
pub struct SealingKey(Aes256Gcm);

/// Why there is no key to seal with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("the key file {} cannot be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others than its owner can read the file.
    #[error("the key file {} can be read by others than its owner", .0.display())]
    Open(PathBuf),
    /// What was given is no key.
    #[error("{0} does not hold a key: 32 bytes in base64")]
    Malformed(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes to make a key from: {0}")]
    NoRandomness(String),
}

impl KeyError {
    /// The stable code that scripts can rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "secret_key_unreadable",
            Self::Open(_) => "secret_key_open",
            Self::Malformed(_) => "secret_key_malformed",
            Self::NoRandomness(_) => "secret_key_unmade",
        }
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "Check that the file's folder exists and that you may write there.",
            Self::Open(_) => {
                "Make it yours alone (chmod 600), and set secrets anew if others may have read it."
            }
            Self::Malformed(_) => "Put the key back as it was; `openssl rand -base64 32` makes a new one.",
            Self::NoRandomness(_) => {
                "Give a key in CALLBOARD_SECRET_KEY; `openssl rand -base64 32` makes one."
            }
        }
    }
}

impl SealingKey {
    /// The key of a data folder, which is made where there is none.
    pub fn of_folder(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(FILE);
        match read(&path) {
            Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => make(&path),
            key => key,
        }
    }

    /// The key that a data folder has; none where it has none yet.
    pub fn in_folder(folder: &Path) -> Result<Option<Self>, KeyError> {
        let path = folder.join(FILE);
        if path.exists() { read(&path).map(Some) } else { Ok(None) }
    }

    /// The key in a text, which came from `from`.
    pub fn of_text(text: &str, from: &str) -> Result<Self, KeyError> {
        let bytes = BASE64.decode(text.trim()).ok().filter(|bytes| bytes.len() == KEY_BYTES);
        let bytes = bytes.ok_or_else(|| KeyError::Malformed(from.to_owned()))?;
        Aes256Gcm::new_from_slice(&bytes).map(Self).map_err(|_| KeyError::Malformed(from.to_owned()))
    }

    /// Seals a value for one place: it can be opened there and nowhere else.
    pub(super) fn seal(&self, place: &str, value: &str) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce)?;
        let payload = Payload { msg: value.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        // AES-GCM refuses only what is longer than 64 GB.
        let sealed = sealed.map_err(|_| KeyError::Malformed("the value".to_owned()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for that place; nothing where it was sealed with another key, for another
    /// place, or changed since.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let value = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        String::from_utf8(value).ok()
    }
}

fn read(path: &Path) -> Result<SealingKey, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).open(path).map_err(failed)?;
    if is_open_to_others(&file.metadata().map_err(failed)?) {
        return Err(KeyError::Open(path.to_owned()));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    SealingKey::of_text(&text, &format!("the key file {}", path.display()))
}

/// Makes a key. The file is there whole or not at all: a key that was cut short would cost every
/// secret.
fn make(path: &Path) -> Result<SealingKey, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let mut bytes = [0; KEY_BYTES];
    random(&mut bytes)?;
    let text = BASE64.encode(bytes);
    let unfinished = path.with_extension("key.new");
    // One that an earlier start left behind was never used.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    for_owner_alone(&mut options);
    let mut file = options.open(&unfinished).map_err(failed)?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(failed)?;
    if let Some(folder) = path.parent() {
        // The name must be on disk before a secret is sealed under the key.
        sync_folder(folder).map_err(failed)?;
    }
    SealingKey::of_text(&text, "the new key")
}

fn random(bytes: &mut [u8]) -> Result<(), KeyError> {
    getrandom::fill(bytes).map_err(|error| KeyError::NoRandomness(error.to_string()))
}

#[cfg(unix)]
fn for_owner_alone(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn for_owner_alone(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_key_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = SealingKey::of_folder(folder.path()).unwrap().seal("1/a", "hush").unwrap();
        let again = SealingKey::of_folder(folder.path()).unwrap();
        assert_eq!(again.open("1/a", &sealed).as_deref(), Some("hush"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let file = folder.path().join(FILE);
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
            let refused = SealingKey::of_folder(folder.path()).err().unwrap();
            assert_eq!(refused.code(), "secret_key_open");
        }
    }

    #[test]
    fn what_is_sealed_opens_only_unchanged_in_its_place_and_with_its_key() {
        let key = SealingKey::of_text(&BASE64.encode([7; KEY_BYTES]), "a test").unwrap();
        let other = SealingKey::of_text(&BASE64.encode([8; KEY_BYTES]), "a test").unwrap();
        let sealed = key.seal("1/a", "hush").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        assert_ne!(sealed, key.seal("1/a", "hush").unwrap(), "no two look the same");
        assert_eq!(key.open("1/b", &sealed), None);
        assert_eq!(other.open("1/a", &sealed), None);
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(key.open("1/a", &changed), None);
        assert_eq!(key.open("1/a", &sealed[..5]), None);
        assert_eq!(key.open("1/a", &sealed).as_deref(), Some("hush"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "hush", &BASE64.encode([1; 16])] {
            assert_eq!(SealingKey::of_text(text, "a test").err().unwrap().code(), "secret_key_malformed");
        }
    }
}
