//! Connections, made only to addresses that were checked.
//!
//! A name is resolved once, here, and the connection is made to what came out: a name that leads
//! elsewhere the next time it is asked for gains nothing. Connections are not kept, so that no request
//! rides on what was allowed to another.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::address::refused;
use super::allowed::Allowed;
use super::error::{NetError, cause, codes};
use super::target::Target;

/// How long a connection may take to come about, its name and its TLS included: a host that is there
/// answers in well under a second.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// After how long without an answer the next address of a host is tried beside the first: the time
/// after which a handshake across the world is done.
const STAGGER: Duration = Duration::from_millis(250);

/// How many addresses of a host are tried: those of large sites are about eight, and what none of them
/// answers the others will not either.
const ADDRESSES_MAX: usize = 8;

/// A connection.
pub(super) type Wire = MaybeHttpsStream<TokioIo<TcpStream>>;

/// What finds the addresses of a name.
pub(super) type Lookup =
    Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Connects.
#[derive(Clone)]
pub(super) struct Connector {
    tls: ClientConfig,
    guard: Guard,
}

impl Connector {
    /// A connector that asks the system for names and trusts whom the system trusts.
    pub(super) fn new(allowed: Allowed) -> Result<Self, rustls::Error> {
        let lookup: Lookup = Arc::new(|name, port| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
        });
        Ok(Self { tls: tls()?, guard: Guard { allowed: Arc::new(allowed), lookup } })
    }

    /// The same, with other hosts allowed.
    pub(super) fn allowing(&self, allowed: Allowed) -> Self {
        let guard = Guard { allowed: Arc::new(allowed), lookup: Arc::clone(&self.guard.lookup) };
        Self { tls: self.tls.clone(), guard }
    }

    /// The hosts that are allowed.
    pub(super) fn allowed(&self) -> &Allowed {
        &self.guard.allowed
    }

    /// Whether a connection may be made to where a target leads now.
    pub(super) async fn check(&self, target: &Target) -> Result<(), NetError> {
        self.guard.addresses(target).await.map(drop)
    }

    /// A connection to where a target leads.
    pub(super) async fn connect(&self, target: &Target) -> Result<Wire, NetError> {
        let mut https: HttpsConnector<Guard> = HttpsConnectorBuilder::new()
            .with_tls_config(self.tls.clone())
            .https_or_http()
            // One request at a time: giving it up closes its connection, and nothing else with it.
            .enable_http1()
            .wrap_connector(self.guard.clone());
        let host = target.host();
        match timeout(CONNECT_MAX, https.call(target.uri()?)).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(error)) => Err(match error.downcast::<NetError>() {
                Ok(error) => *error,
                // What the guard did not say comes from the layer above it.
                Err(error) => {
                    let cause = cause(error.as_ref());
                    let message = format!("No safe connection to {host} came about: {cause}.");
                    NetError::new(codes::TLS_FAILED, message)
                }
            }),
            Err(_) => {
                Err(unreachable(host, format_args!("no connection within {} s", CONNECT_MAX.as_secs())))
            }
        }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Connector").field(self.allowed()).finish()
    }
}

/// Trusts whom the machine trusts. One without certificates can still speak to hosts without TLS.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        || ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    match versions()?.with_platform_verifier() {
        Ok(trusting) => Ok(trusting.with_no_client_auth()),
        Err(_) => Ok(versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()),
    }
}

/// Lets connections through to where they may go.
#[derive(Clone)]
struct Guard {
    allowed: Arc<Allowed>,
    lookup: Lookup,
}

impl Service<Uri> for Guard {
    type Response = TokioIo<TcpStream>;
    type Error = NetError;
    type Future = BoxFuture<'static, Result<Self::Response, NetError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NetError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let guard = self.clone();
        Box::pin(async move {
            let target = Target::read(&to.to_string())?;
            let addresses = guard.addresses(&target).await?;
            Ok(TokioIo::new(first(target.host(), addresses).await?))
        })
    }
}

