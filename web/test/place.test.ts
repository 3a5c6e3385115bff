import { describe, expect, it } from "vitest";
import { box, cell, characters, covers, lines } from "@/pages/evidence/place";

describe("locators", () => {
  it("name lines", () => {
    expect(lines("line=88")).toEqual({ first: 88, last: 88 });
    expect(lines("line=88-92")).toEqual({ first: 88, last: 92 });
    expect(lines("line=88-")).toBeNull();
  });

  it("name cells, also in sheets and columns whose names have commas", () => {
    expect(cell("row=12,col=email")).toEqual({ sheet: "", row: 12, column: "email" });
    expect(cell("sheet=Named, old,row=3,col=Name, first")).toEqual({
      sheet: "Named, old",
      row: 3,
      column: "Name, first",
    });
  });

  it("name boxes and characters of a page", () => {
    expect(box("box=1,2,30,40")).toEqual({ x: 1, y: 2, w: 30, h: 40 });
    expect(box("box=-1,2,30,40")).toBeNull();
    expect(characters("page=2,char=120-188")).toEqual({ page: 2, start: 120, end: 188 });
    expect(characters("page=2")).toEqual({ page: 2, start: 0, end: 0 });
  });

  it("cover what stands below them, and nothing beside", () => {
    expect(covers("/parts/0/messages/1/lines", "/parts/0/messages/1/lines/4")).toBe(true);
    expect(covers("/parts/0/messages/1/lines/4", "/parts/0/messages/1/lines/40")).toBe(false);
    expect(covers("line=3-5", "line=4")).toBe(true);
    expect(covers("line=3-5", "line=6")).toBe(false);
    expect(covers(undefined, "line=6")).toBe(false);
  });
});
