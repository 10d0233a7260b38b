import { type RefObject, useCallback, useEffect, useState } from "react";
import { type SectionId, sections } from "./sections";

/** How far below the upper edge a heading may be for its section to be the one that is read. */
const reach = 96;

/**
 * Keeps the page at the section of the address, while what is above it is still arriving, until a person scrolls;
 * from then on it says which section they are at.
 */
export function usePlace(page: RefObject<HTMLElement | null>, asked: SectionId) {
  const [at, setAt] = useState(asked);
  const [held, setHeld] = useState(true);
  const show = useCallback(
    (id: SectionId, focus: boolean) => {
      setHeld(true);
      setAt(id);
      sectionElement(id)?.scrollIntoView({ block: "start" });
      if (id === sections[0].id) page.current?.scrollTo({ top: 0 });
      if (focus) document.getElementById(`settings-${id}-title`)?.focus({ preventScroll: true });
    },
    [page],
  );
  useEffect(() => show(asked, false), [asked, show]);
  useEffect(() => {
    const scroller = page.current;
    const inside = scroller?.firstElementChild;
    if (!scroller || !inside || !held) return undefined;
    const stay = new ResizeObserver(() => {
      if (at !== sections[0].id) sectionElement(at)?.scrollIntoView({ block: "start" });
    });
    stay.observe(inside);
    const release = () => setHeld(false);
    const by = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
    for (const kind of by) scroller.addEventListener(kind, release, { passive: true });
    return () => {
      stay.disconnect();
      for (const kind of by) scroller.removeEventListener(kind, release);
    };
  }, [page, at, held]);
  const scrolled = () => {
    const scroller = page.current;
    if (held || !scroller) return;
    const top = scroller.getBoundingClientRect().top + reach;
    const shown = sections.filter(({ id }) => sectionElement(id));
    const bottom = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
    const passed = shown.filter(({ id }) => (sectionElement(id)?.getBoundingClientRect().top ?? 0) <= top);
    const now = bottom ? shown.at(-1) : (passed.at(-1) ?? shown[0]);
    if (now) setAt(now.id);
  };
  const top = () => {
    setHeld(false);
    page.current?.scrollTo({ top: 0 });
  };
  return { at, show, scrolled, top };
}

function sectionElement(id: SectionId): HTMLElement | null {
  return document.getElementById(`settings-${id}`);
}
