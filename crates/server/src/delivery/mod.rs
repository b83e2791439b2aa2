//! Deliveries: what other programs are told. That a run has ended, as its caller asked; that a trigger's
//! slot did not fire, that its run failed or waits for a person.
//!
//! What is to be told is promised in the transaction that starts the run, or made due in the one of what
//! it tells; from then on a row says that it is owed, and no crash loses it. It is tried until the other
//! side answers with 2xx, for a day, under one `webhook-id`, so that who hears it twice knows.
//!
//! A run knows nothing of this: its row says when it has ended, and [`keep`] looks there. What starts one
//! that carries a workflow out for another is handed [`Deliveries::promise_below`], so that its waits are
//! told of too. Absent on purpose: any order among deliveries, and anything of an address but its origin
//! in what is shown.

pub(crate) mod http;
mod keep;
mod post;
mod store;

use std::fmt::Write as _;
use std::sync::Arc;

use callboard_api::delivery::DeliveryKind;
use callboard_engine::time::Time;
use serde_json::Value;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::db::{self, Db, Write};
use crate::net::{Net, NetError};
use crate::run::Runner;
use crate::secret::{KeyError, SecretError, Secrets};

/// The secret with which the deliveries of a project are signed.
const KEY: &str = "callback";

/// Random bytes of a `webhook-id`: enough that no two are ever alike.
const MESSAGE_BYTES: usize = 16;

/// What is owed to other programs, and the way to them. Clones are the same.
#[derive(Clone)]
pub(crate) struct Deliveries(Arc<Inner>);

struct Inner {
    db: Db,
    runner: Runner,
    secrets: Secrets,
    net: Net,
    clock: Clock,
    /// Something may have become due.
    woken: Notify,
}

/// Why something is not delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// The address cannot be asked, or must not be.
    #[error("{0}")]
    Address(#[from] NetError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// There is no chance to be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The secrets cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is none with this number.
    #[error("there is no delivery {0}")]
    NotFound(i64),
    /// What it tells has not happened.
    #[error("what delivery {0} tells has not happened yet")]
    Promised(i64),
}

impl Deliveries {
    pub(crate) fn new(runner: &Runner, secrets: Secrets, net: Net, clock: Clock) -> Self {
        let (db, runner) = (runner.db().clone(), runner.clone());
        Self(Arc::new(Inner { db, runner, secrets, net, clock, woken: Notify::new() }))
    }

    /// Refuses an address that nothing will ever be delivered to.
    pub(crate) async fn check(&self, url: &str) -> Result<(), DeliveryError> {
        Ok(self.0.net.check(url).await?)
    }

    /// What promises, with the first events of a run that is being started, that something of it will be
    /// told: its end, or what a trigger's alert is for.
    pub(crate) fn promise(
        &self,
        kind: DeliveryKind,
        trigger_id: Option<i64>,
        url: &str,
    ) -> Result<Write, DeliveryError> {
        let new = store::New { message: &message()?, kind, trigger_id, url };
        Ok(store::promised(&new, db::Value::NewId, self.0.clock.now()))
    }

    /// What promises, with the first events of a run that carries a workflow out for another, that it is
    /// told of where the one above is: when it waits for a person, on whom all of them wait then.
    pub(crate) fn promise_below(above: i64, now: Time) -> Write {
        store::promised_below(above, now)
    }

    /// What makes something due that is about no run, for the transaction of what it tells. It is told
    /// within seconds.
    pub(crate) fn owed(
        &self,
        kind: DeliveryKind,
        (project_id, trigger_id): (i64, i64),
        url: &str,
        body: &Value,
    ) -> Result<Write, DeliveryError> {
        let new = store::New { message: &message()?, kind, trigger_id: Some(trigger_id), url };
        Ok(store::owed(&new, (project_id, None), body.to_string(), self.0.clock.now()))
    }

    /// Looks at once for what is due.
    fn wake(&self) {
        self.0.woken.notify_one();
    }
}

/// A new `webhook-id`.
fn message() -> Result<String, KeyError> {
    let mut bytes = [0; MESSAGE_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
    Ok(bytes.iter().fold("msg_".to_owned(), |mut message, byte| {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = write!(message, "{byte:02x}");
        message
    }))
}
