import "@/style/signin.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiProblem, api, data, setCsrf } from "@/api/client";
import { meQuery, signInWaysQuery } from "@/api/queries";
import { Brand } from "@/parts/Brand";

export function SignInPage() {
  const { from } = useSearch({ from: "/signin" });
  const { data: ways, error } = useQuery(signInWaysQuery);
  return (
    <main className="signin">
      <div className="signin-column">
        <h1>
          <Brand />
          Casegate
        </h1>
        <p className="signin-purpose">
          Agents prepare the case; you decide what leaves, and every statement shows what it rests on.
        </p>
        {error && (
          <div className="notice clash" role="alert">
            <strong>The server does not answer</strong>
            <span>Nothing is lost. Reload the page in a moment.</span>
          </div>
        )}
        {ways?.oidc && (
          <a className="button first" href="/api/session/oidc/start">
            Sign in with {ways.oidc}
          </a>
        )}
        {ways?.password && <PasswordForm from={from} />}
        {ways?.demo && (
          <p className="small quiet">
            This is a demo: each demo person has a sign-in link. They stand on the terminal that runs the server.
          </p>
        )}
        <p className="small quiet">
          <a href="/verify">Verify a receipt</a> without signing in.
        </p>
      </div>
    </main>
  );
}

function PasswordForm({ from }: { from: string | undefined }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => data(api.POST("/api/session", { body: { email, password } })),
    onSuccess: async (me) => {
      setCsrf(me.csrf);
      client.setQueryData(meQuery.queryKey, me);
      await navigate({ to: from ?? "/cases" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <form onSubmit={submit} className="signin-form">
      <label className="field">
        <span>E-mail</span>
        <input
          className="input"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </label>
      <label className="field">
        <span>Password</span>
        <input
          className="input"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      {signIn.error && (
        <p className="signin-fault" role="alert">
          {refusal(signIn.error)}
        </p>
      )}
      <button type="submit" className="button first" disabled={signIn.isPending}>
        {signIn.isPending ? "Signing in…" : "Sign in"}
      </button>
    </form>
  );
}

function refusal(error: Error): string {
  if (!(error instanceof ApiProblem)) return "The server does not answer. Try again in a moment.";
  if (error.status === 429) return `Too many attempts. Try again in ${error.problem.retry_after ?? 60} seconds.`;
  if (error.status === 401) return "E-mail and password do not fit together.";
  return error.message;
}
