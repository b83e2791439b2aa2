//! The slots of a schedule: what fired, what did not, and why.

use axum::Json;
use axum::extract::State;
use callboard_api::list::List;
use callboard_api::trigger::{Slot, SlotStatus, Trigger};
use callboard_engine::time::Time;
use serde::Deserialize;

use super::super::decide::Stretch;
use super::super::store;
use super::Triggers;
use crate::http::{Id, Page, Parameters, Refusal, Result};
use crate::project::Projects;
use crate::project::part;

/// What slots are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SlotQuery {
    /// What became of them.
    #[param(inline, value_type = Option<SlotStatus>)]
    status: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items of the page, up to 1,000; a larger number is cut to that.
    #[param(minimum = 1)]
    limit: Option<u64>,
}

/// What became of the slots of a schedule, newest first. Slots that did not fire one after the other, for
/// the same reason, are one item.
#[utoipa::path(
    get,
    path = "/triggers/{id}/slots",
    tag = "triggers",
    operation_id = "listSlots",
    params(("id" = i64, Path, description = "The trigger's number"), SlotQuery),
    responses((status = 200, description = "A page of them", body = List<Slot>)),
)]
pub(crate) async fn list_slots(
    State(projects): State<Projects>,
    State(triggers): State<Triggers>,
    Id(id): Id,
    Parameters(query): Parameters<SlotQuery>,
) -> Result<Json<List<Slot>>> {
    part::find::<Trigger>(&projects, id).await?;
    let page = Page::of(query.after.as_deref(), query.limit)?;
    let status = query.status.as_deref().map(status).transpose()?;
    let mut slots = store::page(projects.db(), id, page.after, status, page.limit + 1).await?;
    let shows_paused = status.is_none_or(|status| status == SlotStatus::Paused);
    if page.after.is_none() && shows_paused {
        // A pause is counted now and then, and shown as if it always were.
        let uncounted = triggers.scheduler.uncounted(id).await?;
        slots = with(slots, uncounted);
    }
    Ok(Json(page.list(slots, |slot| slot.at.as_millis())))
}

fn status(word: &str) -> Result<SlotStatus> {
    SlotStatus::parse(word).ok_or_else(|| {
        let known: Vec<&str> = SlotStatus::ALL.iter().map(|status| status.name()).collect();
        Refusal::bad_request("parameter_invalid", format!("There is no status \"{word}\" of slots."))
            .hint(format!("Use one of {}.", known.join(", ")))
    })
}

/// The slots with those that no row counts yet before them, joined to the row that says the same.
fn with(mut slots: Vec<Slot>, uncounted: Option<Stretch>) -> Vec<Slot> {
    let Some(Stretch { status, first, last, count, reason }) = uncounted else { return slots };
    let mut at = first;
    let mut total = count;
    if let Some(same) =
        slots.first().filter(|slot| slot.status == status && slot.reason.as_ref() == Some(&reason))
    {
        at = same.at;
        total += same.count.unwrap_or(1);
        slots.remove(0);
    }
    let is_stretch = total > 1;
    let until: Option<Time> = is_stretch.then_some(last);
    let count = is_stretch.then_some(total);
    slots.insert(0, Slot { at, until, count, status, reason: Some(reason), run_id: None });
    slots
}
