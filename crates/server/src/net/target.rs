//! The address of a request, taken apart once.
//!
//! Everything that follows goes by this one reading: the guard, the connection, the header `Host` and
//! the name that a certificate must have. However oddly a host is spelled, it is here what it is.

use hyper::Uri;
use hyper::header::HeaderValue;
use url::Url;

use super::error::{NetError, codes};

/// The longest address: most servers take no more than 8 kB.
const URL_BYTES_MAX: usize = 8 * 1024;

/// What an address must look like, as messages say it.
const EXPECTED: &str = "expected one such as https://example.com/path";

/// An address that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    url: Url,
    host: String,
    port: u16,
}

impl Target {
    /// Reads an address.
    pub(super) fn read(url: &str) -> Result<Self, NetError> {
        if url.len() > URL_BYTES_MAX {
            return Err(invalid(format_args!("it is longer than {URL_BYTES_MAX} bytes")));
        }
        Self::of(Url::parse(url).map_err(|error| invalid(format_args!("{error}; {EXPECTED}")))?)
    }

    /// The address that a redirect leads to from here.
    pub(super) fn joined(&self, location: &[u8]) -> Result<Self, NetError> {
        let told = |error: NetError| {
            NetError::new(error.code, format!("{} redirects to where none may go. {error}", self.host))
        };
        if location.len() > URL_BYTES_MAX {
            return Err(told(invalid(format_args!("it is longer than {URL_BYTES_MAX} bytes"))));
        }
        let joined = self.url.join(&String::from_utf8_lossy(location));
        joined.map_err(|error| invalid(format_args!("{error}"))).and_then(Self::of).map_err(told)
    }

    fn of(mut url: Url) -> Result<Self, NetError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid(format_args!("it begins with neither http:// nor https://; {EXPECTED}")));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let why = "it holds a name or a password; send a header instead, such as Authorization";
            return Err(invalid(format_args!("{why}")));
        }
        url.set_fragment(None);
        match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) if !host.is_empty() => Ok(Self { host: host.to_owned(), port, url }),
            _ => Err(invalid(format_args!("it has no host; {EXPECTED}"))),
        }
    }

    /// The host: a name in small letters, an IPv4 address, or an IPv6 address in brackets.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where the address leaves it to the scheme.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether both have the same scheme, host and port, so that one may hear what the other may.
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        (self.url.scheme(), &self.host, self.port) == (other.url.scheme(), &other.host, other.port)
    }

    /// The address as text.
    pub(super) fn text(&self) -> &str {
        self.url.as_str()
    }

    /// The address for a connector.
    pub(super) fn uri(&self) -> Result<Uri, NetError> {
        self.url.as_str().parse().map_err(|error| invalid(format_args!("{error}")))
    }

    /// The path and the query, as the head of a request has them.
    pub(super) fn path(&self) -> Result<Uri, NetError> {
        let path = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        path.parse().map_err(|error| invalid(format_args!("{error}")))
    }

    /// The header `Host`: the port stands there only where the scheme does not say it.
    pub(super) fn host_header(&self) -> Result<HeaderValue, NetError> {
        let text = match self.url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        };
        HeaderValue::try_from(text).map_err(|error| invalid(format_args!("{error}")))
    }
}

/// The scheme, the host and the port of an address, which is what of it may be shown: what stands behind
/// them may be a secret.
pub fn origin(url: &str) -> Option<String> {
    Target::read(url).ok().map(|target| target.url.origin().ascii_serialization())
}

