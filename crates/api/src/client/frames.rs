//! Server-sent events, cut from bytes as they come in.
//!
//! A chunk may end anywhere: within a line, within a character, between the two halves of a line's
//! end. Only what is unfinished is kept, and no more of it than a limit. What an event means is not
//! known here.

use std::collections::VecDeque;
use std::time::Duration;

/// The mark that some servers begin a text with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Its own `id`. The id of an event before it is not carried over, as browsers do: what has no id
    /// here is not part of the history.
    pub(super) id: Option<String>,
    /// What kind of event it is; empty where it does not say.
    pub(super) event: String,
    /// Its data, without the last line's end.
    pub(super) data: String,
}

/// A line or an event is longer than anything that a server has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Reads a stream.
#[derive(Debug)]
pub(super) struct Frames {
    /// The longest line, and the longest data of an event.
    bytes_max: usize,
    /// The line that has no end yet.
    line: Vec<u8>,
    /// Whether the last line ended with a CR, whose LF may still come.
    after_cr: bool,
    /// Whether a line was read, before which a mark may stand.
    begun: bool,
    /// The event whose empty line has not come yet.
    frame: Frame,
    has_data: bool,
    ready: VecDeque<Frame>,
    retry: Option<Duration>,
}

impl Frames {
    /// A reader of lines and events up to that length.
    pub(super) fn up_to(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            line: Vec::new(),
            after_cr: false,
            begun: false,
            frame: Frame::default(),
            has_data: false,
            ready: VecDeque::new(),
            retry: None,
        }
    }

    /// The next whole event.
    pub(super) fn next(&mut self) -> Option<Frame> {
        self.ready.pop_front()
    }

    /// After how long the server wants to be asked again.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Takes in what came.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<(), TooLong> {
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, from_end) = rest.split_at(end);
            let is_lf = from_end.first() == Some(&b'\n');
            rest = from_end.get(1..).unwrap_or_default();
            let is_second_half = std::mem::take(&mut self.after_cr) && is_lf && line.is_empty();
            if is_second_half && self.line.is_empty() {
                continue;
            }
            self.after_cr = !is_lf;
            self.keep(line)?;
            let whole = std::mem::take(&mut self.line);
            self.read(&whole)?;
            // Its room is used again.
            self.line = whole;
            self.line.clear();
        }
        if !rest.is_empty() {
            self.after_cr = false;
            self.keep(rest)?;
        }
        Ok(())
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > self.bytes_max {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn read(&mut self, line: &[u8]) -> Result<(), TooLong> {
        let begun = std::mem::replace(&mut self.begun, true);
        let line = if begun { line } else { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) };
        if line.is_empty() {
            self.end();
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match name {
            b"data" => return self.data(&value),
            b"event" => self.frame.event = value.into_owned(),
            b"id" => self.frame.id = Some(value.into_owned()),
            b"retry" => self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry),
            // A line without a name is a comment, and a name that is not known is passed over.
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, value: &str) -> Result<(), TooLong> {
        let data = &mut self.frame.data;
        if data.len() + value.len() > self.bytes_max {
            return Err(TooLong);
        }
        if std::mem::replace(&mut self.has_data, true) {
            data.push('\n');
        }
        data.push_str(value);
        Ok(())
    }

    /// An empty line ends an event. One without data is none.
    fn end(&mut self) {
        let frame = std::mem::take(&mut self.frame);
        if std::mem::take(&mut self.has_data) {
            self.ready.push_back(frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The events of a text that comes in those pieces, as `id|event|data`.
    fn read<'t>(chunks: impl IntoIterator<Item = &'t [u8]>) -> Vec<String> {
        let mut frames = Frames::up_to(1_000);
        let mut found = Vec::new();
        for chunk in chunks {
            frames.take(chunk).unwrap();
            while let Some(Frame { id, event, data }) = frames.next() {
                found.push(format!("{}|{event}|{data}", id.unwrap_or_default()));
            }
        }
        found
    }

    fn check(text: &str, expected: &[&str]) {
        for size in 1..=text.len().max(1) {
            assert_eq!(read(text.as_bytes().chunks(size)), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn an_event_has_an_id_a_kind_and_data() {
        check("id: 7\nevent: run_started\ndata: {\"seq\":7}\n\n", &["7|run_started|{\"seq\":7}"]);
        check("event:delta\ndata:{}\n\n", &["|delta|{}"]);
    }

    #[test]
    fn an_id_is_not_carried_over() {
        check("id: 1\ndata: a\n\ndata: b\n\n", &["1||a", "||b"]);
    }

    #[test]
    fn all_line_ends_are_line_ends() {
        check("data: a\r\n\r\ndata: b\r\rdata: c\n\n", &["||a", "||b", "||c"]);
    }

    #[test]
    fn comments_unknown_names_and_events_without_data_are_passed_over() {
        check("\u{feff}: alive\n\nid: 3\nevent: x\n\nwhat: q\ndata: a\n\n", &["||a"]);
    }

    #[test]
    fn data_over_several_lines_is_one_event() {
        check("data: a\ndata\ndata:  c\n\n", &["||a\n\n c"]);
    }

    #[test]
    fn what_broke_off_is_no_event() {
        check("data: a\n\nid: 2\ndata: {\"half", &["||a"]);
        check("data: a\n", &[]);
        check("", &[]);
    }

    #[test]
    fn a_server_says_when_it_wants_to_be_asked_again() {
        let mut frames = Frames::up_to(100);
        frames.take(b"retry: 1000\n\nretry: soon\n\n").unwrap();
        assert_eq!(frames.retry(), Some(Duration::from_secs(1)));
        assert_eq!(frames.next(), None);
    }

    #[test]
    fn what_has_no_end_is_refused_and_not_kept() {
        let mut frames = Frames::up_to(1_000);
        let refused = (0..100).find_map(|_| frames.take(&[b'x'; 64]).err());
        assert_eq!(refused, Some(TooLong));
        assert!(frames.line.len() <= 1_000);
        let mut frames = Frames::up_to(1_000);
        let refused = (0..100).find_map(|_| frames.take(b"data: twenty more bytes..\n").err());
        assert_eq!(refused, Some(TooLong));
        assert!(frames.frame.data.len() <= 1_100);
    }

    /// Lines as servers may write them, in any order.
    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just(String::new()),
            Just(": alive".to_owned()),
            "(id|event|data|retry|other)",
            "(id|event|data|retry): ?[a-zäö🎭0-9{}\":,]{0,12}",
        ];
        let ended = (line, prop_oneof![Just("\n"), Just("\r\n"), Just("\r")]);
        proptest::collection::vec(ended.prop_map(|(line, end)| format!("{line}{end}")), 0..30)
            .prop_map(|lines| lines.concat())
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_events_are_the_same(
            text in lines(),
            cuts in proptest::collection::vec(1..9_usize, 1..40),
        ) {
            let whole = read([text.as_bytes()]);
            let mut rest = text.as_bytes();
            let mut pieces = Vec::new();
            for size in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, more) = rest.split_at((*size).min(rest.len()));
                pieces.push(piece);
                rest = more;
            }
            prop_assert_eq!(read(pieces), whole);
        }

        #[test]
        fn nothing_that_comes_takes_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut frames = Frames::up_to(64);
            let _ = bytes.chunks(7).try_for_each(|chunk| frames.take(chunk));
        }
    }
}
