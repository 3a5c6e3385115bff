import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { auditQuery } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { Fault } from "@/parts/Fault";
import { Hash } from "@/parts/Id";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { counted, sentence, spoken } from "@/parts/words";
import { Refused } from "./Act";

/** Every act of an admin, in a chain of its own that verifies like that of a case. */
export function AuditPage() {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const list = useInfiniteQuery(auditQuery(tenant));
  const verify = useMutation({
    mutationFn: () => answer(api.POST("/api/admin/{tenant}/audit/verify", { params: { path: { tenant } } })),
  });
  const entries = list.data?.pages.flatMap((page) => [...page.entries].reverse()) ?? [];
  if (list.error) return <Fault error={list.error} again={() => void list.refetch()} />;
  return (
    <section className="admin-page" aria-labelledby="audit">
      <title>What admins did · Casegate</title>
      <div className="actions">
        <h1 id="audit">
          What admins did{" "}
          {list.data && <span className="counted">{counted(list.data.pages[0]?.size ?? 0, "act")}</span>}
        </h1>
        <span className="space" />
        <button type="button" className="button" disabled={verify.isPending} onClick={() => verify.mutate()}>
          {verify.isPending ? "Verifying…" : "Verify the chain"}
        </button>
      </div>
      <div aria-live="polite">
        {verify.data && (
          <p>
            <Mark kind={verify.data.intact ? "passed" : "failed"} word />{" "}
            {verify.data.intact
              ? `${counted(verify.data.entries, "entry", "entries")} read and recomputed, none missing`
              : verify.data.findings.map((one) => `${one.place}: ${one.problem}`).join("; ")}
          </p>
        )}
      </div>
      <Refused error={verify.error} />
      {list.isPending ? (
        <Loading what="acts">
          <SkeletonLines count={8} />
        </Loading>
      ) : entries.length === 0 ? (
        <div className="empty">
          <strong>No admin has changed anything yet</strong>
          <p>Prompts, tool scopes, parameters and people are as shipped, or as whoever runs the server made them.</p>
        </div>
      ) : (
        <ol className="audit" aria-label="Acts, newest first">
          {entries.map((one) => (
            <li key={one.seq}>
              <span className="faint seq">{one.seq}</span>
              <Time at={one.at} />
              <strong>{one.actor.name}</strong>
              <span>
                {sentence(spoken(one.kind))} · {one.about}
                {typeof one.act.reason === "string" && <span className="quiet"> · “{one.act.reason}”</span>}
              </span>
              <Hash value={one.hash} />
            </li>
          ))}
        </ol>
      )}
      {list.hasNextPage && (
        <button
          type="button"
          className="button more"
          disabled={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {list.isFetchingNextPage ? "Loading…" : "Show older acts"}
        </button>
      )}
    </section>
  );
}
