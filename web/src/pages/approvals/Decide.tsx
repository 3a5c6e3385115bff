import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { ApiProblem, api, data, idempotencyKey } from "@/api/client";
import type { Gate } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { Time, utc } from "@/parts/Time";
import { sentence, spoken } from "@/parts/words";
import { Options, TakenOn } from "./Options";

type Answer = "approve" | "reject" | "return";

/** The side of a contradiction that the answer settles it by: one contradiction for one answer. */
interface Side {
  target: string;
  choice: string;
}

const NO_SIDE: Side = { target: "", choice: "" };

interface DecideProps {
  shown: Gate;
  now: Gate;
  changes: string[];
  lost: boolean;
  onReread: () => void;
}

/** The decision, at the foot of the page. Its button names what it does; it is there only while what it binds stands. */
export function Decide({ shown, now, changes, lost, onReread }: DecideProps) {
  const client = useQueryClient();
  const [answer, setAnswer] = useState<Answer>("approve");
  const [reason, setReason] = useState("");
  const [side, setSide] = useState<Side>(NO_SIDE);
  const [option, setOption] = useState("");
  const [accepts, setAccepts] = useState<string[]>([]);
  // One key for one answer to one content: a second click, or a try after a lost answer, is the same decision.
  const keys = useRef(new Map<string, string>());
  const send = useMutation({
    mutationFn: (decision: Answer) => {
      const revision = shown.revision?.sha256 ?? shown.subject_sha256;
      const meant = JSON.stringify([decision, revision, reason, side, option, accepts]);
      const key = keys.current.get(meant) ?? idempotencyKey();
      keys.current.set(meant, key);
      return data(
        api.POST("/api/runs/{run}/gates/{gate}/decisions", {
          params: { path: { run: shown.run, gate: shown.gate }, header: { "Idempotency-Key": key } },
          body: {
            decision,
            revision,
            reason: reason.trim() || null,
            choice: (decision === "approve" && (option || side.choice)) || null,
            target: (decision === "approve" && side.target) || null,
            accepts: decision === "approve" ? accepts : [],
          },
        }),
      );
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["run", shown.run] }),
        client.invalidateQueries({ queryKey: ["approvals"] }),
      ]),
  });
  if (send.data) return <Done gate={shown} decision={send.data.decision} />;
  if (send.error)
    return (
      <Declined
        error={send.error}
        gate={shown}
        onReread={() => {
          send.reset();
          onReread();
        }}
      />
    );
  // While an answer is on its way, what moves may be its own doing: the server says which.
  if (changes.length > 0 && !send.isPending)
    return <Moved changes={changes} now={now} gate={shown} onReread={onReread} />;
  if (!shown.may_decide) return <NotYours gate={shown} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!send.isPending) send.mutate(answer);
  };
  const asksReason = shown.reason_required || answer !== "approve";
  return (
    <form className="decide" onSubmit={submit} aria-label="Decision">
      <div className="decide-column">
        {answer === "approve" && (
          <>
            {shown.options.length > 0 && <Options gate={shown} option={option} onChange={setOption} />}
            {shown.choices.length > 0 && <Sides gate={shown} side={side} onChange={setSide} />}
            <TakenOn gate={shown} accepts={accepts} onChange={setAccepts} />
          </>
        )}
        {asksReason && (
          <label className="field">
            <span>
              {answer === "approve"
                ? "Reason"
                : answer === "return"
                  ? "What another revision has to do"
                  : `Reason. ${shown.if_rejected}`}
            </span>
            <textarea
              className="input"
              rows={2}
              required
              maxLength={5000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        )}
        <div className="actions">
          {answer === "approve" ? (
            <>
              <button type="submit" className="button first" disabled={send.isPending || lost}>
                {send.isPending ? "Sending…" : shown.verb}
              </button>
              <span className="space" />
              <button type="button" className="button plain" onClick={() => setAnswer("return")}>
                Return…
              </button>
              <button type="button" className="button plain" onClick={() => setAnswer("reject")}>
                Reject…
              </button>
            </>
          ) : (
            <>
              <button type="submit" className="button" disabled={send.isPending || lost}>
                {answer === "return"
                  ? `Return ${shown.revision?.revision ?? "it"} for another revision`
                  : `Reject ${shown.revision?.revision ?? "it"}`}
              </button>
              <button type="button" className="button plain" onClick={() => setAnswer("approve")}>
                Back
              </button>
            </>
          )}
        </div>
        {lost && (
          <p className="small mark unverified">
            The connection is lost. A decision waits until what you read is known to stand.
          </p>
        )}
      </div>
    </form>
  );
}

