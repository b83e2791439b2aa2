//! Manifests say shared things once, and lock files name no machine of anyone's.

use super::tree::{File, Finding, Tree};

/// Said once, in the root's manifest.
const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

/// Every crate takes its version, its lints and its dependencies' versions from the root.
pub(super) fn inherits(tree: &Tree) -> Vec<Finding> {
    let members = tree.files().filter(|file| file.name() == "Cargo.toml" && file.path.contains('/'));
    members.flat_map(own_values).collect()
}

fn own_values(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    let missing =
        |key: &str| !sections(file).any(|(_, section, text)| section == "package" && text.starts_with(key));
    for key in INHERITED.iter().map(|key| format!("{key}.workspace = true")).filter(|key| missing(key)) {
        found.push(
            file.at_line(1, format!("write `{key}` in [package]; the value stands in the root's manifest")),
        );
    }
    if !sections(file).any(|(_, section, text)| section == "lints" && text == "workspace = true") {
        found.push(
            file.at_line(1, "write `workspace = true` in [lints], so that every crate keeps the same rules"),
        );
    }
    for (line, section, text) in sections(file) {
        let dependency = section.ends_with("dependencies") && text.contains('=');
        if dependency && !text.replace(' ', "").contains("workspace=true") {
            found.push(
                file.at_line(line, "write the version in the root's [workspace.dependencies] and inherit it"),
            );
        }
    }
    found
}

/// The lines of a manifest that say something, each with its number and its section.
fn sections(file: &File) -> impl Iterator<Item = (usize, &str, &str)> {
    let mut section = "";
    file.text.lines().enumerate().filter_map(move |(index, line)| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            return None;
        }
        (!line.is_empty() && !line.starts_with('#')).then_some((index + 1, section, line))
    })
}

/// A lock file leads everyone to the same packages by the default way.
pub(super) fn locks(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.files() {
        let (wrong, message): (fn(&str) -> bool, _) = match file.name() {
            "Cargo.lock" => (
                |line| line.starts_with("source = ") && !is_default(line),
                "this source is a mirror or a git repository; take the package from the default registry",
            ),
            "package-lock.json" => (
                |line| line.trim_start().starts_with("\"resolved\":"),
                "this names the machine that a package came from; set `omit-lockfile-registry-resolved=true` in \
                 web/.npmrc and write the lock file again",
            ),
            _ => continue,
        };
        let lines = file.text.lines().enumerate().filter(|(_, line)| wrong(line));
        found.extend(lines.map(|(index, _)| file.at_line(index + 1, message)));
    }
    found
}

/// Whether a line of Cargo's lock file names the registry that Cargo itself would ask.
fn is_default(line: &str) -> bool {
    line.starts_with("source = \"registry+https://github.com/rust-lang/") && line.ends_with(".io-index\"")
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    const GOOD: &str = "[package]
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true

[dependencies]
a.workspace = true
b = { workspace = true, features = [\"c\"] }
";

    #[test]
    fn a_manifest_with_values_of_its_own_is_refused() {
        let version = GOOD.replace("\nversion.workspace = true", "\nversion = \"1\"");
        let lints = GOOD.replace("[lints]", "[other]");
        let dependency = GOOD.replace("a.workspace = true", "a = \"1\"");
        let files = [
            ("Cargo.toml", ""),
            ("crates/a/Cargo.toml", GOOD),
            ("crates/b/Cargo.toml", &version),
            ("crates/c/Cargo.toml", &lints),
            ("crates/d/Cargo.toml", &dependency),
        ];
        let expected = ["crates/b/Cargo.toml:1", "crates/c/Cargo.toml:1", "crates/d/Cargo.toml:12"];
        assert_eq!(places(inherits, &files), expected);
    }

    #[test]
    fn a_lock_file_that_names_a_machine_is_refused() {
        let cargo = "version = 4\nsource = \"registry+https://packages.example/index\"\n";
        let npm = "{\n  \"version\": \"1.0.0\",\n  \"resolved\": \"https://packages.example/a.tgz\"\n}\n";
        let files = [("Cargo.lock", cargo), ("web/package-lock.json", npm)];
        assert_eq!(places(locks, &files), ["Cargo.lock:2", "web/package-lock.json:3"]);
    }
}
