//! What tests need around them.

pub(crate) mod postgres;
#[macro_use]
pub(crate) mod store;
