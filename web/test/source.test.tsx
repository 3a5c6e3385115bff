import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { Profiler, type ReactNode } from "react";
import { expect, test } from "vitest";
import { LinesView } from "@/pages/evidence/LinesView";
import { TreeView } from "@/pages/evidence/TreeView";

// A source that draws itself again and again takes the time of everything else: parts that were fetched never show.
const ENOUGH = 12;

/** Open a source, and count how often it is drawn in the fifth of a second after. */
async function drawn(view: ReactNode): Promise<number> {
  let count = 0;
  const drew = () => {
    count += 1;
    if (count > ENOUGH) throw new Error("a source is drawn without end");
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Profiler id="source" onRender={drew}>
        {view}
      </Profiler>
    </QueryClientProvider>,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  return count;
}

const lines = [1, 2, 3].map((n) => ({ locator: `line=${n}`, text: `line ${n}`, label: "", hidden: false }));
const leaves = [1, 2, 3].map((n) => ({ locator: `/a/${n}`, text: `leaf ${n}`, label: "", depth: 2 }));
const opened = { run: "run_1", item: "log", at: "line=2", quote: undefined };

test("a text that is open comes to rest", async () => {
  const count = await drawn(<LinesView {...opened} rendering={{ kind: "lines", total: 3, first: 1, lines, at: 2 }} />);
  expect(count).toBeGreaterThan(0);
});

test("a tree that is open comes to rest", async () => {
  const count = await drawn(<TreeView {...opened} rendering={{ kind: "tree", total: 3, offset: 0, leaves, at: 1 }} />);
  expect(count).toBeGreaterThan(0);
});
