//! English, read by rules.
//!
//! A text is cut into tokens, tokens are read as items, items are put together as clauses, and
//! clauses come to lines. Nothing is guessed and no word is skipped: a text that is not consumed
//! whole is refused, with the nearest text that would be understood.

mod lexicon;
mod token;

mod cursor;
mod number;

mod time;

mod half;

mod beat;

mod group;

mod scope;

mod place;

mod day;

mod clause;
mod except;
mod item;
mod settle;

use crate::calendar::Line;
use crate::refused::Refused;
use crate::zone::Zone;
use cursor::{Cursor, Stuck};

/// The most sentences that are read as one schedule, so that asking for the next moment stays cheap.
const LINES_MAX: usize = 32;

/// The most misspelt words that are corrected in one text.
const CORRECTIONS_MAX: usize = 5;

/// What a phrase says.
#[derive(Debug)]
pub(crate) struct Phrase {
    pub(crate) lines: Vec<Line>,
    pub(crate) notes: Vec<String>,
    pub(crate) zone: Option<Zone>,
}

/// Reads a phrase.
pub(crate) fn read(text: &str) -> Result<Phrase, Refused> {
    let plain = token::plain(text);
    phrase(&plain).map_err(explained)
}

fn phrase(plain: &str) -> Result<Phrase, Stuck> {
    let tokens = token::cut(plain)?;
    let mut cursor = Cursor::new(plain, &tokens);
    let mut lines: Vec<Line> = Vec::new();
    loop {
        for clause in clause::sentence(&mut cursor)? {
            let more = settle::lines(&clause, &mut cursor.notes)?;
            lines.extend(more.into_iter().filter(|line| !lines.contains(line)).collect::<Vec<_>>());
        }
        if cursor.is_at_end() {
            break;
        }
        cursor.step();
    }
    if lines.len() > LINES_MAX {
        return cursor::refused("The text says too much for one schedule.", "Write it as several schedules.");
    }
    Ok(Phrase { lines, notes: cursor.notes, zone: cursor.zone })
}

/// Whether a text would be read, and its days come.
fn is_understood(text: &str) -> bool {
    phrase(text).is_ok_and(|phrase| phrase.lines.iter().all(Line::ever_comes))
}

/// A text that is understood once its other words that nobody knows are corrected as well.
fn corrections(mut text: String) -> Option<String> {
    for _ in 0..CORRECTIONS_MAX {
        match phrase(&text) {
            Ok(_) => return is_understood(&text).then_some(text),
            Err(Stuck::Word { corrected: Some(more), .. }) => text = more,
            Err(_) => return None,
        }
    }
    None
}

/// A refusal, with the nearest text that would be understood.
fn explained(stuck: Stuck) -> Refused {
    match stuck {
        Stuck::Refused(refused) => refused,
        Stuck::Word { word, corrected, without } => {
            if let Some((reason, hint)) = lexicon::impossible(&word) {
                return Refused::new(format!("`{word}` {reason}"), hint);
            }
            let hint = match corrected.and_then(corrections) {
                Some(text) => format!("Did you mean `{text}`?"),
                None if is_understood(&without) => format!("Without it, `{without}` would be understood."),
                None => "Write when it is to fire, such as `every Monday at 9am` or `every 15 minutes`."
                    .to_owned(),
            };
            Refused::new(format!("The word `{word}` is not known."), hint)
        }
        Stuck::Without { reason, without, otherwise } => {
            let hint = if is_understood(&without) {
                format!("Without it, `{without}` would be understood.")
            } else {
                otherwise.to_owned()
            };
            Refused::new(reason, hint)
        }
        Stuck::Here { written, without } => {
            let hint = if is_understood(&without) {
                format!("Without it, `{without}` would be understood.")
            } else {
                "Write the days, then the times, then the zone, such as `every Monday at 9am EST`.".to_owned()
            };
            Refused::new(format!("`{written}` is not understood where it stands."), hint)
        }
    }
}
