import type { EvalInterval, EvalPoint } from "@/api/types";
import { useNarrow } from "@/parts/useNarrow";
import { spoken } from "@/parts/words";
import { difference, endNames, plotted, rate, reach } from "./figures";

const HEIGHT = 148;
const PAD = { top: 10, bottom: 20, left: 40 };
/** The least height between two names, of the height of the plot. */
const LINE = 13 / (HEIGHT - PAD.top - PAD.bottom);
/** How wide it is drawn, and how much of that is for the names: letters keep their size on a phone. */
const WIDE = { width: 720, names: 200 };
const NARROW = { width: 380, names: 150 };

/** One metric over the evals that were kept, a line for each suite, named at its end. */
export function History({ history, metric }: { history: EvalPoint[]; metric: string }) {
  const { lines, least } = plotted(history, metric);
  const { width, names } = useNarrow() ? NARROW : WIDE;
  const x = (share: number) => PAD.left + share * (width - PAD.left - names);
  const y = (share: number) => PAD.top + share * (HEIGHT - PAD.top - PAD.bottom);
  const last = lines.flatMap((line) => line.points.at(-1) ?? []);
  return (
    <figure className="eval-plot">
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`${spoken(metric)} over versions: ${last.map((one) => `${one.point.suite} ${rate(one.point.rate)}`).join(", ")}`}
      >
        {[1, (1 + least) / 2, least].map((value) => (
          <g key={value}>
            <line x1={x(0)} x2={x(1)} y1={y((1 - value) / (1 - least))} y2={y((1 - value) / (1 - least))} />
            <text x={PAD.left - 6} y={y((1 - value) / (1 - least)) + 4} textAnchor="end">
              {value.toFixed(2)}
            </text>
          </g>
        ))}
        {endNames(lines, LINE).map((name) => (
          <text key={name.text} className="names" x={x(1) + 10} y={y(name.y) + 4}>
            {name.text}
          </text>
        ))}
        {lines.map((line) => (
          <g key={line.suite} className="line">
            <polyline points={line.points.map((one) => `${x(one.x)},${y(one.y)}`).join(" ")} />
            {line.points.map((one) => (
              <circle key={one.point.eval} cx={x(one.x)} cy={y(one.y)} r={3}>
                <title>{`${line.suite} ${rate(one.point.rate)} of ${one.point.of} · ${one.point.version}`}</title>
              </circle>
            ))}
          </g>
        ))}
      </svg>
      <figcaption className="small quiet">
        {spoken(metric)}, oldest left; every point is an eval that was kept, every line a suite.
      </figcaption>
    </figure>
  );
}

/** The difference of each figure with its interval, about a line at 0. */
export function Intervals({ intervals }: { intervals: EvalInterval[] }) {
  const far = reach(intervals);
  const at = (value: number) => 50 + (value / far) * 48;
  return (
    <table className="eval-table">
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col" className="number">
            Difference
          </th>
          <th scope="col">95 % interval</th>
          <th scope="col" className="number">
            Cases
          </th>
        </tr>
      </thead>
      <tbody>
        {intervals.map((one) => (
          <tr key={one.figure} className={one.worse ? "worse" : ""}>
            <th scope="row">{spoken(one.figure)}</th>
            <td className="number" data-of="difference">
              {difference(one.mean)} {one.worse && <strong>worse</strong>}
            </td>
            <td>
              <svg viewBox="0 0 100 12" className="interval" preserveAspectRatio="none" aria-hidden="true">
                <line x1="50" x2="50" y1="0" y2="12" className="zero" />
                <line x1={at(one.low)} x2={at(one.high)} y1="6" y2="6" className="span" />
                <line x1={at(one.mean)} x2={at(one.mean)} y1="2" y2="10" className="span" />
              </svg>
              <span className="small quiet">
                {difference(one.low)} … {difference(one.high)}
              </span>
            </td>
            <td className="number" data-of="cases">
              {one.cases}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
