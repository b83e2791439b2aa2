//! What a scalar without quotes is, by the core schema of YAML 1.2: `yes` is text, `0o17` a number.

use serde_json::Number;

use super::node::{Kind, Text, Written};

/// What a plain scalar is.
#[derive(Debug)]
pub(in crate::project) enum Plain {
    /// A value.
    Value(Kind),
    /// A number that cannot be held exactly, or not at all.
    Unholdable,
}

/// Types a plain scalar.
pub(in crate::project) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Value(Kind::Null),
        "true" | "True" | "TRUE" => return Plain::Value(Kind::Bool(true)),
        "false" | "False" | "FALSE" => return Plain::Value(Kind::Bool(false)),
        _ => {}
    }
    match number(text) {
        Some(Some(number)) => Plain::Value(Kind::Number(number)),
        Some(None) => Plain::Unholdable,
        None => Plain::Value(Kind::Text(Text { text: text.into(), written: Written::Plain })),
    }
}

/// The number that a scalar is written as, if it is one; the inner `None` where it is too large, or
/// infinite, or not a number at all by name.
fn number(text: &str) -> Option<Option<Number>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(None),
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == text.len() => return Some(None),
        _ => {}
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let text = text.strip_prefix('+').unwrap_or(text);
        let whole = text.parse::<u64>().map(Number::from).or_else(|_| text.parse::<i64>().map(Number::from));
        return Some(whole.ok());
    }
    is_float(unsigned).then(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}

/// A whole number in another base than ten.
fn radix(digits: &str, radix: u32) -> Option<Option<Number>> {
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    is_number.then(|| u64::from_str_radix(digits, radix).ok().map(Number::from))
}

/// Whether this is `1.`, `.5`, `1.5`, or one of them with an exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_is = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_is = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    mantissa_is && exponent_is
}
