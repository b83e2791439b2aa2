//! Money, exactly.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// An amount of US dollars, counted in billionths so that sums are exact. On every surface it is a
/// decimal number of dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = f64, minimum = 0)]
pub struct Usd(u64);

/// Billionths in a dollar.
const NANOS: f64 = 1e9;

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many billionths of a dollar.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The amount in billionths of a dollar.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The price of so many tokens at so many dollars per million, rounded up: a limit on money
    /// must not be passed by rounding.
    pub fn of_tokens(tokens: u64, usd_per_million: f64) -> Self {
        // A price per million in dollars is a price per token in millionths, so a thousand billionths.
        Self((tokens as f64 * usd_per_million * 1e3).ceil().max(0.0) as u64)
    }

    /// An amount that a person wrote.
    pub fn of_dollars(dollars: f64) -> Self {
        Self((dollars * NANOS).round().max(0.0) as u64)
    }

    /// The amount in dollars, for showing.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / NANOS
    }

    /// What is left after taking that away; nothing where it is more.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::of_dollars)
    }
}

#[cfg(test)]
mod tests {
    use super::Usd;

    #[test]
    fn a_price_per_million_tokens_is_counted_exactly_and_rounded_up() {
        assert_eq!(Usd::of_tokens(900, 0.25).plus(Usd::of_tokens(120, 2.0)), Usd::from_nanos(465_000));
        assert_eq!(Usd::of_tokens(1, 0.000_1), Usd::from_nanos(1));
        assert_eq!(serde_json::to_string(&Usd::from_nanos(465_000)).unwrap(), "0.000465");
        assert_eq!(serde_json::from_str::<Usd>("0.000465").unwrap(), Usd::from_nanos(465_000));
    }
}
