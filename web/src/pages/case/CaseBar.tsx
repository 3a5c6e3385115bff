import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { gateQuery } from "@/api/queries";
import type { Run } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { Id } from "@/parts/Id";
import { Menu, type MenuItem } from "@/parts/Menu";
import { Countdown } from "@/parts/Time";
import { counted, listed, sentence, spoken } from "@/parts/words";
import { AddEvidence } from "./AddEvidence";
import { useCase } from "./context";

/** The bar that always answers: where is it, whom does it wait for, what happens if approved, what stops it. */
export function CaseBar({ onObject }: { onObject: () => void }) {
  const { run } = useCase();
  return (
    <header className="case-bar">
      <div className="case-where">
        <h1>
          <Id value={run.case} />
        </h1>
        <span>{run.tenant_name || run.tenant}</span>
        <Link className="quiet" to="/scenarios/$slug" params={{ slug: run.scenario_short }} title={run.title}>
          {run.scenario_short}
        </Link>
        {run.artifact && <span>{run.artifact.revision}</span>}
        <Waits />
      </div>
      <Actions onObject={onObject} />
      <Next />
      <Steps steps={run.steps} />
    </header>
  );
}

function Waits() {
  const { run } = useCase();
  const first = run.waiting_on[0];
  if (run.working) return <span className="quiet">at work</span>;
  if (!first) {
    return (
      <span>
        <strong>{run.outcome ? spoken(run.outcome) : run.state}</strong>
        {!run.final && run.outcome && <span className="faint"> · may go on when something changes</span>}
      </span>
    );
  }
  const more = run.waiting_on.length - 1;
  return (
    <span>
      waiting: <strong>{first.title}</strong>
      {first.people.length > 0 && ` (${listed(first.people)})`}
      {more > 0 && ` and ${counted(more, "more gate")}`}
      {first.expires_at && (
        <>
          {" · "}
          <Countdown until={first.expires_at} />
        </>
      )}
    </span>
  );
}

/** What would happen next, and what stands in its way: each stop leads to where it can be seen. */
function Next() {
  const { run, go } = useCase();
  const gate = run.waiting_on[0]?.gate;
  const { data } = useQuery({ ...gateQuery(run.run, gate ?? ""), enabled: gate !== undefined });
  const open = (name: "holds" | "blockers" | "objections" | "contradictions") =>
    run.registers[name].filter((item) => item.state === "open").length;
  const stops = [
    { tab: "holds" as const, count: open("holds"), word: "hold" },
    { tab: "blockers" as const, count: open("blockers"), word: "blocker" },
    { tab: "contradictions" as const, count: open("contradictions"), word: "contradiction" },
    { tab: "objections" as const, count: open("objections"), word: "objection" },
  ].filter((stop) => stop.count > 0);
  const refusing = data?.checks.filter((check) => check.result === "refuses") ?? [];
  return (
    <p className="case-next">
      <span>
        {gate && data ? (
          <>
            <strong>If approved:</strong> {spoken(data.if_approved)}
          </>
        ) : (
          spoken(run.next)
        )}
      </span>
      {refusing.length > 0 && (
        <span>
          <strong>Not answerable now:</strong> {refusing.map((check) => check.text).join("; ")}
        </span>
      )}
      {stops.length > 0 && (
        <span>
          <strong>Open:</strong>{" "}
          {stops.map((stop, index) => (
            <span key={stop.tab}>
              {index > 0 && ", "}
              <a
                href={`?tab=${stop.tab}`}
                onClick={(event) => {
                  event.preventDefault();
                  go({ tab: stop.tab });
                }}
              >
                {counted(stop.count, stop.word)}
              </a>
            </span>
          ))}
        </span>
      )}
      <Masked />
    </p>
  );
}

/** What this view leaves out, why, and who may see it: a masked value never looks like a missing one. */
function Masked() {
  const { run } = useCase();
  const [open, setOpen] = useState(false);
  const { masked, view } = run.me;
  if (masked.length === 0) return null;
  return (
    <span>
      <button type="button" className="as-link" onClick={() => setOpen(true)}>
        {view === "queue" ? "You see the queue view" : `Masked: ${masked.map((line) => line.split(":")[0]).join(", ")}`}
      </button>
      {open && (
        <Dialog title="What is masked" onClose={() => setOpen(false)}>
          <div className="dialog-body">
            <h2>What is masked here, and who may see it</h2>
            <ul className="items">
              {masked.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <p className="small quiet">
              The values are left out on the server. They are not in this page, nor in what can be searched or exported.
            </p>
            <div className="actions">
              <button type="button" className="button" onClick={() => setOpen(false)}>
                Close
              </button>
            </div>
          </div>
        </Dialog>
      )}
    </span>
  );
}

function Actions({ onObject }: { onObject: () => void }) {
  const { run } = useCase();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const mine = run.waiting_on.filter((gate) => run.may.decide.includes(gate.gate));
  const other = run.waiting_on[0];
  const items: MenuItem[] = [
    {
      text: "Lineage",
      hint: `${run.lineage.entries} entries`,
      run: () => void navigate({ to: "/runs/$run/lineage", params: { run: run.run } }),
    },
    { text: "Receipt", run: () => void navigate({ to: "/runs/$run/receipt", params: { run: run.run } }) },
    { text: "Add evidence…", run: () => setAdding(true), disabled: !run.may.add_evidence, line: true },
    { text: "Object…", hint: "o", run: onObject, disabled: !run.may.object },
    { text: "Copy the link", run: () => void navigator.clipboard.writeText(window.location.href), line: true },
  ];
  return (
    <div className="case-actions">
      {mine.map((gate) => (
        <Link
          key={gate.gate}
          className={gate === mine[0] ? "button first" : "button"}
          to="/runs/$run/approve/$gate"
          params={{ run: run.run, gate: gate.gate }}
          title={gate.title}
        >
          {mine.length > 1 ? `${sentence(gate.title)}…` : "Approve…"}
        </Link>
      ))}
      {mine.length === 0 && other && (
        <Link className="button" to="/runs/$run/approve/$gate" params={{ run: run.run, gate: other.gate }}>
          What waits
        </Link>
      )}
      <Menu
        label="More for this case"
        trigger={
          <button type="button" className="button plain more" aria-label="More for this case">
            ⋯
          </button>
        }
        items={items}
      />
      {adding && <AddEvidence onClose={() => setAdding(false)} />}
    </div>
  );
}

const STEP_WORDS = { done: "done", active: "at work", waiting: "waiting", todo: "to come" } as const;

function Steps({ steps }: { steps: Run["steps"] }) {
  return (
    <ol className="steps" aria-label="Steps of the run" tabIndex={0}>
      {steps.map((step) => (
        <li
          key={step.name}
          className={step.state}
          title={step.title}
          aria-current={step.state === "active" || step.state === "waiting" ? "step" : undefined}
        >
          {step.name.replaceAll("_", " ")}
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <circle
              cx="5"
              cy="5"
              r="4"
              fill={step.state === "done" ? "currentColor" : "none"}
              stroke="currentColor"
              strokeWidth="1.4"
            />
            {(step.state === "active" || step.state === "waiting") && (
              <path d="M5 1a4 4 0 0 0 0 8Z" fill="currentColor" />
            )}
          </svg>
          <span className="unseen">: {STEP_WORDS[step.state]}</span>
        </li>
      ))}
    </ol>
  );
}
