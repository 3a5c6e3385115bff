import type { ReactNode } from "react";
import type { Citation, Contradiction, RegisterName, Registers } from "@/api/types";
import { spoken } from "@/parts/words";
import { Cites } from "./Cites";
import { useCase } from "./context";
import { valueText } from "./FieldRow";

const NONE: Record<RegisterName, string> = {
  contradictions: "No two sources disagree about anything that was read.",
  holds: "No hold applies.",
  blockers: "Every precondition is met.",
  objections: "Nobody objects. An objection can be raised to any statement.",
  open_questions: "Nothing was left open.",
  blocked_requests: "No instruction was found inside the evidence.",
  exceptions: "All input was used.",
};

/** One register: every item stays listed; what is closed stands after what is open. */
export function RegisterPane({ name }: { name: RegisterName }) {
  const { run } = useCase();
  const items = run.registers[name];
  if (items.length === 0) {
    return (
      <div className="empty">
        <p>{NONE[name]}</p>
      </div>
    );
  }
  return <ul className="items">{ITEMS[name](run.registers)}</ul>;
}

const ITEMS: Record<RegisterName, (registers: Registers) => ReactNode> = {
  contradictions: ({ contradictions }) =>
    openFirst(contradictions).map((item) => <ContradictionItem key={item.id} item={item} />),
  holds: ({ holds }) =>
    openFirst(holds).map((item) => (
      <Item
        key={item.id}
        id={item.id}
        state={item.state}
        title={item.trigger}
        extra={item.waivable ? "may be waived" : ""}
      >
        {item.detail && <p>{item.detail}</p>}
        <p className="small quiet">
          Effect: {item.effect} <Behind citations={item.citations} of={item.about} />
        </p>
      </Item>
    )),
  blockers: ({ blockers }) =>
    openFirst(blockers).map((item) => (
      <Item key={item.id} id={item.id} state={item.state} title={item.precondition}>
        <p>{item.detail}</p>
      </Item>
    )),
  objections: ({ objections }) =>
    openFirst(objections).map((item) => (
      <Item key={item.id} id={item.id} state={item.state} title={item.text}>
        <p className="small quiet">
          {item.by_name || item.by}, about {spoken(item.to)} <Behind citations={item.citations} of={item.to} />
        </p>
      </Item>
    )),
  open_questions: ({ open_questions }) =>
    openFirst(open_questions).map((item) => (
      <Item key={item.id} id={item.id} state={item.state} title={item.question}>
        {item.owner && <p className="small quiet">Could be answered by {spoken(item.owner)}</p>}
      </Item>
    )),
  blocked_requests: ({ blocked_requests }) =>
    openFirst(blocked_requests).map((item) => (
      <Item key={item.id} id={item.id} state={item.state} title={`Asks for: ${item.asks_for}`}>
        <blockquote>{item.quote}</blockquote>
        <p className="small quiet">
          {item.effect}{" "}
          <Behind
            citations={[{ evidence: item.evidence, locator: item.locator, quote: item.quote, sha256: "" }]}
            of=""
          />
        </p>
      </Item>
    )),
  exceptions: ({ exceptions }) =>
    openFirst(exceptions).map((item) => (
      <Item
        key={item.id}
        id={item.id}
        state={item.state}
        title={item.about}
        extra={item.count ? `${item.count} times` : ""}
      >
        <p>{item.reason}</p>
      </Item>
    )),
};

function openFirst<T extends { state: string }>(items: T[]): T[] {
  return [...items.filter((item) => item.state === "open"), ...items.filter((item) => item.state !== "open")];
}

interface ItemProps {
  id: string;
  state: string;
  title: string;
  extra?: string;
  children?: ReactNode;
}

function Item({ id, state, title, extra = "", children }: ItemProps) {
  return (
    <li id={`item-${id}`} className={state === "open" ? "" : "closed"}>
      <div className="item-head">
        <span className="id faint">{id}</span>
        <h3>{title}</h3>
        {extra && <span className="tag faint">{extra}</span>}
        <span className={state === "open" ? "tag open" : "tag"}>{spoken(state)}</span>
      </div>
      {children}
    </li>
  );
}

function Behind({ citations, of }: { citations: Citation[]; of: string }) {
  return citations.length > 0 ? (
    <span className="signs">
      <Cites citations={citations} of={of} />
    </span>
  ) : null;
}

/** Both sides with who says each; one click opens both places, one beside the other. */
function ContradictionItem({ item }: { item: Contradiction }) {
  const { run, compare } = useCase();
  const title = run.artifact?.fields[item.about]?.title || spoken(item.about);
  const comparable = item.sides.filter((side) => side.citations.length > 0).length > 1;
  return (
    <Item id={item.id} state={item.state} title={title}>
      {item.sides.map((side) => (
        <div key={valueText(side.value)} className="side-value">
          <span className="said">{valueText(side.value)}</span>
          <span className="signs">
            <Cites citations={side.citations} of={item.about} />
          </span>
        </div>
      ))}
      <p className="small quiet">
        Rule: {item.rule}
        {item.settled_by && ` · settled by ${item.settled_by}`}
      </p>
      {comparable && (
        <p>
          <button type="button" className="button small" onClick={() => compare(item)}>
            Side by side
          </button>
        </p>
      )}
    </Item>
  );
}
