import type { Options, OptionTest } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { duration } from "@/parts/words";
import { useCase } from "../context";
import { Numbers, Opens, Said } from "./Said";
import { Sign } from "./Sign";

type Option = Options["rows"][number];

/** Options side by side, each hard limit a row; what nobody here may grant stays in sight under them. */
export function OptionTable({ drawn, title }: { drawn: Options; title: string }) {
  const { address } = useCase();
  const limits = limitsOf(drawn);
  return (
    <>
      {drawn.prerequisites.length > 0 && (
        <ul className="prerequisites" aria-label="Prerequisites">
          {drawn.prerequisites.map((one) => (
            <li key={`${one.title} ${one.said.text}`}>
              <Sign kind={one.state} /> <strong>{one.title}</strong> <Said said={one.said} most={2} mark={false} />
              {one.rule && <span className="rule">{one.rule}</span>}
            </li>
          ))}
        </ul>
      )}
      {drawn.criteria && <p className="order">What keeps every limit is ranked by {drawn.criteria}.</p>}
      <section className="exhibit-scroll" tabIndex={0} aria-label={title}>
        <table className="exhibit-rows options">
          <thead>
            <tr>
              <th scope="col">Hard limit</th>
              {drawn.rows.map((option) => (
                <th key={option.id} scope="col" className={option.preferred ? "preferred" : option.class}>
                  <OptionHead option={option} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {limits.map((limit) => (
              <tr key={limit}>
                <th scope="row">{limit}</th>
                {drawn.rows.map((option) => {
                  const tests = option.tests.filter((test) => test.title === limit);
                  const aimed = tests.some((test) => test.said.of && test.said.of === address.of);
                  return (
                    <td key={option.id} className={aimed ? "aimed" : ""}>
                      {tests.length === 0 ? (
                        <span className="faint">does not apply</span>
                      ) : (
                        tests.map((test) => <Limit key={test.said.text} test={test} />)
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Blocked drawn={drawn} />
    </>
  );
}

/** The limits in the order in which the options meet them, each once. */
export function limitsOf(drawn: Options): string[] {
  return [...new Set(drawn.rows.flatMap((option) => option.tests.map((test) => test.title)))];
}

function OptionHead({ option }: { option: Option }) {
  const kind = option.class === "in band" ? "met" : option.class === "blocked" ? "blocked" : "uncertain";
  return (
    <>
      <span className="option-rank">
        {option.id}
        {option.rank != null && ` · rank ${option.rank}`}
      </span>
      <Opens said={option.said}>{option.title}</Opens>
      <span className="under">
        <Sign kind={kind} word={option.class} /> {option.preferred && <Sign kind="chosen" word="preferred" />}
      </span>
      {option.amount && (
        <span className="figure">
          <Said said={option.amount} most={2} mark={false}>
            {duration(option.amount.text)}
          </Said>
        </span>
      )}
      {option.grounds && <span className="under">{firstOf(option.grounds)}</span>}
    </>
  );
}

/** The first ground; the limits below say the others. */
function firstOf(grounds: string): string {
  return grounds.split("; ")[0] ?? grounds;
}

function Limit({ test }: { test: OptionTest }) {
  return (
    <div className={`limit ${test.state}`}>
      <Sign
        kind={test.state}
        word={test.state === "failed" ? "not met" : test.state === "met" ? "met" : "not established"}
      />
      {test.rule && <span className="rule">{test.rule}</span>}
      {test.value && test.limit ? (
        <>
          <span className="figure">
            <Opens said={test.said}>
              {duration(test.value)} <span className="of">of</span> {duration(test.limit)}
            </Opens>
          </span>
          <Share value={test.value} limit={test.limit} />
        </>
      ) : (
        <span className="under">
          <Opens said={test.said}>{test.said.text}</Opens>
        </span>
      )}
      <span className="signs">
        {test.said.status !== "confirmed" && <Mark kind={test.said.status} word />}
        <Numbers citations={test.said.citations} of={test.said.of} most={3} />
      </span>
    </div>
  );
}

/** The value as a part of its limit. Above the limit the bar crosses the line. */
function Share({ value, limit }: { value: string; limit: string }) {
  const [part, whole] = [Number.parseFloat(value), Number.parseFloat(limit)];
  if (!(whole > 0) || Number.isNaN(part)) return null;
  const x = Math.min(part / whole, 1.25) * 80;
  return (
    <svg className={part > whole ? "share over" : "share"} width="104" height="8" aria-hidden="true">
      <rect className="room" x="0" y="2" width="80" height="4" />
      <rect className="part" x="0" y="2" width={Math.max(x, 1)} height="4" />
      <path d="M80 0v8" />
    </svg>
  );
}

function Blocked({ drawn }: { drawn: Options }) {
  if (drawn.blocked.length === 0) return null;
  return (
    <section className="blocked-paths" aria-label="Blocked paths">
      <h4>Blocked here, whoever asks</h4>
      <ul>
        {drawn.blocked.map((path) => (
          <li key={path.title}>
            <Sign kind="blocked" word={path.kind} />
            <span>
              <Opens said={path.said}>{path.title}</Opens>
              <span className="signs">
                <Mark kind={path.said.status} word={path.said.status !== "confirmed"} />
                <Numbers citations={path.said.citations} of={path.said.of} />
              </span>
            </span>
            <span className="rule">{path.rule || "by the card"}</span>
            <span className={path.asked > 0 ? "asked" : "faint"}>
              {path.asked === 0
                ? "not asked for"
                : path.asked === 1
                  ? "asked for once"
                  : `asked for ${path.asked} times`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
