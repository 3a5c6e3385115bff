import { ApiProblem } from "@/api/client";

/** Why nothing was added, in the server's words. */
export function NotAdded({ error }: { error: Error | null }) {
  if (!error) return null;
  const told = error instanceof ApiProblem;
  return (
    <div className="notice clash" role="alert">
      <strong>{told ? error.problem.title : "It did not reach the server"}</strong>
      <span>{told ? error.message : "Nothing was kept. Try again."}</span>
    </div>
  );
}
