import { diffWordsWithSpace } from "diff";

export interface Piece {
  /** Where it begins, counted through both wordings: no two pieces of a difference begin at the same place. */
  at: number;
  op: "same" | "added" | "removed";
  text: string;
}

/** Two wordings, cut where they differ. */
export function wordPieces(before: string, after: string): Piece[] {
  let at = 0;
  return diffWordsWithSpace(before, after).map((change) => {
    const piece: Piece = { at, op: change.added ? "added" : change.removed ? "removed" : "same", text: change.value };
    at += change.value.length;
    return piece;
  });
}

/** Pieces that the server cut, with their places. */
export function placed(pieces: { op: Piece["op"]; text: string }[]): Piece[] {
  let at = 0;
  return pieces.map((piece) => {
    const start = at;
    at += piece.text.length;
    return { ...piece, at: start };
  });
}

/** A long part that is the same, cut out: between its first and its last lines stand so many others. */
export interface Fold {
  at: number;
  op: "fold";
  text: string;
  lines: number;
}

/** The same pieces, with what is alike folded but for `around` lines beside each difference. */
export function folded(pieces: Piece[], around = 3): (Piece | Fold)[] {
  return pieces.flatMap((piece, index) => {
    const lines = piece.text.split("\n");
    const before = index === 0 ? 0 : around;
    const after = index === pieces.length - 1 ? 0 : around;
    const hidden = lines.length - before - after;
    if (piece.op !== "same" || hidden <= around) return [piece];
    const head = lines.slice(0, before).join("\n");
    const middle = lines.slice(before, before + hidden).join("\n");
    const tail = lines.slice(before + hidden).join("\n");
    const at = piece.at + head.length;
    return [
      ...(head ? [{ ...piece, text: head }] : []),
      { at, op: "fold" as const, text: middle, lines: hidden },
      ...(tail ? [{ ...piece, at: at + middle.length + 1, text: tail }] : []),
    ];
  });
}
