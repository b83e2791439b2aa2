//! Models: named configurations under which agents speak to a provider.

pub(crate) mod key;

pub(crate) mod http;
pub(crate) mod trial;
