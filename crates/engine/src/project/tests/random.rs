//! Files that nobody wrote: whatever comes in, reading ends, and says what is wrong.

use proptest::prelude::*;

use super::super::{MISTAKES_MAX, Reading, read, read_bytes};
use super::{NEWSROOM, SMALL};

/// What holds of every reading.
fn is_sound(reading: &Reading) {
    assert!(reading.project.is_some() || !reading.mistakes.is_empty(), "a refusal says why");
    assert!(reading.mistakes.len() <= MISTAKES_MAX + 1);
    assert!(reading.mistakes.is_sorted_by_key(|mistake| (mistake.line, mistake.column)));
}

/// Pieces that mean something to YAML or to templates.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "- ",
        "&a ",
        "*a",
        "\n",
        "\n  ",
        "\t",
        "|",
        ">",
        "\"",
        "'",
        "#",
        "!",
        "%",
        "{{ ",
        " }}",
        "{% if ",
        " %}",
        "{% endif %}",
        "? ",
        "---\n",
        "\\u0000",
        "input",
        "results",
        "null",
        "~",
        "0x",
        "1e999",
        "é",
        "\u{feff}",
        "\r\n",
        "<<: *a",
    ])
}

/// Places in a text where something may be put in, taken out, or taken from.
fn cut(text: &str, from: prop::sample::Index, to: prop::sample::Index) -> (usize, usize) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (one, other) = (places[from.index(places.len())], places[to.index(places.len())]);
    (one.min(other), one.max(other))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        is_sound(&read_bytes(&bytes, &|_, _| Ok(())));
    }

    #[test]
    fn any_text_is_read_to_an_end(text in "\\PC{0,300}") {
        is_sound(&read(&text));
    }

    #[test]
    fn any_pieces_of_yaml_are_read_to_an_end(pieces in prop::collection::vec(piece(), 0..60)) {
        is_sound(&read(&pieces.concat()));
    }

    #[test]
    fn a_file_with_something_put_in_is_read_to_an_end(
        pieces in prop::collection::vec((piece(), any::<prop::sample::Index>()), 1..4),
        small in any::<bool>(),
    ) {
        let mut text = if small { SMALL.to_owned() } else { NEWSROOM.to_owned() };
        for (piece, at) in pieces {
            let (at, _) = cut(&text, at, at);
            text.insert_str(at, piece);
        }
        is_sound(&read(&text));
    }

    #[test]
    fn a_file_with_a_part_moved_is_read_to_an_end(
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
    ) {
        let (from, to) = cut(NEWSROOM, from, to);
        let mut text = NEWSROOM.to_owned();
        let part: String = text.drain(from..to).collect();
        is_sound(&read(&text));
        let (at, _) = cut(&text, at, at);
        text.insert_str(at, &part);
        is_sound(&read(&text));
    }
}
