//! Child processes that never outlive what they were started for.
//!
//! A program runs in a process group of its own, which is led by its guard: a shell that holds the
//! end of a pipe from the server and kills the group when nobody holds the other end any more. The
//! operating system closes that pipe however the server ends, so this holds after a kill by force
//! too, without code between fork and exec, which would have to be `unsafe`, and without a signal on
//! the death of a parent, which follows the thread that started the program and not the process.
//!
//! The guard stands beside the program and not before it. The program is started by the server
//! itself, straight into the guard's group: no shell sees its arguments or its environment, its
//! input and output are pipes to the server however large they are, its status is its own, and why
//! it could not be started is the operating system's own word.
//!
//! A program can leave its group on purpose. Therefore each carries a mark in its environment, and
//! [`end_strays`] finds by it what is left.
//!
//! Absent on purpose: what a program is for, and what its output means. Unix only.

mod failure;
mod guard;
mod kept;
mod program;
mod run;
mod strays;

pub use failure::ProcessError;
pub use guard::{Ended, Guard};
pub use kept::{STDERR_KEPT, STDOUT_KEPT, StderrTail};
pub use program::{MARK, Program};
pub use run::{Opened, Ran, open, run};
pub use strays::end_strays;
