/** Changes counted, but no more often than once a second: for what is asked for again when something changed. */

import { useEffect, useRef, useState } from 'preact/hooks';

const PAUSE_MS = 1_000;

/** A number that grows some time after the value became another one. */
export function useCalm(value: unknown): number {
  const [count, setCount] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const first = useRef(value);
  useEffect(() => {
    if (value === first.current) return;
    first.current = value;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setCount((before) => before + 1);
    }, PAUSE_MS);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return count;
}
