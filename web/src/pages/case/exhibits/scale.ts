/** A piecewise time scale: quiet stretches are shortened, so that what happened within seconds can be told apart. */
export interface TimeScale {
  x: (at: number) => number;
  /** Stretches that are drawn much shorter than they were, by where they stand and how long they lasted. */
  shortened: { from: number; to: number; length: number }[];
}

const SECOND = 1000;

/** `times` are every moment that is drawn; `from` and `to` the pixels between which they lie. */
export function timeScale(times: number[], from: number, to: number): TimeScale {
  const moments = [...new Set(times)].sort((a, b) => a - b);
  const first = moments[0] ?? 0;
  if (moments.length < 2) return { x: () => (from + to) / 2, shortened: [] };
  const lengths = moments.slice(1).map((at, index) => at - (moments[index] ?? at));
  const weights = lengths.map((length) => Math.log2(2 + length / SECOND));
  const whole = weights.reduce((sum, one) => sum + one, 0);
  const places = [from];
  for (const weight of weights) places.push((places.at(-1) ?? from) + (weight / whole) * (to - from));
  const even = (to - from) / ((moments.at(-1) ?? first) - first);
  const shortened = lengths.flatMap((length, index) => {
    const [a, b] = [places[index] ?? from, places[index + 1] ?? to];
    return length * even > 1.5 * (b - a) && b - a > 26 ? [{ from: a, to: b, length }] : [];
  });
  const x = (at: number) => {
    const after = moments.findIndex((moment) => moment >= at);
    if (after <= 0) return after < 0 ? to : from;
    const [t0, t1] = [moments[after - 1] ?? first, moments[after] ?? first];
    const [a, b] = [places[after - 1] ?? from, places[after] ?? to];
    return a + ((at - t0) / (t1 - t0)) * (b - a);
  };
  return { x, shortened };
}
