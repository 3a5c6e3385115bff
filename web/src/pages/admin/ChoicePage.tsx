import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { activateChoices, type Choices, choiceQuery, type ParameterField } from "@/api/admin";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { sentence, spoken } from "@/parts/words";
import { Change, inWords } from "./Change";
import { ChoiceForm } from "./ChoiceForm";
import { name, Versions } from "./Versions";

const TOLD = {
  parameters: {
    title: "Parameters",
    what: "the parameters",
    lead: "",
    later: "Another admin puts them in force, for runs that start later. A run keeps what it was started with.",
  },
  policies: {
    title: "Policies",
    what: "the policy set",
    lead: "Kept here, these rules stand in every case that is opened from then on, as a source of the first rank that is read and cited like any other. A file of the case for the same system does not count then.",
    later: "Another admin puts it in force, for cases that are opened later. A case keeps what it was opened with.",
  },
} as const;

/** A scenario's choices as a form; what the values would do to waiting runs is tried before they are proposed. */
function ChoicePage({ kind }: { kind: Choices }) {
  const { tenant, scenario } = useParams({ from: `/inside/admin/$tenant/${kind}/$scenario` });
  const { data, error, refetch } = useQuery(choiceQuery(kind, tenant, scenario));
  const [taken, setTaken] = useState<{ version: number; values: Record<string, string>; times: number } | null>(null);
  const told = TOLD[kind];
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what={told.what}>
        <SkeletonLines count={10} />
      </Loading>
    );
  }
  const take = (row: { version: number; values: Record<string, string> }) =>
    setTaken((last) => ({ version: row.version, values: row.values, times: (last?.times ?? 0) + 1 }));
  return (
    <section className="admin-page two" aria-labelledby="choice">
      <title>{`${scenario} · ${told.title} · Casegate`}</title>
      <aside className="admin-side">
        <p>
          <Link to={`/admin/$tenant/${kind}`} params={{ tenant }}>
            ← {told.title}
          </Link>
        </p>
        <h1 id="choice">{scenario}</h1>
        <p className="small quiet">{data.title}</p>
        <Versions
          versions={data.versions}
          tenant={tenant}
          what={`${told.what} of ${scenario}`}
          activate={(version, reason) => activateChoices({ kind, tenant, scenario }, version, reason)}
          onTake={take}
        >
          {(row) =>
            row.state === "active" ? (
              <Values values={row.values} />
            ) : (
              <Differences fields={data.fields} values={row.values} />
            )
          }
        </Versions>
      </aside>
      <div className="admin-main">
        {told.lead && <p className="lead quiet">{told.lead}</p>}
        <ChoiceForm
          key={`${data.active}/${taken?.times ?? 0}`}
          fields={data.fields}
          of={{ kind, tenant, scenario }}
          later={told.later}
          {...(taken ? { start: whole(data.fields, taken.values), from: name(taken) } : {})}
        />
      </div>
    </section>
  );
}

export function ParameterPage() {
  return <ChoicePage kind="parameters" />;
}

export function PolicyPage() {
  return <ChoicePage kind="policies" />;
}

/** Every choice of a version: a version has only those that differ from what is shipped. */
function whole(fields: ParameterField[], values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field.name, values[field.name] ?? field.default]));
}

function Values({ values }: { values: Record<string, string> }) {
  return (
    <ul className="small">
      {Object.entries(values).map(([one, value]) => (
        <li key={one}>
          {sentence(spoken(one))}: <strong>{inWords(value)}</strong>
        </li>
      ))}
    </ul>
  );
}

/** What would be otherwise with a version than it is now. */
function Differences({ fields, values }: { fields: ParameterField[]; values: Record<string, string> }) {
  const all = whole(fields, values);
  const changed = fields.filter((field) => (all[field.name] ?? "") !== field.value);
  if (changed.length === 0) return <p className="small quiet">The same values as those in force.</p>;
  return (
    <ul className="small" aria-label="What it changes">
      {changed.map((field) => (
        <li key={field.name}>
          {sentence(spoken(field.name))}: <Change from={field.value} to={all[field.name]} />
        </li>
      ))}
    </ul>
  );
}
