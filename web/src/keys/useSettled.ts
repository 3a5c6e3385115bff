import { useEffect, useState } from "react";

/** A value that follows another once that has rested for `wait` milliseconds. */
export function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const later = window.setTimeout(() => setSettled(value), wait);
    return () => window.clearTimeout(later);
  }, [value, wait]);
  return settled;
}
