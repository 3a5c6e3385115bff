export type MonitorTab = "clusters" | "signals" | "dead" | "sources";

const TABS: MonitorTab[] = ["clusters", "signals", "dead", "sources"];

export interface MonitorAddress {
  tenant?: string;
  show?: MonitorTab;
  cluster?: number;
}

/** The stream, the tab and the cluster that an address of the monitor names; what is none of them is left out. */
export function readMonitorAddress(raw: Record<string, unknown>): MonitorAddress {
  const tab = TABS.find((one) => one === raw.show);
  const cluster = typeof raw.cluster === "number" && Number.isSafeInteger(raw.cluster) && raw.cluster > 0;
  return {
    ...(typeof raw.tenant === "string" ? { tenant: raw.tenant } : {}),
    ...(tab ? { show: tab } : {}),
    ...(cluster ? { cluster: raw.cluster as number } : {}),
  };
}
