//! The files of the project as the rules see them: paths and texts.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::rust;
use crate::command;

/// Every file of the project: those that git knows, and new ones that it does not ignore.
pub(super) struct Tree {
    files: BTreeMap<String, File>,
}

/// One file.
pub(super) struct File {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    /// Its text; empty when it is not text.
    pub(super) text: String,
    /// For Rust: the text with comments and literals blanked, line by line.
    pub(super) code: String,
}

/// Something that breaks a rule.
pub(super) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Tree {
    /// Reads the files under a root.
    pub(super) fn read(root: &Path) -> Result<Tree> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = command::output(Command::new("git").arg("-C").arg(root).args(list))?;
        // A file that was deleted and not yet committed is still listed.
        let present = listed.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file());
        Ok(Tree::of(present.map(|path| {
            let text = fs::read(root.join(path)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            (path.to_owned(), text.unwrap_or_default())
        })))
    }

    /// A tree of these paths and texts.
    pub(super) fn of(files: impl IntoIterator<Item = (String, String)>) -> Tree {
        let files = files.into_iter().map(|(path, text)| {
            let code = if path.ends_with(".rs") { rust::code(&text) } else { String::new() };
            (path.clone(), File { path, text, code })
        });
        Tree { files: files.collect() }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The Rust files of the crates and of xtask.
    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        let ours = |file: &&File| file.path.starts_with("crates/") || file.path.starts_with("xtask/");
        self.files().filter(|file| file.path.ends_with(".rs")).filter(ours)
    }

    /// Whether a file or a folder is there.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files().any(|file| file.path.starts_with(&folder))
    }
}

impl File {
    /// The name without folders.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the whole file is a test, or data of one.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.name() == "tests.rs"
    }

    /// Whether a program wrote it: its first lines say so.
    pub(super) fn is_generated(&self) -> bool {
        self.text.lines().take(3).any(|line| line.contains("@generated"))
    }

    /// A finding at a byte of the text.
    pub(super) fn at(&self, byte: usize, message: impl Into<String>) -> Finding {
        let line = self.text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1;
        self.at_line(line, message)
    }

    /// A finding at a line, counted from 1.
    pub(super) fn at_line(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, message: message.into() }
    }
}

impl Finding {
    /// The file and line, as tests compare it.
    #[cfg(test)]
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}
