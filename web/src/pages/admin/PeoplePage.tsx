import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { type PersonRow, peopleQuery } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { useKeys } from "@/keys/keys";
import { Dialog } from "@/parts/Dialog";
import { Fault } from "@/parts/Fault";
import { FormFoot } from "@/parts/FormFoot";
import { SearchField } from "@/parts/SearchField";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { counted, listed, spoken } from "@/parts/words";
import { ActDialog, ReasonField, Refused } from "./Act";
import { Versions } from "./Versions";

type Asked = { kind: "roles" | "out" | "tokens"; person: PersonRow } | { kind: "new" } | null;

/** Who is who in the tenant. To grant takes two admins, to take away one. */
export function PeoplePage() {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const { data, error, refetch } = useQuery(peopleQuery(tenant));
  const [asked, setAsked] = useState<Asked>(null);
  const [text, setText] = useState("");
  const [most, setMost] = useState(SHOWN);
  const search = useRef<HTMLInputElement>(null);
  useKeys("People", [
    { keys: "n", does: "Propose a person", run: () => setAsked({ kind: "new" }) },
    { keys: "/", does: "Search in people", run: () => search.current?.focus() },
  ]);
  const people = data?.people.filter((one) => fits(one, text)) ?? [];
  if (error) return <Fault error={error} again={() => void refetch()} />;
  return (
    <section className="admin-page" aria-labelledby="people">
      <title>People · Casegate</title>
      <div className="actions">
        <h1 id="people">People {data && <span className="counted">{data.people.length}</span>}</h1>
        <span className="space" />
        <button type="button" className="button" onClick={() => setAsked({ kind: "new" })}>
          Propose a person
        </button>
      </div>
      <p className="small quiet reading">
        A role counts on a case where its roster gives it too. An admin makes accounts, never credentials, and decides
        at no gate by being admin.
      </p>
      {data && data.people.length > FEW && (
        <search className="filters" aria-label="Filter people">
          <SearchField
            input={search}
            name="Search in people"
            hint="Name, id, e-mail, role, state"
            value={text}
            onChange={(found) => {
              setText(found);
              setMost(SHOWN);
            }}
          />
          <span className="small quiet" role="status">
            {text ? `${people.length} of ${data.people.length} fit` : ""}
          </span>
        </search>
      )}
      {data ? (
        <>
          {people.length === 0 && <p className="empty">Nobody fits “{text}”.</p>}
          <table className="list-table admin-table">
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col">Roles</th>
                <th scope="col">State</th>
                <th scope="col">Proposed</th>
                <th scope="col">
                  <span className="unseen">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {people.slice(0, most).map((one) => (
                <PersonLine key={one.person} one={one} tenant={tenant} ask={setAsked} />
              ))}
            </tbody>
          </table>
          {people.length > most && (
            <button type="button" className="button more" onClick={() => setMost((now) => now + SHOWN)}>
              Show {Math.min(SHOWN, people.length - most)} more of {people.length}
            </button>
          )}
          <Delegations tenant={tenant} />
        </>
      ) : (
        <Loading what="people">
          <SkeletonLines count={10} />
        </Loading>
      )}
      {data && asked?.kind === "new" && (
        <PersonDialog tenant={tenant} roles={data.roles} onClose={() => setAsked(null)} />
      )}
      {data && asked?.kind === "roles" && (
        <PersonDialog tenant={tenant} roles={data.roles} one={asked.person} onClose={() => setAsked(null)} />
      )}
      {asked?.kind === "out" && (
        <ActDialog
          title={`Take ${asked.person.name} out of use`}
          says={`${asked.person.name} sees nothing of this tenant from now on, and every answer of theirs that nothing has come of yet is void: those runs hold and say why.`}
          verb="Take out of use"
          tenant={tenant}
          act={(reason) =>
            answer(
              api.POST("/api/admin/{tenant}/people/{person}/deactivation", {
                params: { path: { tenant, person: asked.person.person } },
                body: { reason },
              }),
            )
          }
          onClose={() => setAsked(null)}
        />
      )}
      {asked?.kind === "tokens" && <TokensDialog tenant={tenant} one={asked.person} onClose={() => setAsked(null)} />}
    </section>
  );
}

