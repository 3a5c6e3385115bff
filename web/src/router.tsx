import { createRootRoute, createRoute, createRouter, redirect, stripSearchParams } from "@tanstack/react-router";
import { ApiProblem } from "@/api/client";
import { meQuery, queries } from "@/api/queries";
import { Frame, RootOutlet } from "@/Frame";
import { readInbox } from "@/pages/approvals/address";
import { readAddress } from "@/pages/case/address";
import { readCaseFilters } from "@/pages/cases/filters";
import { readEvalAddress, readEvalFilters } from "@/pages/evals/address";
import { readMonitorAddress } from "@/pages/monitor/address";
import { NotFound, PageFault } from "@/parts/Fault";
import { later } from "@/parts/later";

const root = createRootRoute({ component: RootOutlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (raw: Record<string, unknown>): { from?: string } =>
    typeof raw.from === "string" && raw.from.startsWith("/") && !raw.from.startsWith("//") ? { from: raw.from } : {},
  component: later(() => import("@/pages/signin/SignInPage").then((m) => m.SignInPage)),
});

/** Everything behind the sign-in: without a session the reader is sent there, and back afterwards. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Frame,
  beforeLoad: async ({ location }) => {
    try {
      await queries.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) {
        throw redirect({ to: "/signin", search: location.href === "/" ? {} : { from: location.href } });
      }
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/cases", search: {} });
  },
});

const cases = createRoute({
  getParentRoute: () => inside,
  path: "/cases",
  validateSearch: readCaseFilters,
  search: { middlewares: [stripSearchParams({ sort: "-changed" as const })] },
  component: later(() => import("@/pages/cases/CasesPage").then((m) => m.CasesPage)),
});

const newCase = createRoute({
  getParentRoute: () => inside,
  path: "/cases/new",
  validateSearch: (raw: Record<string, unknown>): { scenario?: string } =>
    typeof raw.scenario === "string" ? { scenario: raw.scenario } : {},
  component: later(() => import("@/pages/cases/NewCasePage").then((m) => m.NewCasePage)),
});

const oneCase = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run",
  validateSearch: readAddress,
  component: later(() => import("@/pages/case/CasePage").then((m) => m.CasePage)),
});

const approval = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run/approve/$gate",
  validateSearch: (raw: Record<string, unknown>): { show?: string } =>
    typeof raw.show === "string" ? { show: raw.show } : {},
  component: later(() => import("@/pages/approvals/ApprovalPage").then((m) => m.ApprovalPage)),
});

const lineage = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run/lineage",
  validateSearch: (raw: Record<string, unknown>): { diff?: string; entry?: number } => ({
    ...(typeof raw.diff === "string" ? { diff: raw.diff } : {}),
    ...(typeof raw.entry === "number" ? { entry: raw.entry } : {}),
  }),
  component: later(() => import("@/pages/lineage/LineagePage").then((m) => m.LineagePage)),
});

const receipt = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run/receipt",
  component: later(() => import("@/pages/receipt/ReceiptPage").then((m) => m.ReceiptPage)),
});

const approvals = createRoute({
  getParentRoute: () => inside,
  path: "/approvals",
  validateSearch: readInbox,
  component: later(() => import("@/pages/approvals/ApprovalsPage").then((m) => m.ApprovalsPage)),
});

const monitor = createRoute({
  getParentRoute: () => inside,
  path: "/monitor",
  validateSearch: readMonitorAddress,
  component: later(() => import("@/pages/monitor/MonitorPage").then((m) => m.MonitorPage)),
});

const scenarios = createRoute({
  getParentRoute: () => inside,
  path: "/scenarios",
  component: later(() => import("@/pages/scenarios/ScenariosPage").then((m) => m.ScenariosPage)),
});

const scenario = createRoute({
  getParentRoute: () => inside,
  path: "/scenarios/$slug",
  component: later(() => import("@/pages/scenarios/ScenarioPage").then((m) => m.ScenarioPage)),
});

const adminHome = createRoute({
  getParentRoute: () => inside,
  path: "/admin",
  beforeLoad: async () => {
    const me = await queries.ensureQueryData(meQuery);
    throw redirect({ to: "/admin/$tenant", params: { tenant: me.memberships[0]?.tenant ?? "none" } });
  },
});

const admin = createRoute({
  getParentRoute: () => inside,
  path: "/admin/$tenant",
  component: later(() => import("@/pages/admin/AdminFrame").then((m) => m.AdminFrame)),
});

const adminIndex = createRoute({
  getParentRoute: () => admin,
  path: "/",
  beforeLoad: async ({ params }) => {
    const me = await queries.ensureQueryData(meQuery);
    const reads = me.capabilities.some((one) => one === "admin:read");
    throw redirect({ to: reads ? "/admin/$tenant/prompts" : "/admin/$tenant/audit", params });
  },
});

const adminPrompts = createRoute({
  getParentRoute: () => admin,
  path: "/prompts",
  component: later(() => import("@/pages/admin/PromptsPage").then((m) => m.PromptsPage)),
});

const adminPrompt = createRoute({
  getParentRoute: () => admin,
  path: "/prompts/$name",
  validateSearch: (raw: Record<string, unknown>): { version?: number; view?: "text" | "new" } => ({
    ...(typeof raw.version === "number" ? { version: raw.version } : {}),
    ...(raw.view === "text" || raw.view === "new" ? { view: raw.view } : {}),
  }),
  component: later(() => import("@/pages/admin/PromptPage").then((m) => m.PromptPage)),
});

const adminTools = createRoute({
  getParentRoute: () => admin,
  path: "/tools",
  validateSearch: (raw: Record<string, unknown>): { scenario?: string } =>
    typeof raw.scenario === "string" ? { scenario: raw.scenario } : {},
  component: later(() => import("@/pages/admin/ToolsPage").then((m) => m.ToolsPage)),
});

const adminConnectors = createRoute({
  getParentRoute: () => admin,
  path: "/connectors",
  component: later(() => import("@/pages/admin/ConnectorsPage").then((m) => m.ConnectorsPage)),
});

const adminConnector = createRoute({
  getParentRoute: () => admin,
  path: "/connectors/$name",
  component: later(() => import("@/pages/admin/ConnectorPage").then((m) => m.ConnectorPage)),
});

const adminParameters = createRoute({
  getParentRoute: () => admin,
  path: "/parameters",
  component: later(() => import("@/pages/admin/ChoicesPage").then((m) => m.ParametersPage)),
});

const adminParameter = createRoute({
  getParentRoute: () => admin,
  path: "/parameters/$scenario",
  component: later(() => import("@/pages/admin/ChoicePage").then((m) => m.ParameterPage)),
});

const adminPolicies = createRoute({
  getParentRoute: () => admin,
  path: "/policies",
  component: later(() => import("@/pages/admin/ChoicesPage").then((m) => m.PoliciesPage)),
});

const adminPolicy = createRoute({
  getParentRoute: () => admin,
  path: "/policies/$scenario",
  component: later(() => import("@/pages/admin/ChoicePage").then((m) => m.PolicyPage)),
});

const adminPeople = createRoute({
  getParentRoute: () => admin,
  path: "/people",
  component: later(() => import("@/pages/admin/PeoplePage").then((m) => m.PeoplePage)),
});

const adminAudit = createRoute({
  getParentRoute: () => admin,
  path: "/audit",
  component: later(() => import("@/pages/admin/AuditPage").then((m) => m.AuditPage)),
});

const adminPages = admin.addChildren([
  adminIndex,
  adminPrompts,
  adminPrompt,
  adminTools,
  adminConnectors,
  adminConnector,
  adminParameters,
  adminParameter,
  adminPolicies,
  adminPolicy,
  adminPeople,
  adminAudit,
]);

const evals = createRoute({
  getParentRoute: () => inside,
  path: "/evals",
  validateSearch: readEvalFilters,
  component: later(() => import("@/pages/evals/EvalsPage").then((m) => m.EvalsPage)),
});

const oneEval = createRoute({
  getParentRoute: () => inside,
  path: "/evals/$eval",
  validateSearch: readEvalAddress,
  component: later(() => import("@/pages/evals/EvalPage").then((m) => m.EvalPage)),
});

/** Every other address: said inside the frame, so that nobody is lost there. */
const nowhere = createRoute({ getParentRoute: () => inside, path: "$", component: NotFound });

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    signIn,
    inside.addChildren([
      cases,
      newCase,
      oneCase,
      approval,
      lineage,
      receipt,
      approvals,
      monitor,
      scenarios,
      scenario,
      adminHome,
      adminPages,
      evals,
      oneEval,
      nowhere,
    ]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: PageFault,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
