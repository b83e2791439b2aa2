//! Where the project lies on this machine, and how strict to be there.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// One checkout of the project.
pub(crate) struct Checkout {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// Where test tools are installed: under the build folder, so that `cargo clean` removes them too.
    pub(crate) tools: PathBuf,
    /// Whether a skipped step is a failure: `CI` is `true`.
    pub(crate) strict: bool,
}

impl Checkout {
    /// Finds the checkout that this program was started from.
    pub(crate) fn find() -> Result<Checkout> {
        // Cargo sets the variable at run time; a program that was moved falls back on where it was built.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().map(Path::to_path_buf).context("xtask lies in no folder")?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let strict = env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        Ok(Checkout { tools: target.join("test-tools"), root, target, strict })
    }

    /// The program, as cargo builds it with a profile: `debug` or `release`.
    pub(crate) fn program(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join("callboard")
    }

    /// Cargo, in this checkout.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&self.root);
        command
    }
}
