/** Keys that do something on a page, unless somebody is typing. */

import { useEffect, useRef } from 'preact/hooks';

export type KeyTable = Readonly<Record<string, () => void>>;

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    target.getAttribute('type') !== 'checkbox'
  );
}

/** The editor of rules is in a tree of its own, which events from within seem to come from as a whole. */
function innermost(event: Event): EventTarget | null {
  return event.composedPath()[0] ?? event.target;
}

/** Enter on these does what they are for; the link of a row in a list (`data-id`) is for what the list opens. */
function takesEnter(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('a, button, input, summary') !== null &&
    target.closest('[data-id] a') === null
  );
}

export function useKeys(table: KeyTable): void {
  const latest = useRef(table);
  latest.current = table;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(innermost(event))
      )
        return;
      if (!Object.hasOwn(latest.current, event.key)) return;
      if (event.key === 'Enter' && takesEnter(event.target)) return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
