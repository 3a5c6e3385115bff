import { useSyncExternalStore } from "react";
import { useClockOffset } from "./clock";

// One clock for the page: everything that shows an age or a countdown reads the same second.
let now = Date.now();
const readers = new Set<() => void>();
let ticking: number | undefined;

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  ticking ??= window.setInterval(() => {
    now = Date.now();
    for (const one of readers) one();
  }, 1000);
  return () => {
    readers.delete(reader);
    if (readers.size === 0 && ticking !== undefined) {
      window.clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** This browser's time in milliseconds, in steps of `step` seconds so that slow figures do not redraw each second. */
export function useNow(step = 1): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now / (step * 1000)) * step * 1000);
}

/** The time of what is on the page, in milliseconds. */
export function useCaseNow(step = 1): number {
  return useNow(step) + useClockOffset();
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its largest useful units: "41 min", "2 h 05 min", "3 d". */
export function span(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < MINUTE) return `${Math.floor(length / 1000)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < DAY) {
    const minutes = Math.floor((length % HOUR) / MINUTE);
    return `${Math.floor(length / HOUR)} h ${String(minutes).padStart(2, "0")} min`;
  }
  return `${Math.floor(length / DAY)} d`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time in UTC as people write it: "18 Apr 2026 06:12Z"; with its zone, always. */
export function utc(at: string, form: "full" | "short" | "clock" = "short", present = Date.now()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (form === "clock") return `${clock}Z`;
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return form === "full"
    ? `${day} ${date.getUTCFullYear()} ${clock}:${two(date.getUTCSeconds())}Z`
    : `${day} ${date.getUTCFullYear() === new Date(present).getUTCFullYear() ? "" : `${date.getUTCFullYear()} `}${clock}Z`;
}

interface TimeProps {
  at: string;
  form?: "full" | "short" | "clock" | "age";
}

/** A time with its zone. On hover: UTC to the second, the reader's own zone, and how long ago. */
export function Time({ at, form = "short" }: TimeProps) {
  const present = useCaseNow(form === "age" ? 10 : 60);
  const distance = present - new Date(at).getTime();
  const age = distance >= 0 ? `${span(distance)} ago` : `in ${span(-distance)}`;
  const local = new Date(at).toLocaleString(undefined, { timeZoneName: "short" });
  return (
    <time dateTime={at} title={`${utc(at, "full")} · ${local} · ${age}`}>
      {form === "age" ? age : utc(at, form, present)}
    </time>
  );
}

/** What is left until a time; a reader's assistive software hears it once, not each second. */
export function Countdown({ until }: { until: string }) {
  const left = new Date(until).getTime() - useCaseNow();
  return (
    <time
      dateTime={until}
      title={`until ${utc(until, "full")}`}
      className={left < 5 * MINUTE ? "mark conflicting" : ""}
    >
      {left <= 0 ? "expired" : `${span(left)} left`}
    </time>
  );
}
