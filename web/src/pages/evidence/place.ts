/** Locators as the viewers need them (their grammar: casefile/evidence.py). What does not fit a viewer is null. */

export interface Lines {
  first: number;
  last: number;
}

export function lines(locator: string | undefined): Lines | null {
  const match = /^line=(\d+)(?:-(\d+))?$/.exec(locator ?? "");
  if (!match) return null;
  const first = Number(match[1]);
  return { first, last: Number(match[2] ?? first) };
}

export interface Cell {
  sheet: string;
  row: number;
  column: string;
}

export function cell(locator: string | undefined): Cell | null {
  const match = /^(?:sheet=([\s\S]*),)?row=(\d+),col=([\s\S]+)$/.exec(locator ?? "");
  return match ? { sheet: match[1] ?? "", row: Number(match[2]), column: match[3] ?? "" } : null;
}

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export function box(locator: string | undefined): Box | null {
  const match = /^box=(\d+),(\d+),(\d+),(\d+)$/.exec(locator ?? "");
  if (!match) return null;
  const [x = 0, y = 0, w = 0, h = 0] = match.slice(1).map(Number);
  return { x, y, w, h };
}

export interface Characters {
  page: number;
  start: number;
  end: number;
}

export function characters(locator: string | undefined): Characters | null {
  const match = /^page=(\d+)(?:,char=(\d+)(?:-(\d+))?)?$/.exec(locator ?? "");
  if (!match) return null;
  const start = Number(match[2] ?? 0);
  return { page: Number(match[1]), start, end: match[2] === undefined ? 0 : Number(match[3] ?? start + 1) };
}

/** Whether a line at `place` is what `locator` speaks of: itself, or one below it. */
export function covers(locator: string | undefined, place: string): boolean {
  if (!locator) return false;
  if (locator === place) return true;
  const wanted = lines(locator);
  const one = lines(place);
  if (wanted && one) return wanted.first <= one.first && one.last <= wanted.last;
  return locator.startsWith("/") && place.startsWith(`${locator}/`);
}
