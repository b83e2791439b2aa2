//! English.
use crate::calendar::Line;
use crate::refused::Refused;
use crate::zone::Zone;

/// What a phrase says.
#[derive(Debug)]
pub(crate) struct Phrase {
    pub(crate) lines: Vec<Line>,
    pub(crate) notes: Vec<String>,
    pub(crate) zone: Option<Zone>,
}

/// Reads a phrase.
pub(crate) fn read(_text: &str) -> Result<Phrase, Refused> {
    Err(Refused::new("English is not understood yet.", "Write a cron expression, such as `0 9 * * 1`."))
}
