import type { EvalInterval, EvalPoint } from "@/api/types";
import { spoken } from "@/parts/words";
import { difference, plotted, rate, reach } from "./figures";

const WIDTH = 560;
const HEIGHT = 132;
const PAD = { top: 10, right: 12, bottom: 20, left: 40 };

/** One metric over the evals that were kept, a line for each suite. Below it the same in a table, for who reads tables. */
export function History({ history, metric }: { history: EvalPoint[]; metric: string }) {
  const { lines, least } = plotted(history, metric);
  const x = (share: number) => PAD.left + share * (WIDTH - PAD.left - PAD.right);
  const y = (share: number) => PAD.top + share * (HEIGHT - PAD.top - PAD.bottom);
  const last = lines.flatMap((line) => line.points.at(-1) ?? []);
  return (
    <figure className="eval-plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
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
            <td className="number">
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
            <td className="number">{one.cases}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
