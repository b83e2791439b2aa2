//! What we are to a server of tools: a client that offers nothing. A ping is answered; a server that
//! asks for a model, for folders or for a person is told that there is no such method, since an
//! agent's tools may not speak in the agent's name. Changes of its lists are not followed: what an
//! agent may call is fixed when its run asks for the list.

use rmcp::ClientHandler;
use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ErrorCode, ErrorData,
    Implementation, ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleClient};

/// The client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client;

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        let ours = Implementation::new("callboard", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), ours)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }

    #[expect(deprecated, reason = "servers of before may still ask for it")]
    async fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> Result<rmcp::model::ListRootsResult, ErrorData> {
        Err(no_such_method("roots/list"))
    }

    async fn create_elicitation(
        &self,
        _request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Err(no_such_method("elicitation/create"))
    }
}

fn no_such_method(method: &'static str) -> ErrorData {
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None)
}
