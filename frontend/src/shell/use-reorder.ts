import { type CSSProperties, type HTMLAttributes, useRef, useState } from "react";

/** How far the pointer goes before a press is a drag, in pixels. */
const slack = 4;

/** A list with the member at from moved to another place. */
export function withMoved<T>(list: readonly T[], from: number, to: number): T[] {
  return list.toSpliced(from, 1).toSpliced(to, 0, ...list.slice(from, from + 1));
}

interface Drag {
  from: number;
  to: number;
  /** How far the row was dragged, in pixels. */
  by: number;
  height: number;
}

/**
 * Lets a person put rows of one height in another order: by dragging one, or at the one that has the focus with Alt
 * and the arrow keys; Escape ends a drag and changes nothing. The rows keep their places in the page until put has
 * answered, and are only drawn elsewhere. Returns the attributes of each row.
 */
export function useReorder(length: number, put: (from: number, to: number) => Promise<unknown>) {
  const [drag, setDrag] = useState<Drag>();
  const press = useRef<{ y: number; index: number }>(undefined);
  const dragged = useRef(false);
  const end = () => {
    press.current = undefined;
    setDrag(undefined);
  };
  return (index: number): HTMLAttributes<HTMLElement> => ({
    style: drag ? placed(drag, index) : {},
    onPointerDown(event) {
      if (event.button === 0) press.current = { y: event.clientY, index };
      dragged.current = false;
    },
    onPointerMove(event) {
      if (press.current?.index !== index) return;
      const by = event.clientY - press.current.y;
      if (!drag && Math.abs(by) < slack) return;
      dragged.current = true;
      event.currentTarget.setPointerCapture(event.pointerId);
      const height = event.currentTarget.offsetHeight;
      const to = Math.max(0, Math.min(length - 1, index + Math.round(by / height)));
      setDrag({ from: index, to, by, height });
    },
    onPointerUp() {
      press.current = undefined;
      if (!drag || drag.from === drag.to) end();
      else void put(drag.from, drag.to).finally(end);
    },
    onPointerCancel: end,
    onClickCapture(event) {
      if (dragged.current) event.stopPropagation(); // it ends the drag
      dragged.current = false;
    },
    onKeyDown(event) {
      const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (drag && event.key === "Escape") end();
      else if (step && index + step >= 0 && index + step < length) void put(index, index + step);
      else return;
      event.preventDefault();
    },
  });
}

/** Where a row is drawn while one is dragged: under the pointer, or out of that one's way. */
function placed({ from, to, by, height }: Drag, index: number): CSSProperties {
  if (index === from) return { transform: `translateY(${by}px)`, zIndex: 1 };
  if (index > from && index <= to) return { transform: `translateY(${-height}px)` };
  if (index < from && index >= to) return { transform: `translateY(${height}px)` };
  return {};
}
