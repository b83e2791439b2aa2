//! A text, cut into words, numbers, times and signs.
//!
//! Nothing is left out: a sign that means nothing here is refused.

use crate::refused::Refused;
use crate::zone::{self, Zone};

/// A piece of the text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it stands in the text, in bytes.
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What a piece of the text is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A word in lower case, without the full stop of an abbreviation.
    Word(String),
    /// A whole number, and how many digits it was written with.
    Number(u32, usize),
    /// A number with tenths, such as the 1.5 of hours.
    Tenths(u32),
    /// "1st", "22nd".
    Ordinal(u32),
    /// "9:30", "09.30", "14h30".
    Clock(Reading),
    /// ":15", the minute of any hour.
    Minute(u32),
    /// A zone that cannot be anything else: its name in the database, or an offset.
    Zone(Zone),
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `-`
    Dash,
    /// `/`
    Slash,
    /// `(`
    Open,
    /// `)`
    Close,
}

/// A time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) hour: u32,
    pub(super) minute: u32,
    /// Whether the hour has two digits, so that it can only be one of a day's 24.
    pub(super) two_digits: bool,
    /// Whether it was written with an `h`, or as four digits.
    pub(super) with_h: bool,
    /// Whether it was written as an hour alone.
    pub(super) alone: bool,
}

/// Puts a text into the form that is read: lower case, one kind of each sign.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            '–' | '—' | '‒' | '−' | '‑' => plain.push('-'),
            '’' | '‘' | '`' => plain.push('\''),
            '“' | '”' => plain.push('"'),
            letter if letter.is_whitespace() => plain.push(' '),
            letter => plain.extend(letter.to_lowercase()),
        }
    }
    let quoted = plain.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(inside) = quoted.filter(|inside| !inside.contains('"')) {
        plain = inside.trim().to_owned();
    }
    let end = plain.trim_end_matches(['.', '!', '?', ' ']).len();
    // The full stop of "p.m." belongs to it.
    let end = if plain[..end].ends_with(".m") { (end + 1).min(plain.len()) } else { end };
    plain.truncate(end);
    plain
}

/// Cuts a plain text.
pub(super) fn cut(text: &str) -> Result<Vec<Token>, Refused> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        if letter == ' ' {
            at += 1;
            continue;
        }
        let rest = &text[at..];
        let (kind, len) = match letter {
            '0'..='9' => number(rest)?,
            ',' => (Kind::Comma, 1),
            ';' => (Kind::Semicolon, 1),
            '-' => (Kind::Dash, 1),
            '/' => (Kind::Slash, 1),
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            '&' => (Kind::Word("and".to_owned()), 1),
            '@' => (Kind::Word("at".to_owned()), 1),
            ':' | '+' => sign(rest)?,
            'a' | 'p' if is_half(&tokens, at, rest) => (Kind::Word(format!("{letter}m")), 1),
            letter if letter.is_alphabetic() => word(rest)?,
            _ => return Err(stray(letter)),
        };
        tokens.push(Token { kind, from: at, to: at + len });
        at += len;
    }
    Ok(tokens)
}

/// Whether a letter that follows a time at once is its "am" or "pm", as in "6:15a".
fn is_half(tokens: &[Token], at: usize, rest: &str) -> bool {
    let ends = !rest[1..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '.');
    let timed = |token: &Token| matches!(token.kind, Kind::Number(..) | Kind::Clock(_)) && token.to == at;
    ends && tokens.last().is_some_and(timed)
}

fn stray(letter: char) -> Refused {
    Refused::new(
        format!("The sign `{}` means nothing in a schedule.", letter.escape_debug()),
        "Write it in words, such as `every Monday at 9am`, or as a cron expression such as `0 9 * * 1`.",
    )
}

/// How many bytes of digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn value(digits: &str) -> Result<u32, Refused> {
    let few = digits.len() <= 6;
    digits.parse().ok().filter(|_| few).ok_or_else(|| {
        Refused::new(
            format!("The number {digits} is too large."),
            "Write a smaller one, such as `every 90 minutes`.",
        )
    })
}

fn number(text: &str) -> Result<(Kind, usize), Refused> {
    let len = digits(text);
    let number = value(&text[..len])?;
    let rest = &text[len..];
    if len == 4 && is_rest_of_date(rest) {
        return Err(Refused::new(
            format!("`{}` comes only once, and a schedule is for what comes again.", &text[..len + 6]),
            "Leave the year out, as in `every year on 24 December at 18:00`.",
        ));
    }
    if let Some(after) = rest.strip_prefix(':') {
        return clock(number, len, after, text);
    }
    if let Some(after) = rest.strip_prefix('.') {
        match digits(after) {
            1 => return Ok((Kind::Tenths(number * 10 + value(&after[..1])?), len + 2)),
            2 if after[2..].starts_with('.') && number > 12 => return Err(no_date(&text[..len + 4])),
            2 => return Ok((Kind::Clock(reading(number, value(&after[..2])?, len)), len + 3)),
            _ => {}
        }
    }
    if let Some(after) = rest.strip_prefix('h').filter(|after| digits(after) == 2) {
        let reading = Reading { with_h: true, ..reading(number, value(&after[..2])?, len) };
        return Ok((Kind::Clock(reading), len + 3));
    }
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    Ok(match &rest[..letters] {
        "st" | "nd" | "rd" | "th" => (Kind::Ordinal(number), len + 2),
        _ => (Kind::Number(number, len), len),
    })
}

