import { onlineManager } from "@tanstack/react-query";
import { type ComponentType, Fragment, type ReactNode, use, useEffect, useReducer, useRef, useState } from "react";

/** Why a part is not here: the server cannot be reached, or it answers and does not have the part any more. */
type Lack = "lost" | "gone";
type Found<Props> = { part: ComponentType<Props> } | { lack: Lack };

const AGAIN_AFTER_MS = 4000;

/**
 * A part of a page, or a page, that is fetched when it is first shown; a Suspense around it shows what stands there
 * meanwhile. Where it cannot be fetched it says so in its place, and comes by itself when the server answers again.
 * `Around` is what that message is shown in, where its place alone would not show it.
 */
export function later<Props extends object>(
  fetchPart: () => Promise<ComponentType<Props>>,
  Around: ComponentType<Props & { children: ReactNode }> = Fragment,
) {
  let found: Found<Props> | undefined;
  let coming: Promise<Found<Props>> | undefined;
  const load = () => {
    if (found && "part" in found) return Promise.resolve(found);
    coming ??= settle(fetchPart, found !== undefined).then((one) => {
      found = one;
      coming = undefined;
      return one;
    });
    return coming;
  };
  function Later(props: Props) {
    const [, look] = useReducer((count: number) => count + 1, 0);
    const now = found ?? use(load());
    if ("part" in now) return <now.part {...props} />;
    return (
      <Around {...props}>
        <Absent lack={now.lack} again={() => load().then(look)} />
      </Around>
    );
  }
  // The router asks for it before it shows a page, and when a link is pointed at.
  Later.preload = async () => {
    await load();
  };
  return Later;
}

/** Never rejects: a part that is not here is a state of the page, not an error of it. */
async function settle<Props>(fetchPart: () => Promise<ComponentType<Props>>, repeated: boolean): Promise<Found<Props>> {
  const attempt = async () => ({ part: await fetchPart() });
  try {
    if (repeated) await fetchStylesAgain();
    return await attempt();
  } catch {
    if (!(await answers())) return { lack: "lost" };
  }
  // The server is there: the connection may have broken for a moment, or a new version has other names for its parts.
  try {
    await fetchStylesAgain();
    return await attempt();
  } catch {
    return { lack: (await answers()) ? "gone" : "lost" };
  }
}

async function answers(): Promise<boolean> {
  try {
    await fetch(import.meta.url, { method: "HEAD", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

/** The bundler asks for the styles of a part once and never again, even where they did not come. */
async function fetchStylesAgain(): Promise<void> {
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")];
  const missing = links.filter((link) => !link.sheet);
  await Promise.all(
    missing.map((link) => {
      const fresh = link.cloneNode() as HTMLLinkElement;
      const loaded = new Promise((resolve, reject) => {
        fresh.onload = resolve;
        fresh.onerror = () => reject(new Error(`no styles at ${fresh.href}`));
      });
      link.replaceWith(fresh);
      return loaded;
    }),
  );
}

function Absent({ lack, again }: { lack: Lack; again: () => Promise<void> }) {
  const [trying, setTrying] = useState(false);
  const attempt = useRef(again);
  attempt.current = again;
  useEffect(() => {
    if (lack === "gone") return;
    const retry = () => void attempt.current();
    const timer = window.setInterval(retry, AGAIN_AFTER_MS);
    const stop = onlineManager.subscribe((online) => online && retry());
    return () => {
      window.clearInterval(timer);
      stop();
    };
  }, [lack]);
  if (lack === "gone") {
    return (
      <div className="empty" role="alert">
        <strong>Casegate was renewed on the server</strong>
        <p>This page is of the version before, and this part of it is no longer there. What you sent is stored.</p>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          Reload the page
        </button>
      </div>
    );
  }
  const byHand = async () => {
    setTrying(true);
    await again();
    setTrying(false);
  };
  return (
    <div className="empty" role="alert">
      <strong>{navigator.onLine ? "The server does not answer" : "There is no connection"}</strong>
      <p>This part was not fetched yet. It comes by itself when the connection is back; the rest can be read.</p>
      <button type="button" className="button" disabled={trying} onClick={() => void byHand()}>
        {trying ? "Trying…" : "Try again"}
      </button>
    </div>
  );
}
