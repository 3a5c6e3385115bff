import "@/style/scenarios.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";
import { meQuery, scenarioQuery } from "@/api/queries";
import type { ScenarioPage as Scenario } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { later } from "@/parts/later";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { sentence, spoken } from "@/parts/words";

const GraphView = later(() => import("./GraphView").then((m) => m.GraphView));

/** One scenario, complete: what counts, who decides, what it never does, and how it flows. */
export function ScenarioPage() {
  const { slug } = useParams({ from: "/inside/scenarios/$slug" });
  const { data: card, error, refetch } = useQuery(scenarioQuery(slug));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!card) {
    return (
      <Loading what="the scenario">
        <div className="card">
          <SkeletonLines count={10} />
        </div>
      </Loading>
    );
  }
  return (
    <div className="page catalogue-scroll">
      <title>{`${card.title} · Casegate`}</title>
      <article className="card">
        <div className="card-column">
          <Head card={card} />
          <Part title="How it flows">
            <Suspense fallback={<SkeletonLines count={3} />}>
              <GraphView graph={card.graph} />
            </Suspense>
          </Part>
        </div>
        <div className="card-column">
          <Sources card={card} />
          <Gates card={card} />
          <Part title="What it must never do" count={card.boundary.length}>
            <ul className="plain-list">
              {card.boundary.map((line) => (
                <li key={line.id}>
                  <Mark kind="held" /> {line.text}
                </li>
              ))}
            </ul>
          </Part>
          <Part title="Outcomes" count={card.outcomes.length}>
            <dl className="facts card-facts">
              {card.outcomes.map((one) => (
                <div key={one.name} className="contents">
                  <dt className="id">{one.name}</dt>
                  <dd>
                    {one.when} {!one.final && <span className="faint">· goes on when something changes</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </Part>
          <Holds card={card} />
          <Part title="The document">
            <p>
              {card.artifact}, released into {card.lane} to {card.audience.map(spoken).join(", ")}.
            </p>
            <ul className="columns">
              {card.contents.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          </Part>
          <Part title="Parameters" count={card.parameters.length}>
            <dl className="facts card-facts">
              {card.parameters.map((one) => (
                <div key={one.name} className="contents">
                  <dt className="id">{one.name}</dt>
                  <dd>
                    {one.default} {one.unit} <span className="under">{one.why}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </Part>
          <Part title="People" count={card.people.length}>
            <dl className="facts card-facts">
              {card.people.map((one) => (
                <div key={one.id} className="contents">
                  <dt>{one.role}</dt>
                  <dd>{one.does}</dd>
                </div>
              ))}
            </dl>
          </Part>
        </div>
      </article>
    </div>
  );
}

function Head({ card }: { card: Scenario }) {
  const { data: me } = useQuery(meQuery);
  return (
    <header className="card-head">
      <Link to="/scenarios">← Scenarios</Link>
      <h1>{card.title}</h1>
      <p className="reading">{card.purpose}</p>
      <p className="quiet">{card.trigger}</p>
      <p className="small faint">
        <span className="id">{card.version}</span> · {card.pattern.replaceAll("-", " ")}
      </p>
      <div className="actions">
        <Link className="button small" to="/cases" search={{ scenario: card.short }}>
          Its cases
        </Link>
        {me?.capabilities.includes("cases:open") && (
          <Link className="button small" to="/cases/new" search={{ scenario: card.short }}>
            New case
          </Link>
        )}
      </div>
    </header>
  );
}

interface PartProps {
  title: string;
  count?: number;
  children: ReactNode;
}

function Part({ title, count, children }: PartProps) {
  return (
    <section className="card-part">
      <h2>
        {title} {count !== undefined && <span className="counted">{count}</span>}
      </h2>
      {children}
    </section>
  );
}

function Sources({ card }: { card: Scenario }) {
  return (
    <Part title="Sources and their ranks" count={card.sources.length}>
      <p className="small quiet">A lower rank never overrides a higher one. Rank 1 is the highest.</p>
      <table className="card-table">
        <thead>
          <tr>
            <th scope="col">Rank</th>
            <th scope="col">Source</th>
            <th scope="col">What it gives</th>
          </tr>
        </thead>
        <tbody>
          {card.sources.map((source) => (
            <tr key={source.name}>
              <td>{source.rank}</td>
              <th scope="row">
                {source.name}
                {source.reference && <span className="faint"> · reference</span>}
              </th>
              <td>{source.gives}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

function Gates({ card }: { card: Scenario }) {
  return (
    <Part title="Gates" count={card.gates.length}>
      <ol className="gates">
        {card.gates.map((gate) => (
          <li key={gate.name}>
            <h3>{sentence(gate.title)}</h3>
            <p>
              {gate.approver}
              {gate.quorum > 1 && ` · ${gate.quorum} different people`}
              {gate.validity_minutes && ` · stays open for ${gate.validity_minutes} minutes`}
              {gate.not_by.length > 0 && ` · never by the ${gate.not_by.map(spoken).join(" or the ")}`}
            </p>
            <p className="small quiet">Binds: {gate.binds.join("; ")}</p>
            {gate.refuses_when.map((line) => (
              <p key={line} className="small">
                <Mark kind="held" /> not answerable while: {line}
              </p>
            ))}
            {gate.outside && <p className="small faint">{gate.outside}</p>}
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Holds({ card }: { card: Scenario }) {
  return (
    <Part title="Holds" count={card.holds.length}>
      <dl className="facts card-facts">
        {card.holds.map((hold) => (
          <div key={hold.id} className="contents">
            <dt className="id">{hold.id}</dt>
            <dd>
              {hold.trigger} → {hold.effect}
              {hold.waivable && <span className="faint"> · may be waived</span>}
            </dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}
