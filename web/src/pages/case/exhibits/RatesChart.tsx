import { useRef } from "react";
import type { Rate, Rates, Shown } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { useCase } from "../context";
import { Rows } from "./Rows";
import { Numbers, Opens, Said } from "./Said";
import { Sign } from "./Sign";
import { useWidth } from "./useWidth";

/** Each cohort's rate before and after inside its bounds, and the review hours that it all takes. */
export function RatesChart({ drawn, title }: { drawn: Rates; title: string }) {
  const { address } = useCase();
  const most = topOf(drawn);
  return (
    <>
      {drawn.frozen && (
        <div className="frozen-strip">
          <Sign kind="frozen" word="Frozen: no rate moves" />
          <ul>
            {drawn.causes.map((cause) => (
              <li key={cause.text}>
                <Said said={cause} mark={false} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {drawn.hours && <Capacity hours={drawn.hours} />}
      <Rows<Rate>
        name={title}
        className="rates"
        columns={[
          { id: "cohort", title: "Cohort" },
          { id: "rate", title: "Rate, percent", className: "number" },
          { id: "drawn", title: <Scale most={most} /> },
          { id: "bounds", title: <Step step={drawn.step} /> },
          { id: "binding", title: "What decided it" },
        ]}
        rows={drawn.rows}
        keyOf={(rate) => rate.id}
        rowClass={(rate) =>
          [
            rate.wanted != null || rate.held ? "stopped" : "",
            rate.before !== rate.after ? "moved" : "",
            rate.said.of && rate.said.of === address.of ? "aimed" : "",
          ].join(" ")
        }
        height={58}
        cells={(rate) => <Cells rate={rate} step={drawn.step ?? null} drift={drawn.drift ?? null} most={most} />}
      />
    </>
  );
}

/** The end of the scale: the highest bound or rate, to the next ten. */
export function topOf(drawn: Rates): number {
  const ends = drawn.rows.flatMap((rate) => [rate.before, rate.after, rate.wanted ?? 0, Number(rate.high?.text) || 0]);
  return Math.min(100, Math.ceil((Math.max(10, ...ends) + 2) / 10) * 10);
}

interface CellsProps {
  rate: Rate;
  step: Shown | null;
  drift: Shown | null;
  most: number;
}

function Cells({ rate, step, drift, most }: CellsProps) {
  const moved = rate.after - rate.before;
  return (
    <>
      <th scope="row">
        {rate.title}
        {rate.protected && (
          <span className="under">
            <Sign kind="protected" />
          </span>
        )}
      </th>
      <td className="number">
        <Opens said={rate.said} className="figure">
          {rate.before}
          {moved !== 0 && ` → ${rate.after}`}
        </Opens>
        <span className="signs">
          <Mark kind={rate.said.status} />
          <Numbers citations={rate.said.citations} of={rate.said.of} most={1} />
        </span>
        <span className="under">{moved === 0 ? "unchanged" : `${moved > 0 ? "+" : "−"}${Math.abs(moved)} points`}</span>
      </td>
      <td className="drawn">
        <Bounds rate={rate} step={Number(step?.text) || 0} most={most} />
      </td>
      <td className="bounds">
        <Bound word="floor" said={rate.floor} />
        <span className="bound">
          band <Bound said={rate.low} />–<Bound said={rate.high} />
        </span>
        {rate.drift !== 0 && drift && (
          <Bound word={`drift ${rate.drift > 0 ? "+" : "−"}${Math.abs(rate.drift)} of`} said={drift} sign="±" />
        )}
      </td>
      <td className="binding">
        {rate.wanted != null &&
          (rate.wanted === rate.after ? (
            <Sign kind="possible" word={`outside its ${rate.binding}`} />
          ) : (
            <Sign kind="blocked" word={`blocked by ${rate.binding}`} />
          ))}
        {rate.wanted == null && rate.binding && <strong>{rate.binding}</strong>}
        {!rate.binding && <span className="faint">no bound reached</span>}
        {rate.why && <span className="under">{rate.why}</span>}
      </td>
    </>
  );
}

function Step({ step }: { step: Rates["step"] }) {
  return (
    <>
      Bounds
      {step && (
        <>
          , one step <Bound said={step} sign="±" />
        </>
      )}
    </>
  );
}

function Bound({ word, said, sign = "" }: { word?: string; said: Shown | null | undefined; sign?: string }) {
  if (!said) return word ? null : <span className="faint">none</span>;
  return (
    <span className={word ? "bound" : ""}>
      {word}
      {word && " "}
      <Opens said={said}>
        {sign}
        {said.text}
      </Opens>
    </span>
  );
}

const PAD = 8;

/** Band, floor, the reach of one step, the rate before (ring) and after (disc), and a move that was blocked (cross). */
function Bounds({ rate, step, most }: { rate: Rate; step: number; most: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, 220);
  const x = (percent: number) => PAD + (Math.min(percent, most) / most) * (width - 2 * PAD);
  const [low, high] = [Number(rate.low?.text ?? 0), Number(rate.high?.text ?? most)];
  const floor = rate.floor ? Number(rate.floor.text) : null;
  const said = `${rate.title}: ${rate.before} to ${rate.after} percent, band ${low} to ${high}${floor === null ? "" : `, floor ${floor}`}`;
  return (
    <div ref={frame} className="bounds-frame">
      <svg width={width} height="26" role="img" aria-label={said}>
        <line className="scale" x1={PAD} x2={width - PAD} y1="13" y2="13" />
        <rect className="band" x={x(low)} y="9" width={Math.max(x(high) - x(low), 1)} height="8" />
        {step > 0 && (
          <path
            className="reach"
            d={`M${x(Math.max(rate.before - step, 0))} 22v2H${x(rate.before + step)}v-2M${x(rate.before)} 21v3`}
          />
        )}
        {floor !== null && <path className="floor" d={`M${x(floor)} 3v20m0 -20h5`} />}
        {rate.after !== rate.before && <line className="move" x1={x(rate.before)} x2={x(rate.after)} y1="13" y2="13" />}
        <circle className="before" cx={x(rate.before)} cy="13" r="5" />
        {rate.wanted != null && <path className="wanted" d={`m${x(rate.wanted) - 4} 9 8 8m0 -8 -8 8`} />}
        {rate.after !== rate.before && <circle className="after" cx={x(rate.after)} cy="13" r="5" />}
      </svg>
    </div>
  );
}

function Scale({ most }: { most: number }) {
  return (
    <span className="rate-scale" aria-label={`Bounds drawn, 0 to ${most} percent`} role="img">
      <span>0</span>
      <span>{most / 2}</span>
      <span>{most}</span>
    </span>
  );
}

function Capacity({ hours }: { hours: NonNullable<Rates["hours"]> }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, 600);
  const [before, after, ceiling] = [hours.before, hours.after, hours.ceiling].map((one) => Number(one.text));
  const available = hours.available ? Number(hours.available.text) : 0;
  const end = Math.max(before ?? 0, after ?? 0, ceiling ?? 0, available || 0) * 1.04 || 1;
  const x = (value: number | undefined) => ((value ?? 0) / end) * width;
  const over = (after ?? 0) > (ceiling ?? 0);
  return (
    <div className="capacity">
      <p>
        <strong>Review hours a week</strong>
        <span>
          now <Said said={hours.before} most={0} />
        </span>
        <span>
          after <Said said={hours.after} most={0} />
        </span>
        <span>
          at most <Said said={hours.ceiling} most={2} />
        </span>
        {hours.available && (
          <span>
            of <Said said={hours.available} most={1} /> available
          </span>
        )}
        <span>
          {over ? <Sign kind="failed" word="over the ceiling" /> : <Sign kind="met" word="under the ceiling" />}
        </span>
      </p>
      <div ref={frame}>
        <svg width={width} height="18" aria-hidden="true">
          <rect className="room" x="0" y="4" width={x(available || ceiling)} height="10" />
          <rect className={over ? "load over" : "load"} x="0" y="4" width={x(after)} height="10" />
          <path className="was" d={`M${x(before)} 2v14`} />
          <path className="ceiling" d={`M${x(ceiling)} 0v18`} />
        </svg>
      </div>
    </div>
  );
}
