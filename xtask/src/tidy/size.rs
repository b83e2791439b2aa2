//! A file that one person can keep in mind.

use super::tree::{Finding, Tree};

/// Longer files were seen, elsewhere, to hold two things that no one could then take apart.
const LINES_MAX: usize = 700;

/// A Rust file is short enough.
pub(super) fn file_fits(tree: &Tree) -> Vec<Finding> {
    let written = tree.files().filter(|file| file.path.ends_with(".rs") && !file.is_generated());
    let message = format!("over {LINES_MAX} lines: make a folder of it, one file per thing that it holds");
    written
        .filter(|file| file.text.lines().count() > LINES_MAX)
        .map(|file| file.at_line(LINES_MAX + 1, message.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_file_of_701_lines_is_refused_unless_a_program_wrote_it() {
        let (fits, long) = ("\n".repeat(700), "\n".repeat(701));
        let generated = format!("// @generated{long}");
        let files = [("crates/a.rs", &*fits), ("crates/b.rs", &*long), ("crates/c.rs", &*generated)];
        assert_eq!(places(file_fits, &files), ["crates/b.rs:701"]);
    }
}
