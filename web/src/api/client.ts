import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./schema";
import type { Problem } from "./types";

/** An answer of the server that is an error: RFC 9457 problem details, or what the network says. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Whether an error is no word of ours: no answer at all, or a proxy's that has none. */
export function unreachable(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status >= 502 && error.status <= 504;
  return error instanceof TypeError;
}

let csrf = "";

/** Remember the token that goes with every request that changes something. */
export function setCsrf(token: string): void {
  csrf = token;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrf) request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
};

export const api = createClient<paths>({ credentials: "same-origin" });
api.use(guard);

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Raises ApiProblem where the server says no, in its own words. */
export async function data<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data: found, error, response } = await answer;
  if (response.ok) return found as Data;
  throw new ApiProblem(isProblem(error) ? error : unknown(response));
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "title" in error && "status" in error;
}

function unknown(response: Response): Problem {
  return {
    type: "about:blank",
    title: response.statusText || "The server gave no reason",
    status: response.status,
    detail: "",
    instance: new URL(response.url).pathname,
    request_id: response.headers.get("X-Request-ID") ?? "",
    faults: [],
    winner: null,
    current: null,
    retry_after: null,
  };
}

/** A key by which the server knows a repeated request: the same key again gives the first answer. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}

/** A form with files, where the typed client knows only JSON bodies. */
export async function upload<Data>(path: string, form: FormData): Promise<Data> {
  const headers = { "X-CSRF-Token": csrf, "Idempotency-Key": idempotencyKey() };
  const response = await fetch(path, { method: "POST", body: form, headers, credentials: "same-origin" });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as Data;
  throw new ApiProblem(isProblem(body) ? body : unknown(response));
}
