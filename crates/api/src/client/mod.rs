//! The client: what programs in Rust speak to a server with.
//!
//! Each call is made once and answered with what came of it; only following a run survives broken
//! connections by itself, because its events are numbered. Whatever a server sends, the client takes
//! no more than a limit of it, waits no longer than a time for it, and never panics.

mod error;

mod wire;

mod frames;

mod follow;

mod projects;
mod reruns;
mod runs;
mod triggers;

mod deliveries;

pub use error::Error;
pub use follow::{Follow, Live, Told};
pub use projects::{Apply, Form};
pub use runs::{Export, Filter, Started};

use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use wire::{Call, Wire};

use crate::list::{LIMIT_MAX, List};

/// Pages of a list that is read to its end: a million items. A server whose list goes on after that
/// is going in circles.
const PAGES_MAX: usize = 1_000;

/// A way to one server. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Client {
    wire: Arc<Wire>,
}

impl Client {
    /// A client of the server at that address, such as `http://127.0.0.1:8080`. Nothing is connected
    /// to yet.
    pub fn new(server: &str, token: Option<&str>) -> Result<Self, Error> {
        Ok(Self { wire: Arc::new(Wire::new(server, token)?) })
    }

    /// The address of the server, without a slash at its end.
    pub fn server(&self) -> &str {
        self.wire.server()
    }

    /// All pages of a list.
    async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        let mut after = None;
        for _ in 0..PAGES_MAX {
            let query = Query::default().and("limit", Some(LIMIT_MAX)).and("after", after);
            let page: List<T> = self.wire.read(Call::get(query.behind(path))).await?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(items);
            }
        }
        Err(self.wire.not_callboard(None, "a list without an end"))
    }
}

/// The parameters behind the `?`.
#[derive(Default)]
struct Query(String);

impl Query {
    fn and(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            let sign = if self.0.is_empty() { '?' } else { '&' };
            self.0.push_str(&format!("{sign}{name}={}", escaped(&value.to_string())));
        }
        self
    }

    fn behind(&self, path: &str) -> String {
        format!("{path}{}", self.0)
    }
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests;
