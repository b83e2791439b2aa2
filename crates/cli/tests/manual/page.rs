//! The pages of the manual, and what stands in them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's own folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// A page of the manual.
pub(crate) struct Page {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A block between fences: what stands behind the opening one, and the lines.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) info: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn read(path: &str) -> Self {
        let path = root().join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        Self { path, text }
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (index, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), open.as_mut()) {
                (Some(info), None) => {
                    open = Some(Block { info: info.to_owned(), line: index + 1, text: String::new() });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some(block)) => block.text.extend([line, "\n"]),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "a block of {} is not closed", self.path.display());
        blocks
    }

    /// What stands under a heading, up to the next one of its level or above.
    pub(crate) fn section(&self, heading: &str) -> Option<&str> {
        let start = format!("\n{heading}\n");
        let from = self.text.find(&start)? + start.len();
        let rest = &self.text[from..];
        let level = heading.bytes().take_while(|byte| *byte == b'#').count();
        let ends = (1..=level).filter_map(|level| rest.find(&format!("\n{} ", "#".repeat(level))));
        Some(&rest[..ends.min().unwrap_or(rest.len())])
    }

    /// The words in backticks that stand first in a row of a table.
    pub(crate) fn first_cells(&self) -> Vec<&str> {
        let rows = self.text.lines().filter_map(|line| line.strip_prefix("| `"));
        rows.filter_map(|row| row.split('`').next()).collect()
    }
}

/// Whether a text has that word in backticks.
pub(crate) fn has(text: &str, word: &str) -> bool {
    text.contains(&format!("`{word}`"))
}

/// Every page, the front page included once there is one.
pub(crate) fn all() -> Vec<Page> {
    let mut paths = Vec::new();
    for folder in ["docs", "docs/guides", "docs/reference"] {
        let files = std::fs::read_dir(root().join(folder)).unwrap();
        paths.extend(
            files.map(|file| file.unwrap().path()).filter(|path| path.extension() == Some("md".as_ref())),
        );
    }
    paths.extend(Some(root().join("README.md")).filter(|path| path.exists()));
    assert!(paths.len() >= 8, "{paths:?}");
    paths.into_iter().map(|path| Page { text: std::fs::read_to_string(&path).unwrap(), path }).collect()
}

/// The program in a folder, as it answers: code, standard output, standard error.
pub(crate) fn callboard(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_callboard"))
        .args(words)
        .current_dir(folder)
        .env("CALLBOARD_SIMULATED_WORDS_PER_SECOND", "0")
        .env_remove("CALLBOARD_LOG")
        .env_remove("CALLBOARD_DATABASE_URL")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What a heading is called in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches(['#', ' ']).to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_to_a_heading_leads_to_one() {
    let mut links = 0;
    for page in all() {
        for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, heading)) = link.split_once('#').filter(|(file, _)| !file.contains(':')) else {
                continue;
            };
            let path =
                if file.is_empty() { page.path.clone() } else { page.path.parent().unwrap().join(file) };
            let text = std::fs::read_to_string(path).unwrap();
            let found = text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
            assert!(found, "{}: {link}", page.path.display());
            links += 1;
        }
    }
    assert!(links >= 10, "{links}");
}
