import { useEffect, useRef } from "react";
import type { Rendering } from "@/api/types";
import { utc } from "@/parts/Time";
import { covers } from "./place";
import { Quoted } from "./Quoted";

type Mail = Extract<Rendering, { kind: "mail" }>;

interface MailViewProps {
  rendering: Mail;
  at: string | undefined;
  quote: string | undefined;
}

/** A mail as its parts were written: the sender's own words, then each quoted message under its own author. */
export function MailView({ rendering, at, quote }: MailViewProps) {
  const body = useRef<HTMLElement>(null);
  useEffect(() => {
    if (at) body.current?.querySelector(".cited")?.scrollIntoView({ block: "center" });
  }, [at]);
  return (
    <section className="source-body" ref={body} tabIndex={0} aria-label="Mail">
      <div className="mail">
        <Headers headers={rendering.headers.filter((header) => !technical(header))} at={at} quote={quote} />
        {rendering.headers.some(technical) && (
          <details
            className="small"
            open={rendering.headers.some((header) => technical(header) && covers(at, header.locator))}
          >
            <summary className="faint">Technical headers</summary>
            <Headers headers={rendering.headers.filter(technical)} at={at} quote={quote} />
          </details>
        )}
        {rendering.messages.map((message, index) => (
          <Message key={message.lines[0]?.locator ?? index} message={message} at={at} quote={quote} />
        ))}
        {rendering.others.length > 0 && (
          <div>
            <p className="label">Also in this mail</p>
            {rendering.others.map((line) => (
              <p key={line.locator} className="small">
                <Line line={line} at={at} quote={quote} />
              </p>
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

const READ = ["from", "to", "cc", "bcc", "reply-to", "sender", "subject", "date"];

/** Whether a header is for mail programs rather than for people. */
function technical(header: Mail["headers"][number]): boolean {
  return !READ.includes(nameOf(header).toLowerCase());
}

function nameOf(header: Mail["headers"][number]): string {
  return header.label || (header.locator.split("/").at(-1) ?? "");
}

interface HeadersProps {
  headers: Mail["headers"];
  at: string | undefined;
  quote: string | undefined;
}

function Headers({ headers, at, quote }: HeadersProps) {
  return (
    <dl className="mail-headers">
      {headers.map((header) => (
        <div key={header.locator} className="pair-line">
          <dt>{nameOf(header)}</dt>
          <dd>
            <Line line={header} at={at} quote={quote} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Message({
  message,
  at,
  quote,
}: {
  message: Mail["messages"][number];
  at: string | undefined;
  quote: string | undefined;
}) {
  const { author, depth } = message;
  const who = author ? [author.name || author.address, author.role].filter(Boolean).join(", ") : "";
  const classes = ["mail-message", depth > 0 ? "quoted" : "", depth > 1 ? "deep" : ""];
  return (
    <article className={classes.filter(Boolean).join(" ")}>
      {(depth > 0 || who) && (
        <header>
          {depth > 0 ? "Quoted" : "Written"}
          {who && ` ${depth > 0 ? "from" : "by"} ${who}`}
          {message.at && ` · ${utc(message.at)}`}
        </header>
      )}
      <div className="mail-lines">
        {message.lines.map((line) => (
          <p key={line.locator}>{line.text ? <Line line={line} at={at} quote={quote} /> : " "}</p>
        ))}
      </div>
    </article>
  );
}

function Line({
  line,
  at,
  quote,
}: {
  line: Mail["others"][number];
  at: string | undefined;
  quote: string | undefined;
}) {
  const text = covers(at, line.locator) ? (
    <span className="cited">
      <Quoted text={line.text} quote={quote} />
    </span>
  ) : (
    line.text
  );
  return (
    <>
      {text}
      {line.hidden && <span className="faint"> (not seen by a reader of the mail)</span>}
    </>
  );
}
