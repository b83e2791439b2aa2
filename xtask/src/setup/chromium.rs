//! A real Chromium for the tests of the web page: the machine's own, or Debian's package.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{CHROMIUM, apt};
use crate::command;
use crate::step::{Outcome, Session, Step};

pub(super) const STEP: Step =
    Step { name: "chromium", doing: "looks for a browser that tests can drive", run };

/// What it is called, by itself and under its maker's name.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Where it lies on a Mac, which keeps programs off the path.
const ON_A_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
/// The browser, and letters that it can draw, among them those of the manual's pictures; it needs nothing
/// else that its package recommends.
const PACKAGES: [&str; 3] = ["chromium", "fonts-liberation", "fonts-dejavu-core"];

/// Where the letters of the manual's pictures lie on Debian. A browser that was there before may have others.
const LETTERS: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

fn run(session: &mut Session) -> Result<Outcome> {
    if (find().is_none() || !Path::new(LETTERS).is_file()) && apt::usable() {
        apt::install(&PACKAGES)?;
    }
    let Some(program) = find() else {
        return Ok(Outcome::Skipped(format!(
            "Install Chromium (Debian: `apt install chromium`), or set {CHROMIUM} to its program."
        )));
    };
    println!("Found {}.", program.display());
    session.found.push((CHROMIUM, program.display().to_string()));
    Ok(Outcome::Done)
}

fn find() -> Option<PathBuf> {
    let said = env::var_os(CHROMIUM).map(PathBuf::from);
    let on_path = PROGRAMS.iter().find_map(|program| command::find(program));
    said.into_iter().chain(on_path).chain([PathBuf::from(ON_A_MAC)]).find(|program| program.is_file())
}
