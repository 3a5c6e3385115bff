/** A share with what it is a share of: "75 % of 8". Of nothing there is none. */
export function rate(part: number, whole: number): string {
  return whole === 0 ? "–" : `${Math.round((100 * part) / whole)} % of ${whole}`;
}
