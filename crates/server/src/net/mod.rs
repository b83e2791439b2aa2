//! Requests that tools, webhooks and callbacks make, none of which may reach into our own network.
//!
//! [`Net::fetch`] asks and reads a whole answer; [`Net::ask`] does so without following redirects;
//! [`Net::open`] hands the answer's body on as it comes.
//! Only http and https are spoken. Whatever is asked, its name is resolved here and each of its
//! addresses is checked ([`address`]) before the connection is made to one of those that were checked
//! ([`connect`]); so it is again at each redirect. What is refused can be [`Allowed`] by name.
//!
//! The proxies that the environment names are not used: a proxy resolves names itself, behind the
//! guard. Cookies are not kept, connections are not either, nothing is sent twice and no answer is
//! unpacked. Dropping a future, or the body of an answer, closes its connection. Calls to models
//! do not come this way: their addresses are those of the project file, and may be anywhere.

mod address;
mod allowed;
mod error;
mod target;

mod connect;
mod request;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Response, StatusCode};
use tokio::task::AbortHandle;
use tokio::time::timeout;

pub use allowed::{Allowed, InvalidEntry};
pub use error::{NetError, codes};
pub use target::origin;

use connect::Connector;
use request::Hop;
use target::Target;

/// The longest time for one fetch, or until an answer that is opened begins: tools of ours end
/// far earlier, and a tool of an MCP server may think for minutes before it says a word.
pub const TIME_MAX: Duration = Duration::from_secs(600);

/// The largest body that a fetch reads: it is held in memory, and what is for an agent is far smaller.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the head of an answer may have: large ones, with many cookies, have some 16 kB. As much is
/// read at a time at most.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// How many headers an answer may have: twice what the most talkative sites send.
const HEADERS_MAX: usize = 128;

/// How many redirects are followed: from http to https, to the host's full name, to the language,
/// to the page, and one for luck.
const REDIRECTS_MAX: usize = 5;

/// How long it is looked where an address leads before anything is sent there: whoever names it waits for
/// that, and it is looked again when something is.
const CHECK_MAX: Duration = Duration::from_secs(2);

/// The way to whom tools may ask. Copies share what they are made of.
#[derive(Clone, Debug)]
pub struct Net {
    connector: Connector,
}

/// A request whose whole answer is wanted.
#[derive(Clone)]
pub struct Fetch {
    /// What to do there.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// What to send along. Headers of the connection, `Host` and `Content-Length` are left out.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The time for all of it, redirects included, at most [`TIME_MAX`].
    pub timeout: Duration,
    /// What is read of the answer's body, at most [`BODY_BYTES_MAX`].
    pub body_bytes_max: usize,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, or what was read of it.
    pub body: Bytes,
    /// Whether the body goes on after that.
    pub cut: bool,
    /// Who gave it in the end, after redirects.
    pub url: String,
}

/// A request whose answer is read as it comes.
#[derive(Clone)]
pub struct Open {
    /// What to do there.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// What to send along. Headers of the connection, `Host` and `Content-Length` are left out.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The time until the answer begins, connecting and redirects included, at most [`TIME_MAX`].
    pub begins_within: Duration,
}

/// An answer that has begun.
#[derive(Debug)]
pub struct Opened {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
    /// Who gives it in the end, after redirects.
    pub url: String,
}

/// The body of an answer as it comes. Dropping it closes the connection.
#[derive(Debug)]
pub struct Body {
    incoming: Incoming,
    host: String,
    _connection: Closing,
}

impl Net {
    /// A way that leads to public addresses and to hosts that are allowed by name.
    pub fn new(allowed: Allowed) -> Result<Self, rustls::Error> {
        Ok(Self { connector: Connector::new(allowed)? })
    }

    /// The same, with these hosts allowed too.
    #[must_use]
    pub fn allowing(&self, further: &Allowed) -> Self {
        let allowed = self.connector.allowed().with(further);
        Self { connector: self.connector.allowing(allowed) }
    }

    /// Asks, follows redirects, and reads the answer.
    pub async fn fetch(&self, fetch: Fetch) -> Result<Fetched, NetError> {
        let time = fetch.timeout.min(TIME_MAX);
        let bytes_max = fetch.body_bytes_max.min(BODY_BYTES_MAX);
        let first = Hop::first(fetch.method, &fetch.url, fetch.headers, fetch.body)?;
        let host = first.target.host().to_owned();
        let all = async {
            let opened = self.follow(first, |_, _| true).await?;
            let Opened { status, headers, body, url } = opened;
            let (body, cut) = body.read(bytes_max).await?;
            Ok(Fetched { status, headers, body, cut, url })
        };
        timeout(time, all).await.unwrap_or_else(|_| Err(NetError::timed_out(&host, time)))
    }

