import "@/style/tables.css";
import "@/style/admin.css";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { meQuery } from "@/api/queries";

const PAGES = [
  { to: "/admin/$tenant/prompts", text: "Prompts" },
  { to: "/admin/$tenant/tools", text: "Tool scopes" },
  { to: "/admin/$tenant/connectors", text: "Connectors" },
  { to: "/admin/$tenant/parameters", text: "Parameters" },
  { to: "/admin/$tenant/policies", text: "Policies" },
  { to: "/admin/$tenant/people", text: "People" },
  { to: "/admin/$tenant/audit", text: "What admins did" },
] as const;

/** Settings of one tenant. Who is no admin there is told so; an auditor reads what admins did. */
export function AdminFrame() {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const may = (what: string) => me?.capabilities.some((one) => one === what) ?? false;
  const pages = PAGES.filter((page) => may("admin:read") || (page.text === "What admins did" && may("admin:audit")));
  if (me && pages.length === 0) {
    return (
      <div className="empty" role="alert">
        <strong>Settings are for admins</strong>
        <p>Your roles let you work on cases. Whoever runs the server makes admins.</p>
        <Link to="/cases" search={{}} className="button">
          Cases
        </Link>
      </div>
    );
  }
  return (
    <div className="page admin">
      <div className="page-head">
        <span className="label">Admin</span>
        <nav className="segments" aria-label="Settings">
          {pages.map((page) => (
            <Link key={page.to} to={page.to} params={{ tenant }}>
              {page.text}
            </Link>
          ))}
        </nav>
        <span className="space" />
        {me && me.memberships.length > 1 ? (
          <label className="admin-tenant small">
            <span className="quiet">Tenant</span>
            <select
              className="input"
              value={tenant}
              onChange={(event) =>
                void navigate({ to: "/admin/$tenant/prompts", params: { tenant: event.target.value } })
              }
            >
              {me.memberships.map((one) => (
                <option key={one.tenant} value={one.tenant}>
                  {one.tenant_name}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span className="small quiet">{me?.memberships[0]?.tenant_name}</span>
        )}
      </div>
      <div className="admin-body">
        <Outlet />
      </div>
    </div>
  );
}
