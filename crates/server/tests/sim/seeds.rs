//! Seeds whose histories once went wrong. What they found was mended; the next change of the simulation
//! makes other histories of them, and they cost next to nothing.

/// Each with what it found.
pub(crate) const FOUND: &[u64] = &[];
