//! Numbers and ordinals, in digits and in words.

use super::cursor::Cursor;
use super::lexicon;
use super::token::Kind;

impl Cursor<'_> {
    /// A whole number.
    pub(super) fn cardinal(&mut self) -> Option<u32> {
        if let Some(Kind::Number(number, _)) = self.peek() {
            self.step();
            return Some(*number);
        }
        self.cardinal_word()
    }

    /// A whole number in words.
    pub(super) fn cardinal_word(&mut self) -> Option<u32> {
        if let Some(tens) = self.take_meaning(lexicon::tens) {
            let place = self.place();
            self.take_dash();
            let small =
                self.take_meaning(|word| lexicon::cardinal(word).filter(|number| (1..10).contains(number)));
            if small.is_none() {
                self.back_to(place);
            }
            return Some(tens + small.unwrap_or(0));
        }
        self.take_meaning(lexicon::cardinal)
    }

    /// A place in a row, and whether it was written in digits.
    pub(super) fn ordinal(&mut self) -> Option<(u32, bool)> {
        if let Some(Kind::Ordinal(number)) = self.peek() {
            self.step();
            return Some((*number, true));
        }
        let place = self.place();
        if let Some(tens) = self.take_meaning(lexicon::tens) {
            self.take_dash();
            let small = self.take_meaning(|word| lexicon::ordinal(word).filter(|number| *number < 10));
            if let Some(small) = small {
                return Some((tens + small, false));
            }
            self.back_to(place);
        }
        self.take_meaning(lexicon::ordinal).map(|number| (number, false))
    }
}
