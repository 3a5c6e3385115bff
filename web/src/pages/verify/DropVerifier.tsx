import { type DragEvent, useId, useRef, useState } from "react";
import { isObject } from "@/receipt/json";
import { CannotCheck, readKeys, type Trust } from "@/receipt/keys";
import type { Report } from "@/receipt/report";
import { verify } from "@/receipt/verify";
import { Verdict } from "./Verdict";

/** Keys that a reader trusts, and in his words where they come from. */
export interface Keys {
  trust: Trust;
  from: string;
}

interface Dropped {
  name: string;
  data: Uint8Array;
}

/** Where files are dropped or chosen, and the verdict. The files stay in this page: nothing here asks a server. */
export function DropVerifier({ published }: { published?: Keys | undefined }) {
  const [own, setOwn] = useState<Keys | null>(null);
  const [receipt, setReceipt] = useState<Dropped | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const keys = own ?? published ?? null;
  const asked = useRef(0);

  const judge = async (file: Dropped | null, by: Keys | null) => {
    asked.current += 1;
    const mine = asked.current;
    setReport(null);
    if (!file || !by) return;
    // A file that was dropped later may be judged sooner: only the last one speaks.
    try {
      const found = await verify(file.data, by.trust);
      if (mine === asked.current) setReport(found);
    } catch (error) {
      if (mine === asked.current) setFault(reasonOf(error));
    }
  };
  const take = async (files: File[]) => {
    setFault(null);
    let [file, by] = [receipt, keys];
    for (const one of files) {
      const data = new Uint8Array(await one.arrayBuffer());
      if (!isKeySet(data)) {
        file = { name: one.name, data };
        continue;
      }
      try {
        const trust = await readKeys(new TextDecoder().decode(data));
        by = { trust, from: `${one.name}, chosen by you` };
      } catch (error) {
        setFault(`${one.name}: ${reasonOf(error)}`);
        return;
      }
    }
    setReceipt(file);
    if (by !== keys) setOwn(by);
    await judge(file, by);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take([...event.dataTransfer.files]);
  };
  const forget = () => {
    setOwn(null);
    void judge(receipt, published ?? null);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same files can be chosen with the two inputs inside. */}
      <div
        className="drop-files"
        data-over={over || undefined}
        onDrop={drop}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
      >
        <Choose label="Receipt" name={receipt?.name ?? "drop receipt.json here, or choose it"} onFiles={take} />
        <Choose
          label="Keys that you trust"
          name={keys ? saidOf(keys) : "drop keys.json here, or choose it"}
          onFiles={take}
        />
        {own && published && (
          <button type="button" className="button small plain" onClick={forget}>
            Use {published.from} again
          </button>
        )}
      </div>
      {fault && (
        <p className="notice clash" role="alert">
          {fault}
        </p>
      )}
      {receipt && !keys && (
        <p className="notice doubt" role="status">
          Now the keys: a receipt proves nothing by a key that it brings along itself.
        </p>
      )}
      {report && keys && <Verdict report={report} beside={`by ${keys.from}`} />}
    </>
  );
}

function Choose({ label, name, onFiles }: { label: string; name: string; onFiles: (files: File[]) => Promise<void> }) {
  const id = useId();
  return (
    <div className="choose">
      <label htmlFor={id} className="label">
        {label}
      </label>
      <input
        id={id}
        type="file"
        accept=".json,application/json"
        aria-describedby={`${id}-name`}
        onChange={(event) => {
          void onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again after it was changed.
          event.target.value = "";
        }}
      />
      <span id={`${id}-name`}>{name}</span>
    </div>
  );
}

/** How many keys for what, so that a reader sees that a file has no keys of people, or of too many. */
function saidOf({ trust, from }: Keys): string {
  const count = (purpose: string) => [...trust.values()].filter((key) => key.purpose === purpose).length;
  return `${from}: ${count("receipt")} for receipts, ${count("decision")} of people, ${count("log")} of the service log`;
}

/** A file is taken for keys where it says that it is: everything else is judged as a receipt. */
function isKeySet(data: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    return isObject(value) && "keys" in value && !("payload" in value);
  } catch {
    return false;
  }
}

export function reasonOf(error: unknown): string {
  if (error instanceof CannotCheck) {
    return "This browser cannot check Ed25519 signatures here (an older browser, or a page without HTTPS), so nothing is said about the file. The command line can: casegate receipt verify receipt.json --trust keys.json";
  }
  return error instanceof Error ? error.message : String(error);
}
