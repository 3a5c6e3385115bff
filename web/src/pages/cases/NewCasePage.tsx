import "@/style/newcase.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";
import { ApiProblem, upload } from "@/api/client";
import { meQuery, scenariosQuery } from "@/api/queries";
import type { CaseMade, Recognition } from "@/api/types";
import { useSettled } from "@/keys/useSettled";
import { Mark } from "@/parts/Mark";
import { sentence } from "@/parts/words";
import { FileList } from "./FileList";

interface Draft {
  scenario: string;
  case: string;
  tenant: string;
  instructions: string;
  files: File[];
  /** System by file, where somebody named it: a file name alone does not always say where a file comes from. */
  systems: Record<string, string>;
}

/** Opening a case: a scenario and files, or a packet. The server says what it takes each file for before anything is made. */
export function NewCasePage() {
  const start = useSearch({ from: "/inside/cases/new" });
  const [draft, setDraft] = useState<Draft>({
    scenario: start.scenario ?? "",
    case: "",
    tenant: "",
    instructions: "",
    files: [],
    systems: {},
  });
  const navigate = useNavigate();
  const client = useQueryClient();
  // Files are not sent again with each letter of the case number.
  const number = useSettled(draft.case, 400);
  const seen = useQuery({
    queryKey: [
      "recognise",
      draft.scenario,
      number,
      draft.tenant,
      draft.systems,
      draft.files.map((file) => [file.name, file.size, file.lastModified]),
    ],
    queryFn: () => upload<Recognition>("/api/cases/recognise", form(draft)),
    enabled: draft.files.length > 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  const make = useMutation({
    mutationFn: () => upload<CaseMade>("/api/cases", form(draft)),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["cases"] });
      await navigate({ to: "/runs/$run", params: { run: made.run }, search: {} });
    },
  });
  const add = (files: File[]) => {
    const names = new Set(files.map((file) => file.name));
    setDraft((now) => ({ ...now, files: [...now.files.filter((file) => !names.has(file.name)), ...files] }));
  };
  const packet = seen.data?.packet ?? false;
  const faults = draft.files.length > 0 ? (seen.data?.faults ?? []) : [];
  const ready =
    draft.files.length > 0 &&
    seen.data !== undefined &&
    faults.length === 0 &&
    !seen.isFetching &&
    number === draft.case;
  return (
    <div className="newcase">
      <title>New case · Casegate</title>
      <div className="page-head">
        <h1>New case</h1>
      </div>
      <div className="newcase-column">
        <DropField onFiles={add} />
        {draft.files.length > 0 && (
          <FileList
            files={draft.files}
            seen={seen.data?.files ?? []}
            loading={seen.isFetching}
            scenario={packet ? "" : draft.scenario}
            systems={draft.systems}
            onSystem={(name, system) => setDraft((now) => ({ ...now, systems: { ...now.systems, [name]: system } }))}
            onRemove={(name) => setDraft((now) => ({ ...now, files: now.files.filter((file) => file.name !== name) }))}
          />
        )}
        {!packet && <CaseFields draft={draft} onChange={setDraft} />}
        {seen.data && draft.files.length > 0 && <WhatWasSeen seen={seen.data} />}
        {seen.error && <Refused error={seen.error} />}
        {make.error && <Refused error={make.error} />}
        {faults.length > 0 && (
          <div className="notice doubt">
            <strong>Before this can be opened as a case</strong>
            <ul>
              {faults.map((fault) => (
                <li key={fault.place + fault.expected}>
                  <span className="id">{fault.place}</span> {fault.expected}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="actions">
          <button
            type="button"
            className="button first"
            disabled={!ready || make.isPending}
            onClick={() => make.mutate()}
          >
            {make.isPending ? "Opening…" : "Open the case"}
          </button>
          <Link to="/cases" search={{}} className="button plain">
            Cancel
          </Link>
          <span className="small quiet" role="status">
            {draft.files.length === 0
              ? "Give files first. What each is taken for is shown before anything is made."
              : seen.isFetching
                ? "The files are being looked at…"
                : ""}
          </span>
        </div>
      </div>
    </div>
  );
}

function form(draft: Draft): FormData {
  const body = new FormData();
  for (const file of draft.files) body.append("files", file, file.name);
  for (const name of ["scenario", "case", "tenant", "instructions"] as const) {
    if (draft[name].trim()) body.append(name, draft[name].trim());
  }
  const given = Object.entries(draft.systems).filter(([, system]) => system);
  if (given.length > 0) body.append("systems", JSON.stringify(Object.fromEntries(given)));
  return body;
}

function DropField({ onFiles }: { onFiles: (files: File[]) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <label
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        type="file"
        multiple
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <strong>Drop files here, or choose them</strong>
      <span className="small">
        Mail, tickets, tables, logs, PDF, Word, screenshots, calendars: as they come. A folder with a packet.yaml is
        read as it says.
      </span>
    </label>
  );
}

function CaseFields({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { data } = useQuery(scenariosQuery);
  const me = useQuery(meQuery);
  const mine = me.data?.memberships ?? [];
  // Whoever belongs to one tenant opens its cases: the server takes it so as well.
  const tenant = draft.tenant || (mine.length === 1 ? (mine[0]?.tenant ?? "") : "");
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  const chosen = data?.scenarios.find((one) => one.short === draft.scenario || one.slug === draft.scenario);
  return (
    <>
      <label className="field">
        <span>Scenario</span>
        <select
          className="input"
          value={chosen?.short ?? ""}
          onChange={(event) => set({ scenario: event.target.value })}
        >
          <option value="">Choose what the case is worked as</option>
          {data?.scenarios.map((one) => (
            <option key={one.slug} value={one.short}>
              {one.title}
            </option>
          ))}
        </select>
        {chosen && (
          <span className="small quiet">
            {chosen.purpose}{" "}
            <Link to="/scenarios/$slug" params={{ slug: chosen.short }}>
              Sources, gates and boundary
            </Link>
          </span>
        )}
      </label>
      <div className="newcase-row">
        <label className="field">
          <span>Case number</span>
          <input
            className="input"
            value={draft.case}
            placeholder="one is made where you give none"
            onChange={(event) => set({ case: event.target.value })}
          />
        </label>
        <label className="field">
          <span>Tenant</span>
          <select className="input" value={tenant} onChange={(event) => set({ tenant: event.target.value })}>
            <option value="">Choose whose case it is</option>
            {mine.map((one) => (
              <option key={one.tenant} value={one.tenant}>
                {one.tenant_name || one.tenant}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label className="field">
        <span>What is asked for (optional)</span>
        <textarea
          className="input"
          rows={2}
          value={draft.instructions}
          onChange={(event) => set({ instructions: event.target.value })}
        />
      </label>
    </>
  );
}

function WhatWasSeen({ seen }: { seen: Recognition }) {
  return (
    <>
      {seen.packet && (
        <p>
          <Mark kind="confirmed" /> packet.yaml was understood{seen.case ? `: ${seen.case}` : ""}
          {seen.scenario ? `, ${seen.scenario}` : ""}.
        </p>
      )}
      {seen.unused.length > 0 && (
        <p className="quiet">Not named by the packet, and left out: {seen.unused.join(", ")}.</p>
      )}
      {seen.missing.length > 0 && (
        <div>
          <p className="label">Nothing was given for</p>
          <ul>
            {seen.missing.map((source) => (
              <li key={source}>
                <Mark kind="missing" /> {source}
              </li>
            ))}
          </ul>
          <p className="small quiet">The case can be opened without them; what rests on them stays open and says so.</p>
        </div>
      )}
      {seen.notes.length > 0 && (
        <section aria-labelledby="notes">
          <h2 id="notes" className="label">
            What this case does otherwise than its files say
          </h2>
          <ul className="notes">
            {seen.notes.map((note) => (
              <Note key={note} text={note} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** "timeline: a live case does not play it": the part of the packet, and what becomes of it. */
function Note({ text }: { text: string }) {
  const cut = text.indexOf(": ");
  return (
    <li>
      <strong>{sentence(text.slice(0, cut))}</strong> {text.slice(cut + 2)}
    </li>
  );
}

function Refused({ error }: { error: Error }) {
  const faults = error instanceof ApiProblem ? error.problem.faults : [];
  return (
    <div className="notice clash" role="alert">
      <strong>{error instanceof ApiProblem ? error.problem.title : "The files did not reach the server"}</strong>
      <span>{error instanceof ApiProblem ? error.problem.detail : "Nothing was kept. Try again."}</span>
      {(faults ?? []).map((fault) => (
        <span key={fault.place}>
          <span className="id">{fault.place}</span> {fault.expected}
        </span>
      ))}
    </div>
  );
}
