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
