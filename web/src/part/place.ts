// Which part of a page is being edited: it stands in the address, so that a reload and a link lead back to it.

/** The name of the part, or `new`. */
export interface EditSearch {
  edit?: string;
}

export const NEW = "new";

export function readEdit(search: Record<string, unknown>): EditSearch {
  return typeof search.edit === "string" && search.edit !== "" ? { edit: search.edit } : {};
}
