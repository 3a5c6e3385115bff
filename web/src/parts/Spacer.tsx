/** The room that the rows of a table would take which are not in the page. */
export function Spacer({ height }: { height: number }) {
  return height > 0 ? (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus.
    <tr className="spacer" aria-hidden="true">
      <td style={{ height }} />
    </tr>
  ) : null;
}
