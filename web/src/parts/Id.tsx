import { useEffect, useState } from "react";

/** An id in mono. A click copies all of it, also where only its start is shown. */
export function Id({ value, short = 0 }: { value: string; short?: number }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const back = window.setTimeout(() => setCopied(false), 1500);
    return () => window.clearTimeout(back);
  }, [copied]);
  const shown = short > 0 && value.length > short ? `${value.slice(0, short)}…` : value;
  return (
    <button
      type="button"
      className="id"
      title={copied ? "Copied" : `Copy ${value}`}
      onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
    >
      {copied ? "copied" : shown}
      <span className="unseen"> (copy)</span>
    </button>
  );
}

/** A content hash. The first twelve digits are enough to tell two apart by eye; the click copies the whole. */
export function Hash({ value }: { value: string }) {
  return <Id value={value} short={value.startsWith("sha256:") ? 19 : 12} />;
}
