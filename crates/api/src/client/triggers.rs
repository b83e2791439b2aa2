//! Triggers: listed, read, changed, fired at once, and what became of their slots; and what a schedule means.

use hyper::Method;
use serde_json::{Map, Value};

use super::wire::Call;
use super::{Client, Error, Query};
use crate::list::List;
use crate::trigger::{
    FireTrigger, Fired, PreviewSchedule, RotateToken, RotatedToken, SchedulePreview, Slot, SlotStatus,
    Trigger, WebhookDelivery,
};

impl Client {
    /// Every trigger of a workflow.
    pub async fn triggers(&self, workflow: i64) -> Result<Vec<Trigger>, Error> {
        self.all(&format!("/workflows/{workflow}/triggers")).await
    }

    /// The trigger with that number.
    pub async fn trigger_of(&self, id: i64) -> Result<Trigger, Error> {
        self.wire.read(Call::get(format!("/triggers/{id}"))).await
    }

    /// Changes a trigger: what is named is replaced, and nothing goes back to the default.
    pub async fn change_trigger(&self, id: i64, fields: &Map<String, Value>) -> Result<Trigger, Error> {
        self.wire.read(Call::new(Method::PATCH, format!("/triggers/{id}")).json(fields)).await
    }

    /// Starts a run of a trigger at once. With a key the same call may be made again and starts none twice.
    pub async fn fire(&self, id: i64, fire: &FireTrigger, key: Option<&str>) -> Result<Fired, Error> {
        let mut call = Call::new(Method::POST, format!("/triggers/{id}/fire"));
        if let Some(key) = key {
            call = call.header("idempotency-key", "idempotency key", key)?;
        }
        self.wire.read(call.json(fire)).await
    }

    /// A page of the slots of a trigger, newest first.
    pub async fn slots(
        &self,
        id: i64,
        status: Option<SlotStatus>,
        after: Option<&str>,
        limit: Option<u64>,
    ) -> Result<List<Slot>, Error> {
        let query = Query::default()
            .and("status", status.map(SlotStatus::name))
            .and("after", after)
            .and("limit", limit);
        self.wire.read(Call::get(query.behind(&format!("/triggers/{id}/slots")))).await
    }

    /// What became of the newest calls of a webhook.
    pub async fn webhook_calls(&self, id: i64) -> Result<List<WebhookDelivery>, Error> {
        self.wire.read(Call::get(format!("/triggers/{id}/deliveries"))).await
    }

    /// Gives a webhook another address.
    pub async fn rotate(&self, id: i64, asked: &RotateToken) -> Result<RotatedToken, Error> {
        self.wire.read(Call::new(Method::POST, format!("/triggers/{id}/rotate")).json(asked)).await
    }

    /// What a schedule means.
    pub async fn preview_schedule(&self, asked: &PreviewSchedule) -> Result<SchedulePreview, Error> {
        self.wire.read(Call::new(Method::POST, "/schedules/preview".to_owned()).json(asked)).await
    }
}
