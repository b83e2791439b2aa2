//! Documents that do not lie: paths that they name exist, examples that they show are files.

use super::root;
use super::tree::{File, Finding, Tree};

/// What a document may be at most long, in lines, so that it is read to its end.
const LINES_MAX: [(&str, usize); 2] = [("README.md", 120), ("ARCHITECTURE.md", 400)];

/// Made by a build and kept by no one, so a document may name them though they are not here.
const BUILT: [&str; 5] =
    ["target", "web/dist", "web/e2e/shots", "web/node_modules", "web/src/api/schema.gen.ts"];

/// Endings of files that a document names without their folder.
const ENDINGS: [&str; 5] = [".rs", ".toml", ".md", ".sql", ".tsx"];

/// Paths in backticks and in links lead somewhere.
pub(super) fn paths_exist(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in documents(tree) {
        for (line, text) in prose(&file.text) {
            // What stands between backticks is every second part.
            for span in text.split('`').skip(1).step_by(2) {
                if is_path(span) && !leads_somewhere(tree, span) {
                    let message =
                        format!("`{span}` is not in the project; name what is there now, or leave it out");
                    found.push(file.at_line(line, message));
                }
            }
            for link in links(text).filter(|link| !link_exists(tree, file, link)) {
                found.push(
                    file.at_line(line, format!("the link to {link} leads nowhere; give it its new place")),
                );
            }
        }
    }
    found
}

/// A document keeps its length, and a quoted file is quoted as it is.
///
/// `<!-- examples/hello.yaml -->` on the line before a fenced block says that the block is that file.
pub(super) fn short_and_quoted(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, lines_max) in LINES_MAX {
        if let Some(file) = tree.file(path).filter(|file| file.text.lines().count() > lines_max) {
            let message = format!("over {lines_max} lines: move what few readers need to docs/");
            found.push(file.at_line(lines_max + 1, message));
        }
    }
    for file in documents(tree) {
        found.extend(quotes(&file.text).filter_map(|(line, path, block)| {
            let same = tree.file(path).is_some_and(|quoted| quoted.text.trim_end() == block.trim_end());
            (!same).then(|| file.at_line(line, format!("this block is not what {path} says; copy it again")))
        }));
    }
    found
}

fn documents(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files().filter(|file| file.path.ends_with(".md") && !file.path.contains("/tests/"))
}

/// The lines outside fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((index + 1, line))
    })
}

/// Whether something in backticks is meant as a path of this project, and not as a command, an
/// address, a pattern or a piece of code.
fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ':');
    if !span.chars().all(plain) || span.contains("::") || span.contains("//") || span.contains("..") {
        return false;
    }
    let first = span.split('/').next().unwrap_or(span);
    let placed = span.contains('/') && root::folders().contains(&first);
    placed || ENDINGS.iter().any(|end| span.ends_with(end) && span.len() > end.len())
}

fn leads_somewhere(tree: &Tree, span: &str) -> bool {
    // `src/run.rs:12` names a line.
    let path = span.split(':').next().unwrap_or(span).trim_end_matches('/');
    let first = path.split('/').next().unwrap_or(path);
    let built = BUILT
        .iter()
        .any(|folder| path.strip_prefix(folder).is_some_and(|rest| !rest.starts_with(['-', '.'])));
    if built || tree.has(path) {
        return true;
    }
    // A path that begins in the root must be whole; another may leave out the folders before it.
    let end = format!("/{path}");
    !root::folders().contains(&first) && tree.files().any(|file| file.path.ends_with(&end))
}

/// The targets of links to files.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.map(|target| target.split('#').next().unwrap_or(target));
    targets.filter(|target| !target.is_empty() && !target.contains(':') && !target.contains(' '))
}

fn link_exists(tree: &Tree, from: &File, link: &str) -> bool {
    let mut folders: Vec<&str> = from.path.split('/').collect();
    folders.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                folders.pop();
            }
            name => folders.push(name),
        }
    }
    tree.has(&folders.join("/"))
}

/// The marked blocks of a document: line of the mark, path, text.
fn quotes(text: &str) -> impl Iterator<Item = (usize, &str, String)> {
    let lines = text.lines().enumerate();
    lines.clone().zip(lines.clone().skip(1)).filter_map(move |((index, mark), (_, fence))| {
        let path = mark.trim().strip_prefix("<!-- ")?.strip_suffix(" -->")?;
        let is_mark = path.contains('/') && !path.contains(' ') && fence.starts_with("```");
        let block =
            lines.clone().skip(index + 2).map(|(_, line)| line).take_while(|line| !line.starts_with("```"));
        is_mark.then(|| (index + 1, path, block.collect::<Vec<_>>().join("\n")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_dead_path_is_refused() {
        let text = "See `crates/a/src/b.rs`, `crates/a`, `b.rs`, `a/src/b.rs:3` and `Cargo.toml`.\n\
                    Gone: `crates/c`.\nGone: `docs/d.md`.\nGone: `e.rs`.\n";
        let files = [("ARCHITECTURE.md", text), ("crates/a/src/b.rs", ""), ("Cargo.toml", "")];
        assert_eq!(
            places(paths_exist, &files),
            ["ARCHITECTURE.md:2", "ARCHITECTURE.md:3", "ARCHITECTURE.md:4"]
        );
    }

    #[test]
    fn commands_addresses_patterns_code_and_what_a_build_makes_are_no_paths() {
        let text = "`cargo run crates/x` `https://crates/x` `crates/*` `crate::x.rs` `GET /v1/runs` `web/dist/a.js`\n\
                    ```\n`crates/gone`\n```\n`/docs/x` `run.state` `docs/<name>.md` `v0.1` `../docs/x`\n";
        assert_eq!(places(paths_exist, &[("README.md", text)]), Vec::<String>::new());
    }

    #[test]
    fn a_dead_link_is_refused() {
        let text = "[a](../README.md#top) [b](https://example.org/x) [c](#d)\n[e](gone.md)\n";
        assert_eq!(places(paths_exist, &[("docs/a.md", text), ("README.md", "")]), ["docs/a.md:2"]);
    }

    #[test]
    fn a_long_front_page_is_refused() {
        let (readme, architecture) = ("\n".repeat(121), "\n".repeat(400));
        let files = [("README.md", &*readme), ("ARCHITECTURE.md", &*architecture)];
        assert_eq!(places(short_and_quoted, &files), ["README.md:121"]);
    }

    #[test]
    fn a_block_that_is_not_its_file_is_refused() {
        let text =
            "<!-- examples/a.yaml -->\n```yaml\na: 1\n```\n<!-- examples/b.yaml -->\n```yaml\nb: 1\n```\n";
        let files = [("README.md", text), ("examples/a.yaml", "a: 1\n"), ("examples/b.yaml", "b: 2\n")];
        assert_eq!(places(short_and_quoted, &files), ["README.md:5"]);
    }
}
