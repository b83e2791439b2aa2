//! Secrets: values that models, tools and webhooks need, and that nobody is shown again.
//!
//! Each is sealed under the server's key before it reaches the database, bound to its owner and its
//! name, so that a row that is moved to another place cannot be opened there. Whose secrets they are
//! is not known here; an owner is a number.

mod key;
mod store;
mod value;

pub mod signature;

pub use key::{KeyError, SealingKey};
pub use store::{SecretError, Secrets, Set};
pub use value::Secret;
