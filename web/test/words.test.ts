import { expect, test } from "vitest";
import { duration } from "@/parts/words";

test.each([
  ["20160 minutes", "14 days"],
  ["43200 minutes", "30 days"],
  ["1440 minutes", "24 hours"],
  ["2160 minutes", "36 hours"],
  ["120 minutes", "2 hours"],
  ["60 minutes", "60 minutes"],
  ["90 minutes", "90 minutes"],
  ["6006.00 USD", "6006.00 USD"],
  ["", ""],
])("a duration is read as people write it: %s", (told, read) => {
  expect(duration(told)).toBe(read);
});
