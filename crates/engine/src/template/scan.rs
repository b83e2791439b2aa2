//! Where the names of a template stand.
//!
//! The template engine knows which names a template takes from outside, but not where they stand
//! nor what is taken from within them. This reads just enough of the syntax to say so: it finds the
//! tags, and in them words, texts and signs. It judges nothing.

/// What one template mentions.
#[derive(Debug, Default)]
pub(super) struct Scan<'t> {
    /// The names, with what is taken from within each.
    pub(super) names: Vec<Mention<'t>>,
    /// The filters.
    pub(super) filters: Vec<Word<'t>>,
    /// The tests.
    pub(super) tests: Vec<Word<'t>>,
    /// The tags.
    pub(super) tags: Vec<Tag>,
}

/// A tag: `{{ … }}` or `{% … %}`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    /// Where it begins, in bytes.
    pub(super) offset: usize,
    /// Its bytes.
    pub(super) length: usize,
    /// Whether it is a statement.
    pub(super) is_statement: bool,
}

/// A word and where it stands, in bytes from the start of the template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    /// The word.
    pub(super) text: &'t str,
    /// Where it stands.
    pub(super) offset: usize,
}

/// A name that is mentioned, such as `results.research`.
#[derive(Debug)]
pub(super) struct Mention<'t> {
    /// The name itself.
    pub(super) name: Word<'t>,
    /// What is taken from it first, if that is written out.
    pub(super) part: Option<Word<'t>>,
}

/// Scans an expression that stands alone, without braces around it.
pub(super) fn expression(text: &str) -> Scan<'_> {
    let mut scan = Scan::default();
    scan.tags.push(Tag { offset: 0, length: text.len(), is_statement: false });
    let mut tokens = Vec::new();
    let mut rest = Cursor { text, offset: 0 };
    while let Some(token) = rest.token() {
        tokens.push(token);
    }
    scan.read(&tokens);
    scan
}

/// Scans a template.
pub(super) fn template(text: &str) -> Scan<'_> {
    let mut scan = Scan::default();
    let mut cursor = Cursor { text, offset: 0 };
    while let Some(at) = cursor.next_tag() {
        cursor.offset = at + 2;
        let opening = &text[at..at + 2];
        if opening == "{#" {
            cursor.skip_past("#}");
            continue;
        }
        let is_statement = opening == "{%";
        let tokens = cursor.tag(if is_statement { '%' } else { '}' });
        scan.tags.push(Tag { offset: at, length: cursor.offset - at, is_statement });
        if is_statement && matches!(tokens.first(), Some(Token { kind: TokenKind::Word("raw"), .. })) {
            cursor.skip_raw();
        } else {
            scan.read(&tokens);
        }
    }
    scan
}

impl<'t> Scan<'t> {
    /// Sorts the words of one tag into names, filters and tests.
    fn read(&mut self, tokens: &[Token<'t>]) {
        for (index, token) in tokens.iter().enumerate() {
            let TokenKind::Word(text) = token.kind else { continue };
            let word = Word { text, offset: token.offset };
            let before = |back: usize| index.checked_sub(back).map(|index| tokens[index].kind);
            let after = |ahead: usize| tokens.get(index + ahead).map(|token| token.kind);
            match before(1) {
                Some(TokenKind::Sign('.')) => {}
                Some(TokenKind::Sign('|')) => self.filters.push(word),
                Some(TokenKind::Word("is")) if text != "not" => self.tests.push(word),
                Some(TokenKind::Word("not")) if before(2) == Some(TokenKind::Word("is")) => {
                    self.tests.push(word);
                }
                // A filter may stand in a statement of its own.
                Some(TokenKind::Word("filter")) if index == 1 => self.filters.push(word),
                // `name=` gives a name to an argument or a variable.
                _ if after(1) == Some(TokenKind::Sign('=')) && after(2) != Some(TokenKind::Sign('=')) => {}
                _ => self.names.push(Mention { name: word, part: part(&tokens[index + 1..]) }),
            }
        }
    }
}

/// What is taken from a name first: `.word` or `["text"]`.
fn part<'t>(after: &[Token<'t>]) -> Option<Word<'t>> {
    match after {
        [dot, word, ..] if dot.kind == TokenKind::Sign('.') => match word.kind {
            TokenKind::Word(text) => Some(Word { text, offset: word.offset }),
            TokenKind::Text(_) | TokenKind::Sign(_) => None,
        },
        [open, text, close, ..]
            if open.kind == TokenKind::Sign('[') && close.kind == TokenKind::Sign(']') =>
        {
            match text.kind {
                TokenKind::Text(inner) => Some(Word { text: inner, offset: text.offset }),
                TokenKind::Word(_) | TokenKind::Sign(_) => None,
            }
        }
        _ => None,
    }
}

