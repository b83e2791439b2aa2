// Server-sent events, taken apart as the standard says: lines that end in CR, LF or both, fields,
// and a blank line that sends the message off.
//
// The browser's own EventSource is not used: it hides HTTP errors, and it cannot be told to go on
// after an event that the page chose.

export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** Takes text in pieces of any size and gives the messages that are complete. */
export class SseParser {
  #rest = "";
  #data: string[] = [];
  #event = "";
  #id: string | null = null;
  #afterReturn = false;

  push(text: string): Message[] {
    const found: Message[] = [];
    // A line feed that begins a piece belongs to the carriage return that ended the last one.
    const begins = this.#afterReturn && text.startsWith("\n") ? 1 : 0;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    const lines = (this.#rest + text.slice(begins)).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = this.#line(line);
      if (message) found.push(message);
    }
    return found;
  }

  #line(line: string): Message | null {
    if (line === "") return this.#send();
    const colon = line.indexOf(":");
    // A line that begins with a colon is a comment: it only keeps the connection open.
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
    return null;
  }

  #send(): Message | null {
    const message = { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") };
    const empty = this.#data.length === 0;
    this.#data = [];
    this.#event = "";
    this.#id = null;
    return empty ? null : message;
  }
}
