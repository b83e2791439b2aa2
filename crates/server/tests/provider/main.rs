//! What every provider must do, whatever its wire format.
//!
//! Each case runs for each provider against a fake that speaks its format over a real connection.
//! What differs on the wire is in [`wire`], one table per question asked. The simulated model speaks
//! no wire format and has its own tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bench;

mod answers;
mod failures;
mod wire;
