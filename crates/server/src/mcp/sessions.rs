//! The sessions that are open, by keys that mean nothing here. Who gives the same key shares the
//! session, and nobody else does: a server may keep a state, and one run's must not reach another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::error::McpError;
use super::session::Session;
use super::{Mcp, Place};

/// A session that is being begun, or has begun.
type Slot = Arc<OnceCell<Arc<Session>>>;

/// The sessions.
#[derive(Debug)]
pub struct Sessions {
    mcp: Mcp,
    slots: Mutex<HashMap<String, Slot>>,
}

impl Sessions {
    /// No session yet.
    pub fn new(mcp: Mcp) -> Self {
        Self { mcp, slots: Mutex::default() }
    }

    /// The session of that key. It is begun if there is none, or if its server is gone. Those who ask
    /// meanwhile wait for the same one; if it fails, the next of them tries anew.
    pub async fn get_or_connect(&self, key: &str, place: &Place) -> Result<Arc<Session>, McpError> {
        let slot = self.slot(key);
        let session = slot.get_or_try_init(async || self.mcp.connect(place).await.map(Arc::new)).await?;
        Ok(Arc::clone(session))
    }

    /// Ends the sessions whose keys begin so. Calls that wait in them are answered with `mcp_closed`;
    /// what is being begun goes to those who asked for it and is shared with nobody any more. Answers
    /// whether processes were behind them, or may have been: they are killed, and gone a little later.
    pub fn end(&self, key_prefix: &str) -> bool {
        let ended: Vec<Slot> = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.extract_if(|key, _| key.starts_with(key_prefix)).map(|(_, slot)| slot).collect()
        };
        let mut processes = false;
        for slot in ended {
            processes |= slot.get().is_none_or(|session| session.is_process());
            if let Some(session) = slot.get() {
                session.end();
            }
        }
        processes
    }

    fn slot(&self, key: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(key.to_owned()).or_default();
        if slot.get().is_some_and(|session| session.is_closed()) {
            *slot = Slot::default();
        }
        Arc::clone(slot)
    }
}
