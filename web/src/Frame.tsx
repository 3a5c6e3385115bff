import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { api } from "@/api/client";
import { approvalsQuery, meQuery } from "@/api/queries";
import { KeysDialog } from "@/keys/KeysDialog";
import { useKeys } from "@/keys/keys";
import { Brand } from "@/parts/Brand";
import { type Connection, useConnection, useResuming } from "@/parts/connection";
import { Dialog } from "@/parts/Dialog";
import { later } from "@/parts/later";
import { Menu } from "@/parts/Menu";
import { useMyPages } from "@/parts/useMyPages";
import { applyTheme, storedTheme, type Theme } from "@/theme";

const Palette = later(
  () => import("@/keys/Palette").then((m) => m.Palette),
  ({ onClose, children }) => (
    <Dialog title="Go to" onClose={onClose}>
      {children}
    </Dialog>
  ),
);

export function RootOutlet() {
  return <Outlet />;
}

/** The frame around every page behind the sign-in. */
export function Frame() {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const connection = useConnection();
  useResuming(connection);
  const navigate = useNavigate();
  const pages = useMyPages();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen((now) => (now === "palette" ? null : "palette"));
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  useKeys("Everywhere", [
    { keys: "g c", does: "Go to cases", run: () => void navigate({ to: "/cases", search: {} }) },
    { keys: "g a", does: "Go to approvals", run: () => void navigate({ to: "/approvals", search: {} }) },
    ...(pages.monitor
      ? [{ keys: "g m", does: "Go to the monitor", run: () => void navigate({ to: "/monitor", search: {} }) }]
      : []),
    { keys: "g s", does: "Go to scenarios", run: () => void navigate({ to: "/scenarios" }) },
    ...(pages.admin ? [{ keys: "g d", does: "Go to admin", run: () => void navigate({ to: "/admin" }) }] : []),
    ...(pages.evals
      ? [{ keys: "g e", does: "Go to evals", run: () => void navigate({ to: "/evals", search: {} }) }]
      : []),
    { keys: "?", does: "Show the keys", run: () => setOpen("keys") },
  ]);
  useFocusOnArrival();
  const alone = useRouterState({ select: (state) => state.location.pathname.includes("/approve/") });
  return (
    <>
      <a className="skip button" href="#main">
        Skip to the page
      </a>
      {!alone && <FrameBar onOpen={setOpen} />}
      <ConnectionStrip connection={connection} />
      <main id="main" className="frame-main" tabIndex={-1}>
        <Outlet />
      </main>
      {open === "keys" && <KeysDialog onClose={() => setOpen(null)} />}
      {open === "palette" && (
        <Suspense>
          <Palette onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </>
  );
}

function ConnectionStrip({ connection }: { connection: Connection }) {
  if (connection === "there") return null;
  return (
    <div className="strip doubt" role="status">
      {connection === "offline" ? (
        <>
          <strong>No connection.</strong> What is on the page can be read; what you write waits until it is back.
        </>
      ) : (
        <>
          <strong>The server does not answer.</strong> What is on the page can be read. It is asked again until it does.
        </>
      )}
    </div>
  );
}

function FrameBar({ onOpen }: { onOpen: (what: "palette" | "keys") => void }) {
  const pages = useMyPages();
  return (
    <header className="frame-bar">
      <Link to="/cases" search={{}} className="brand">
        <Brand />
        <span>Casegate</span>
      </Link>
      <nav className="frame-nav" aria-label="Pages">
        <Link to="/cases" search={{}} activeOptions={{ includeSearch: false }}>
          Cases
        </Link>
        <Link to="/approvals" search={{}} activeOptions={{ includeSearch: false }}>
          Approvals <WaitingCount />
        </Link>
        {pages.monitor && (
          <Link to="/monitor" search={{}} activeOptions={{ includeSearch: false }}>
            Monitor
          </Link>
        )}
        <Link to="/scenarios">Scenarios</Link>
        {pages.admin && <Link to="/admin">Admin</Link>}
        {pages.evals && (
          <Link to="/evals" search={{}} activeOptions={{ includeSearch: false }}>
            Evals
          </Link>
        )}
      </nav>
      <span className="space" />
      <button type="button" className="frame-search" onClick={() => onOpen("palette")}>
        <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
          <circle cx="7" cy="7" r="4.4" />
          <path d="m10.4 10.4 3.6 3.6" strokeLinecap="round" />
        </svg>
        <span>Go to…</span> <kbd>{isMac() ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <PersonMenu onKeys={() => onOpen("keys")} />
    </header>
  );
}

/** A new page is announced and takes the focus, as a loaded document would. */
function useFocusOnArrival(): void {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [before, setBefore] = useState(path);
  useEffect(() => {
    if (before === path) return;
    setBefore(path);
    if (!document.querySelector("dialog[open]")) document.getElementById("main")?.focus({ preventScroll: true });
  }, [path, before]);
}

function WaitingCount() {
  const { data } = useInfiniteQuery(approvalsQuery("waiting", true));
  const total = data?.pages[0]?.total ?? 0;
  if (total === 0) return null;
  return (
    <span className="count">
      {total}
      <span className="unseen"> waiting for you</span>
    </span>
  );
}

function PersonMenu({ onKeys }: { onKeys: () => void }) {
  const { data: me } = useQuery(meQuery);
  const client = useQueryClient();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const choose = (next: Theme) => {
    applyTheme(next);
    setTheme(next);
  };
  const signOut = async () => {
    await api.DELETE("/api/session");
    client.clear();
    window.location.assign("/signin");
  };
  const mark = (one: Theme) => (theme === one ? "✓" : "");
  return (
    <Menu
      label="You"
      trigger={
        <button type="button" className="frame-person">
          <span className="unseen">Signed in as </span>
          <span className="name">{me?.name}</span>
          <span aria-hidden="true" className="initials">
            {initials(me?.name ?? "")}
          </span>
        </button>
      }
      items={[
        { text: "Theme: as the system", hint: mark("system"), run: () => choose("system") },
        { text: "Theme: light", hint: mark("light"), run: () => choose("light") },
        { text: "Theme: dark", hint: mark("dark"), run: () => choose("dark") },
        { text: "Keys", hint: "?", run: onKeys, line: true },
        { text: "Sign out", run: () => void signOut(), line: true },
      ]}
    />
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => word?.[0] ?? "")
    .join("")
    .toUpperCase();
}

function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
