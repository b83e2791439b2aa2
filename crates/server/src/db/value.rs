//! What goes into a statement and what comes out of it: five kinds of value, the same on both
//! databases. Absent on purpose: dates, decimals, booleans and JSON as types. Moments and flags are
//! whole numbers and JSON is text, because that is what both databases agree about.

use std::sync::Arc;

use super::Error;

/// One value of a parameter or of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text. It is shared, because a statement may have to be sent twice and the events of a run
    /// are shown to many readers.
    Text(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// Only as a parameter: the number that the unit's `new_id` asked the database for. It lets
    /// rows refer to a row that is made beside them.
    NewId,
}

impl Value {
    /// The name of its kind, as error messages say it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a whole number",
            Self::Real(_) => "a number with a fraction",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::NewId => "the number of a new row",
        }
    }

    /// About how many bytes it takes on its way to the database.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Int(_) | Self::Real(_) | Self::NewId => 8,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

/// Databases count to `i64::MAX`. Nothing that Callboard numbers comes near it, so a larger number
/// is held at that end instead of making every caller handle what cannot happen.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(flag.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer. Columns are asked for by their place, from 0; asking for another kind than
/// the one that came is an error with both kinds in it, never a silent conversion.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(Box<[Value]>);

impl Row {
    pub(super) fn new(values: impl Into<Box<[Value]>>) -> Self {
        Self(values.into())
    }

    /// The value as it came.
    pub fn value(&self, index: usize) -> Result<&Value, Error> {
        self.0.get(index).ok_or_else(|| {
            Error::Failed(format!("column {index} was asked for in a row of {}", self.0.len()).into())
        })
    }

    /// Whether there is nothing in this column.
    pub fn is_null(&self, index: usize) -> Result<bool, Error> {
        Ok(*self.value(index)? == Value::Null)
    }

    /// A whole number.
    pub fn int(&self, index: usize) -> Result<i64, Error> {
        self.get(index, "a whole number", int)
    }

    /// A whole number, or nothing.
    pub fn int_or_null(&self, index: usize) -> Result<Option<i64>, Error> {
        self.get_or_null(index, "a whole number", int)
    }

    /// A whole number that is not negative.
    pub fn uint(&self, index: usize) -> Result<u64, Error> {
        self.get(index, "a whole number from 0", uint)
    }

    /// A whole number that is not negative, or nothing.
    pub fn uint_or_null(&self, index: usize) -> Result<Option<u64>, Error> {
        self.get_or_null(index, "a whole number from 0", uint)
    }

    /// A flag: a whole number that is not 0.
    pub fn flag(&self, index: usize) -> Result<bool, Error> {
        Ok(self.int(index)? != 0)
    }

    /// A number with a fraction; a whole number is one too.
    pub fn real(&self, index: usize) -> Result<f64, Error> {
        self.get(index, "a number", real)
    }

    /// A number with a fraction, or nothing.
    pub fn real_or_null(&self, index: usize) -> Result<Option<f64>, Error> {
        self.get_or_null(index, "a number", real)
    }

    /// Text.
    pub fn text(&self, index: usize) -> Result<Arc<str>, Error> {
        self.get(index, "text", text)
    }

    /// Text, or nothing.
    pub fn text_or_null(&self, index: usize) -> Result<Option<Arc<str>>, Error> {
        self.get_or_null(index, "text", text)
    }

    /// Bytes.
    pub fn bytes(&self, index: usize) -> Result<Arc<[u8]>, Error> {
        self.get(index, "bytes", bytes)
    }

    /// Bytes, or nothing.
    pub fn bytes_or_null(&self, index: usize) -> Result<Option<Arc<[u8]>>, Error> {
        self.get_or_null(index, "bytes", bytes)
    }

    fn get<T>(&self, index: usize, expected: &str, pick: fn(&Value) -> Option<T>) -> Result<T, Error> {
        let value = self.value(index)?;
        pick(value).ok_or_else(|| {
            let found = value.kind();
            Error::Failed(format!("column {index} holds {found} where {expected} was expected").into())
        })
    }

    fn get_or_null<T>(
        &self,
        index: usize,
        expected: &str,
        pick: fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        if self.is_null(index)? { Ok(None) } else { self.get(index, expected, pick).map(Some) }
    }
}

const fn int(value: &Value) -> Option<i64> {
    if let Value::Int(number) = value { Some(*number) } else { None }
}

fn uint(value: &Value) -> Option<u64> {
    int(value).and_then(|number| number.try_into().ok())
}

/// A sum that happens to be whole is still a sum, so whole numbers are let through.
const fn real(value: &Value) -> Option<f64> {
    if let Value::Real(number) = value {
        Some(*number)
    } else if let Value::Int(number) = value {
        Some(*number as f64)
    } else {
        None
    }
}

fn text(value: &Value) -> Option<Arc<str>> {
    if let Value::Text(text) = value { Some(Arc::clone(text)) } else { None }
}

fn bytes(value: &Value) -> Option<Arc<[u8]>> {
    if let Value::Bytes(bytes) = value { Some(Arc::clone(bytes)) } else { None }
}
