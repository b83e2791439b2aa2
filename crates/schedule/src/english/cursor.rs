//! A place in the text, and what stands there.

use super::lexicon::{self, Part};
use super::token::{Kind, Token};
use crate::refused::Refused;
use crate::zone::Zone;

/// Reads tokens one after another, and gathers what is to be said of the whole.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    pub(super) notes: Vec<String>,
    pub(super) zone: Option<Zone>,
    /// Parts of the day that were named along with days, as in "Monday mornings".
    pub(super) parts: Vec<Part>,
    /// Whether what parted the last two items was or had an "and".
    pub(super) said_and: bool,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(text: &'t str, tokens: &'t [Token]) -> Self {
        Self { text, tokens, at: 0, notes: Vec::new(), zone: None, parts: Vec::new(), said_and: false }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where it stands, to come back to.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    pub(super) const fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    pub(super) const fn step(&mut self) {
        self.at += 1;
    }

    pub(super) fn peek(&self) -> Option<&'t Kind> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&'t Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// The word that stands here.
    pub(super) fn word(&self) -> Option<&'t str> {
        self.word_at(0)
    }

    pub(super) fn word_at(&self, ahead: usize) -> Option<&'t str> {
        match self.peek_at(ahead) {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The word before a place.
    pub(super) fn word_before(&self, place: usize) -> Option<&'t str> {
        let before = self.tokens.get(place.checked_sub(1)?)?;
        if let Kind::Word(word) = &before.kind { Some(word) } else { None }
    }

    /// Takes one of some words.
    pub(super) fn take(&mut self, words: &[&str]) -> Option<&'t str> {
        let word = self.word().filter(|word| words.contains(word))?;
        self.step();
        Some(word)
    }

    /// Takes some words in a row, or none of them.
    pub(super) fn take_all(&mut self, words: &[&str]) -> bool {
        let all = words.iter().enumerate().all(|(ahead, word)| self.word_at(ahead) == Some(word));
        if all {
            self.at += words.len();
        }
        all
    }

    /// Takes the first of some phrases that stands here.
    pub(super) fn take_phrase(&mut self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| {
            let words: Vec<&str> = phrase.split(' ').collect();
            self.take_all(&words)
        })
    }

    /// Takes a word for which a meaning is known.
    pub(super) fn take_meaning<T>(&mut self, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = self.word().and_then(meaning)?;
        self.step();
        Some(found)
    }

    pub(super) fn take_dash(&mut self) -> bool {
        self.take_kind(|kind| matches!(kind, Kind::Dash))
    }

    pub(super) fn take_kind(&mut self, wanted: impl Fn(&Kind) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        self.at += usize::from(found);
        found
    }

    /// Takes what stands between two parts of a list: a comma, "and", or both.
    pub(super) fn take_separator(&mut self) -> bool {
        let comma = self.take_kind(|kind| matches!(kind, Kind::Comma));
        self.said_and = self.take(&["and", "plus"]).is_some();
        comma || self.said_and
    }

    /// Takes what makes a range of two things; whether it says that the end is part of it.
    pub(super) fn take_range_word(&mut self) -> Option<bool> {
        if self.take_dash() {
            return Some(false);
        }
        if self.take_phrase(&["up to and including", "to and including", "through to", "through", "thru"]) {
            return Some(true);
        }
        self.take_phrase(&["up to", "to", "until", "till"]).then_some(false)
    }

    /// The text of the token that stands here.
    pub(super) fn written(&self) -> &'t str {
        self.written_between(self.at, self.at + 1)
    }

    /// The text of the tokens between two places.
    pub(super) fn written_between(&self, from: usize, to: usize) -> &'t str {
        let first = self.tokens.get(from).map_or(self.text.len(), |token| token.from);
        let last = self.tokens.get(to.saturating_sub(1)).map_or(self.text.len(), |token| token.to);
        self.text.get(first..last).unwrap_or_default()
    }

    /// The text without the token that stands here, and with another word in its place.
    fn text_with(&self, at: usize, word: &str) -> String {
        let Some(token) = self.tokens.get(at) else {
            return self.text.to_owned();
        };
        let (before, after) = (&self.text[..token.from], &self.text[token.to..]);
        let text = format!("{before}{word}{after}");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text without the tokens between two places.
    pub(super) fn text_without(&self, from: usize, to: usize) -> String {
        let first = self.tokens.get(from).map_or(self.text.len(), |token| token.from);
        let behind = self.tokens.get(to).map_or(self.text.len(), |token| token.from);
        let text = format!("{} {}", &self.text[..first], &self.text[behind..]);
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").trim_end_matches([',', ' ']).to_owned()
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Why what stands here cannot be understood; the hint is made where the whole text is known.
    pub(super) fn refuse_here(&self) -> Stuck {
        let Some(kind) = self.peek() else {
            return Stuck::Refused(Refused::new(
                "The text ends where more has to follow.",
                "Write it whole, such as `every Monday at 9am`.",
            ));
        };
        // What is wrong is rather the word that nobody knows than the little one before it.
        let ahead = (0..4).take_while(|ahead| self.word_at(*ahead).is_some_and(|word| SMALL.contains(&word)));
        let at = self.at + ahead.count();
        let known = self.refuse_moment().or_else(|| self.refuse_date(at - self.at));
        if let Some(refused) = known.or_else(|| self.refuse_half_window(at - self.at)) {
            return Stuck::Refused(refused);
        }
        let at = at + usize::from(self.is_kind_of_holiday(at - self.at));
        let word = self.word_at(at - self.at);
        if let Some(word) = word.filter(|word| lexicon::impossible(word).is_some() || !is_known(word)) {
            let near = lexicon::impossible(word).is_none().then(|| nearest(word)).flatten();
            let corrected = near.map(|near| self.text_with(at, near));
            return Stuck::Word { word: word.to_owned(), corrected, without: self.text_with(at, "") };
        }
        if let Kind::Number(..) = kind {
            return Stuck::Refused(Refused::new(
                format!("It is not clear what the number {} counts or names here.", self.written()),
                "Write a time as `at 9:00` or `9am`, a day of the month as `on the 9th`, and an interval as `every 9 minutes`.",
            ));
        }
        Stuck::Here { written: self.written().to_owned(), without: self.text_with(self.at, "") }
    }
}

/// What stands where nothing can be made of it, though it is plain what was meant.
impl Cursor<'_> {
    /// "in 5 minutes".
    fn refuse_moment(&self) -> Option<Refused> {
        let counted = matches!(self.peek_at(1), Some(Kind::Number(..)))
            || self
                .word_at(1)
                .is_some_and(|word| lexicon::cardinal(word).is_some() || matches!(word, "a" | "an"));
        let unit = self.word_at(2).and_then(lexicon::unit);
        (self.word() == Some("in") && counted && unit.is_some()).then(|| {
            let written = self.written_between(self.at, self.at + 3);
            let from = self.at + if matches!(self.word_at(1), Some("a" | "an")) { 2 } else { 1 };
            Refused::new(
                format!("`{written}` names one moment, and a schedule is for what comes again and again."),
                format!("Write `every {}`.", self.written_between(from, self.at + 3)),
            )
        })
    }

    /// "3/15" and "2026-03-15".
    fn refuse_date(&self, ahead: usize) -> Option<Refused> {
        let number = |ahead| matches!(self.peek_at(ahead), Some(Kind::Number(..)));
        let parted = matches!(self.peek_at(ahead + 1), Some(Kind::Slash | Kind::Dash));
        (number(ahead) && parted && number(ahead + 2)).then(|| {
            let len = if matches!(self.peek_at(ahead + 3), Some(Kind::Slash | Kind::Dash)) { 5 } else { 3 };
            let from = self.at + ahead;
            super::token::no_date(self.written_between(from, from + len))
        })
    }

    /// "until 8pm", "after 9am", "before noon".
    fn refuse_half_window(&self, ahead: usize) -> Option<Refused> {
        let bound = matches!(self.word_at(ahead), Some("until" | "till" | "before" | "after" | "since"));
        let time = match self.peek_at(ahead + 1) {
            Some(Kind::Clock(_)) => true,
            Some(Kind::Number(..)) => matches!(self.word_at(ahead + 2), Some("am" | "pm" | "o'clock")),
            Some(_) | None => matches!(self.word_at(ahead + 1), Some("noon" | "midday" | "midnight")),
        };
        (bound && time).then(|| {
            let from = self.at + ahead;
            Refused::new(
                format!(
                    "`{}` names one end of a window of the day, and not the other.",
                    self.written_between(from, from + 1)
                ),
                "Write both, and how often within it, such as `every hour from 9am to 5pm`.",
            )
        })
    }

    /// "bank holidays", "US holidays", "New Year's Day": the word before only says which.
    fn is_kind_of_holiday(&self, ahead: usize) -> bool {
        let holidays = matches!(self.word_at(ahead + 1), Some("holiday" | "holidays" | "year's"));
        holidays && self.word_at(ahead).is_some_and(|word| !is_known(word))
    }
}

