import { type RefObject, useLayoutEffect, useState } from "react";

/** The width of an element in pixels, so that a drawing is made for it and its texts are never scaled. */
export function useWidth(ref: RefObject<HTMLElement | null>, first = 800): number {
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = () => setWidth((now) => (element.clientWidth > 0 ? element.clientWidth : now));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, [ref]);
  return width;
}
