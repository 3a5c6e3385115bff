/** Lines in the place of text that is on its way, in the widths that it will have. */
export function SkeletonLines({ count, widths = [92, 78, 85, 64] }: { count: number; widths?: number[] }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing ever moves in a skeleton.
        <span key={index} className="skeleton text" style={{ width: `${widths[index % widths.length]}%` }} />
      ))}
    </div>
  );
}

/** Says once that something is being loaded, to those who do not see the skeleton. */
export function Loading({ what, children }: { what: string; children: React.ReactNode }) {
  return (
    <div aria-busy="true">
      <span className="unseen" role="status">
        Loading {what}
      </span>
      {children}
    </div>
  );
}
