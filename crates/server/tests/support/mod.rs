//! What tests need around them.

pub(crate) mod postgres;
