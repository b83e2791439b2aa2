//! What the page on schedules says of a text is what the program makes of it.

use callboard_schedule::{TEXT_CHARS_MAX, read};

use crate::page::Page;

/// The rows of the page's tables: a text in backticks, and what is said of it.
fn rows(section: &str) -> Vec<(&str, &str)> {
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    rows.map(|row| row.split_once("` | ").unwrap()).collect()
}

#[test]
fn every_text_that_is_understood_is_explained_as_the_page_says() {
    let page = Page::read("docs/reference/schedules.md");
    let understood = rows(page.section("## What is understood").unwrap());
    assert!(understood.len() > 50, "{}", understood.len());
    for (text, means) in understood {
        let schedule = read(text, None).unwrap_or_else(|refused| panic!("{text}: {refused}"));
        assert_eq!(schedule.description(), means, "{text}");
    }
}

#[test]
fn every_text_that_is_refused_is_refused_for_the_reason_on_the_page() {
    let page = Page::read("docs/reference/schedules.md");
    let refused = rows(page.section("## What is refused").unwrap());
    assert!(refused.len() > 15, "{}", refused.len());
    for (text, because) in refused {
        let reason = read(text, None).map_or_else(|refused| refused.reason, |read| read.description());
        assert_eq!(reason, because, "{text}");
    }
}

#[test]
fn the_length_on_the_page_is_the_longest_that_is_read() {
    let page = Page::read("docs/reference/schedules.md");
    let thousands = format!("{},{:03}", TEXT_CHARS_MAX / 1_000, TEXT_CHARS_MAX % 1_000);
    assert!(page.text.contains(&format!("at most {thousands} characters")), "{thousands}");
}