/// The "-03-15" of a date.
fn is_rest_of_date(rest: &str) -> bool {
    let parts: Vec<&str> = rest.get(..6).unwrap_or_default().split('-').collect();
    matches!(parts[..], ["", month, day] if digits(month) == 2 && digits(day) == 2)
}

const fn reading(hour: u32, minute: u32, len: usize) -> Reading {
    Reading { hour, minute, two_digits: len >= 2, with_h: false, alone: false }
}

/// The minutes after a colon, and seconds that are none.
fn clock(hour: u32, len: usize, after: &str, text: &str) -> Result<(Kind, usize), Refused> {
    if digits(after) != 2 {
        let written = &text[..len + 1 + digits(after)];
        return Err(Refused::new(
            format!("`{written}` is no time of day."),
            "Write hours and minutes with two digits, such as `9:05` or `17:45`.",
        ));
    }
    let minute = value(&after[..2])?;
    let seconds = after[2..].strip_prefix(':').filter(|seconds| digits(seconds) == 2);
    match seconds.map(|seconds| &seconds[..2]) {
        None => Ok((Kind::Clock(reading(hour, minute, len)), len + 3)),
        Some("00") => Ok((Kind::Clock(reading(hour, minute, len)), len + 6)),
        Some(_) => Err(no_seconds()),
    }
}

/// A date in numbers, which is written in more than one order.
pub(super) fn no_date(written: &str) -> Refused {
    Refused::new(
        format!("`{written}` could be a date, and those are written in more than one order."),
        "Write the name of the month, such as `on 24 December at 18:00`, or the days as in `on the 1st and 15th of every month`.",
    )
}

/// There are no seconds.
pub(super) fn no_seconds() -> Refused {
    Refused::new(
        "A schedule fires at the start of a minute and knows no seconds.",
        "Write whole minutes, such as `every minute` or `at 9:30`.",
    )
}

/// ":15" is a minute of any hour, and "+02:00" an offset.
fn sign(text: &str) -> Result<(Kind, usize), Refused> {
    let len = digits(&text[1..]);
    if text.starts_with(':') && len == 2 {
        return Ok((Kind::Minute(value(&text[1..3])?), 3));
    }
    // A colon behind a word, as in "Mondays: 9am", parts as a comma does.
    if text.starts_with(':') && !text[1..].starts_with(|letter: char| letter.is_ascii_digit()) {
        return Ok((Kind::Comma, 1));
    }
    let offset = text.bytes().skip(1).take_while(|byte| byte.is_ascii_digit() || *byte == b':').count();
    if text.starts_with('+') && matches!(len, 1 | 2) && offset > 2 {
        let zone = zone::of_offset(&text[..=offset]).ok_or_else(|| stray('+'))??;
        return Ok((Kind::Zone(zone), offset + 1));
    }
    // "Mon + Wed"; a number that follows at once could be an offset.
    if text.starts_with('+') && len == 0 {
        return Ok((Kind::Word("and".to_owned()), 1));
    }
    Err(stray(text.chars().next().unwrap_or('+')))
}

fn word(text: &str) -> Result<(Kind, usize), Refused> {
    if let Some(found) = database_zone(text)? {
        return Ok(found);
    }
    if let Some(found) = offset(text)? {
        return Ok(found);
    }
    for (written, meant) in [("a.m.", "am"), ("p.m.", "pm"), ("a.m", "am"), ("p.m", "pm")] {
        let ends = |rest: &str| !rest.starts_with(char::is_alphanumeric);
        if text.strip_prefix(written).is_some_and(ends) {
            return Ok((Kind::Word(meant.to_owned()), written.len()));
        }
    }
    let inside = |letter: char| letter.is_alphabetic() || letter == '\'' || letter == '_';
    let len = text.find(|letter: char| !inside(letter)).unwrap_or(text.len());
    let word = text[..len].replace('_', " ");
    // The full stop of an abbreviation belongs to it.
    let stop = usize::from(len <= 5 && text[len..].starts_with('.'));
    Ok((Kind::Word(word), len + stop))
}

/// A name such as "America/New_York".
fn database_zone(text: &str) -> Result<Option<(Kind, usize)>, Refused> {
    let inside = |letter: char| letter.is_ascii_alphanumeric() || "/_+-".contains(letter);
    let len = text.find(|letter: char| !inside(letter)).unwrap_or(text.len());
    let name = &text[..len];
    if !name.contains('/') {
        return Ok(None);
    }
    match zone::database(name) {
        Some(zone) => Ok(Some((Kind::Zone(zone), len))),
        // Names of days are written with strokes too; what names a region is meant as a zone.
        None if zone::names_a_region(name) => Err(zone::unknown(&format!("`{name}`"))),
        None => Ok(None),
    }
}

/// "UTC+2", "GMT -5".
fn offset(text: &str) -> Result<Option<(Kind, usize)>, Refused> {
    if !text.starts_with("utc") && !text.starts_with("gmt") {
        return Ok(None);
    }
    let rest = text[3..].trim_start_matches(' ');
    let before = text.len() - rest.len();
    if !rest.starts_with(['+', '-']) || digits(&rest[1..]) == 0 {
        return Ok(None);
    }
    let len = 1 + rest[1..].bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b':').count();
    let written = format!("{}{}", &text[..3], &rest[..len]);
    let zone = zone::of_offset(&written).ok_or_else(|| zone::unknown(&format!("`{written}`")))??;
    Ok(Some((Kind::Zone(zone), before + len)))
}
