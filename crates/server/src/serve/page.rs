//! The web page, as it is built into the program. Every path that is not the API's leads to it: the
//! page itself knows which of its views is meant.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::http::Refusal;

/// What `npm run build` makes. Without it the program still builds, and says what is missing.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The page reaches its own server and nothing else, and nobody may frame it.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// Files with a hash in their names never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A page that is asked for again each time, so that a new version of the program shows.
const EACH_TIME: &str = "no-cache";

const MISSING: &str = "<!doctype html><meta charset=utf-8><title>Callboard</title>\
    <p>This program was built without its web page. Build it with <code>npm ci && npm run build</code> in \
    <code>web/</code>, then build the program again. The API works: see <a href=\"/api/openapi.json\">its \
    description</a>.";

/// Whatever is not the API's.
pub(super) async fn page(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Refusal::not_found("path_unknown", format!("There is nothing at {path}."))
            .hint("The calls are described in /api/openapi.json.")
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return not_allowed().await.into_response();
    }
    let name = path.trim_start_matches('/');
    match Files::get(name) {
        Some(file) if name.starts_with("assets/") => shown(name, file.data.into_owned(), FOR_EVER),
        Some(file) if !name.is_empty() => shown(name, file.data.into_owned(), EACH_TIME),
        None if name.starts_with("assets/") => {
            Refusal::not_found("path_unknown", format!("There is nothing at {path}.")).into_response()
        }
        Some(_) | None => match Files::get("index.html") {
            Some(file) => shown("index.html", file.data.into_owned(), EACH_TIME),
            None => (StatusCode::NOT_FOUND, shown("index.html", MISSING.into(), EACH_TIME)).into_response(),
        },
    }
}

/// A path that is there, asked in a way that it does not know.
pub(super) async fn not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take this method.")
        .hint("The calls are described in /api/openapi.json.")
}

fn shown(name: &str, data: Vec<u8>, cache: &'static str) -> Response {
    let head = [
        (CONTENT_TYPE, kind(name)),
        (CACHE_CONTROL, cache),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
    ];
    (head, data).into_response()
}

/// What a file is, by its name: the few kinds that a page is made of.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
