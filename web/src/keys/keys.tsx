import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";

/** One key of a page: what is pressed, what it does in words, and the doing. */
export interface KeyBinding {
  keys: string;
  does: string;
  run: () => void;
}

interface Registry {
  groups: Map<symbol, { title: string; bindings: () => KeyBinding[] }>;
  listed(): { title: string; bindings: KeyBinding[] }[];
}

const Keys = createContext<Registry | null>(null);

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, [role=menu], [cmdk-root]") !== null)
  );
}

/** The keys of everything that is on the page. Single keys rest while somebody types or a dialog is open. */
export function KeysProvider({ children }: { children: ReactNode }) {
  const registry = useMemo<Registry>(() => {
    const groups: Registry["groups"] = new Map();
    const listed = () =>
      [...groups.values()].map((group) => ({ title: group.title, bindings: group.bindings() })).reverse();
    return { groups, listed };
  }, []);
  useEffect(() => {
    let first = "";
    let forget: number | undefined;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      const sequence = first ? `${first} ${event.key}` : event.key;
      for (const { bindings } of registry.listed()) {
        const binding = bindings.find((one) => one.keys === sequence) ?? bindings.find((one) => one.keys === event.key);
        if (binding) {
          event.preventDefault();
          first = "";
          binding.run();
          return;
        }
      }
      window.clearTimeout(forget);
      first = event.key.length === 1 ? event.key : "";
      forget = window.setTimeout(() => {
        first = "";
      }, 900);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [registry]);
  return <Keys.Provider value={registry}>{children}</Keys.Provider>;
}

/** Adds keys for as long as the component stands. Later components win over earlier ones. */
export function useKeys(title: string, bindings: KeyBinding[]): void {
  const registry = useContext(Keys);
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(() => {
    const id = Symbol(title);
    registry?.groups.set(id, { title, bindings: () => latest.current });
    return () => {
      registry?.groups.delete(id);
    };
  }, [registry, title]);
}

/** Every key that works here and now, for the `?` page. */
export function useListedKeys(): { title: string; bindings: KeyBinding[] }[] {
  return useContext(Keys)?.listed() ?? [];
}
