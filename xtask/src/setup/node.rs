//! Node and the packages that the web page is built and tested with.

use anyhow::Result;

use crate::step::{Outcome, Session, Step};
use crate::web;

pub(super) const STEP: Step =
    Step { name: "node", doing: "looks for Node and for the packages of the web page", run };

fn run(session: &mut Session) -> Result<Outcome> {
    if let Some(sentence) = web::to_install() {
        return Ok(Outcome::Skipped(sentence));
    }
    if !web::is_here(&session.checkout) {
        return Ok(Outcome::LeftOut("There is no web page in this checkout.".to_owned()));
    }
    web::packages(&session.checkout)?;
    Ok(Outcome::Done)
}
