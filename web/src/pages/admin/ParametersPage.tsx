import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { parametersQuery } from "@/api/admin";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { counted } from "@/parts/words";

/** The scenarios, with how many of their parameters are the tenant's own. */
export function ParametersPage() {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const { data, error, refetch } = useQuery(parametersQuery(tenant));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  return (
    <section className="admin-page" aria-labelledby="parameters">
      <title>Parameters · Casegate</title>
      <h1 id="parameters">Parameters</h1>
      {data ? (
        <table className="list-table admin-table">
          <thead>
            <tr>
              <th scope="col">Scenario</th>
              <th scope="col" className="number">
                Parameters
              </th>
              <th scope="col" className="number">
                Own values
              </th>
              <th scope="col">In force</th>
            </tr>
          </thead>
          <tbody>
            {data.scenarios.map((one) => (
              <tr key={one.scenario}>
                <th scope="row">
                  <Link to="/admin/$tenant/parameters/$scenario" params={{ tenant, scenario: one.scenario }}>
                    {one.scenario}
                  </Link>
                  <span className="small quiet">{one.title}</span>
                </th>
                <td className="number" data-of="Parameters">
                  {one.parameters}
                </td>
                <td className="number" data-of="Own values">
                  {one.own || "–"}
                </td>
                <td>
                  {one.active === 0 ? "shipped" : `version ${one.active}`}
                  {one.drafts > 0 && <span className="small quiet"> · {counted(one.drafts, "draft")}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Loading what="parameters">
          <SkeletonLines count={10} />
        </Loading>
      )}
    </section>
  );
}