/** Beyond so many people there is a search; so many more are shown at a time. */
const FEW = 10;
const SHOWN = 100;

/** Whether each word that is looked for stands in what the line of a person says. */
function fits(one: PersonRow, text: string): boolean {
  const state = one.out ? "out of use" : one.member ? "in use" : "proposed";
  const said = [one.name, one.person, one.email, state, ...[...one.roles, ...one.lent, ...one.overseer].map(spoken)]
    .join(" ")
    .toLocaleLowerCase("en");
  return text
    .toLocaleLowerCase("en")
    .split(/\s+/)
    .every((word) => said.includes(word));
}

interface LineProps {
  one: PersonRow;
  tenant: string;
  ask: (what: Asked) => void;
}

function PersonLine({ one, tenant, ask }: LineProps) {
  return (
    <tr>
      <th scope="row">
        <strong>{one.name}</strong>
        <span className="small quiet">
          <span className="id">{one.person}</span> · {one.email}
        </span>
      </th>
      <td>
        {one.roles.length > 0 ? listed(one.roles.map(spoken)) : <span className="faint">none</span>}
        {one.lent.length > 0 && <span className="small quiet">lent: {listed(one.lent.map(spoken))}</span>}
        {one.overseer.length > 0 && <span className="small quiet">over the tenant: {listed(one.overseer)}</span>}
      </td>
      <td>
        {one.out ? (
          <span className="mark rejected" title={one.out}>
            <span aria-hidden="true">✗</span> out of use
            <span className="small quiet">{one.out}</span>
          </span>
        ) : one.member ? (
          <span className="mark confirmed">
            <span aria-hidden="true">✓</span> in use
          </span>
        ) : (
          <span className="mark unverified">
            <span aria-hidden="true">◌</span> proposed
          </span>
        )}
        {one.tokens.length > 0 && (
          <button type="button" className="as-link small" onClick={() => ask({ kind: "tokens", person: one })}>
            {counted(one.tokens.length, "token")}
          </button>
        )}
      </td>
      <td>
        {one.versions.length > 0 && (
          <details>
            <summary>{counted(one.versions.length, "version")}</summary>
            <Versions
              versions={one.versions}
              tenant={tenant}
              what={one.name}
              activate={(version, reason) =>
                answer(
                  api.POST("/api/admin/{tenant}/people/{person}/versions/{version}/activation", {
                    params: { path: { tenant, person: one.person, version } },
                    body: { reason },
                  }),
                )
              }
            >
              {(row) => <p className="small">{listed(row.roles.map(spoken)) || "no role"}</p>}
            </Versions>
          </details>
        )}
      </td>
      <td>
        {one.member && (
          <span className="actions">
            <button type="button" className="button small" onClick={() => ask({ kind: "roles", person: one })}>
              Roles…<span className="unseen"> of {one.name}</span>
            </button>
            {!one.me && !one.out && (
              <button type="button" className="button small" onClick={() => ask({ kind: "out", person: one })}>
                Out of use…<span className="unseen"> {one.name}</span>
              </button>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}

interface PersonDialogProps {
  tenant: string;
  roles: string[];
  one?: PersonRow;
  onClose: () => void;
}

function PersonDialog({ tenant, roles, one, onClose }: PersonDialogProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState({ person: one?.person ?? "", name: one?.name ?? "", email: one?.email ?? "" });
  const [chosen, setChosen] = useState<string[]>(one?.roles ?? []);
  const [reason, setReason] = useState("");
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/people", {
          params: { path: { tenant } },
          body: { ...draft, roles: chosen, reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const title = one ? `Roles of ${one.name}` : "Propose a person";
  const all = [...new Set([...chosen, ...roles])].sort();
  const put = (name: keyof typeof draft) => (event: { target: { value: string } }) =>
    setDraft((now) => ({ ...now, [name]: event.target.value }));
  return (
    <Dialog title={title} onClose={onClose} className="wide">
      <form className="dialog-body" onSubmit={submit}>
        <h2>{title}</h2>
        {!one && (
          <>
            <label className="field">
              <span>Id on rosters</span>
              <input
                className="input"
                required
                pattern="[A-Za-z0-9][\w.@\-]*"
                value={draft.person}
                onChange={put("person")}
              />
            </label>
            <label className="field">
              <span>Name</span>
              <input className="input" required maxLength={200} value={draft.name} onChange={put("name")} />
            </label>
            <label className="field">
              <span>E-mail of the account</span>
              <input className="input" type="email" required value={draft.email} onChange={put("email")} />
            </label>
          </>
        )}
        <fieldset className="roles" tabIndex={-1}>
          <legend className="small quiet">Roles that a roster may give</legend>
          {all.map((role) => (
            <label key={role}>
              <input
                type="checkbox"
                checked={chosen.includes(role)}
                onChange={() =>
                  setChosen((now) => (now.includes(role) ? now.filter((was) => was !== role) : [...now, role]))
                }
              />{" "}
              {spoken(role)}
            </label>
          ))}
        </fieldset>
        <ReasonField value={reason} onChange={setReason} />
        <p className="small quiet">
          Another admin puts it in force. Fewer roles you may put in force yourself; what waits on one that goes is
          void.
        </p>
        <Refused error={send.error} />
        <FormFoot sends="Propose" ready={reason.trim() !== ""} pending={send.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

function TokensDialog({ tenant, one, onClose }: { tenant: string; one: PersonRow; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (token: string) =>
      answer(api.DELETE("/api/admin/{tenant}/tokens/{token}", { params: { path: { tenant, token } } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
      onClose();
    },
  });
  return (
    <Dialog title={`Tokens of ${one.name}`} onClose={onClose}>
      <div className="dialog-body">
        <h2>Tokens of {one.name}</h2>
        <ul className="uses">
          {one.tokens.map((token) => (
            <li key={token.id}>
              <strong>{token.name}</strong> · {listed(token.scopes)} ·{" "}
              {token.last_used_at ? (
                <>
                  last used <Time at={token.last_used_at} />
                </>
              ) : (
                "never used"
              )}{" "}
              <button type="button" className="button small" onClick={() => revoke.mutate(token.id)}>
                Revoke<span className="unseen"> {token.name}</span>
              </button>
            </li>
          ))}
        </ul>
        <Refused error={revoke.error} />
        <div className="actions">
          <button type="button" className="button plain" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Delegations({ tenant }: { tenant: string }) {
  const client = useQueryClient();
  const { data } = useQuery(peopleQuery(tenant));
  const end = useMutation({
    mutationFn: (delegation: string) =>
      answer(api.DELETE("/api/admin/{tenant}/delegations/{delegation}", { params: { path: { tenant, delegation } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["admin", tenant] }),
  });
  const rows = data?.delegations ?? [];
  return (
    <section aria-label="Delegations">
      <h2 className="label">Delegations</h2>
      {rows.length === 0 ? (
        <p className="quiet small">Nobody lends a role. Who has one lends it himself, for at most 90 days.</p>
      ) : (
        <ul className="uses">
          {rows.map((one) => (
            <li key={one.id}>
              <strong>{one.giver}</strong> lends {spoken(one.role)} to <strong>{one.taker}</strong>,{" "}
              <Time at={one.valid_from} /> to <Time at={one.valid_until} />: {one.reason} ·{" "}
              {one.in_force ? (
                <>
                  <span className="mark confirmed">in force</span>{" "}
                  <button type="button" className="button small" onClick={() => end.mutate(one.id)}>
                    End
                    <span className="unseen">
                      {" "}
                      {one.giver} to {one.taker}
                    </span>
                  </button>
                </>
              ) : (
                <span className="faint">{one.ended_at ? "ended" : "not in force"}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      <Refused error={end.error} />
    </section>
  );
}