impl Guard {
    /// Where a target is. If a single one of its addresses is refused, all of them are.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, NetError> {
        let (host, port) = (target.host(), target.port());
        let allowed = self.allowed.has(host, port);
        if !allowed && is_localhost(host) {
            return Err(not_allowed(target, "leads to an address of this machine"));
        }
        if let Some(address) = literal(host) {
            return match refused(address) {
                Some(kind) if !allowed => Err(not_allowed(target, &format!("is {kind}"))),
                Some(_) | None => Ok(vec![SocketAddr::new(address, port)]),
            };
        }
        let mut addresses = (self.lookup)(host.to_owned(), port)
            .await
            .map_err(|error| unreachable(host, format_args!("it has no address ({error})")))?;
        match addresses.iter().find_map(|address| refused(address.ip())) {
            Some(kind) if !allowed => Err(not_allowed(target, &format!("leads to {kind}"))),
            Some(_) | None => {
                addresses.truncate(ADDRESSES_MAX);
                Ok(addresses)
            }
        }
    }
}

fn not_allowed(target: &Target, why: &str) -> NetError {
    let (host, port) = (target.host(), target.port());
    let message = format!(
        "No request may go to {host}, which {why}. Whoever keeps the server can allow it, with {host}:{port} in \
         its setting allow_hosts."
    );
    NetError::new(codes::ADDRESS_REFUSED, message)
}

/// Whether a name always means this machine. Some systems ask others for what such a name leads to.
fn is_localhost(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost" || name.ends_with(".localhost")
}

