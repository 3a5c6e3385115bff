import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  stripSearchParams,
} from "@tanstack/react-router";
import { ApiProblem } from "@/api/client";
import { meQuery, queries } from "@/api/queries";
import { Frame, RootOutlet } from "@/Frame";
import { readAddress } from "@/pages/case/address";
import { readCaseFilters } from "@/pages/cases/filters";
import { readEvalAddress, readEvalFilters } from "@/pages/evals/address";
import { readMonitorAddress } from "@/pages/monitor/address";
import { NotFound, PageFault } from "@/parts/Fault";

const root = createRootRoute({ component: RootOutlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (raw: Record<string, unknown>): { from?: string } =>
    typeof raw.from === "string" && raw.from.startsWith("/") && !raw.from.startsWith("//") ? { from: raw.from } : {},
  component: lazyRouteComponent(() => import("@/pages/signin/SignInPage"), "SignInPage"),
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
  component: lazyRouteComponent(() => import("@/pages/cases/CasesPage"), "CasesPage"),
});

const newCase = createRoute({
  getParentRoute: () => inside,
  path: "/cases/new",
  validateSearch: (raw: Record<string, unknown>): { scenario?: string } =>
    typeof raw.scenario === "string" ? { scenario: raw.scenario } : {},
  component: lazyRouteComponent(() => import("@/pages/cases/NewCasePage"), "NewCasePage"),
});

const oneCase = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run",
  validateSearch: readAddress,
  component: lazyRouteComponent(() => import("@/pages/case/CasePage"), "CasePage"),
});

const approval = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run/approve/$gate",
  component: lazyRouteComponent(() => import("@/pages/approvals/ApprovalPage"), "ApprovalPage"),
});

const lineage = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run/lineage",
  validateSearch: (raw: Record<string, unknown>): { diff?: string; entry?: number } => ({
    ...(typeof raw.diff === "string" ? { diff: raw.diff } : {}),
    ...(typeof raw.entry === "number" ? { entry: raw.entry } : {}),
  }),
  component: lazyRouteComponent(() => import("@/pages/lineage/LineagePage"), "LineagePage"),
});

const receipt = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$run/receipt",
  component: lazyRouteComponent(() => import("@/pages/receipt/ReceiptPage"), "ReceiptPage"),
});

const approvals = createRoute({
  getParentRoute: () => inside,
  path: "/approvals",
  validateSearch: (raw: Record<string, unknown>): { state?: "history" } =>
    raw.state === "history" ? { state: "history" } : {},
  component: lazyRouteComponent(() => import("@/pages/approvals/ApprovalsPage"), "ApprovalsPage"),
});

const monitor = createRoute({
  getParentRoute: () => inside,
  path: "/monitor",
  validateSearch: readMonitorAddress,
  component: lazyRouteComponent(() => import("@/pages/monitor/MonitorPage"), "MonitorPage"),
});

const scenarios = createRoute({
  getParentRoute: () => inside,
  path: "/scenarios",
  component: lazyRouteComponent(() => import("@/pages/scenarios/ScenariosPage"), "ScenariosPage"),
});

const scenario = createRoute({
  getParentRoute: () => inside,
  path: "/scenarios/$slug",
  component: lazyRouteComponent(() => import("@/pages/scenarios/ScenarioPage"), "ScenarioPage"),
});

const adminHome = createRoute({
  getParentRoute: () => inside,
  path: "/admin",
  beforeLoad: async () => {
    const me = await queries.ensureQueryData(meQuery);
    const tenant = me.memberships[0]?.tenant ?? "none";
    const reads = me.capabilities.some((one) => one === "admin:read");
    throw redirect({ to: reads ? "/admin/$tenant/prompts" : "/admin/$tenant/audit", params: { tenant } });
  },
});

const admin = createRoute({
  getParentRoute: () => inside,
  path: "/admin/$tenant",
  component: lazyRouteComponent(() => import("@/pages/admin/AdminFrame"), "AdminFrame"),
});

const adminPrompts = createRoute({
  getParentRoute: () => admin,
  path: "/prompts",
  component: lazyRouteComponent(() => import("@/pages/admin/PromptsPage"), "PromptsPage"),
});

const adminPrompt = createRoute({
  getParentRoute: () => admin,
  path: "/prompts/$name",
  validateSearch: (raw: Record<string, unknown>): { version?: number; view?: "text" | "new" } => ({
    ...(typeof raw.version === "number" ? { version: raw.version } : {}),
    ...(raw.view === "text" || raw.view === "new" ? { view: raw.view } : {}),
  }),
  component: lazyRouteComponent(() => import("@/pages/admin/PromptPage"), "PromptPage"),
});

const adminTools = createRoute({
  getParentRoute: () => admin,
  path: "/tools",
  validateSearch: (raw: Record<string, unknown>): { scenario?: string } =>
    typeof raw.scenario === "string" ? { scenario: raw.scenario } : {},
  component: lazyRouteComponent(() => import("@/pages/admin/ToolsPage"), "ToolsPage"),
});

const adminConnectors = createRoute({
  getParentRoute: () => admin,
  path: "/connectors",
  component: lazyRouteComponent(() => import("@/pages/admin/ConnectorsPage"), "ConnectorsPage"),
});

const adminConnector = createRoute({
  getParentRoute: () => admin,
  path: "/connectors/$name",
  component: lazyRouteComponent(() => import("@/pages/admin/ConnectorPage"), "ConnectorPage"),
});

const adminParameters = createRoute({
  getParentRoute: () => admin,
  path: "/parameters",
  component: lazyRouteComponent(() => import("@/pages/admin/ParametersPage"), "ParametersPage"),
});

const adminParameter = createRoute({
  getParentRoute: () => admin,
  path: "/parameters/$scenario",
  component: lazyRouteComponent(() => import("@/pages/admin/ParameterPage"), "ParameterPage"),
});

const adminPeople = createRoute({
  getParentRoute: () => admin,
  path: "/people",
  component: lazyRouteComponent(() => import("@/pages/admin/PeoplePage"), "PeoplePage"),
});

const adminAudit = createRoute({
  getParentRoute: () => admin,
  path: "/audit",
  component: lazyRouteComponent(() => import("@/pages/admin/AuditPage"), "AuditPage"),
});

const adminPages = admin.addChildren([
  adminPrompts,
  adminPrompt,
  adminTools,
  adminConnectors,
  adminConnector,
  adminParameters,
  adminParameter,
  adminPeople,
  adminAudit,
]);

const evals = createRoute({
  getParentRoute: () => inside,
  path: "/evals",
  validateSearch: readEvalFilters,
  component: lazyRouteComponent(() => import("@/pages/evals/EvalsPage"), "EvalsPage"),
});

const oneEval = createRoute({
  getParentRoute: () => inside,
  path: "/evals/$eval",
  validateSearch: readEvalAddress,
  component: lazyRouteComponent(() => import("@/pages/evals/EvalPage"), "EvalPage"),
});

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
