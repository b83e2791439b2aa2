//! Child processes, with real ones: what they are told, what is heard of them, and that nothing of
//! them is left.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod seen;

mod crash;
mod ends;
mod runs;
mod strays;
mod told;
