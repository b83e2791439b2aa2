//! The word that was probably meant, for messages that name it.
//!
//! Nothing is decided by it: a word that is only near is still unknown.

/// The longest word for which a nearest known word is looked for: names are shorter, and comparing
/// long texts costs the product of their lengths.
const NEAREST_CHARS_MAX: usize = 64;

/// The known words among which a nearest one is looked for.
const NEAREST_WORDS_MAX: usize = 1_000;

/// The known word that is nearest to `word`, if one is near enough to have been meant: a third of
/// its letters may differ, and its case does not count.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let chars = word.chars().count();
    if chars == 0 || chars > NEAREST_CHARS_MAX {
        return None;
    }
    let word = word.to_lowercase();
    known
        .into_iter()
        .take(NEAREST_WORDS_MAX)
        .filter(|candidate| candidate.len() <= NEAREST_CHARS_MAX * 4)
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (chars.max(candidate.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