/// What was given is not repeated: it may hold a password.
fn invalid(why: std::fmt::Arguments<'_>) -> NetError {
    NetError::new(codes::INVALID_URL, format!("The address cannot be asked: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_it_is_however_it_is_spelled() {
        for (url, host, port) in [
            ("http://2130706433/", "127.0.0.1", 80),
            ("http://0177.0.0.1", "127.0.0.1", 80),
            ("http://0x7f.0.0.1:81", "127.0.0.1", 81),
            ("http://0x7f000001", "127.0.0.1", 80),
            ("http://127.1", "127.0.0.1", 80),
            ("http://127.0.0.1.", "127.0.0.1", 80),
            ("http://１２７.0.0.1", "127.0.0.1", 80),
            ("http://%31%32%37.0.0.1", "127.0.0.1", 80),
            ("http://0", "0.0.0.0", 80),
            ("http://2852039166/latest/meta-data", "169.254.169.254", 80),
            ("http://[::ffff:7f00:1]", "[::ffff:7f00:1]", 80),
            ("http://[0:0::0:1]", "[::1]", 80),
            ("http:\\\\127.0.0.1\\a", "127.0.0.1", 80),
            ("http:/127.0.0.1", "127.0.0.1", 80),
            (" HTTPS://LocalHost ", "localhost", 443),
            ("http://ⓛocalhost", "localhost", 80),
            ("http://a.example#@127.0.0.1", "a.example", 80),
            ("http://a.example\\@127.0.0.1", "a.example", 80),
            ("https://bücher.example:443/ä?ö", "xn--bcher-kva.example", 443),
        ] {
            let target = Target::read(url).unwrap();
            assert_eq!((target.host(), target.port()), (host, port), "{url}");
            assert_eq!(target.uri().unwrap().host(), Some(host), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_the_reason() {
        let long = format!("http://a.example/{}", "a".repeat(URL_BYTES_MAX));
        for (url, why) in [
            ("", "relative URL without a base"),
            ("a.example/path", "relative URL without a base"),
            ("/path", "relative URL without a base"),
            ("file:///etc/passwd", "neither http:// nor https://"),
            ("ftp://a.example", "neither http:// nor https://"),
            ("gopher://127.0.0.1:6379/_INFO", "neither http:// nor https://"),
            ("javascript:alert(1)", "neither http:// nor https://"),
            ("http://ana:hush@a.example", "a name or a password"),
            ("http://ana@a.example", "a name or a password"),
            ("http://:hush@a.example", "a name or a password"),
            ("http://", "empty host"),
            ("http://a b/", "invalid"),
            ("http://127.0.0.256", "invalid IPv4 address"),
            ("http://1.2.3.4.5", "invalid IPv4 address"),
            ("http://[::1", "invalid IPv6 address"),
            ("http://[fe80::1%25eth0]/", "invalid IPv6 address"),
            ("http://a.example:99999", "invalid port number"),
            (&long, "longer than 8192 bytes"),
        ] {
            let error = Target::read(url).unwrap_err();
            assert_eq!(error.code, "invalid_url", "{url}");
            assert!(error.message.contains(why), "{url}: {error}");
            assert!(!error.message.contains("hush"), "{error}");
        }
    }

    #[test]
    fn the_head_of_a_request_has_what_belongs_there() {
        for (url, host, path) in [
            ("http://a.example", "a.example", "/"),
            ("http://a.example:80/b?c#d", "a.example", "/b?c"),
            ("https://a.example:80/{b} ü?c={d} ü", "a.example:80", "/%7Bb%7D%20%C3%BC?c={d}%20%C3%BC"),
            ("http://[::1]:8080//b", "[::1]:8080", "//b"),
        ] {
            let target = Target::read(url).unwrap();
            assert_eq!(target.host_header().unwrap(), host);
            assert_eq!(target.path().unwrap().to_string(), path);
        }
    }

    #[test]
    fn a_redirect_is_read_from_where_it_stands() {
        let from = Target::read("https://a.example/b/c?d").unwrap();
        for (location, text, same) in [
            ("e", "https://a.example/b/e", true),
            ("/e?f#g", "https://a.example/e?f", true),
            ("//b.example/", "https://b.example/", false),
            ("http://a.example/b", "http://a.example/b", false),
            ("https://A.example:443/", "https://a.example/", true),
            ("https://a.example:444/", "https://a.example:444/", false),
            ("", "https://a.example/b/c?d", true),
        ] {
            let to = from.joined(location.as_bytes()).unwrap();
            assert_eq!((to.text(), to.same_origin(&from)), (text, same), "{location}");
        }
        for location in ["file:///etc/passwd", "https://ana:hush@a.example/", "http://"] {
            let error = from.joined(location.as_bytes()).unwrap_err();
            assert_eq!(error.code, "invalid_url");
            assert!(error.message.starts_with("a.example redirects to where none may go."), "{error}");
        }
    }
}
