import { spoken } from "@/parts/words";

/** A value as people read it: ids without their underscores, and a word for an empty one. */
export function inWords(value: string | undefined): string {
  return value ? spoken(value) : "none";
}

/** What a value was, and what it becomes. */
export function Change({ from, to }: { from: string; to: string | undefined }) {
  return (
    <>
      <del>{inWords(from)}</del> <span aria-hidden="true">→</span> <ins>{inWords(to)}</ins>
    </>
  );
}
