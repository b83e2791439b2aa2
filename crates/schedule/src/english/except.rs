//! What is taken away from the days: "except Friday", "but not in August".
//!
//! Days of the week and of the month and whole months can be. Times, single dates and days that are counted
//! cannot, and are refused by what they are: half of one read as something else would be the opposite.

use super::clause::{Except, Item};
use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::group::{Atom, Counted, Place, Scope};
use super::lexicon;
use super::token::Kind;

impl Cursor<'_> {
    /// "except Friday", "excluding weekends", "but not in August".
    pub(super) fn exception(&mut self) -> Maybe<Item> {
        let phrases = [
            "except for",
            "except",
            "excluding",
            "excepting",
            "but not",
            "other than",
            "apart from",
            "aside from",
            "with the exception of",
            "but",
            "without",
            "not on",
            "excl",
        ];
        let begin = self.place();
        if !self.take_phrase(&phrases) {
            return Ok(None);
        }
        self.take(&["on", "in", "for", "during", "at"]);
        let mut except = Except::default();
        loop {
            self.take(&["on", "in"]);
            self.refuse_exception(begin)?;
            self.take(&["the"]);
            if let Some(weekdays) = self.weekdays() {
                except.weekdays |= weekdays;
            } else if let Some((day, _)) = self.ordinal() {
                if !(1..=31).contains(&day) {
                    return refused(
                        format!("A month has no day {day}."),
                        "Write a day from the 1st to the 31st.",
                    );
                }
                except.days |= 1 << day;
            } else if let Some(months) = self.months() {
                except.months |= months;
            } else {
                return Err(self.refuse_here());
            }
            self.take_phrase(&["of the month", "of every month", "of each month"]);
            let place = self.place();
            let more = self.take_separator();
            let known = self.word().is_some_and(|word| {
                lexicon::weekday(word).is_some() || matches!(word, "weekends" | "on" | "the" | "weekdays")
            });
            if !more || !(known || matches!(self.peek(), Some(Kind::Ordinal(_)))) {
                self.back_to(place);
                return Ok(Some(Item::Except(except)));
            }
        }
    }

    /// Refuses what cannot be taken away: times, dates of one month, and days that are counted in a month.
    fn refuse_exception(&mut self, begin: usize) -> Result<(), Stuck> {
        let place = self.place();
        if self.date()?.is_some() || self.is_day_of_named_month()? {
            return Err(Stuck::Without {
                reason: "An exception can be of days of the week or the month and of whole months, and not of single dates.".to_owned(),
                without: self.text_without(begin, self.place()),
                otherwise: "Pause the trigger on that day, or write the days that are left.",
            });
        }
        self.back_to(place);
        self.take(&["the"]);
        let counted = match self.atom()? {
            Some(Atom::Places(places, counted)) => {
                counted != Counted::Day || places.iter().any(|place| matches!(place, Place::Last(_)))
            }
            Some(Atom::Edge(_) | Atom::Nearest(_) | Atom::Falling(..)) => true,
            Some(Atom::Weekdays(_) | Atom::Date(_)) | None => false,
        };
        self.back_to(place);
        if counted {
            return refused(
                "An exception can be of days of the week, such as Mondays, or of the month, such as the 1st, and not of those that are counted.",
                "Write the days that are left, such as `on the second, third and fourth Monday of the month at 9am`.",
            );
        }
        let window = self.window()?.is_some() || self.time(true)?.is_some();
        self.back_to(place);
        if window && !matches!(self.peek(), Some(Kind::Ordinal(_))) {
            return refused(
                "An exception can be of days and of months, and not of times.",
                "Write the times that are left, such as `every hour from 1am to 11pm`.",
            );
        }
        Ok(())
    }

    /// "the 25th of December"; one of every month is no single date.
    fn is_day_of_named_month(&mut self) -> Result<bool, Stuck> {
        self.take(&["the"]);
        let day = self.ordinal().is_some();
        Ok(day && matches!(self.scope()?, Some(Scope::Month(Some(_)))))
    }
}
