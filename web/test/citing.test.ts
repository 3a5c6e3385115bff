import { describe, expect, it } from "vitest";
import type { Artifact, Citation } from "@/api/types";
import { numbered, sourceNumbers } from "@/pages/case/citing";

const cite = (evidence: string, locator: string): Citation => ({ evidence, locator, quote: "q", sha256: "sha256:0" });

const artifact: Artifact = {
  name: "Record",
  revision: "r1",
  sha256: "sha256:0",
  supersedes: [],
  fields: {
    tenant: {
      title: "Tenant",
      value: "t",
      raw: null,
      status: "confirmed",
      confidence: 1,
      origin: "extracted",
      lossy: false,
      citations: [cite("ticket", "/a"), cite("mail", "/b")],
      normalization: [],
      note: null,
    },
  },
  sections: [
    {
      id: "s",
      title: "S",
      claims: [
        {
          id: "c1",
          text: "x",
          status: "confirmed",
          author: "agent:drafting",
          mark: "agent-drafted",
          approved_by: [],
          citations: [cite("log", "line=1"), cite("ticket", "/c")],
        },
      ],
    },
  ],
};

describe("citation numbers", () => {
  it("count the sources in the order of reading", () => {
    expect([...sourceNumbers(artifact)]).toEqual([
      ["ticket", 1],
      ["mail", 2],
      ["log", 3],
    ]);
  });

  it("tell several places of one source apart by letters, and name a place once", () => {
    const places = [cite("ticket", "/a"), cite("mail", "/b"), cite("ticket", "/c"), cite("ticket", "/a")];
    expect(numbered(places, sourceNumbers(artifact)).map((one) => one.label)).toEqual(["1a", "1b", "2"]);
  });

  it("stay readable past the alphabet", () => {
    const places = Array.from({ length: 28 }, (_, index) => cite("ticket", `/${index}`));
    expect(
      numbered(places, sourceNumbers(artifact))
        .slice(25)
        .map((one) => one.label),
    ).toEqual(["1z", "1aa", "1ab"]);
  });

  it("use the source's own name where the artifact does not cite it", () => {
    expect(numbered([cite("shot", "box=1,2,3,4")], new Map())[0]?.label).toBe("shot");
  });
});
