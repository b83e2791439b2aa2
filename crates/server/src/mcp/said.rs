//! What a tool answered, as text for an agent. What is no text is named with its type and size:
//! pictures and sounds are not handed on.

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};

/// The longest text that a call answers with. Agents are given far less at a time; this is what a
/// record is willing to keep of one call.
pub const SAID_BYTES_MAX: usize = 1024 * 1024;

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// All that it said. It holds no U+0000, which no database would take.
    pub text: String,
    /// Whether the tool says that it failed.
    pub is_error: bool,
}

impl Said {
    pub(super) fn new(text: &str, is_error: bool) -> Self {
        Self { text: cut(text.replace('\0', "\u{fffd}")), is_error }
    }

    pub(super) fn of(result: &CallToolResult) -> Self {
        let mut parts: Vec<String> = result.content.iter().map(part).collect();
        let has_text = result.content.iter().any(is_text);
        if let (false, Some(value)) = (has_text, &result.structured_content) {
            parts.push(value.to_string());
        }
        Self::new(&parts.join("\n"), result.is_error == Some(true))
    }
}

fn is_text(block: &ContentBlock) -> bool {
    let embedded = block.as_resource().map(|embedded| &embedded.resource);
    block.as_text().is_some() || matches!(embedded, Some(ResourceContents::TextResourceContents { .. }))
}

fn part(block: &ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => blob("image", &image.mime_type, &image.data),
        ContentBlock::Audio(audio) => blob("audio", &audio.mime_type, &audio.data),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => text.clone(),
            ResourceContents::BlobResourceContents { uri, mime_type, blob: data, .. } => {
                blob(&format!("resource {uri}"), mime_type.as_deref().unwrap_or("unknown type"), data)
            }
            _ => "[resource of an unknown kind]".to_owned(),
        },
        ContentBlock::ResourceLink(link) => match &link.description {
            Some(description) => format!("[link to {}: {}, {description}]", link.uri, link.name),
            None => format!("[link to {}: {}]", link.uri, link.name),
        },
        _ => "[content of an unknown kind]".to_owned(),
    }
}

/// What stands for something that is no text.
fn blob(what: &str, mime: &str, base64: &str) -> String {
    // Four characters hold three bytes, but for those at the end that only fill up.
    let filled = base64.trim_end_matches('=').len();
    format!("[{what}: {mime}, {} bytes, not shown]", filled / 4 * 3 + (filled % 4) * 3 / 4)
}

/// The text within its limit, with a mark where it was cut.
fn cut(mut text: String) -> String {
    /// What the mark itself may take.
    const MARK_BYTES_MAX: usize = 64;
    if text.len() <= SAID_BYTES_MAX {
        return text;
    }
    let whole = text.len();
    let mut end = SAID_BYTES_MAX - MARK_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push_str(&format!("\n[cut off here: {} more bytes]", whole - end));
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(result: Value) -> Said {
        Said::of(&serde_json::from_value(result).unwrap())
    }

    #[test]
    fn all_kinds_of_content_become_text() {
        let answered = said(json!({ "content": [
            { "type": "text", "text": "one\u{0}" },
            { "type": "image", "data": "aGVsbG8=", "mimeType": "image/png" },
            { "type": "audio", "data": "aGVsbG9v", "mimeType": "audio/wav" },
            { "type": "resource", "resource": { "uri": "a://1", "text": "two" } },
            { "type": "resource", "resource": { "uri": "a://2", "blob": "aGVsbA==" } },
            { "type": "resource_link", "uri": "a://3", "name": "three", "description": "the third" },
        ], "structuredContent": { "never": "shown beside text" } }));
        let expected = "one\u{fffd}\n[image: image/png, 5 bytes, not shown]\n\
                        [audio: audio/wav, 6 bytes, not shown]\ntwo\n\
                        [resource a://2: unknown type, 4 bytes, not shown]\n\
                        [link to a://3: three, the third]";
        assert_eq!(answered, Said { text: expected.to_owned(), is_error: false });
    }

    #[test]
    fn structured_content_is_the_text_where_there_is_no_other() {
        let answered =
            said(json!({ "content": [], "structuredContent": { "b": 1, "a": [2] }, "isError": true }));
        assert_eq!(answered, Said { text: r#"{"b":1,"a":[2]}"#.to_owned(), is_error: true });
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_says_so() {
        let answered = Said::new(&"é".repeat(SAID_BYTES_MAX), false).text;
        assert!(answered.len() <= SAID_BYTES_MAX);
        let (kept, mark) = answered.split_once('\n').unwrap();
        assert!(kept.chars().all(|c| c == 'é'));
        assert_eq!(mark, format!("[cut off here: {} more bytes]", 2 * SAID_BYTES_MAX - kept.len()));
        let whole = "x".repeat(SAID_BYTES_MAX);
        assert_eq!(Said::new(&whole, false).text, whole);
    }
}
