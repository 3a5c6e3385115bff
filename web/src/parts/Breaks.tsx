import { Fragment } from "react";

/** A path or an address that breaks where a reader would break it: after a slash, after the @. */
export function Breaks({ text }: { text: string }) {
  return text.split(/(?<=[/@])/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text are told by their place.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
