/** "exception_release" as people read it: "exception release". For ids that the server gives no title for. */
export function spoken(id: string): string {
  return id.replaceAll("_", " ");
}

/** The same with a capital: gates and steps come as they stand in a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toLocaleUpperCase("en") + text.slice(1);
}

/** A count with its noun: "1 hold", "3 holds". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Names in a row: "Ken Osei, Mara Lindt and Ana Prieto". */
export function listed(names: string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A duration as people read it: "20160 minutes" is 14 days. What is no whole number of hours, or no duration, stays. */
export function duration(text: string): string {
  const minutes = Number(/^(\d+) minutes$/.exec(text)?.[1] ?? Number.NaN);
  if (!(minutes > 60) || minutes % 60 !== 0) return text;
  return minutes % 1440 === 0 && minutes > 1440 ? `${minutes / 1440} days` : `${minutes / 60} hours`;
}

/** A size in bytes as people read it. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(size < 10_240 ? 1 : 0)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}
