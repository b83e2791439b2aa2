//! The HTTP client that all calls share: its connections, their security, and the proxies on the way.
//!
//! Who asks what is not known here. Nothing is sent twice, redirects are not followed and bodies are
//! handed on as they come, since none of that is in the client underneath.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::header::PROXY_AUTHORIZATION;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::legacy::{self, ResponseFuture};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

/// How long a connection may take to come about: a host that is there answers in well under a second.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long an unused connection is kept: longer than a turn's tools mostly take, shorter than the
/// minute or so after which load balancers drop it without a word.
const IDLE_MAX: Duration = Duration::from_secs(50);

/// How many unused connections to one host are kept: more calls than that seldom end together, and
/// each holds some 20 kB.
const IDLE_CONNECTIONS_MAX: usize = 512;

/// After how long a quiet connection is probed, so that a call on a dead one does not wait for all
/// of its time.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long each probe is waited for.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// How many probes without an answer make a connection dead.
const KEEP_ALIVE_PROBES: u32 = 3;

/// How long what was sent may stay unacknowledged before the connection is dead.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(30);

/// What is read of an answer at a time at most, its head included: heads are a few kB, and a larger
/// piece of a fast stream would only lie in memory.
const READ_BYTES_MAX: usize = 64 * 1024;

/// Why something could not be connected to.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The client.
#[derive(Debug)]
pub(super) struct Client {
    inner: legacy::Client<Connector, Full<Bytes>>,
    proxies: Arc<Matcher>,
}

impl Client {
    /// A client that goes by the proxies that the environment names.
    pub(super) fn new() -> Result<Self, rustls::Error> {
        Self::through(Matcher::from_env())
    }

    fn through(proxies: Matcher) -> Result<Self, rustls::Error> {
        let proxies = Arc::new(proxies);
        let connector = Connector(
            HttpsConnectorBuilder::new()
                .with_tls_config(tls()?)
                .https_or_http()
                .enable_all_versions()
                .wrap_connector(Route { direct: direct(), proxies: Arc::clone(&proxies) }),
        );
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .http1_max_buf_size(READ_BYTES_MAX)
            .build(connector);
        Ok(Self { inner, proxies })
    }

    /// Sends a request. Dropping the future, or the answer, ends its connection.
    pub(super) fn send(&self, mut request: Request<Full<Bytes>>) -> ResponseFuture {
        // A proxy without TLS behind it reads the request itself; else it is told while connecting.
        if request.uri().scheme_str() == Some("http")
            && let Some(proxy) = self.proxies.intercept(request.uri())
            && let Some(words) = proxy.basic_auth()
        {
            request.headers_mut().insert(PROXY_AUTHORIZATION, words.clone());
        }
        self.inner.request(request)
    }
}

/// Trusts whom the machine trusts. One without certificates can still speak to models without TLS.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        || ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    match versions()?.with_platform_verifier() {
        Ok(trusting) => Ok(trusting.with_no_client_auth()),
        Err(_) => Ok(versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()),
    }
}

fn direct() -> HttpConnector {
    let mut direct = HttpConnector::new();
    // What is https is made so by the layer above.
    direct.enforce_http(false);
    direct.set_nodelay(true);
    direct.set_connect_timeout(Some(CONNECT_MAX));
    direct.set_keepalive(Some(KEEP_ALIVE));
    direct.set_keepalive_interval(Some(KEEP_ALIVE_INTERVAL));
    direct.set_keepalive_retries(Some(KEEP_ALIVE_PROBES));
    #[cfg(target_os = "linux")]
    direct.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX));
    direct
}

/// Connects, names and TLS included, within [`CONNECT_MAX`].
#[derive(Clone, Debug)]
struct Connector(HttpsConnector<Route>);

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Wire>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async move {
            timeout(CONNECT_MAX, connecting).await.unwrap_or_else(|_| {
                let message = format!("no connection came about within {} s", CONNECT_MAX.as_secs());
                Err(io::Error::new(io::ErrorKind::TimedOut, message).into())
            })
        })
    }
}

/// The way to a host: straight, or through the proxy that the environment names for it.
#[derive(Clone, Debug)]
struct Route {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Service<Uri> for Route {
    type Response = Wire;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Wire, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.intercept(&to) else {
            let connecting = self.direct.call(to);
            return Box::pin(async move { Ok(Wire { io: connecting.await?, proxied: false }) });
        };
        if proxy.uri().scheme_str() != Some("http") {
            let message = "the proxy that the environment names is none that is spoken to by http://";
            return Box::pin(async move { Err(io::Error::new(io::ErrorKind::Unsupported, message).into()) });
        }
        if to.scheme_str() == Some("https") {
            let connecting = self.tunnel(&proxy).call(to);
            return Box::pin(async move { Ok(Wire { io: connecting.await?, proxied: false }) });
        }
        let connecting = self.direct.call(proxy.uri().clone());
        Box::pin(async move { Ok(Wire { io: connecting.await?, proxied: true }) })
    }
}

impl Route {
    fn tunnel(&self, proxy: &Intercept) -> Tunnel<HttpConnector> {
        let tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        match proxy.basic_auth() {
            Some(words) => tunnel.with_auth(words.clone()),
            None => tunnel,
        }
    }
}

/// A connection.
struct Wire {
    io: TokioIo<TcpStream>,
    /// Whether a proxy at its other end reads the requests, and so needs whole addresses.
    proxied: bool,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.proxied)
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, into)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// What a proxy is sent, up to the end of the head, when that address is asked for.
    async fn asked_of_proxy(address: &str) -> String {
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = proxy.local_addr().unwrap();
        let proxies = Matcher::builder().all(format!("http://ana:pa%20ss@{at}")).no("plain.example").build();
        let client = Client::through(proxies).unwrap();
        let request = Request::post(address).body(Full::new(Bytes::from_static(b"{}"))).unwrap();
        let sent = client.send(request);
        let listens = async {
            let (mut connection, _) = proxy.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(connection.read_u8().await.unwrap());
            }
            connection.write_all(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            String::from_utf8(head).unwrap()
        };
        let (_, head) = tokio::join!(sent, listens);
        head
    }

    #[tokio::test]
    async fn a_proxy_is_asked_for_a_tunnel_where_the_address_is_https() {
        let head = asked_of_proxy("https://model.example/v1").await;
        assert!(head.starts_with("CONNECT model.example:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("Basic YW5hOnBhIHNz"), "{head}");
    }

    #[tokio::test]
    async fn a_proxy_is_sent_the_request_where_the_address_is_http() {
        let head = asked_of_proxy("http://model.example/v1").await;
        assert!(head.starts_with("POST http://model.example/v1 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("proxy-authorization: Basic "), "{head}");
    }

    #[tokio::test]
    async fn what_needs_no_proxy_and_what_no_proxy_can_reach_are_said() {
        let none = Matcher::builder().all("http://127.0.0.1:1").no("localhost").build();
        let mut route = Route { direct: direct(), proxies: Arc::new(none) };
        let here = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://localhost:{}", here.local_addr().unwrap().port());
        assert!(!route.call(at.parse().unwrap()).await.unwrap().proxied);
        let socks = Matcher::builder().all("socks5://127.0.0.1:1").build();
        let mut route = Route { direct: direct(), proxies: Arc::new(socks) };
        let error = route.call("https://model.example".parse().unwrap()).await.err().unwrap();
        assert!(error.to_string().contains("the proxy that the environment names"), "{error}");
    }
}
