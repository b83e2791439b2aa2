//! Models: named configurations under which agents speak to a provider.

pub(crate) mod http;
