//! What a schedule means, and the moments at which it is due.
//!
//! English and cron both end up here: a [`Line`] is a set of times of day, or an interval, on a set
//! of days, and a schedule is due whenever one of its lines is. Nothing here reads or writes text.

mod clock;
mod days;
mod fires;
mod readings;

pub use clock::{Gap, Repeat, Rules};
pub(crate) use days::{
    Both, Dates, Days, EVERY_DATE, EVERY_MONTH, EVERY_WEEKDAY, Picked, WEEKEND, WORKDAYS, Weekdays,
};
pub(crate) use fires::latest_before;
pub use fires::{Fire, Fires};
pub(crate) use readings::Readings;

/// Some times on some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// When within a day.
    pub(crate) times: Times,
    /// On which days.
    pub(crate) days: Days,
}

impl Line {
    /// Whether any calendar has one of its days.
    pub(crate) fn ever_comes(&self) -> bool {
        match &self.days {
            Days::Picked(picked) => picked.ever_comes(),
            Days::Counted(_) | Days::Alternating { .. } => true,
        }
    }
}

/// When within a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// Fixed times of day: each is due once on each day, whatever the clocks do.
    Fixed(Readings),
    /// Whenever the local clock reads one of these: a reading that a clock change leaves out is not
    /// due, and one that it brings twice is due twice.
    Moving(Readings),
    /// Every so many minutes of elapsed time, counted from the anchor.
    Elapsed(u32),
}
