import "@/style/palette.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Command } from "cmdk";
import { useState } from "react";
import { approvalsQuery, casesQuery, runQuery, scenariosQuery, searchQuery } from "@/api/queries";
import type { SearchHit } from "@/api/types";
import { type CaseAddress, registerOf } from "@/pages/case/address";
import { Dialog } from "@/parts/Dialog";
import { useMyPages } from "@/parts/useMyPages";
import { sentence, spoken } from "@/parts/words";
import { useSettled } from "./useSettled";

/** Ctrl-K: cases, what waits, scenarios, pages, and what stands in the case that is open. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const q = useSettled(text.trim(), 150);
  const navigate = useNavigate();
  const { run } = useParams({ strict: false });
  const cases = useInfiniteQuery(casesQuery(q ? { q } : {}));
  const waiting = useInfiniteQuery(approvalsQuery("waiting", true));
  const { data: catalogue } = useQuery(scenariosQuery);
  const pages = useMyPages();
  const go = (to: () => unknown) => {
    onClose();
    to();
  };
  return (
    <Dialog title="Go to" onClose={onClose} className="palette">
      <Command label="Go to" loop filter={everyWord}>
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder="A case, a gate, a scenario, a word in this case"
        />
        <Command.List>
          <Command.Empty>Nothing fits.</Command.Empty>
          {run && <InThisCase run={run} q={q} go={go} />}
          <Command.Group heading="Waiting for you">
            {waiting.data?.pages[0]?.rows.slice(0, 8).map((row) => (
              <Command.Item
                key={`${row.run} ${row.gate}`}
                value={`approve ${row.case} ${row.gate_title} ${row.run}`}
                onSelect={() =>
                  go(() => navigate({ to: "/runs/$run/approve/$gate", params: { run: row.run, gate: row.gate } }))
                }
              >
                <span>{sentence(row.gate_title)}</span>
                <span className="faint">{row.case}</span>
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading="Cases">
            {cases.data?.pages[0]?.rows.slice(0, 12).map((row) => (
              <Command.Item
                key={row.run}
                value={`${row.case} ${row.tenant_name} ${row.tenant} ${row.scenario_title} ${row.run} ${q}`}
                onSelect={() => go(() => navigate({ to: "/runs/$run", params: { run: row.run }, search: {} }))}
              >
                <span>
                  {row.case} · {row.tenant_name || row.tenant}
                </span>
                <span className="faint">{row.outcome ? spoken(row.outcome) : row.state}</span>
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading="Pages">
            <Command.Item onSelect={() => go(() => navigate({ to: "/cases", search: {} }))}>Cases</Command.Item>
            <Command.Item onSelect={() => go(() => navigate({ to: "/approvals", search: {} }))}>
              Approvals: waiting
            </Command.Item>
            <Command.Item onSelect={() => go(() => navigate({ to: "/approvals", search: { state: "history" } }))}>
              Approvals: history
            </Command.Item>
            {pages.monitor && (
              <Command.Item onSelect={() => go(() => navigate({ to: "/monitor", search: {} }))}>Monitor</Command.Item>
            )}
            <Command.Item onSelect={() => go(() => navigate({ to: "/scenarios" }))}>Scenarios</Command.Item>
            {pages.admin && <Command.Item onSelect={() => go(() => navigate({ to: "/admin" }))}>Admin</Command.Item>}
            {pages.evals && (
              <Command.Item onSelect={() => go(() => navigate({ to: "/evals", search: {} }))}>Evals</Command.Item>
            )}
          </Command.Group>
          <Command.Group heading="Scenarios">
            {catalogue?.scenarios.map((one) => (
              <Command.Item
                key={one.slug}
                value={`${one.short} ${one.title}`}
                onSelect={() => go(() => navigate({ to: "/scenarios/$slug", params: { slug: one.short } }))}
              >
                <span>{one.title}</span>
                <span className="faint">{one.short}</span>
              </Command.Item>
            ))}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

/** An entry fits where it has every word that was typed: what is merely alike would push aside what was meant. */
function everyWord(entry: string, typed: string): number {
  const text = entry.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
    ? 1
    : 0;
}

interface InThisCaseProps {
  run: string;
  q: string;
  go: (to: () => unknown) => void;
}

/** What stands in the case that is open: a hit leads to its place. */
function InThisCase({ run, q, go }: InThisCaseProps) {
  const navigate = useNavigate();
  const { data: page } = useQuery(runQuery(run));
  const { data } = useQuery(searchQuery(run, q));
  const open = (search: CaseAddress) => go(() => navigate({ to: "/runs/$run", params: { run }, search }));
  return (
    <Command.Group heading={page?.case ?? "This case"}>
      {!q && (
        <>
          <Command.Item onSelect={() => open({ tab: "document" })}>The document</Command.Item>
          <Command.Item onSelect={() => open({ tab: "evidence" })}>Evidence</Command.Item>
          <Command.Item onSelect={() => go(() => navigate({ to: "/runs/$run/lineage", params: { run } }))}>
            Lineage
          </Command.Item>
          <Command.Item onSelect={() => go(() => navigate({ to: "/runs/$run/receipt", params: { run } }))}>
            Receipt
          </Command.Item>
        </>
      )}
      {data?.hits.slice(0, 10).map((hit) => (
        <Command.Item
          key={`${hit.where} ${hit.id} ${hit.locator}`}
          value={`${q} ${hit.where} ${hit.id} ${hit.locator}`}
          onSelect={() => open(placeOf(hit))}
        >
          <span className="hit-text">{hit.text}</span>
          <span className="faint">
            {hit.where} · {hit.title || hit.id}
          </span>
        </Command.Item>
      ))}
    </Command.Group>
  );
}

function placeOf(hit: SearchHit): CaseAddress {
  switch (hit.where) {
    case "evidence":
      return { tab: "evidence", ev: hit.id, at: hit.locator };
    case "chat":
      return { tab: "chat" };
    case "artifact":
      return { tab: "document", of: hit.locator || hit.id };
    case "register":
      return { tab: registerOf(hit.id) };
  }
}
