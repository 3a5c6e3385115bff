import { memo } from "react";
import type { ChatTurn } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { Time } from "@/parts/Time";
import { listed } from "@/parts/words";
import { CaseLink } from "./CaseLink";
import { Cites } from "./Cites";
import { Work } from "./Work";

/** One turn of the conversation. What it changed is a link to where it changed it; `unfolded`, with the work for it. */
export const Turn = memo(function Turn({ turn, unfolded = false }: { turn: ChatTurn; unfolded?: boolean }) {
  switch (turn.kind) {
    case "said":
      return (
        <Spoken turn={turn}>
          <p className="said">{turn.text}</p>
        </Spoken>
      );
    case "answered":
    case "redirected":
      return <Answer turn={turn} />;
    case "refused":
      return <Refusal turn={turn} />;
    case "revised":
      return (
        <>
          <Happening turn={turn} />
          <Work seq={turn.seq} open={unfolded} />
        </>
      );
    default:
      return <Happening turn={turn} />;
  }
});

function Spoken({ turn, children }: { turn: ChatTurn; children: React.ReactNode }) {
  return (
    <article className={turn.by_type === "person" ? "turn person" : "turn"}>
      <header>
        <b>{turn.by_name || turn.by}</b>
        <Time at={turn.at} form="clock" />
      </header>
      {children}
    </article>
  );
}

function Answer({ turn }: { turn: ChatTurn }) {
  return (
    <Spoken turn={turn}>
      {turn.text && <p className="answer">{turn.text}</p>}
      {turn.lines.length > 0 && (
        <ul className="answers">
          {turn.lines.map((line) => (
            <li key={line.text}>
              {line.text}{" "}
              <span className="signs">
                {line.unverified && <Mark kind="unverified" word />}
                <Cites citations={line.citations} of="" />
              </span>
            </li>
          ))}
        </ul>
      )}
      {turn.note && <p className="small quiet">{turn.note}</p>}
      {turn.paused && <p className="small mark unverified">Waits for your answer to this.</p>}
    </Spoken>
  );
}

/** A refusal stands like a decision, with its rule. */
function Refusal({ turn }: { turn: ChatTurn }) {
  return (
    <article className="turn">
      <div className="notice held">
        {turn.lines.length > 0 ? (
          <>
            <strong>Refused</strong>
            <ul>
              {turn.lines.map((line) => (
                <li key={line.text}>{line.text}</li>
              ))}
            </ul>
          </>
        ) : (
          <strong>Refused: {turn.text}</strong>
        )}
        {turn.note && <span>{turn.note}</span>}
        <span className="small quiet">
          Nothing was done. On record at <Time at={turn.at} form="clock" />.
        </span>
      </div>
    </article>
  );
}

/** What was done rather than said: one quiet line. */
function Happening({ turn }: { turn: ChatTurn }) {
  const who = turn.by_name || turn.by;
  return (
    <p className="turn event">
      <Time at={turn.at} form="clock" /> · {who} {happened(turn)}
      {turn.edits.length > 0 && (
        <>
          {" "}
          <EditLinks edits={turn.edits} />
        </>
      )}
      {turn.rejected.length > 0 && (
        <>
          {turn.edits.length > 0 ? ", rejected " : " rejected "}
          <EditLinks edits={turn.rejected} />
        </>
      )}
      {turn.objection && (
        <>
          {" "}
          <CaseLink change={{ tab: "objections" }}>{turn.objection}</CaseLink>
        </>
      )}
      {turn.revision && (
        <>
          {" "}
          <CaseLink change={{ rev: turn.revision }}>{turn.revision}</CaseLink>
        </>
      )}
      {(turn.kind === "objected" || turn.kind === "edits_reviewed") && turn.text && `: ${turn.text}`}
    </p>
  );
}

function happened(turn: ChatTurn): string {
  switch (turn.kind) {
    case "objected":
      return "objected";
    case "edits_proposed":
      return "proposed";
    case "edits_reviewed":
      return turn.edits.length > 0 ? "accepted" : "";
    case "cancelled":
      return "cancelled a turn: nothing was done for it";
    default:
      return "made";
  }
}

function EditLinks({ edits }: { edits: string[] }) {
  if (edits.length > 6) return <>{listed(edits)}</>;
  return (
    <>
      {edits.map((edit, index) => (
        <span key={edit}>
          {index > 0 && " "}
          <CaseLink change={{ edit }}>{edit}</CaseLink>
        </span>
      ))}
    </>
  );
}
