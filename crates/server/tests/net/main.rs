//! What requests that tools make may do, against real servers on this machine.
//!
//! The servers say what they are told to, byte for byte, and keep what they were asked. The tables of
//! addresses and spellings are tested beside their code.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod guard;
mod site;
mod streams;

use std::time::Duration;

use callboard_server::net::{Fetch, Net};
use hyper::{HeaderMap, Method};

/// Long enough for everything that does come to an end.
const LONG: Duration = Duration::from_secs(30);

/// A way on which these hosts are allowed.
fn allowing(hosts: &str) -> Net {
    Net::new(hosts.parse().unwrap()).unwrap()
}

/// A request without headers and body.
fn get(url: impl Into<String>) -> Fetch {
    Fetch {
        method: Method::GET,
        url: url.into(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
        timeout: LONG,
        body_bytes_max: 1000,
    }
}
