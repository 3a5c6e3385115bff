import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { workQuery } from "@/api/queries";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { registerOf } from "./address";
import { CaseLink } from "./CaseLink";
import { useCase } from "./context";

/** What each agent did for a revision, folded; asked for when it is unfolded. */
export function Work({ seq, open: first }: { seq: number; open: boolean }) {
  const [open, setOpen] = useState(first);
  return (
    <details className="live work" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What the agents did</summary>
      {open && <Lines seq={seq} />}
    </details>
  );
}

function Lines({ seq }: { seq: number }) {
  const { run } = useCase();
  const work = useQuery(workQuery(run.run, seq));
  if (work.isPending) {
    return (
      <Loading what="what the agents did">
        <SkeletonLines count={5} />
      </Loading>
    );
  }
  if (work.isError) return <Fault error={work.error} again={() => void work.refetch()} />;
  return (
    <ul>
      {work.data.lines.map((line) => (
        <li key={line.agent + line.did}>
          <b>{line.agent}</b> {line.did}
          {line.found && <span className="faint">: {line.found}</span>}
          {line.opens.map((item) => (
            <span key={item}>
              {" "}
              <CaseLink change={{ tab: registerOf(item) }}>{item}</CaseLink>
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