/// A word, a text or a sign.
#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    kind: TokenKind<'t>,
    offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind<'t> {
    Word(&'t str),
    /// What stands between quotes. One with an escape in it counts as a sign: it is not read out.
    Text(&'t str),
    Sign(char),
}

/// A place in a template.
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.offset..]
    }

    /// Where the next tag or comment begins.
    fn next_tag(&self) -> Option<usize> {
        let rest = self.rest();
        let mut from = 0;
        while let Some(brace) = rest[from..].find('{') {
            let at = from + brace;
            if rest[at + 1..].starts_with(['{', '%', '#']) {
                return Some(self.offset + at);
            }
            from = at + 1;
        }
        None
    }

    fn skip_past(&mut self, end: &str) {
        self.offset = match self.rest().find(end) {
            Some(at) => self.offset + at + end.len(),
            None => self.text.len(),
        };
    }

    /// Skips what stands between `{% raw %}` and `{% endraw %}`.
    fn skip_raw(&mut self) {
        loop {
            self.skip_past("{%");
            let rest = self.rest().trim_start_matches(['-', '+']).trim_start();
            if rest.is_empty() || rest.starts_with("endraw") {
                self.skip_past("%}");
                return;
            }
        }
    }

    /// Reads to the end of a tag, which is `sign` and a brace outside of any bracket.
    fn tag(&mut self, sign: char) -> Vec<Token<'t>> {
        let mut tokens: Vec<Token<'t>> = Vec::new();
        let mut depth = 0_usize;
        while let Some(token) = self.token() {
            match token.kind {
                TokenKind::Sign(found) if depth == 0 && found == sign && self.rest().starts_with('}') => {
                    self.offset += 1;
                    return tokens;
                }
                TokenKind::Sign('(' | '[' | '{') => depth += 1,
                TokenKind::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
                TokenKind::Word(_) | TokenKind::Text(_) | TokenKind::Sign(_) => {}
            }
            tokens.push(token);
        }
        tokens
    }

    fn token(&mut self) -> Option<Token<'t>> {
        self.offset += self.rest().len() - self.rest().trim_start().len();
        let (rest, offset) = (self.rest(), self.offset);
        let first = rest.chars().next()?;
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let (kind, length) = if is_word(first) {
            let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
            (TokenKind::Word(&rest[..length]), length)
        } else if first == '"' || first == '\'' {
            quoted(rest, first)
        } else {
            (TokenKind::Sign(first), first.len_utf8())
        };
        self.offset += length;
        Some(Token { kind, offset })
    }
}

/// A text in quotes, and its bytes with the quotes.
fn quoted(rest: &str, quote: char) -> (TokenKind<'_>, usize) {
    let mut escaped = false;
    let mut has_escape = false;
    for (at, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            (escaped, has_escape) = (true, true);
        } else if character == quote {
            let kind = if has_escape { TokenKind::Sign(quote) } else { TokenKind::Text(&rest[1..at]) };
            return (kind, at + 1);
        }
    }
    (TokenKind::Sign(quote), rest.len())
}
