//! The manual says what is true: the files that it shows are right, and the program's words (its
//! fields, options, variables, events, codes and calls) and the manual's are the same.
//!
//! What a page says about them in sentences is not checked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;

mod codes;

mod events;

mod fields;

mod files;

mod options;

mod page;

mod schedules;

mod source;
