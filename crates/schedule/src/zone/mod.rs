//! Zones, as people name them.
//!
//! The database of zones is built in, so that the same text means the same on every machine.

mod names;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::refused::Refused;
use names::Meaning;

/// The most words that a zone's name has: "central european summer time".
pub(crate) const ZONE_WORDS_MAX: usize = 5;
/// The longest text that is looked up as a zone: the longest name in the database has 32 characters.
const ZONE_CHARS_MAX: usize = 64;

/// A zone, with what is to be said of how it was read.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(crate) zone: TimeZone,
    pub(crate) note: Option<String>,
}

impl Zone {
    /// The zone where none is named.
    pub(crate) const UTC: Self = Self { zone: TimeZone::UTC, note: None };

    /// Its name in the IANA database.
    pub(crate) fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// The zone of a field that holds nothing else.
pub(crate) fn of_field(text: &str) -> Result<Zone, Refused> {
    let text = text.trim();
    if text.chars().count() > ZONE_CHARS_MAX {
        return Err(unknown("This text"));
    }
    if let Some(found) = of_offset(text) {
        return found;
    }
    let words = text.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    match of_words(&words) {
        Some((taken, found)) if taken == words.len() => found,
        Some(_) | None => database(text).ok_or_else(|| unknown(&format!("`{text}`"))),
    }
}

/// Whether a name begins as those of the database do.
pub(crate) fn names_a_region(name: &str) -> bool {
    let region = name.split_inclusive('/').next().unwrap_or_default();
    names::REGIONS_OF_CITIES.iter().chain(&["Etc/", "US/"]).any(|known| known.eq_ignore_ascii_case(region))
}

/// The refusal of a zone.
pub(crate) fn unknown(text: &str) -> Refused {
    Refused::new(
        format!("{text} is no time zone."),
        "Name the zone as the IANA database does, such as Europe/Berlin, America/New_York or UTC.",
    )
}

/// A zone by its name in the database, whatever its case.
pub(crate) fn database(name: &str) -> Option<Zone> {
    // Some names are too old to mean anything else than themselves; they still are names.
    let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown())?;
    Some(Zone { zone, note: None })
}

/// The zone that a text begins with, and how many of its words name it; the words are in lower case.
pub(crate) fn of_words(words: &[&str]) -> Option<(usize, Result<Zone, Refused>)> {
    let longest = words.len().min(ZONE_WORDS_MAX);
    (1..=longest).rev().find_map(|taken| Some((taken, of_phrase(&words[..taken])?)))
}

fn of_phrase(words: &[&str]) -> Option<Result<Zone, Refused>> {
    let name = words.join(" ");
    if let Some(found) = of_name(&name) {
        return Some(found);
    }
    let endings =
        [" standard time zone", " standard time", " daylight time", " time zone", " timezone", " time"];
    endings.iter().find_map(|ending| of_name(name.strip_suffix(ending)?))
}

fn of_name(name: &str) -> Option<Result<Zone, Refused>> {
    if let Some((_, choices)) = names::SEVERAL.iter().find(|(several, _)| *several == name) {
        let called = if name.len() <= 3 { name.to_uppercase() } else { capitals(name) };
        let reason = format!("{called} is used for more than one zone.");
        return Some(Err(Refused::new(reason, format!("Name the one that is meant: {choices}."))));
    }
    if name == "utc" {
        return Some(Ok(Zone::UTC));
    }
    let known = names::REGIONS.iter().chain(names::PLACES).find(|meaning| meaning.name == name);
    if let Some(meaning) = known {
        return meant(meaning).map(Ok);
    }
    if name.contains('/') { database(name).map(Ok) } else { city(name).map(Ok) }
}

fn meant(meaning: &Meaning) -> Option<Zone> {
    let zone = database(meaning.zone)?;
    let abbreviation =
        names::REGIONS.iter().any(|region| region.name == meaning.name && region.name.len() <= 4);
    let name = if abbreviation { meaning.name.to_uppercase() } else { capitals(meaning.name) };
    let note = match meaning.zone {
        "UTC" => format!("{name} is read as {}.", meaning.called),
        zone => format!("{name} is read as {} ({zone}).", meaning.called),
    };
    Some(Zone { note: (meaning.name != "z").then_some(note), ..zone })
}

