const HOUR = 3_600_000;

/** The local clock of a zone at a moment: "09:00", by the zone's own rules for that date. */
export function clockIn(zone: string, at: number): string {
  return formatter(zone).format(at);
}

/** The local day of a zone at a moment, short: "Wed 18 Mar". */
export function dayIn(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month")}`;
}

/** How far a zone is ahead of UTC at a moment, in hours. */
export function offsetOf(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return Math.round(((local - Math.floor(at / 60_000) * 60_000) / HOUR) * 4) / 4;
}

/** An offset as people write it: "UTC+05:30". */
export function offsetText(hours: number): string {
  const minutes = Math.round(Math.abs(hours) * 60);
  const two = (value: number) => String(value).padStart(2, "0");
  return hours === 0 ? "UTC" : `UTC${hours < 0 ? "−" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The place of a zone without its continent: "New York". */
export function placeOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** Days of the first zone between two moments, each from its midnight to the next: 23, 24 or 25 hours. */
export function daysOf(zone: string, since: number, until: number): { from: number; to: number }[] {
  const days: { from: number; to: number }[] = [];
  for (let from = since; from < until && days.length < 14; ) {
    const to = nextMidnight(zone, from);
    days.push({ from, to: Math.min(to, until) });
    from = to;
  }
  return days;
}

function nextMidnight(zone: string, from: number): number {
  const guess = from + 24 * HOUR;
  return guess - (offsetOf(zone, guess) - offsetOf(zone, from)) * HOUR;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  formatters.set(zone, made);
  return made;
}
