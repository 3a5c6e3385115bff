import { Link } from "@tanstack/react-router";
import type { UseRow } from "@/api/admin";
import { Time } from "@/parts/Time";

/** Lineage entries that name a prompt or a tool, each a link to the entry. */
export function Uses({ uses, tool = false }: { uses: UseRow[]; tool?: boolean }) {
  return (
    <section aria-label="Where it was used">
      <h3 className="label">Where it was used last</h3>
      {uses.length === 0 ? (
        <p className="quiet small">No entry of a lineage names it yet.</p>
      ) : (
        <ul className="uses small">
          {uses.map((one) => (
            <li key={`${one.case}/${one.seq}`}>
              <Time at={one.at} /> ·{" "}
              <Link to="/runs/$run/lineage" params={{ run: one.run }} search={{ entry: one.seq }}>
                {one.case}, entry {one.seq}
              </Link>{" "}
              · {one.agent}
              {tool && ` · ${one.name}`} ·{" "}
              {one.refused ? <strong className="mark rejected">refused</strong> : one.version}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
