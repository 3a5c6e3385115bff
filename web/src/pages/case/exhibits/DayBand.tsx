import type { Week } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { Opens } from "./Said";
import { clockIn, placeOf } from "./zones";

const ROW = 30;
const RULER = 15;
const HOUR = 3_600_000;

interface BandProps {
  drawn: Week;
  day: { from: number; to: number };
  width: number;
  name: string;
}

/** One day: a ruler for each zone, a row for the customer, a row for each person. */
export function DayBand({ drawn, day, width, name }: BandProps) {
  const narrow = width < 560;
  const left = narrow ? 76 : Math.min(232, width / 4);
  const x = (at: number) => left + ((at - day.from) / (day.to - day.from)) * (width - left - 8);
  const top = drawn.zones.length * RULER + 8;
  const height = top + (drawn.people.length + 1) * ROW + 6;
  const y = (row: number) => top + row * ROW;
  return (
    <section className="day" aria-label={name}>
      <h4>{name}</h4>
      <div className="day-band" style={{ height }}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={`${name}: calendars of ${drawn.people.length} people`}
        >
          <defs>
            <pattern id="off-duty" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line className="hatch" x1="0" x2="0" y1="0" y2="5" />
            </pattern>
          </defs>
          <Rulers drawn={drawn} day={day} x={x} bottom={height - 4} step={narrow ? 6 : 3} />
          <Stretches drawn={drawn} day={day} x={x} y={y} />
          <Candidates drawn={drawn} day={day} x={x} from={top} to={height - 4} />
          <Changes drawn={drawn} day={day} x={x} to={height - 4} />
        </svg>
        <div className="day-labels" style={{ width: left - 8 }}>
          <span style={{ top: y(0) }}>customer</span>
          {drawn.people.map((person, row) => (
            <span key={`${person.role} ${person.said.text}`} style={{ top: y(row + 1) }} title={person.role}>
              <Opens said={person.said}>{person.said.text}</Opens>
              {!narrow && (
                <em title={`${person.role} · ${placeOf(person.zone)}`}>
                  {person.role} · {placeOf(person.zone)}
                </em>
              )}
              {!person.known && <Mark kind="missing" />}
            </span>
          ))}
        </div>
      </div>
    </section>
  );
}

interface PartProps {
  drawn: Week;
  day: { from: number; to: number };
  x: (at: number) => number;
}

/** The hours of each zone over one line: what is 10:00 there and 15:00 here. */
function Rulers({ drawn, day, x, bottom, step }: PartProps & { bottom: number; step: number }) {
  const hours: number[] = [];
  for (let at = Math.ceil(day.from / HOUR) * HOUR; at <= day.to; at += step * HOUR) hours.push(at);
  return (
    <g className="rulers">
      {hours.map((at) => (
        <line key={at} x1={x(at)} x2={x(at)} y1={drawn.zones.length * RULER + 2} y2={bottom} />
      ))}
      {drawn.zones.map((zone, row) => (
        <g key={zone}>
          <text className="zone" x={x(day.from) - 22} y={row * RULER + 12} textAnchor="end">
            {placeOf(zone)}
          </text>
          {hours.slice(0, -1).map((at) => (
            <text key={at} x={x(at)} y={row * RULER + 12} textAnchor="middle">
              {clockIn(zone, at)}
            </text>
          ))}
        </g>
      ))}
    </g>
  );
}

function Stretches({ drawn, day, x, y }: PartProps & { y: (row: number) => number }) {
  const inside = (one: { at: string; until?: string | null }) =>
    Date.parse(one.at) < day.to && Date.parse(one.until ?? one.at) > day.from;
  const box = (one: { at: string; until?: string | null }, row: number, inset: number) => {
    const from = Math.max(Date.parse(one.at), day.from);
    const to = Math.min(Date.parse(one.until ?? one.at), day.to);
    return { x: x(from), width: Math.max(x(to) - x(from), 1), y: y(row) + inset, height: ROW - 2 * inset - 2 };
  };
  return (
    <>
      <line className="rule" x1={x(day.from)} x2={x(day.to)} y1={y(0) - 2} y2={y(0) - 2} />
      {drawn.windows.filter(inside).map((one) => (
        <rect key={`${one.at} ${one.said.text}`} className="fill window" {...box(one, 0, 4)}>
          <title>{`customer: ${one.said.text}`}</title>
        </rect>
      ))}
      {drawn.people.map((person, index) => (
        <g key={`${person.role} ${person.said.text}`}>
          <rect className="fill off" {...box({ at: iso(day.from), until: iso(day.to) }, index + 1, 1)} />
          {(["duty", "night", "work", "focus", "busy", "immovable", "held"] as const).flatMap((kind) =>
            person.spans
              .filter((one) => one.kind === kind && inside(one))
              .map((one) => (
                <rect
                  key={`${kind} ${one.at} ${one.until}`}
                  className={`fill ${kind}`}
                  {...box(one, index + 1, kind === "duty" ? 1 : kind === "night" || kind === "work" ? 3 : 6)}
                >
                  <title>{`${person.said.text}: ${kind} ${one.at.slice(11, 16)}–${one.until.slice(11, 16)} UTC`}</title>
                </rect>
              )),
          )}
          <line className="rule" x1={x(day.from)} x2={x(day.to)} y1={y(index + 2) - 2} y2={y(index + 2) - 2} />
        </g>
      ))}
    </>
  );
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function Candidates({ drawn, day, x, from, to }: PartProps & { from: number; to: number }) {
  const shown = drawn.slots.filter((slot) => slot.state !== "rejected");
  return shown
    .filter((slot) => Date.parse(slot.at) < day.to && Date.parse(slot.until) > day.from)
    .map((slot) => {
      const [a, b] = [x(Date.parse(slot.at)), x(Date.parse(slot.until))];
      return (
        <g key={`${slot.at} ${slot.state}`} className={`candidate ${slot.state}`}>
          <rect x={a} y={from - 1} width={Math.max(b - a, 3)} height={to - from + 1} />
          {slot.state === "chosen" && <path d={`M${(a + b) / 2 - 4} ${from - 7}h8l-4 6Z`} />}
          <title>{`${slot.state}: ${slot.said.text}`}</title>
        </g>
      );
    });
}

function Changes({ drawn, day, x, to }: PartProps & { to: number }) {
  return drawn.changes
    .filter((change) => Date.parse(change.at) > day.from && Date.parse(change.at) < day.to)
    .map((change) => (
      <g key={`${change.zone} ${change.at}`} className="clock-change">
        <line x1={x(Date.parse(change.at))} x2={x(Date.parse(change.at))} y1="0" y2={to} />
        <text x={x(Date.parse(change.at)) + 4} y={to - 4}>
          {placeOf(change.zone)} {change.before} → {change.after}
        </text>
      </g>
    ));
}
