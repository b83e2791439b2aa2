//! The history of a run, page by page: the stored text itself, cut at events.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use callboard_api::list::List;
use callboard_engine::event::Event;
use serde_json::value::RawValue;

use super::Starter;
use crate::http::{Id, PageQuery, Parameters, Refusal, Result};
use crate::journal::StreamId;
use crate::run::RunnerError;

/// Bytes of a page after which it is cut short: a page has room for a thousand ordinary events, and
/// not for a thousand answers of a megabyte.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Entries that are read at a time.
const ENTRIES_AT_ONCE: u64 = 64;

/// The numbered events of a run, oldest first. `after` is the number of an event.
#[utoipa::path(
    get,
    path = "/runs/{id}/events",
    tag = "runs",
    operation_id = "listEvents",
    params(("id" = i64, Path, description = "The run's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Event>)),
)]
pub(crate) async fn list_events(
    State(starter): State<Starter>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Response> {
    let page = query.page()?;
    let after = page.after.map_or(0, i64::unsigned_abs);
    let journal = starter.runner.journal();
    let position = journal.position(StreamId(id)).await?.ok_or(RunnerError::NotFound(id))?;
    let mut items = Items { limit: page.limit, after, ..Items::default() };
    'pages: while items.after < position.seq {
        let entries = journal.read(StreamId(id), items.after, ENTRIES_AT_ONCE).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let events: Vec<&RawValue> = serde_json::from_str(&entry.events).map_err(Refusal::internal)?;
            for (event, seq) in events.into_iter().zip(entry.first..) {
                if seq > items.after && !items.take(event.get(), seq) {
                    break 'pages;
                }
            }
        }
    }
    let next = if items.after < position.seq { format!("\"{}\"", items.after) } else { "null".to_owned() };
    let json = format!("{{\"items\":[{}],\"next\":{next}}}", items.text);
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// The events of a page so far.
#[derive(Default)]
struct Items {
    text: String,
    count: usize,
    limit: usize,
    /// The number of the last one, or the one after which the page begins.
    after: u64,
}

impl Items {
    /// Takes an event in; says no where the page is full. A page holds at least one.
    fn take(&mut self, event: &str, seq: u64) -> bool {
        let is_full = self.count >= self.limit || self.text.len() + event.len() > PAGE_BYTES_MAX;
        if is_full && self.count > 0 {
            return false;
        }
        if self.count > 0 {
            self.text.push(',');
        }
        self.text.push_str(event);
        self.count += 1;
        self.after = seq;
        true
    }
}
