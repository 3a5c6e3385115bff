import { useRef } from "react";
import type { Week, WeekSlot } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { Countdown, Time } from "@/parts/Time";
import { useCase } from "../context";
import { DayBand } from "./DayBand";
import { Rows } from "./Rows";
import { Numbers, Opens } from "./Said";
import { Sign } from "./Sign";
import { useWidth } from "./useWidth";
import { clockIn, dayIn, daysOf, offsetOf, offsetText, placeOf } from "./zones";

/** Calendars by day, with the hours of every zone side by side; then each tested start with its reason. */
export function WeekChart({ drawn, title }: { drawn: Week; title: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const home = drawn.zones[0] ?? "UTC";
  const days = daysOf(home, Date.parse(drawn.since), Date.parse(drawn.until));
  return (
    <>
      <Clocks drawn={drawn} />
      <div ref={frame} className="week">
        {days.map((day) => (
          <DayBand key={day.from} drawn={drawn} day={day} width={width} name={dayIn(home, day.from + 12 * 3_600_000)} />
        ))}
      </div>
      <Legend />
      <Holds drawn={drawn} />
      <SlotList drawn={drawn} title={title} />
    </>
  );
}

/** How far the zones stand apart, and the changes of clocks that are near: in those weeks habit is wrong. */
function Clocks({ drawn }: { drawn: Week }) {
  const middle = (Date.parse(drawn.since) + Date.parse(drawn.until)) / 2;
  return (
    <ul className="zone-clocks">
      {drawn.zones.map((zone) => {
        const change = drawn.changes.find((one) => one.zone === zone);
        return (
          <li key={zone}>
            <strong>{placeOf(zone)}</strong> {zone !== "UTC" && offsetText(offsetOf(zone, middle))}
            {change && (
              <span className="under">
                clocks {Date.parse(change.at) < middle ? "changed" : "change"} {dayIn("UTC", Date.parse(change.at))},{" "}
                {change.before} → {change.after}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Legend() {
  const words = ["work", "night", "busy", "focus", "immovable", "off"] as const;
  const said = {
    work: "working hours",
    night: "protected night",
    busy: "busy",
    focus: "focus time",
    immovable: "cannot move",
    off: "not on call",
  };
  return (
    <ul className="week-legend" aria-label="What the fillings mean">
      {words.map((word) => (
        <li key={word}>
          <svg width="18" height="12" aria-hidden="true">
            <rect className={`fill ${word}`} x="0.5" y="0.5" width="17" height="11" />
          </svg>
          {said[word]}
        </li>
      ))}
    </ul>
  );
}

function Holds({ drawn }: { drawn: Week }) {
  if (drawn.holds.length === 0) return null;
  return (
    <ul className="week-holds" aria-label="Holds">
      {drawn.holds.map((hold) => (
        <li key={`${hold.at} ${hold.said.text}`}>
          <Sign kind="possible" word={hold.released ? "released" : "held"} />
          <span>
            <Time at={hold.at} />–<Time at={hold.until} form="clock" />
          </span>
          <Opens said={hold.said}>{hold.said.text}</Opens>
          <span className="faint">
            {hold.released ? "lapsed " : "lapses "}
            <Time at={hold.expires_at} /> {!hold.released && <Countdown until={hold.expires_at} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

const WORDS = { chosen: "proposed", fallback: "fallback", possible: "needs leadership", rejected: "rejected" } as const;

function SlotList({ drawn, title }: { drawn: Week; title: string }) {
  const { address } = useCase();
  const home = drawn.zones[0] ?? "UTC";
  return (
    <Rows<WeekSlot>
      name={`${title}: starts that were tested`}
      className="slots"
      columns={[
        { id: "state", title: "Start" },
        ...drawn.zones.map((zone) => ({ id: zone, title: placeOf(zone), className: "clock" })),
        { id: "why", title: "Why" },
      ]}
      rows={drawn.slots}
      keyOf={(slot) => `${slot.at} ${slot.state} ${slot.said.of}`}
      rowClass={(slot) => [slot.state, slot.said.of && slot.said.of === address.of ? "aimed" : ""].join(" ")}
      height={46}
      cells={(slot) => (
        <>
          <th scope="row">
            <Sign kind={slot.state} word={WORDS[slot.state]} />
          </th>
          {drawn.zones.map((zone) => (
            <td key={zone} className="clock">
              {clockIn(zone, Date.parse(slot.at))}
              {slot.state === "rejected" && `–${clockIn(zone, Date.parse(slot.until))}`}
              {(zone === home || dayIn(zone, Date.parse(slot.at)) !== dayIn(home, Date.parse(slot.at))) && (
                <span className="under">{dayIn(zone, Date.parse(slot.at))}</span>
              )}
            </td>
          ))}
          <td>
            <Opens said={slot.said}>{reasonOf(slot)}</Opens>
            <span className="signs">
              <Mark kind={slot.said.status} word={slot.said.status !== "confirmed"} />
              <Numbers citations={slot.said.citations} of={slot.said.of} />
            </span>
          </td>
        </>
      )}
    />
  );
}

/** A start that was taken has met every constraint; the others say what stands against them. */
function reasonOf(slot: WeekSlot): string {
  if (slot.state === "chosen") return "first start that meets every constraint";
  return slot.state === "fallback" ? "meets every constraint, later" : slot.said.text;
}
