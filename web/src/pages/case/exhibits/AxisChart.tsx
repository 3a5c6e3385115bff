import { useRef } from "react";
import type { Axis, AxisMark } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { span } from "@/parts/Time";
import { useCase } from "../context";
import { Rows } from "./Rows";
import { Numbers, Opens } from "./Said";
import { Sign } from "./Sign";
import { type TimeScale, timeScale } from "./scale";
import { useWidth } from "./useWidth";

const LANE = 34;
const HEAD = 40;

/** Records of several systems on one axis in UTC, and the same records as a list, which is what a screen reader reads. */
export function AxisChart({ drawn, title }: { drawn: Axis; title: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const { address } = useCase();
  return (
    <>
      <section ref={frame} className="axis" aria-label={`${title}: ${drawn.marks.length} records, drawn`}>
        <Lanes drawn={drawn} width={width} aimed={address.of} />
      </section>
      <ul className="lane-clocks">
        {drawn.lanes.map((lane) => (
          <li key={lane.id}>
            <strong>{lane.title}</strong>{" "}
            {lane.missing ? (
              <Mark kind="missing" word />
            ) : (
              <>
                {lane.zone ? `written in ${lane.zone}` : "nothing placed"}
                {lane.skew_seconds > 0 && ` · its clock may be off by ${lane.skew_seconds} s`}
              </>
            )}
          </li>
        ))}
        {drawn.tolerance_seconds > 0 && (
          <li>Times within {drawn.tolerance_seconds} s count as one moment, whatever the clock.</li>
        )}
      </ul>
      <Rows<AxisMark>
        name={`${title}, as a list`}
        className="axis-list"
        columns={[
          { id: "at", title: "UTC" },
          { id: "system", title: "System" },
          { id: "said", title: "What the record says" },
        ]}
        rows={drawn.marks}
        keyOf={(mark) => `${mark.at} ${mark.lane} ${mark.said.of} ${mark.said.text}`}
        rowClass={(mark) => [mark.kind, mark.said.of && mark.said.of === address.of ? "aimed" : ""].join(" ")}
        height={44}
        cells={(mark) => (
          <Line mark={mark} lane={drawn.lanes.find((lane) => lane.id === mark.lane)?.title ?? mark.lane} />
        )}
      />
    </>
  );
}

function Line({ mark, lane }: { mark: AxisMark; lane: string }) {
  return (
    <>
      <td className="at">
        <time dateTime={mark.at}>{clock(mark.at)}</time>
        {mark.until && <span className="under">to {clock(mark.until)}</span>}
        {mark.raw && !mark.raw.startsWith(mark.at.slice(0, 16)) && mark.raw.length < 40 && (
          <span className="under">from “{mark.raw}”</span>
        )}
      </td>
      <td>{lane}</td>
      <td>
        {mark.kind === "gap" && <Sign kind="gap" word="no records" />} <Opens said={mark.said}>{mark.said.text}</Opens>
        <span className="signs">
          <Mark kind={mark.said.status} word={mark.said.status !== "confirmed"} />
          <Numbers citations={mark.said.citations} of={mark.said.of} />
        </span>
        {mark.doubt && (
          <span className="under">
            <Sign kind="doubt" word="order uncertain" />: {mark.doubt}
          </span>
        )}
      </td>
    </>
  );
}

function clock(at: string): string {
  return at.replace("T", " ").replace(":00Z", "Z");
}

interface LanesProps {
  drawn: Axis;
  width: number;
  aimed: string | undefined;
}

function Lanes({ drawn, width, aimed }: LanesProps) {
  const labels = width < 520 ? 0 : 132;
  const lanes = drawn.lanes.filter((lane) => lane.missing || drawn.marks.some((mark) => mark.lane === lane.id));
  const lane = labels ? LANE : LANE + 14;
  const height = HEAD + lanes.length * lane + 22;
  const scale = timeScale(drawnTimes(drawn), labels + 10, width - 14);
  const y = (id: string) => HEAD + lanes.findIndex((one) => one.id === id) * lane + lane / 2 + (labels ? 0 : 7);
  return (
    <svg width={width} height={height}>
      <title>Records by system and time, in UTC</title>
      {lanes.map((one) => (
        <g key={one.id} className={one.missing ? "lane missing" : "lane"}>
          <text x={labels ? 0 : 2} y={labels ? y(one.id) + 4 : y(one.id) - 14}>
            {one.title}
          </text>
          <line x1={labels + 2} x2={width} y1={y(one.id)} y2={y(one.id)} />
        </g>
      ))}
      <Shortened scale={scale} from={HEAD - 8} height={height - 22} />
      <Moments drawn={drawn} scale={scale} height={height} width={width} />
      {drawn.marks.map((mark) => (
        <Point
          key={`${mark.at} ${mark.lane} ${mark.said.of} ${mark.said.text}`}
          mark={mark}
          scale={scale}
          y={y(mark.lane)}
          aimed={Boolean(aimed) && aimed === mark.said.of}
        />
      ))}
    </svg>
  );
}

/** Every moment that the axis has to tell apart. */
export function drawnTimes(drawn: Axis): number[] {
  const marks = drawn.marks.flatMap((mark) => [mark.at, ...(mark.until ? [mark.until] : [])]);
  const all = [drawn.since, drawn.until, ...marks, ...drawn.moments.map((moment) => moment.at)];
  return all.map((at) => Date.parse(at)).filter((at) => !Number.isNaN(at));
}

function Shortened({ scale, from, height }: { scale: TimeScale; from: number; height: number }) {
  return scale.shortened.map((one) => {
    const x = (one.from + one.to) / 2;
    return (
      <g key={one.from} className="shortened">
        <path d={`M${x - 3} ${height - 6}l3 -8m3 8l3 -8`} />
        {one.to - one.from > 44 && (
          <text x={x} y={height + 8} textAnchor="middle">
            {span(one.length)}
          </text>
        )}
        <line x1={x} x2={x} y1={from + 8} y2={height - 18} />
      </g>
    );
  });
}

/** Moments that all lanes share. Their words stand in two rows, so that near ones do not run into each other. */
function Moments({ drawn, scale, height, width }: { drawn: Axis; scale: TimeScale; height: number; width: number }) {
  return drawn.moments.map((moment, index) => {
    const x = scale.x(Date.parse(moment.at));
    const end = x > width - 150;
    return (
      <g key={`${moment.at} ${moment.said.text}`} className="moment">
        <line x1={x} x2={x} y1={18 + (index % 2) * 13} y2={height - 22} />
        <Opens said={moment.said}>
          <text x={end ? x + 2 : x - 2} y={12 + (index % 2) * 13} textAnchor={end ? "end" : "start"}>
            {moment.said.text} {moment.at.slice(11, 16)}Z
          </text>
        </Opens>
      </g>
    );
  });
}

function Point({ mark, scale, y, aimed }: { mark: AxisMark; scale: TimeScale; y: number; aimed: boolean }) {
  const x = scale.x(Date.parse(mark.at));
  const until = mark.until ? scale.x(Date.parse(mark.until)) : x;
  return (
    <g className={`point ${mark.kind} ${mark.said.status}${mark.doubt ? " doubtful" : ""}${aimed ? " aimed" : ""}`}>
      <title>{mark.said.text}</title>
      {mark.kind === "event" ? (
        <circle cx={x} cy={y} r="4.5" />
      ) : (
        <rect x={x} y={y - 6} width={Math.max(until - x, 3)} height="12" />
      )}
      {mark.doubt && <path d={`M${x - 9} ${y - 4}v8m18 -8v8M${x - 9} ${y}h4m10 0h4`} />}
    </g>
  );
}
