import "@/style/scenarios.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { scenariosQuery } from "@/api/queries";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { counted, sentence, spoken } from "@/parts/words";

/** The catalogue, by family. */
export function ScenariosPage() {
  const { data, error, refetch } = useQuery(scenariosQuery);
  const families = [...new Set(data?.scenarios.map((one) => one.family) ?? [])];
  return (
    <div className="page catalogue-scroll">
      <title>Scenarios · Casegate</title>
      <div className="page-head">
        <h1>Scenarios {data && <span className="counted">{data.scenarios.length}</span>}</h1>
      </div>
      {error ? (
        <Fault error={error} again={() => void refetch()} />
      ) : data ? (
        <div className="catalogue">
          {families.map((family) => (
            <section key={family} aria-labelledby={`family-${family}`}>
              <h2 id={`family-${family}`} className="label">
                {sentence(family.replaceAll("-", " "))}
              </h2>
              <ul>
                {data.scenarios
                  .filter((one) => one.family === family)
                  .map((one) => (
                    <li key={one.slug}>
                      <h3>
                        <Link to="/scenarios/$slug" params={{ slug: one.short }}>
                          {one.title}
                        </Link>
                      </h3>
                      <p className="reading">{one.purpose}</p>
                      <p className="small quiet">
                        <span className="id">{one.short}</span> · {one.artifact} · {counted(one.gates, "gate")} ·{" "}
                        {counted(one.sources, "source")} · leaves through {spoken(one.lane)}
                      </p>
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </div>
      ) : (
        <Loading what="scenarios">
          <div className="catalogue">
            <SkeletonLines count={6} />
          </div>
        </Loading>
      )}
    </div>
  );
}
