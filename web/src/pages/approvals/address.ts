export interface InboxAddress {
  state?: "history";
  /** Only what waits for the reader. */
  mine?: true;
  q?: string;
}

/** The address of the inbox, as far as it can be read. */
export function readInbox(raw: Record<string, unknown>): InboxAddress {
  if (raw.state === "history") return { state: "history" };
  return {
    ...(raw.mine === true ? { mine: true as const } : {}),
    ...(typeof raw.q === "string" && raw.q ? { q: raw.q.slice(0, 200) } : {}),
  };
}
