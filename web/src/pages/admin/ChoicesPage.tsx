import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type Choices, choicesQuery } from "@/api/admin";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { counted } from "@/parts/words";

const TOLD = {
  parameters: { title: "Parameters", counts: "Parameters", none: "No scenario has parameters.", shipped: "shipped" },
  policies: {
    title: "Policies",
    counts: "Rules",
    none: "No scenario has a policy set that you could keep here.",
    shipped: "none kept here",
  },
} as const;

/** The scenarios, with how many of their choices are the tenant's own. */
function ChoicesPage({ kind }: { kind: Choices }) {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const { data, error, refetch } = useQuery(choicesQuery(kind, tenant));
  const told = TOLD[kind];
  if (error) return <Fault error={error} again={() => void refetch()} />;
  return (
    <section className="admin-page" aria-labelledby="choices">
      <title>{`${told.title} · Casegate`}</title>
      <h1 id="choices">{told.title}</h1>
      {kind === "policies" && (
        <p className="lead quiet">
          The rules that your organisation sets for all cases of a scenario. Where it sets none, each case brings them
          as a file.
        </p>
      )}
      {data?.scenarios.length === 0 ? (
        <p className="empty">{told.none}</p>
      ) : data ? (
        <table className="list-table admin-table">
          <thead>
            <tr>
              <th scope="col">Scenario</th>
              <th scope="col" className="number">
                {told.counts}
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
                  <Link to={`/admin/$tenant/${kind}/$scenario`} params={{ tenant, scenario: one.scenario }}>
                    {one.scenario}
                  </Link>
                  <span className="small quiet">{one.title}</span>
                </th>
                <td className="number" data-of={told.counts}>
                  {one.parameters}
                </td>
                <td className="number" data-of="Own values">
                  {one.own || "–"}
                </td>
                <td>
                  {one.active === 0 ? told.shipped : `version ${one.active}`}
                  {one.drafts > 0 && <span className="small quiet"> · {counted(one.drafts, "draft")}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Loading what={kind}>
          <SkeletonLines count={10} />
        </Loading>
      )}
    </section>
  );
}

export function ParametersPage() {
  return <ChoicesPage kind="parameters" />;
}

export function PoliciesPage() {
  return <ChoicesPage kind="policies" />;
}
