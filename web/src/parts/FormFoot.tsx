import type { ReactNode } from "react";

/** The end of a form: what sends it, and the way out that changes nothing. */
export function FormFoot({
  sends,
  ready = true,
  pending,
  busy = "Sending…",
  onCancel,
}: {
  sends: ReactNode;
  ready?: boolean;
  pending: boolean;
  busy?: ReactNode;
  onCancel: () => void;
}) {
  return (
    <div className="actions">
      <button type="submit" className="button first" disabled={!ready || pending}>
        {pending ? busy : sends}
      </button>
      <button type="button" className="button plain" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