/// The address that a host is, where it is no name.
fn literal(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

/// The first connection that comes about. Each address has a head start before the next.
async fn first(host: &str, addresses: Vec<SocketAddr>) -> Result<TcpStream, NetError> {
    let mut attempts = FuturesUnordered::new();
    let mut last = None;
    let mut rest = addresses.into_iter();
    loop {
        attempts.extend(rest.next().map(TcpStream::connect));
        match timeout(STAGGER, attempts.next()).await {
            Ok(Some(Ok(connection))) => {
                // Requests are written whole; waiting for more of them only costs time.
                let _: io::Result<()> = connection.set_nodelay(true);
                return Ok(connection);
            }
            Ok(Some(Err(error))) => last = Some(error),
            // None is under way and none is left: each turn begins with one of those that are.
            Ok(None) => {
                let last = last.map_or_else(|| "it has no address".to_owned(), |error| error.to_string());
                return Err(unreachable(host, format_args!("{last}")));
            }
            Err(_) => {}
        }
    }
}

fn unreachable(host: &str, why: fmt::Arguments<'_>) -> NetError {
    NetError::new(codes::UNREACHABLE, format!("{host} could not be reached: {why}."))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{ServerConfig, ServerConnection};
    use std::net::TcpListener;

    use super::*;

    /// A certificate for localhost that nobody has signed but itself, made for these tests alone.
    const CERTIFICATE: &str = "\
        MIIBkjCCATigAwIBAgIUfskfrTFxIoF3WDydWi1j2QChbtEwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAX\
        DTI2MTEyNjA1MjM0M1oYDzIxMjYxMTAyMDUyMzQzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\
        PQMBBwNCAAS7pULHPz+tVM+L/4J5K9Xpm5aAAbSy6SEUSL9ud1vHKlflruj2MWCYpA11GxlyMyxQ4mrL44YHxd0TKbfViXip\
        o2YwZDAdBgNVHQ4EFgQUxg2ou4tH3RpRi3MjKVEVLKzTGoQwHwYDVR0jBBgwFoAUxg2ou4tH3RpRi3MjKVEVLKzTGoQwFAYD\
        VR0RBA0wC4IJbG9jYWxob3N0MAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSAAwRQIgLySvJ6DY9sP45BLTZCQamUmuW4vD\
        V+W27ivWtTi+dgECIQCMEPxGsuxRBeFT1UIK5jPV02UJaJ7NwKXIEPRWhttNeA==";

    /// Its key, which opens nothing anywhere.
    const KEY: &str = "\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9lHYH5IQQJZPkOthfkDyWEw4zpGrjsEUJpEr5wTdU8qhRANC\
        AAS7pULHPz+tVM+L/4J5K9Xpm5aAAbSy6SEUSL9ud1vHKlflruj2MWCYpA11GxlyMyxQ4mrL44YHxd0TKbfViXip";

    /// A listener that never waits, and its port.
    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    fn nobody_came(listener: &TcpListener) -> bool {
        listener.accept().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// A connector for which every name has the addresses that these say, one text for each lookup.
    fn resolving(allowed: &str, answers: &'static [&'static str]) -> (Connector, Arc<AtomicUsize>) {
        let mut connector = Connector::new(allowed.parse().unwrap()).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        connector.guard.lookup = Arc::new(move |_, port| {
            let answer = answers[count.fetch_add(1, Ordering::SeqCst)];
            let addresses = answer.split_whitespace();
            let addresses = addresses.map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect();
            Box::pin(async move { Ok(addresses) })
        });
        (connector, asked)
    }

    async fn connect(connector: &Connector, url: &str) -> Result<Wire, NetError> {
        connector.connect(&Target::read(url).unwrap()).await
    }

    #[tokio::test]
    async fn a_name_is_refused_if_any_of_its_addresses_is() {
        let (listener, port) = listener();
        let url = format!("http://public.example:{port}/");
        for (addresses, code) in [
            (&["127.0.0.1"], "address_refused"),
            (&["93.184.215.14 127.0.0.1"], "address_refused"),
            (&["127.0.0.1 93.184.215.14"], "address_refused"),
            (&["2606:4700::1111 ::ffff:127.0.0.1"], "address_refused"),
            (&["169.254.169.254"], "address_refused"),
            (&["0.0.0.0"], "address_refused"),
            (&[""], "unreachable"),
        ] {
            let (connector, _) = resolving("private.example,public.example:1", addresses);
            let error = connect(&connector, &url).await.err().unwrap();
            assert_eq!(error.code, code, "{addresses:?}: {error}");
        }
        let (connector, _) = resolving("", &["127.0.0.1"]);
        let error = connect(&connector, &url).await.err().unwrap();
        assert_eq!(
            error.message,
            format!(
                "No request may go to public.example, which leads to an address of this machine. Whoever keeps the \
                 server can allow it, with public.example:{port} in its setting allow_hosts."
            )
        );
        assert!(nobody_came(&listener));
    }

    #[tokio::test]
    async fn a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked() {
        let (listener, port) = listener();
        let (connector, asked) = resolving("private.example", &["127.0.0.1", "127.0.0.2"]);
        let wire = connect(&connector, &format!("http://private.example:{port}")).await.unwrap();
        assert!(matches!(wire, MaybeHttpsStream::Http(_)));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(
            listener.accept().unwrap().0.local_addr().unwrap().to_string(),
            format!("127.0.0.1:{port}")
        );
    }

    #[tokio::test]
    async fn an_address_without_an_answer_is_followed_by_the_next() {
        let (listener, port) = listener();
        let (connector, _) = resolving("private.example", &["127.0.0.2 127.0.0.3 127.0.0.1"]);
        connect(&connector, &format!("http://private.example:{port}")).await.unwrap();
        assert!(listener.accept().is_ok());
        drop(listener);
        let (connector, _) = resolving("private.example", &["127.0.0.2 127.0.0.1"]);
        let error = connect(&connector, &format!("http://private.example:{port}")).await.err().unwrap();
        assert_eq!(error.code, "unreachable");
        assert!(error.message.contains("refused"), "{error}");
    }

    fn der(text: &str) -> Vec<u8> {
        BASE64_STANDARD.decode(text).unwrap()
    }

    /// Answers one connection with TLS, and one that is no TLS with words. Ends when its part is done.
    fn server(speaks_tls: bool) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der(KEY)));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(der(CERTIFICATE))], key)
            .unwrap();
        std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            if speaks_tls {
                let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
                // Whether the other side goes on with it is what the test looks at, over there.
                let _: io::Result<_> = tls.complete_io(&mut connection);
            } else {
                connection.write_all(b"220 mail.example ready\r\n").unwrap();
            }
        });
        port
    }

    #[tokio::test]
    async fn a_connection_is_safe_or_it_is_none() {
        let distrusting = Connector::new("localhost,127.0.0.1".parse().unwrap()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(der(CERTIFICATE))).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let trusting = Connector { tls, ..distrusting.clone() };

        let wire = connect(&trusting, &format!("https://localhost:{}", server(true))).await.unwrap();
        assert!(matches!(wire, MaybeHttpsStream::Https(_)));
        for (connector, host, speaks_tls, why) in [
            (&distrusting, "localhost", true, "certificate"),
            (&trusting, "127.0.0.1", true, "not valid for name"),
            (&trusting, "localhost", false, "corrupt message"),
        ] {
            let url = format!("https://{host}:{}", server(speaks_tls));
            let error = connect(connector, &url).await.err().unwrap();
            assert_eq!(error.code, "tls_failed", "{error}");
            assert!(error.message.contains(why), "{error}");
        }
    }
}
