//! The server of our own that does what it is told, in `fake.py`.

use callboard_server::mcp::{McpError, Place, Session};

use crate::{mcp, program};

/// Where it is; the word says what it does wrong.
pub(crate) fn place(wrong: &str) -> Place {
    program(&["python3", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/fake.py"), wrong])
}

/// A session with it.
pub(crate) async fn session(wrong: &str) -> Result<Session, McpError> {
    mcp().connect(&place(wrong)).await
}
