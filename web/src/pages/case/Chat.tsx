import "@/style/chat.css";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { api, data, idempotencyKey } from "@/api/client";
import type { Progress } from "@/api/events";
import { chatQuery } from "@/api/queries";
import type { ChatTurn } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Turn } from "./ChatTurn";
import { useCase } from "./context";
import { LiveTurn } from "./LiveTurn";
import { questionsOf } from "./questions";

/** The conversation: what people said and agents did, out of the lineage, and the turn that is at work now. */
export function Chat({ progress }: { progress: Progress[] }) {
  const { run } = useCase();
  const list = useInfiniteQuery(chatQuery(run.run));
  const turns = useMemo(
    () => gathered([...(list.data?.pages ?? [])].reverse().flatMap((page) => page.turns)),
    [list.data],
  );
  const quiet = !turns.some((turn) => turn.by_type === "person");
  const [asked, setAsked] = useState("");
  const scroll = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // New turns are followed only by those who read the end; who reads further up stays where he is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown last is what moves the end.
  useLayoutEffect(() => {
    if (atEnd.current && scroll.current) scroll.current.scrollTop = scroll.current.scrollHeight;
  }, [turns.length, progress.length]);
  return (
    <div className="chat">
      <section
        className="turns"
        ref={scroll}
        tabIndex={0}
        aria-label="Conversation"
        onScroll={({ currentTarget: pane }) => {
          atEnd.current = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 48;
        }}
      >
        {list.hasNextPage && (
          <button type="button" className="button small plain" onClick={() => void list.fetchNextPage()}>
            Earlier turns
          </button>
        )}
        {list.isPending ? (
          <Loading what="the conversation">
            <SkeletonLines count={5} />
          </Loading>
        ) : list.isError && turns.length === 0 ? (
          <Fault error={list.error} again={() => void list.refetch()} />
        ) : turns.length === 0 ? (
          <p className="quiet">
            Nothing was said yet. Ask what a statement rests on, say what is wrong, or ask for another direction.
          </p>
        ) : (
          <div role="log" aria-live="polite" aria-label="Turns">
            {turns.map((turn) => (
              <Turn key={turn.seq} turn={turn} unfolded={quiet} />
            ))}
          </div>
        )}
        <LiveTurn progress={progress} working={run.working} />
        {run.working && asked && <CancelTurn key={asked} event={asked} onOver={() => setAsked("")} />}
      </section>
      <Composer onSent={setAsked} first={list.isSuccess && quiet} />
    </div>
  );
}

/** Edits that one agent proposes one after the other are one line; so are lines of the boundary that one message
 * crosses, each of which stands on record by itself. */
export function gathered(turns: ChatTurn[]): ChatTurn[] {
  const lines: ChatTurn[] = [];
  for (const turn of turns) {
    const last = lines.at(-1);
    if (last?.kind === "edits_proposed" && turn.kind === "edits_proposed" && last.by === turn.by) {
      lines[lines.length - 1] = { ...last, edits: [...last.edits, ...turn.edits] };
    } else if (last?.kind === "refused" && turn.kind === "refused" && last.at === turn.at && last.note === turn.note) {
      lines[lines.length - 1] = { ...last, lines: [...(last.lines.length ? last.lines : [line(last)]), line(turn)] };
    } else {
      lines.push(turn);
    }
  }
  return lines;
}

function line(turn: ChatTurn): ChatTurn["lines"][number] {
  return { text: turn.text, unverified: false, citations: [] };
}

const DRAFT = "casegate.draft.";

/** The last turn that this person sent, as long as nothing has answered it. Whether it is over, the server says. */
function CancelTurn({ event, onOver }: { event: string; onOver: () => void }) {
  const { run } = useCase();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () =>
      data(api.POST("/api/runs/{run}/chat/{event}/cancel", { params: { path: { run: run.run, event } } })),
    onSuccess: async () => {
      onOver();
      await client.invalidateQueries({ queryKey: ["run", run.run] });
    },
  });
  return (
    <p className="actions">
      <button type="button" className="button small" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
        {cancel.isPending ? "Cancelling…" : "Cancel the turn"}
      </button>
      {cancel.error && (
        <span className="small mark failed" role="alert">
          Not cancelled: {cancel.error.message || "the server does not answer"}
        </span>
      )}
    </p>
  );
}

/** `first`: nobody has written yet, so it says what can be asked. */
function Composer({ onSent, first }: { onSent: (event: string) => void; first: boolean }) {
  const { run } = useCase();
  const client = useQueryClient();
  const key = DRAFT + run.run;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  // The same key as long as the text is the same: a second try after a lost answer is not a second turn.
  const turnKey = useRef(idempotencyKey());
  useEffect(() => sessionStorage.setItem(key, text), [key, text]);
  const send = useMutation({
    mutationFn: (said: string) =>
      data(
        api.POST("/api/runs/{run}/chat", {
          params: { path: { run: run.run }, header: { "Idempotency-Key": turnKey.current } },
          body: { text: said },
        }),
      ),
    onSuccess: (accepted) => {
      onSent(accepted.event);
      turnKey.current = idempotencyKey();
      setText("");
      // Not waited for: the next message may be sent while the page is read anew.
      void client.invalidateQueries({ queryKey: ["run", run.run] });
    },
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() && !send.isPending) send.mutate(text.trim());
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape" && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
  };
  if (!run.may.chat) {
    return (
      <p className="composer quiet small">
        You read this conversation and do not write in it{run.may.why_not.chat && `: ${run.may.why_not.chat}`}.
      </p>
    );
  }
  const take = (question: string) => {
    setText(question);
    document.getElementById("composer")?.focus();
  };
  return (
    <form className="composer" onSubmit={submit}>
      {first && !text && (
        <ul className="questions" aria-label="Questions that this case answers">
          {questionsOf(run).map((question) => (
            <li key={question}>
              <button type="button" className="button small" onClick={() => take(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
      <textarea
        id="composer"
        className="input"
        aria-label="Write to the agents"
        placeholder="Ask, correct, or redirect. A message never approves anything."
        value={text}
        maxLength={20_000}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
      />
      <div className="composer-foot">
        <span>
          {send.isPaused ? (
            "Waits for the connection"
          ) : send.error ? (
            <span className="mark failed" role="alert">
              Not sent: {send.error.message || "the server does not answer"}
            </span>
          ) : (
            <ModelWords mode={run.model.mode} name={run.model.name} />
          )}
        </span>
        <button type="submit" className="button small" disabled={!text.trim() || send.isPending}>
          {send.isPending && !send.isPaused ? "Sending…" : "Send"} <kbd>⏎</kbd>
        </button>
      </div>
    </form>
  );
}

function ModelWords({ mode, name }: { mode: string; name: string }) {
  return (
    <>
      {mode === "offline" ? "Offline: answers by rules, from the evidence, without a language model" : `Model: ${name}`}
    </>
  );
}
