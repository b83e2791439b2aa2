//! Pages of lists: where one begins, how long it is, and where the next begins.

use callboard_api::list::{LIMIT, LIMIT_MAX, List};
use serde::Deserialize;

use super::{Refusal, Result};

/// What a caller says of the page that it wants.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The `next` of the page before.
    pub(crate) after: Option<String>,
    /// Items of the page, up to 1,000; a larger number is cut to that.
    #[param(minimum = 1)]
    pub(crate) limit: Option<u64>,
}

/// A page that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The number after which it begins.
    pub(crate) after: Option<i64>,
    /// Its longest length, at least 1.
    pub(crate) limit: usize,
}

impl Page {
    /// The page that is asked for, if such a page can be.
    pub(crate) fn of(after: Option<&str>, limit: Option<u64>) -> Result<Self> {
        let after = after.map(cursor).transpose()?;
        let limit = limit.unwrap_or(LIMIT);
        if limit == 0 {
            return Err(Refusal::bad_request("limit_invalid", "A page holds at least one item.")
                .hint("Leave limit out, or give a number from 1 to 1000."));
        }
        // It was cut to a thousand, which every machine counts to.
        Ok(Self { after, limit: usize::try_from(limit.min(LIMIT_MAX)).unwrap_or(1) })
    }

    /// Cuts a list that holds one more than the page, if there is more.
    pub(crate) fn list<T>(&self, mut items: Vec<T>, number: impl Fn(&T) -> i64) -> List<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = items.last().filter(|_| more).map(|last| number(last).to_string());
        List { items, next }
    }

    /// The page of a whole list that is at hand, in the order of its numbers.
    pub(crate) fn cut<T>(&self, all: impl IntoIterator<Item = T>, number: impl Fn(&T) -> i64) -> List<T> {
        let mut rest: Vec<T> =
            all.into_iter().filter(|item| self.after.is_none_or(|after| number(item) > after)).collect();
        rest.sort_by_key(|item| number(item));
        self.list(rest, number)
    }
}

impl PageQuery {
    pub(crate) fn page(&self) -> Result<Page> {
        Page::of(self.after.as_deref(), self.limit)
    }
}

/// A place in a list, as an earlier page gave it.
fn cursor(text: &str) -> Result<i64> {
    let number = text.parse().ok().filter(|number| *number >= 0 && text.bytes().all(|b| b.is_ascii_digit()));
    number.ok_or_else(|| {
        let message = "after is not a place in this list.";
        Refusal::bad_request("cursor_invalid", message).hint("Give the next of the page before, as it came.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_to_a_thousand_and_holds_at_least_one() {
        assert_eq!(Page::of(None, Some(u64::MAX)).unwrap().limit, 1_000);
        assert_eq!(Page::of(None, None).unwrap().limit, 50);
        assert_eq!(Page::of(None, Some(0)).unwrap_err().problem().code, "limit_invalid");
    }

    #[test]
    fn a_place_is_what_an_earlier_page_gave() {
        assert_eq!(Page::of(Some("17"), None).unwrap().after, Some(17));
        for odd in ["", "-1", "+1", "1.5", "0x1", "99999999999999999999", "١", "1 OR 1=1"] {
            assert_eq!(Page::of(Some(odd), None).unwrap_err().problem().code, "cursor_invalid", "{odd}");
        }
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let first = Page { after: None, limit: 2 }.cut([5, 1, 3], |number| *number);
        assert_eq!((first.items, first.next.as_deref()), (vec![1, 3], Some("3")));
        let last = Page { after: Some(3), limit: 2 }.cut([5, 1, 3], |number| *number);
        assert_eq!((last.items, last.next), (vec![5], None));
    }
}
