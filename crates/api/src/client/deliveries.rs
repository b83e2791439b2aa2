//! What other programs are told: the log, sending again, and the key that signs.

use hyper::Method;

use super::wire::Call;
use super::{Client, Error};
use crate::delivery::{CallbackKey, Delivery};

impl Client {
    /// What was told of a run, and what is still to be, the oldest first.
    pub async fn deliveries(&self, run: i64) -> Result<Vec<Delivery>, Error> {
        self.all(&format!("/runs/{run}/deliveries")).await
    }

    /// Sends a delivery again.
    pub async fn send_again(&self, delivery: i64) -> Result<Delivery, Error> {
        self.wire.read(Call::new(Method::POST, format!("/deliveries/{delivery}/send-again"))).await
    }

    /// Makes a new key for a project's callbacks, which is answered this once.
    pub async fn make_callback_key(&self, project: i64) -> Result<CallbackKey, Error> {
        self.wire.read(Call::new(Method::POST, format!("/projects/{project}/callback-key"))).await
    }
}
