import type { Progress } from "@/api/events";
import { counted } from "@/parts/words";

/** What the agents do in the turn at work: a short line each; folded when it is done. */
export function LiveTurn({ progress, working }: { progress: Progress[]; working: boolean }) {
  const resting = progress.at(-1)?.state !== "done";
  if (progress.length === 0 && !working) return null;
  if (progress.length === 0) return <p className="live">At work…</p>;
  const lines = (
    <ol>
      {progress.map((line) => {
        const now = !resting && line.at === progress.length - 1;
        return (
          <li key={line.at} className={now ? "now" : ""}>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <circle
                cx="5"
                cy="5"
                r="3.5"
                fill={now ? "none" : "currentColor"}
                stroke="currentColor"
                strokeWidth="1.5"
              />
            </svg>
            <span>
              {line.title}
              {line.note && <span className="faint">: {line.note}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
  if (!resting || working) {
    return (
      <div className="live" role="status" aria-label="Agents at work">
        {lines}
      </div>
    );
  }
  const failed = progress.at(-1)?.state === "failed";
  return (
    <details className="live">
      <summary>
        {failed
          ? "The turn failed; what stood before still stands"
          : `Worked through ${counted(progress.length, "step")}`}
      </summary>
      {lines}
    </details>
  );
}
