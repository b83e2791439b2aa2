//! What the program says of itself, for the files that are made from it: hidden from users, who find
//! the same in the manual and at the server.

use std::process::ExitCode;

use callboard_server::{serve, settings};

use crate::exit;
use crate::failure::Failure;
use crate::talk::give;

/// Prints the list of settings as a page of the manual.
#[derive(clap::Args)]
pub(crate) struct SettingsArgs {
    /// As markdown, which is the only form there is.
    #[arg(long, required = true)]
    markdown: bool,
}

/// `callboard openapi`: the description of the HTTP API.
pub(crate) fn openapi() -> Result<ExitCode, Failure> {
    let json = serde_json::to_string_pretty(&serve::openapi());
    give(json.map_err(|error| Failure::failed("internal", error))?)?;
    Ok(exit::code(0))
}

/// `callboard settings --markdown`: the page of the manual.
pub(crate) fn settings(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    if args.markdown {
        give(settings::markdown().trim_end())?;
    }
    Ok(exit::code(0))
}
