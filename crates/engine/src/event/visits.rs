//! A list of visits that is told more than once, and written once.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::PastVisit;

/// Visits that runs take over, a thousand of them perhaps, with all their text. Where it is known that
/// several runs will tell of them, their JSON is kept beside them.
#[derive(Clone, Default)]
pub struct PastVisits {
    all: Vec<Arc<PastVisit>>,
    json: Option<Box<RawValue>>,
}

impl PastVisits {
    /// The same visits, written down.
    pub(crate) fn written(self) -> Self {
        // Without its JSON a list is written each time.
        let json = serde_json::value::to_raw_value(&self.all).ok();
        Self { json, ..self }
    }
}

impl From<Vec<Arc<PastVisit>>> for PastVisits {
    fn from(all: Vec<Arc<PastVisit>>) -> Self {
        Self { all, json: None }
    }
}

impl Deref for PastVisits {
    type Target = [Arc<PastVisit>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl IntoIterator for PastVisits {
    type Item = Arc<PastVisit>;
    type IntoIter = std::vec::IntoIter<Arc<PastVisit>>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

impl PartialEq for PastVisits {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl fmt::Debug for PastVisits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all.fmt(f)
    }
}

impl Serialize for PastVisits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Some(json) => json.serialize(serializer),
            None => self.all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PastVisits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}