/** Sides that may be chosen. A chosen side is new content: it makes a new revision, which is then approved anew. */
function Sides({ gate, side, onChange }: { gate: Gate; side: Side; onChange: (side: Side) => void }) {
  const lines = gate.choices.flatMap((one) =>
    one.values.map((choice) => ({ target: one.contradiction, about: one.about, choice })),
  );
  return (
    <fieldset className="choices">
      <legend>Settle a contradiction with this answer</legend>
      <label>
        <input type="radio" name="side" checked={side.target === ""} onChange={() => onChange(NO_SIDE)} /> Leave it open
      </label>
      {lines.map(({ target, about, choice }) => (
        <label key={`${target} ${choice}`}>
          <input
            type="radio"
            name="side"
            checked={side.target === target && side.choice === choice}
            onChange={() => onChange({ target, choice })}
          />{" "}
          {sentence(spoken(about))}: {choice} <span className="id faint">{target}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Foot({ kind, children }: { kind: string; children: React.ReactNode }) {
  return (
    <div className={`decide ${kind}`} role="status">
      <div className="decide-column">{children}</div>
    </div>
  );
}

function Done({ gate, decision }: { gate: Gate; decision: Gate["given"][number] }) {
  return (
    <Foot kind="done">
      <p>
        <Mark kind={decision.decision === "approve" ? "accepted" : "rejected"} />{" "}
        <strong>You answered: {decision.decision}</strong> {decision.revision}
        {decision.choice && `, ${decision.choice}`} · <Time at={decision.at} form="full" />
      </p>
      <p className="small quiet">
        It is on record with everything that it binds. What follows is checked again at the moment it happens.
      </p>
      <div className="actions">
        <Link className="button" to="/runs/$run" params={{ run: gate.run }} search={{}}>
          Open the case
        </Link>
        <Link className="button plain" to="/approvals" search={{}}>
          What else waits
        </Link>
      </div>
    </Foot>
  );
}

function Moved({ changes, now, gate, onReread }: { changes: string[]; now: Gate; gate: Gate; onReread: () => void }) {
  return (
    <Foot kind="moved">
      <strong>This moved while you were reading</strong>
      <ul>
        {changes.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="button" onClick={onReread}>
          {now.revision && now.revision.sha256 !== gate.revision?.sha256
            ? `Read ${now.revision.revision}`
            : "Read it as it is now"}
        </button>
        <Link className="button plain" to="/runs/$run" params={{ run: gate.run }} search={{}}>
          Open the case
        </Link>
      </div>
    </Foot>
  );
}

/** The server's no: somebody was first, the revision is old, the time is over, or the role does not fit. */
function Declined({ error, gate, onReread }: { error: Error; gate: Gate; onReread: () => void }) {
  const problem = error instanceof ApiProblem ? error.problem : null;
  const winner = problem?.winner;
  return (
    <Foot kind="moved">
      <strong>
        {winner
          ? `${winner.name || winner.by} was first: ${winner.decision} ${winner.revision ?? ""} at ${utc(winner.at, "full")}`
          : (problem?.title ?? "The answer did not reach the server")}
      </strong>
      <p>
        {winner
          ? "That answer counts. Yours changed nothing."
          : problem
            ? problem.detail
            : "It is not known whether it was taken in. Sending it again is safe: the same answer counts once."}
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={onReread}>
          {problem?.current ? `Read ${problem.current.revision}` : "Read it as it is now"}
        </button>
        <Link className="button plain" to="/runs/$run" params={{ run: gate.run }} search={{}}>
          Open the case
        </Link>
      </div>
    </Foot>
  );
}

function NotYours({ gate }: { gate: Gate }) {
  const approved = gate.state === "approved" ? gate.given.findLast((one) => one.decision === "approve") : undefined;
  if (approved?.revision && approved.revision !== gate.revision?.revision) {
    return (
      <Foot kind="idle">
        <p>
          <strong>{approved.revision} was approved, and that still counts</strong>
          <span className="quiet"> · what the answer binds is the same in {gate.revision?.revision}</span>
        </p>
      </Foot>
    );
  }
  return (
    <Foot kind="idle">
      <p>
        <strong>{gate.state === "open" ? "You cannot answer this" : `This gate is ${spoken(gate.state)}`}</strong>
        {gate.why_not && !approved && <span className="quiet"> · {spoken(gate.why_not)}</span>}
      </p>
    </Foot>
  );
}
