//! What a clock shows within a day, as a set of minutes.
//!
//! There are no seconds: a schedule is due at the start of a minute.

/// Minutes in an hour.
const HOUR: u16 = 60;
/// Minutes in a day.
const DAY: u16 = 24 * HOUR;

/// A set of times of day: for each hour its minutes, one bit each. A day has few enough of them that
/// all sets have one small size, and the cron lines that hold a set can be read off its hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readings([u64; 24]);

impl Readings {
    /// No time of day.
    pub(crate) const NONE: Self = Self([0; 24]);

    /// Each of some minutes in each of some hours.
    pub(crate) fn product(minutes: u64, hours: u32) -> Self {
        let mut readings = Self::NONE;
        for (hour, of_hour) in readings.0.iter_mut().enumerate() {
            if hours & (1 << hour) != 0 {
                *of_hour = minutes;
            }
        }
        readings
    }

    /// The times of day that are given as minutes since midnight.
    pub(crate) fn of(minutes: impl IntoIterator<Item = u16>) -> Self {
        let mut readings = Self::NONE;
        for minute in minutes.into_iter().filter(|minute| *minute < DAY) {
            readings.0[usize::from(minute / HOUR)] |= 1 << (minute % HOUR);
        }
        readings
    }

    /// Those of either set.
    pub(crate) fn union(mut self, other: Self) -> Self {
        for (own, others) in self.0.iter_mut().zip(other.0) {
            *own |= others;
        }
        self
    }

    /// The minutes of each hour.
    pub(crate) const fn hours(&self) -> &[u64; 24] {
        &self.0
    }

    /// The first time of day at or after `minute`, in minutes since midnight.
    pub(crate) fn on_or_after(&self, minute: u16) -> Option<u16> {
        let first = usize::from(minute / HOUR);
        let kept = u64::MAX << (minute % HOUR);
        let hours = self.0.iter().enumerate().skip(first);
        hours
            .map(|(hour, of_hour)| (hour, if hour == first { of_hour & kept } else { *of_hour }))
            .find(|(_, of_hour)| *of_hour != 0)
            .and_then(|(hour, of_hour)| {
                Some(u16::try_from(hour).ok()? * HOUR + u16::try_from(of_hour.trailing_zeros()).ok()?)
            })
    }

    /// All of them in order, in minutes since midnight.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            let found = self.on_or_after(next)?;
            next = found + 1;
            Some(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Readings;

    #[test]
    fn readings_come_in_order_and_the_end_of_the_day_ends_them() {
        let readings = Readings::of([1439, 0, 570, 1440]);
        assert_eq!(readings.iter().collect::<Vec<_>>(), [0, 570, 1439]);
        assert_eq!(readings.on_or_after(571), Some(1439));
        assert_eq!(readings.on_or_after(1440), None);
    }

    #[test]
    fn a_product_has_each_minute_in_each_hour() {
        let readings = Readings::product(1 | 1 << 30, 1 << 9 | 1 << 14);
        assert_eq!(readings.iter().collect::<Vec<_>>(), [540, 570, 840, 870]);
    }
}
