//! The months that days are named in: "of the month", "of January and July", "each quarter".

use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::group::Scope;
use super::lexicon;
use super::token::Kind;

impl Cursor<'_> {
    /// "of the month", "of January and July", "each quarter".
    pub(super) fn scope(&mut self) -> Maybe<Scope> {
        let place = self.place();
        let of = self.take(&["of", "in"]).is_some();
        if let Some(edge) = self.scope_before_end() {
            return Ok(Some(edge));
        }
        let each = self.take(&["each", "every"]).is_some();
        if each && let Some(months) = self.months_apart()? {
            return Ok(Some(Scope::Month(Some(months))));
        }
        let article = !each && self.take(&["the", "a", "any"]).is_some();
        let unit = if of || each { self.take_meaning(scope_unit) } else { None };
        if unit.is_some() {
            self.take_years();
            return Ok(unit);
        }
        if !each
            && !article
            && let Some(months) = self.months()
        {
            self.take_years();
            return Ok(Some(Scope::Month(Some(months))));
        }
        self.back_to(place);
        Ok(None)
    }

    /// The "month" of "month end", which stands before it.
    pub(super) fn scope_before_end(&mut self) -> Option<Scope> {
        let place = self.place();
        let unit = self.take_meaning(scope_unit);
        self.take_dash();
        if unit.is_some() && self.take(&["end"]).is_some() {
            return unit;
        }
        self.back_to(place);
        None
    }

    /// "every other month", "every 3 months".
    fn months_apart(&mut self) -> Maybe<u16> {
        let place = self.place();
        let other = self.take(&["other", "alternate"]).is_some();
        let count = if other {
            Some(2)
        } else {
            self.cardinal().or_else(|| self.ordinal().map(|(number, _)| number))
        };
        match count {
            Some(count) if self.take(&["month", "months"]).is_some() => months_every(count).map(Some),
            _ => {
                self.back_to(place);
                Ok(None)
            }
        }
    }

    fn take_years(&mut self) {
        self.take_phrase(&["of each year", "of every year", "of the year", "each year", "every year"]);
    }

    /// Months by their names: a list, with ranges.
    pub(super) fn months(&mut self) -> Option<u16> {
        let mut months = self.month_or_range()?;
        loop {
            let place = self.place();
            let separated = self.take_separator();
            self.take(&["in"]);
            // A day behind the name begins another date.
            let begins_date = matches!(self.peek_at(1), Some(Kind::Ordinal(_) | Kind::Number(_, 1..=2)));
            match separated.then(|| if begins_date { None } else { self.month_or_range() }).flatten() {
                Some(more) => months |= more,
                None => {
                    self.back_to(place);
                    return Some(months);
                }
            }
        }
    }

    fn month_or_range(&mut self) -> Option<u16> {
        let first = self.take_meaning(lexicon::month)?;
        let place = self.place();
        if self.take_range_word().is_some()
            && let Some(last) = self.take_meaning(lexicon::month)
        {
            let months = (0..12).map(|month| (first - 1 + month) % 12 + 1);
            let end = months.clone().position(|month| month == last).unwrap_or(0);
            return Some(months.take(end + 1).fold(0, |set, month| set | 1 << month));
        }
        self.back_to(place);
        Some(1 << first)
    }
}

fn scope_unit(word: &str) -> Option<Scope> {
    match word {
        "month" | "months" => Some(Scope::Month(None)),
        "quarter" | "quarters" => Some(Scope::Quarter),
        "year" => Some(Scope::Year),
        _ => None,
    }
}

/// The months of a year that come every so many, from January on.
pub(super) fn months_every(count: u32) -> Result<u16, Stuck> {
    if count == 0 || count > 12 || 12 % count != 0 {
        return refused(
            format!("{count} months do not divide a year, so the months would be others each year."),
            "Name the months, such as `on the 1st of January, June and November at 9am`.",
        );
    }
    let step = usize::try_from(count).unwrap_or(1);
    Ok((1..=12).step_by(step).fold(0, |set, month: u16| set | 1 << month))
}
