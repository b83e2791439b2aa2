//! Seeds whose histories once went wrong. What they found was mended, and a story tells most of it
//! elsewhere; a later change of the simulation makes other histories of them, which cost next to nothing.

/// Each with what it found.
pub(crate) const FOUND: &[(u64, &str)] = &[
    (4, "a call that was to begin as a limit stopped the run was never cut off"),
    (6, "a run that was told something while it waited for a place kept its task"),
    (55, "a message stood twice after the answer to a commit was lost"),
    (115, "a visit that ended with the first decision had no row"),
    (166, "a stop that was on disk was refused after the answer to its commit was lost"),
    (272, "a run whose start was lost was carried out by nobody"),
    (420, "a run waited for room that nobody would make"),
    (546, "a run that was started for another was not stopped while the database failed"),
    (1265, "a document that an entry hook wrote with the first decision had no text"),
    (500_255, "a visit that a person went on from was judged by a guard that does not hold for it"),
    (504_790, "a deleted run stayed in its family when the last that went on from it was gone"),
];
