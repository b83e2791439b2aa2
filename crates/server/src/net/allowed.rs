//! Hosts that may be asked although their addresses are refused to all others, by name.
//!
//! An entry is compared with the host as it stands in an address, and never with what a name leads to:
//! whoever can point a name of their own to an allowed address would else be allowed with it. There
//! are no patterns.

use std::str::FromStr;

use url::Host;

use super::error::NetError;
use super::target::Target;

/// The hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// As a parsed address has it: in small letters, an IPv6 address in brackets.
    host: String,
    /// The one port, or all of them.
    port: Option<u16>,
}

/// An entry that names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no host: expected the name or the address of a host, alone or with a port, \
     such as intranet.example, 10.0.0.5:8080 or [::1]:3000"
)]
pub struct InvalidEntry(pub String);

impl FromStr for Allowed {
    type Err = InvalidEntry;

    /// Reads entries with commas between them. A text without any allows nothing.
    fn from_str(text: &str) -> Result<Self, InvalidEntry> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let entry = |text: &str| Entry::read(text.trim()).ok_or_else(|| InvalidEntry(text.trim().to_owned()));
        text.split(',').map(entry).collect::<Result<_, _>>().map(Self)
    }
}

impl Allowed {
    /// These, and further ones.
    #[must_use]
    pub fn with(&self, further: &Self) -> Self {
        let mut entries = self.0.clone();
        entries.extend(further.0.iter().filter(|entry| !self.0.contains(entry)).cloned());
        Self(entries)
    }

    /// The host and the port of one address, as `http://127.0.0.1:3000/mcp`, and nothing else.
    pub fn of_url(url: &str) -> Result<Self, NetError> {
        let target = Target::read(url)?;
        Ok(Self(vec![Entry { host: without_dot(target.host()).to_owned(), port: Some(target.port()) }]))
    }

    /// Whether a host, as a parsed address has it, may be asked at a port.
    pub(super) fn has(&self, host: &str, port: u16) -> bool {
        let host = without_dot(host);
        self.0.iter().any(|entry| entry.host == host && entry.port.is_none_or(|allowed| allowed == port))
    }
}

impl Entry {
    fn read(text: &str) -> Option<Self> {
        // The colons of an IPv6 address stand in brackets, so the port's is the only one outside of them.
        let port_from = text.find(']').unwrap_or(0);
        let (host, port) = match text.get(port_from..)?.split_once(':') {
            Some((end, port)) => (text.get(..port_from + end.len())?, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let host = match Host::parse(host).ok()? {
            Host::Domain(name) if is_name(&name) => without_dot(&name).to_owned(),
            Host::Domain(_) => return None,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => format!("[{address}]"),
        };
        Some(Self { host, port })
    }
}

/// Names of hosts have no more than this, whatever an address may carry; above all there is no `*`.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    without_dot(name).split('.').all(is_label)
}

/// A name with a dot at its end is the same name.
fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_allows_its_host_at_its_port_and_nothing_else() {
        let allowed: Allowed =
            " Intranet.Example , 10.0.0.5:8080,[::1]:3000, [fd00::2], bücher.example., 0x7f.1:1, db_1:5432"
                .parse()
                .unwrap();
        for (host, port, has) in [
            ("intranet.example", 80, true),
            ("intranet.example.", 443, true),
            ("a.intranet.example", 80, false),
            ("example", 80, false),
            ("10.0.0.5", 8080, true),
            ("10.0.0.5", 80, false),
            ("10.0.0.50", 8080, false),
            ("[::1]", 3000, true),
            ("[::1]", 3001, false),
            ("[fd00::2]", 1, true),
            ("xn--bcher-kva.example", 80, true),
            ("127.0.0.1", 1, true),
            ("127.0.0.1", 2, false),
            ("db_1", 5432, true),
        ] {
            assert_eq!(allowed.has(host, port), has, "{host}:{port}");
        }
        for nothing in ["", "  "] {
            assert_eq!(nothing.parse(), Ok(Allowed::default()));
        }
    }

    #[test]
    fn an_entry_that_names_no_host_says_what_was_expected() {
        for entry in [
            "http://a.example",
            "a.example/path",
            "a.example:",
            "a.example:port",
            "a.example:70000",
            "a.example:1:2",
            "::1",
            "[::1",
            "[::1]x",
            "[::1]3000",
            "[a.example]",
            "*.example",
            "*",
            "a..example",
            "a b",
            "user@a.example",
            "10.0.0.0/8",
            "10.0.0.256",
            ":80",
        ] {
            let mistake = format!("b.example, {entry}").parse::<Allowed>().unwrap_err();
            assert_eq!(mistake, InvalidEntry(entry.to_owned()));
        }
        assert_eq!("a.example,,".parse::<Allowed>(), Err(InvalidEntry(String::new())));
        assert_eq!(
            "*".parse::<Allowed>().unwrap_err().to_string(),
            "\"*\" names no host: expected the name or the address of a host, alone or with a port, \
             such as intranet.example, 10.0.0.5:8080 or [::1]:3000"
        );
    }

    #[test]
    fn further_entries_are_added_and_an_address_gives_its_host_and_port() {
        let few: Allowed = "a.example".parse().unwrap();
        let more = few.with(&Allowed::of_url("http://LOCALHOST.:3000/mcp").unwrap());
        assert_eq!(more, "a.example, localhost:3000".parse().unwrap());
        assert_eq!(more.with(&few), more);
        assert_eq!(few, "a.example".parse().unwrap(), "what was there stays as it is");
        assert_eq!(Allowed::of_url("https://[::1]/"), Ok("[::1]:443".parse().unwrap()));
        assert_eq!(Allowed::of_url("ftp://a.example").unwrap_err().code, "invalid_url");
    }
}
