import { Link, useRouter } from "@tanstack/react-router";
import { ApiProblem } from "@/api/client";
import { sentence } from "./words";

interface Words {
  title: string;
  safe: string;
  todo: string;
}

/** What happened, what is safe, and what to do, for an error that a page cannot go on from. */
export function faultWords(error: unknown): Words {
  if (!(error instanceof ApiProblem)) {
    return {
      title: navigator.onLine ? "The server does not answer" : "There is no connection",
      safe: "Nothing that you sent is lost: what the server took in stands in the lineage.",
      todo: "It is asked again until it answers, and the page then goes on by itself.",
    };
  }
  switch (error.status) {
    case 403:
      return {
        title: "Your role does not allow this",
        safe: `${sentence(error.message)}.`,
        todo: "Somebody who has it can do it, or an admin can give you a role that has it.",
      };
    case 404:
      return {
        title: "There is nothing here that you may see",
        safe: "The address is wrong, or your account is not on the roster. The answer is the same in both cases.",
        todo: "Whoever gave you the address can say which, and put you on the roster.",
      };
    case 429:
      return {
        title: "Too many requests",
        safe: "Nothing was changed.",
        todo: `Try again in ${error.problem.retry_after ?? 60} seconds.`,
      };
    default:
      return {
        title: error.problem.title,
        safe: error.problem.detail || "Nothing was changed by this request.",
        todo: error.problem.request_id ? `Try again; if it stays, report ${error.problem.request_id}.` : "Try again.",
      };
  }
}

/** An error in the place of what could not be loaded. */
export function Fault({ error, again }: { error: unknown; again?: () => void }) {
  const words = faultWords(error);
  // The server's own no does not change by asking again.
  const final = error instanceof ApiProblem && (error.status === 403 || error.status === 404);
  return (
    <div className="empty" role="alert">
      <strong>{words.title}</strong>
      <p>{words.safe}</p>
      <p>{words.todo}</p>
      <div className="actions">
        {again && !final && (
          <button type="button" className="button" onClick={again}>
            Try again
          </button>
        )}
        <Link to="/cases" search={{}} className={final ? "button" : "button plain"}>
          Cases
        </Link>
      </div>
    </div>
  );
}

/** The last resort of a page: an error that nothing on it handled. */
export function PageFault({ error }: { error: unknown }) {
  const router = useRouter();
  return <Fault error={error} again={() => void router.invalidate()} />;
}

export function NotFound() {
  return (
    <div className="empty">
      <strong>There is no page at this address</strong>
      <p>Links to cases, approvals and revisions stay valid; this one leads nowhere.</p>
      <Link to="/cases" search={{}} className="button">
        Cases
      </Link>
    </div>
  );
}