/// Words that only lead to others.
const SMALL: [&str; 12] = ["in", "on", "at", "the", "every", "each", "of", "a", "an", "from", "to", "and"];

fn is_known(word: &str) -> bool {
    SMALL.contains(&word)
        || lexicon::KNOWN.contains(&word)
        || lexicon::weekday(word).is_some()
        || lexicon::month(word).is_some()
        || lexicon::cardinal(word).is_some()
        || lexicon::ordinal(word).is_some()
        || lexicon::unit(word).is_some()
        || lexicon::adverb(word).is_some()
        || ["per", "am", "pm", "zone", "during"].contains(&word)
}

/// What could not be understood.
#[derive(Debug)]
pub(super) enum Stuck {
    /// It is known what is wrong, and what to do.
    Refused(Refused),
    /// A word that is not known, or that cannot be held.
    Word {
        /// The word.
        word: String,
        /// The text with the known word that is nearest.
        corrected: Option<String>,
        /// The text without the word.
        without: String,
    },
    /// It is known what is wrong, and what is left without it may be what is wanted.
    Without {
        /// What is wrong.
        reason: String,
        /// The text without it.
        without: String,
        /// What to do where that would not be understood.
        otherwise: &'static str,
    },
    /// Something that is known, in a place where it means nothing.
    Here {
        /// What stands there.
        written: String,
        /// The text without it.
        without: String,
    },
}

impl From<Refused> for Stuck {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Shorthand for what readers give: something, nothing of the kind here, or a refusal.
pub(super) type Maybe<T> = Result<Option<T>, Stuck>;

pub(super) fn refused<T>(reason: impl Into<String>, hint: impl Into<String>) -> Result<T, Stuck> {
    Err(Stuck::Refused(Refused::new(reason, hint)))
}

/// The known word that was probably meant: a third of its letters may differ.
fn nearest(word: &str) -> Option<&'static str> {
    let len = word.chars().count();
    if !(3..=20).contains(&len) {
        return None;
    }
    let known = lexicon::KNOWN.iter().map(|known| (strsim::osa_distance(word, known), *known));
    known
        .filter(|(distance, _)| *distance <= (len / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