    /// Asks, and hands the answer over when it begins. A redirect is followed within its origin; one that
    /// leads elsewhere is an answer like any other.
    pub async fn open(&self, open: Open) -> Result<Opened, NetError> {
        let time = open.begins_within.min(TIME_MAX);
        let first = Hop::first(open.method, &open.url, open.headers, open.body)?;
        let host = first.target.host().to_owned();
        let begins = self.follow(first, |hop, next| hop.target.same_origin(&next.target));
        timeout(time, begins).await.unwrap_or_else(|_| Err(NetError::timed_out(&host, time)))
    }

    /// Asks, and reads the answer as it is: a redirect is an answer like any other. What is sent was meant
    /// for one address alone.
    pub async fn ask(&self, fetch: Fetch) -> Result<Fetched, NetError> {
        let time = fetch.timeout.min(TIME_MAX);
        let bytes_max = fetch.body_bytes_max.min(BODY_BYTES_MAX);
        let only = Hop::first(fetch.method, &fetch.url, fetch.headers, fetch.body)?;
        let all = async {
            let (response, _connection) = self.exchange(&only).await?;
            let (head, incoming) = response.into_parts();
            let (host, url) = (only.target.host().to_owned(), only.target.text().to_owned());
            let body = Body { incoming, host, _connection };
            let (body, cut) = body.read(bytes_max).await?;
            Ok(Fetched { status: head.status, headers: head.headers, body, cut, url })
        };
        let host = only.target.host();
        timeout(time, all).await.unwrap_or_else(|_| Err(NetError::timed_out(host, time)))
    }

    /// Whether an address may be asked, without asking it. One that has no address at this moment may.
    pub async fn check(&self, url: &str) -> Result<(), NetError> {
        let target = Target::read(url)?;
        match timeout(CHECK_MAX, self.connector.check(&target)).await {
            Ok(Err(error)) if error.code == codes::ADDRESS_REFUSED => Err(error),
            Ok(Ok(()) | Err(_)) | Err(_) => Ok(()),
        }
    }

    /// Asks whoever is to be asked, as long as a redirect may be followed.
    async fn follow(&self, mut hop: Hop, may: fn(&Hop, &Hop) -> bool) -> Result<Opened, NetError> {
        for _ in 0..=REDIRECTS_MAX {
            let (response, connection) = self.exchange(&hop).await?;
            let (head, incoming) = response.into_parts();
            match hop.next(head.status, &head.headers)? {
                Some(next) if may(&hop, &next) => hop = next,
                Some(_) | None => {
                    let host = hop.target.host().to_owned();
                    let url = hop.target.text().to_owned();
                    let body = Body { incoming, host, _connection: connection };
                    return Ok(Opened { status: head.status, headers: head.headers, body, url });
                }
            }
        }
        let message = format!("{} redirects more than {REDIRECTS_MAX} times.", hop.target.host());
        Err(NetError::new(codes::TOO_MANY_REDIRECTS, message))
    }

    /// One request and the head of its answer, on a connection of its own.
    async fn exchange(&self, hop: &Hop) -> Result<(Response<Incoming>, Closing), NetError> {
        let bad = |error: hyper::Error| NetError::bad_answer(hop.target.host(), &error);
        let request = hop.request()?;
        let wire = self.connector.connect(&hop.target).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .handshake(wire)
            .await
            .map_err(bad)?;
        // The errors of a connection reach whoever waits for the answer.
        let driven = tokio::spawn(async move { drop(connection.await) });
        let closing = Closing(driven.abort_handle());
        Ok((sender.send_request(request).await.map_err(bad)?, closing))
    }
}

impl Body {
    /// The next bytes; nothing at the end. How long that may take is for the caller to say.
    pub async fn next(&mut self) -> Option<Result<Bytes, NetError>> {
        loop {
            match self.incoming.frame().await?.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => return Some(Ok(data)),
                // What follows a body is of no use here.
                Ok(Err(_trailers)) => {}
                Err(error) => return Some(Err(NetError::bad_answer(&self.host, &error))),
            }
        }
    }

    /// The first bytes of it, and whether it goes on after them.
    async fn read(mut self, bytes_max: usize) -> Result<(Bytes, bool), NetError> {
        let mut body = BytesMut::new();
        while let Some(data) = self.next().await {
            let data = data?;
            let room = bytes_max - body.len();
            body.extend_from_slice(data.get(..room).unwrap_or(&data));
            if data.len() > room {
                return Ok((body.freeze(), true));
            }
        }
        Ok((body.freeze(), false))
    }
}

/// Closes a connection when nobody needs it any more.
#[derive(Debug)]
struct Closing(AbortHandle);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.abort();
    }
}
