//! What ends the demo from outside: Ctrl-C, a request to end, a terminal that is closed.

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens from when it is made, so that nothing is missed before it is waited for.
pub(super) struct Interrupt {
    ctrl_c: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Interrupt {
    pub(super) fn listen() -> Result<Interrupt> {
        Ok(Interrupt {
            ctrl_c: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one, and says which.
    pub(super) async fn comes(&mut self) -> &'static str {
        tokio::select! {
            _ = self.ctrl_c.recv() => "Ctrl-C",
            _ = self.terminate.recv() => "a signal",
            _ = self.hang_up.recv() => "the closed terminal",
        }
    }
}
