// A time zone by its IANA name, with those that the browser knows to choose from.

import { useId, type ReactNode } from "react";

import type { Wrong } from "../api/model.ts";
import { TextInput } from "../ui/field.tsx";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

interface ZoneInputProps {
  label: string;
  value: string;
  about?: ReactNode;
  wrong?: Wrong[];
  placeholder?: string;
  onValue: (zone: string) => void;
}

export function ZoneInput(props: ZoneInputProps) {
  const id = useId();
  return (
    <>
      <TextInput {...props} list={id} spellCheck={false} />
      <datalist id={id}>
        {ZONES.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
