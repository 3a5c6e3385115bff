import "@/style/exhibits.css";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";
import { exhibitsQuery } from "@/api/queries";
import type { Exhibit, ExhibitHead } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { later } from "@/parts/later";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { useCase } from "../context";

// Each kind is a part of its own: who works obligations never loads a calendar.
const ObligationTable = later(() => import("./ObligationTable").then((m) => m.ObligationTable));
const MatrixTable = later(() => import("./MatrixTable").then((m) => m.MatrixTable));
const AxisChart = later(() => import("./AxisChart").then((m) => m.AxisChart));
const RatesChart = later(() => import("./RatesChart").then((m) => m.RatesChart));
const WeekChart = later(() => import("./WeekChart").then((m) => m.WeekChart));
const OptionTable = later(() => import("./OptionTable").then((m) => m.OptionTable));
const PlainTable = later(() => import("./PlainTable").then((m) => m.PlainTable));

interface ExhibitsProps {
  heads: ExhibitHead[];
  revision: string;
}

/** The result of the run in the form in which its readers think, as the scenario declares it. */
export function Exhibits({ heads, revision }: ExhibitsProps) {
  const { run } = useCase();
  const { data, error, refetch } = useQuery({ ...exhibitsQuery(run.run, revision), enabled: heads.length > 0 });
  if (heads.length === 0) return null;
  if (error && !data) return <Fault error={error} again={() => void refetch()} />;
  return (
    <div className="exhibits">
      {heads.map((head) => {
        const found = data?.exhibits.find((one) => one.name === head.name);
        return (
          <Framed key={head.name} head={head}>
            {data ? <Body exhibit={found} revision={revision} /> : <Coming title={head.title} />}
          </Framed>
        );
      })}
    </div>
  );
}

function Framed({ head, children }: { head: ExhibitHead; children: ReactNode }) {
  return (
    <figure className="exhibit" id={`exhibit-${head.name}`} aria-labelledby={`exhibit-${head.name}-title`}>
      <figcaption>
        <h3 id={`exhibit-${head.name}-title`}>{head.title}</h3>
        {head.note && <p>{head.note}</p>}
      </figcaption>
      {children}
    </figure>
  );
}

function Coming({ title }: { title: string }) {
  return (
    <Loading what={title}>
      <SkeletonLines count={5} widths={[100, 96, 100, 92]} />
    </Loading>
  );
}

function Body({ exhibit, revision }: { exhibit: Exhibit | undefined; revision: string }) {
  if (exhibit?.withheld) {
    return (
      <p className="exhibit-empty">
        <Mark kind="held" word /> Your view of this case does not show all that this is drawn from.
      </p>
    );
  }
  if (!exhibit?.drawn || isEmpty(exhibit.drawn)) {
    return (
      <p className="exhibit-empty">
        Nothing to draw in {revision} yet: what this rests on is not established. What is known so far stands below in
        words.
      </p>
    );
  }
  return (
    <Suspense fallback={<Coming title={exhibit.title} />}>
      <Kind exhibit={exhibit} drawn={exhibit.drawn} />
    </Suspense>
  );
}

function isEmpty(drawn: NonNullable<Exhibit["drawn"]>): boolean {
  switch (drawn.kind) {
    case "axis":
      return drawn.marks.length === 0;
    case "week":
      return drawn.people.length === 0;
    default:
      return drawn.rows.length === 0;
  }
}

function Kind({ exhibit, drawn }: { exhibit: Exhibit; drawn: NonNullable<Exhibit["drawn"]> }) {
  const { title, name } = exhibit;
  switch (drawn.kind) {
    case "obligations":
      return <ObligationTable drawn={drawn} title={title} />;
    case "matrix":
      return <MatrixTable name={name} drawn={drawn} title={title} />;
    case "axis":
      return <AxisChart drawn={drawn} title={title} />;
    case "rates":
      return <RatesChart drawn={drawn} title={title} />;
    case "week":
      return <WeekChart drawn={drawn} title={title} />;
    case "options":
      return <OptionTable drawn={drawn} title={title} />;
    case "table":
      return <PlainTable drawn={drawn} title={title} />;
  }
}
