import { Tabs } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import type { Progress } from "@/api/events";
import type { RegisterName, Run } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { Menu } from "@/parts/Menu";
import { useNarrow } from "@/parts/useNarrow";
import type { Tab } from "./address";
import { Chat } from "./Chat";
import { useCase } from "./context";
import { Decisions } from "./Decisions";
import { EvidencePane } from "./EvidencePane";
import { RegisterPane } from "./RegisterPane";

const REGISTERS: [RegisterName, string][] = [
  ["contradictions", "Contradictions"],
  ["holds", "Holds"],
  ["blockers", "Blockers"],
  ["objections", "Objections"],
  ["open_questions", "Open"],
  ["blocked_requests", "Blocked"],
  ["exceptions", "Exceptions"],
];

interface TabLine {
  tab: Tab;
  title: string;
  all: number;
  open: number;
}

function tabsOf(run: Run): TabLine[] {
  const registers = REGISTERS.map(([name, title]) => {
    const items = run.registers[name];
    return { tab: name, title, all: items.length, open: items.filter((item) => item.state === "open").length };
  });
  const decisions = run.approvals.length + run.refusals.length + run.releases.length;
  return [
    { tab: "chat", title: "Chat", all: 1, open: 0 },
    { tab: "evidence", title: "Evidence", all: 1, open: 0 },
    ...registers,
    { tab: "decisions", title: "Decisions", all: decisions, open: 0 },
  ];
}

/** What stands beside the document: the chat, the evidence, and every register with its count. */
export function Side({ progress }: { progress: Progress[] }) {
  const { run, address, go } = useCase();
  const lines = tabsOf(run);
  const narrow = useNarrow(820);
  const wanted: Tab = address.tab ?? (narrow ? "document" : "chat");
  const now = wanted === "document" && !narrow ? "chat" : wanted;
  const shown = lines.filter((line) => line.all > 0 || line.tab === now);
  const rest = lines.filter((line) => line.all === 0);
  const step = (by: 1 | -1) => {
    const at = shown.findIndex((line) => line.tab === now);
    const next = shown[(at + by + shown.length) % shown.length];
    if (next) go({ tab: next.tab });
  };
  useKeys("Beside the document", [
    { keys: "]", does: "Next tab", run: () => step(1) },
    { keys: "[", does: "Previous tab", run: () => step(-1) },
    { keys: "e", does: "Evidence", run: () => go({ tab: "evidence" }) },
    {
      keys: "c",
      does: "Write in the chat",
      run: () => {
        go({ tab: "chat" });
        window.setTimeout(() => document.getElementById("composer")?.focus(), 50);
      },
    },
  ]);
  const panes: Partial<Record<Tab, ReactNode>> = {
    document: null,
    chat: <Chat progress={progress} />,
    evidence: <EvidencePane />,
    decisions: <Decisions />,
  };
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chosen tab is brought into sight, and again when others come.
  useEffect(() => {
    const chosen = list.current?.querySelector("[aria-selected=true]");
    chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [now, shown.length]);
  return (
    <Tabs.Root className="side" value={now} activationMode="manual" onValueChange={(tab) => go({ tab: tab as Tab })}>
      <div className="side-tabs">
        <Tabs.List aria-label="Beside the document" ref={list}>
          <Tabs.Trigger value="document" className="tab-document">
            Document
          </Tabs.Trigger>
          {shown.map((line) => (
            <Tabs.Trigger key={line.tab} value={line.tab}>
              {line.title}
              {line.tab !== "chat" && line.tab !== "evidence" && <Count line={line} />}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {rest.length > 0 && (
          <Menu
            label="Registers without an item"
            trigger={
              <button type="button" aria-label="Registers without an item">
                ⋯
              </button>
            }
            items={rest.map((line) => ({ text: line.title, hint: "none", run: () => go({ tab: line.tab }) }))}
          />
        )}
      </div>
      <Tabs.Content value={now} className="side-pane" tabIndex={-1}>
        {now in panes ? panes[now] : <RegisterPane name={now as RegisterName} />}
      </Tabs.Content>
    </Tabs.Root>
  );
}

function Count({ line }: { line: TabLine }) {
  const open = line.open > 0;
  return (
    <span className={open ? "counted open" : "counted"}>
      {" "}
      {open ? line.open : line.all}
      <span className="unseen">{open ? " open" : " in all, none open"}</span>
    </span>
  );
}
