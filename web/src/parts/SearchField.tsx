import { useEffect, useRef, useState } from "react";

interface SearchFieldProps {
  input: React.RefObject<HTMLInputElement | null>;
  /** What it searches in, for who does not see where it stands. */
  name: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
}

/** Says what is looked for a moment after the last key, not with each. */
export function SearchField({ input, name, hint, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const wait = window.setTimeout(() => change.current(text.trim()), 200);
    return () => window.clearTimeout(wait);
  }, [text, value]);
  return (
    <input
      ref={input}
      className="input search"
      type="search"
      placeholder={hint}
      aria-label={name}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
