// The title of the document, so that one tab can be told from another.

import { useEffect } from "react";

export function useTitle(...parts: (string | null | undefined)[]) {
  const title = [...parts.filter(Boolean), "Callboard"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
