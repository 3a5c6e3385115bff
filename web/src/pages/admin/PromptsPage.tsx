import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { promptsQuery } from "@/api/admin";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { counted } from "@/parts/words";
import { rate } from "./rates";

/** The texts that agents are given, with the version in force and what people made of what it worded. */
export function PromptsPage() {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const { data, error, refetch } = useQuery(promptsQuery(tenant));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  return (
    <section className="admin-page" aria-labelledby="prompts">
      <title>Prompts · Casegate</title>
      <h1 id="prompts">Prompts {data && <span className="counted">{data.prompts.length}</span>}</h1>
      {data && !data.model && (
        <div className="notice doubt">
          <strong>No model is configured</strong>
          <span>
            Offline no agent asks anybody, so no text can be evaluated here. Texts can be written and compared.
          </span>
        </div>
      )}
      {data ? (
        <table className="list-table admin-table">
          <thead>
            <tr>
              <th scope="col">Prompt</th>
              <th scope="col">In force</th>
              <th scope="col" className="number">
                Uses
              </th>
              <th scope="col" className="number">
                Accepted
              </th>
              <th scope="col" className="number">
                Reworded
              </th>
              <th scope="col">Scenarios</th>
            </tr>
          </thead>
          <tbody>
            {data.prompts.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <Link to="/admin/$tenant/prompts/$name" params={{ tenant, name: one.name }}>
                    {one.name}
                  </Link>
                  <span className="small quiet">{one.task}</span>
                </th>
                <td>
                  {one.active === 0 ? "shipped" : `version ${one.active}`}
                  {one.drafts > 0 && <span className="small quiet"> · {counted(one.drafts, "draft")}</span>}
                </td>
                <td className="number" data-of="Uses">
                  {one.counts.uses}
                </td>
                <td className="number" data-of="Accepted">
                  {rate(one.counts.accepted, one.counts.accepted + one.counts.rejected)}
                </td>
                <td className="number" data-of="Reworded">
                  {rate(one.counts.changed, one.counts.accepted)}
                </td>
                <td className="small">
                  {one.scenarios.length > 2 ? counted(one.scenarios.length, "scenario") : one.scenarios.join(", ")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Loading what="prompts">
          <SkeletonLines count={8} />
        </Loading>
      )}
    </section>
  );
}