fn capitals(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        if matches!(word, "us" | "dc" | "nyc" | "sf" | "la") {
            return word.to_uppercase();
        }
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A zone by the city in its name.
fn city(name: &str) -> Option<Zone> {
    if names::NO_CITIES.contains(&name) {
        return None;
    }
    let wanted = name.replace(' ', "_");
    let zones = TimeZoneDatabase::bundled();
    let of_city = |zone: &str| {
        let place = zone.rsplit('/').next().unwrap_or(zone);
        names::REGIONS_OF_CITIES.iter().any(|region| zone.starts_with(region))
            && place.eq_ignore_ascii_case(&wanted)
    };
    let found =
        zones.available().filter(|zone| of_city(zone.as_str())).min_by_key(|zone| zone.as_str().len())?;
    database(found.as_str())
}

/// A fixed offset, such as `UTC+2`; none where the text is no offset at all.
pub(crate) fn of_offset(text: &str) -> Option<Result<Zone, Refused>> {
    let text = text.to_ascii_lowercase();
    let rest = text.strip_prefix("utc").or_else(|| text.strip_prefix("gmt")).unwrap_or(&text);
    let (behind, digits) = match rest.trim_start().chars().next()? {
        '+' => (false, rest.trim_start().trim_start_matches('+')),
        '-' | '−' => (true, rest.trim_start().trim_start_matches(['-', '−'])),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or(match digits.len() {
        4 if digits.is_ascii() => digits.split_at(2),
        _ => (digits, "0"),
    });
    let hours: u8 = hours.trim().parse().ok()?;
    let minutes: u8 = minutes.parse().ok()?;
    if minutes != 0 {
        return Some(with_minutes(&text.to_uppercase(), (behind, hours, minutes)));
    }
    if hours > if behind { 12 } else { 14 } {
        return Some(Err(no_offset(&text.to_uppercase())));
    }
    // The database counts its fixed zones the other way round.
    let name = if hours == 0 {
        "UTC".to_owned()
    } else {
        format!("Etc/GMT{}{hours}", if behind { '+' } else { '-' })
    };
    database(&name).map(Ok)
}

/// An offset that is no whole number of hours: the database has no zones that are only that, but places
/// that keep it all year.
fn with_minutes(written: &str, offset: (bool, u8, u8)) -> Result<Zone, Refused> {
    let kept = names::OFFSETS.iter().find(|(known, _)| *known == offset);
    let (_, place) = kept.ok_or_else(|| no_offset(written))?;
    let note = Some(format!("{written} is read as {place}, which keeps it all year."));
    database(place).map(|zone| Zone { note, ..zone }).ok_or_else(|| no_offset(written))
}

fn no_offset(written: &str) -> Refused {
    Refused::new(
        format!("The offset `{written}` is not kept all year by any zone of the IANA database."),
        "Name a place instead, as in `every day at 9am America/St_Johns`, or a whole number of hours, as in `every day at 9am UTC+2`.",
    )
}

#[cfg(test)]
mod tests {
    use super::{names, of_field};

    fn name(text: &str) -> String {
        of_field(text).map_or_else(|refused| refused.reason, |zone| zone.name().to_owned())
    }

    #[test]
    fn every_name_leads_to_a_zone_of_the_database() {
        for meaning in names::REGIONS.iter().chain(names::PLACES) {
            assert_eq!(name(meaning.name), meaning.zone, "{}", meaning.name);
        }
    }

    #[test]
    fn zones_are_found_as_people_write_them() {
        let table = [
            ("America/New_York", "America/New_York"),
            ("europe/berlin", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"),
            ("New York", "America/New_York"),
            ("Tokyo time", "Asia/Tokyo"),
            ("Eastern Standard Time", "America/New_York"),
            ("Buenos Aires", "America/Buenos_Aires"),
            ("UTC+2", "Etc/GMT-2"),
            ("gmt -5", "Etc/GMT+5"),
            ("UTC+00:00", "UTC"),
            ("utc", "UTC"),
            ("IST", "IST is used for more than one zone."),
            ("UTC+5:30", "Asia/Kolkata"),
            ("+0545", "Asia/Kathmandu"),
            ("GMT-9:30", "Pacific/Marquesas"),
            ("UTC-3:30", "The offset `UTC-3:30` is not kept all year by any zone of the IANA database."),
            ("UTC+15", "The offset `UTC+15` is not kept all year by any zone of the IANA database."),
            ("Europe/Atlantis", "`Europe/Atlantis` is no time zone."),
            ("Berlin or so", "`Berlin or so` is no time zone."),
        ];
        for (text, expected) in table {
            assert_eq!(name(text), expected, "{text}");
        }
    }
}
