//! Alerts: what is told of a trigger when something of it goes wrong, as deliveries that are promised with
//! its runs, or made due with the slots that did not fire.

use callboard_api::delivery::DeliveryKind;
use callboard_api::trigger::SlotStatus;
use callboard_engine::project::{Alert, AlertOn, Trigger};
use serde_json::json;

use super::decide::Stretch;
use crate::db::Write;
use crate::delivery::{Deliveries, DeliveryError};

/// What promises, with the first events of a run of a trigger, what is told of it.
pub(super) fn of_run(
    deliveries: &Deliveries,
    trigger_id: i64,
    trigger: &Trigger,
) -> Result<Vec<Write>, DeliveryError> {
    let Some(Alert { url, on }) = &trigger.alert else { return Ok(Vec::new()) };
    let kinds = on.iter().filter_map(|on| match on {
        AlertOn::RunFailed => Some(DeliveryKind::RunFailed),
        AlertOn::RunWaiting => Some(DeliveryKind::RunWaiting),
        AlertOn::SlotMissed => None,
    });
    kinds.map(|kind| deliveries.promise(kind, Some(trigger_id), url)).collect()
}

/// Whose slots did not fire.
pub(super) struct Whose<'a> {
    pub(super) project_id: i64,
    pub(super) trigger_id: i64,
    pub(super) name: &'a str,
    pub(super) trigger: &'a Trigger,
}

/// Where the page of a project is, below the address of the server: nobody asked for this, so it is not
/// known under which address it is reached.
fn project_path(project: i64) -> String {
    format!("/projects/{project}")
}

/// What tells of slots that did not fire, with what writes them down. A person who paused a trigger knows of
/// those of the pause.
pub(super) fn of_slots(
    deliveries: &Deliveries,
    whose: &Whose<'_>,
    stretch: &Stretch,
) -> Result<Vec<Write>, DeliveryError> {
    let is_told = match stretch.status {
        SlotStatus::Missed | SlotStatus::Skipped => true,
        SlotStatus::Fired | SlotStatus::Paused | SlotStatus::Waiting => false,
    };
    let alert = whose.trigger.alert.as_ref().filter(|alert| alert.on.contains(&AlertOn::SlotMissed));
    let Some(Alert { url, .. }) = alert.filter(|_| is_told) else { return Ok(Vec::new()) };
    let kind = DeliveryKind::SlotMissed;
    let body = json!({
        "kind": kind,
        "project_id": whose.project_id,
        "trigger_id": whose.trigger_id,
        "trigger": whose.name,
        "path": project_path(whose.project_id),
        "status": stretch.status,
        "at": stretch.first,
        "until": stretch.last,
        "count": stretch.count,
        "reason": stretch.reason,
    });
    let owed = deliveries.owed(kind, (whose.project_id, whose.trigger_id), url, &body)?;
    Ok(vec![owed])
}
