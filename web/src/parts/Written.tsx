import { Fragment, type ReactNode } from "react";

/** A block of a document: what `graphs/page.py` writes, which is headings, tables, lists and lines. */
type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "list"; ordered: boolean; items: string[] }
  | { kind: "line"; text: string };

const HEADING = /^(#{1,6}) (.*)$/;
const ITEM = /^(?:-|(\d+)\.) (.*)$/;
const RULE = /^\|(?: *:?-+:? *\|)+$/;

/** An artifact that was written as Markdown, as a page. What is none of its blocks is a line of text. */
export function Written({ text }: { text: string }) {
  return (
    <div className="written">
      {numbered(blocks(text)).map(([at, block]) => (
        <Shown key={at} block={block} />
      ))}
    </div>
  );
}

function numbered<T>(all: T[]): [number, T][] {
  return all.map((one, at) => [at, one]);
}

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const line of text.split("\n")) {
    const last = found.at(-1);
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    if (heading) {
      found.push({ kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" });
    } else if (line.startsWith("|")) {
      if (RULE.test(line)) continue;
      if (last?.kind === "table") last.rows.push(cells(line));
      else found.push({ kind: "table", head: cells(line), rows: [] });
    } else if (item) {
      const ordered = item[1] !== undefined;
      if (last?.kind === "list" && last.ordered === ordered) last.items.push(item[2] ?? "");
      else found.push({ kind: "list", ordered, items: [item[2] ?? ""] });
    } else if (line.trim()) {
      found.push({ kind: "line", text: line });
    } else if (last?.kind === "list") {
      // A blank line ends a list: the next one is another.
      found.push({ kind: "line", text: "" });
    }
  }
  return found.filter((block) => block.kind !== "line" || block.text !== "");
}

function cells(line: string): string[] {
  const inner = line.replace(/^\|/, "").replace(/\|\s*$/, "");
  return inner.split(/(?<!\\)\|/).map((one) => one.trim());
}

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      // The sheet has its own headings above: those of the document stand below them.
      return block.level === 1 ? <h4 className="title">{inline(block.text)}</h4> : <h4>{inline(block.text)}</h4>;
    case "line":
      return <p>{inline(block.text)}</p>;
    case "list": {
      const items = numbered(block.items).map(([at, one]) => <li key={at}>{inline(one)}</li>);
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <table className="members-table">
          <thead>
            <tr>
              {numbered(block.head).map(([at, one]) => (
                <th key={at} scope="col">
                  {inline(one)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {numbered(block.rows).map(([at, row]) => (
              <tr key={at}>
                {numbered(row).map(([place, one]) => (
                  <td key={place}>{inline(one)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
  }
}

/** Code and emphasis, and the escapes undone. */
function inline(text: string): ReactNode {
  return numbered(text.split(/(`[^`]+`|\*\*[^*]+\*\*)/)).map(([at, part]) => {
    if (/^`[^`]+`$/.test(part)) return <code key={at}>{part.slice(1, -1)}</code>;
    if (/^\*\*[^*]+\*\*$/.test(part)) return <strong key={at}>{plain(part.slice(2, -2))}</strong>;
    return <Fragment key={at}>{plain(part)}</Fragment>;
  });
}

function plain(text: string): string {
  return text.replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, "$1");
}
