/** What a page asks again while somebody looks at it. */

import { useEffect, useState } from 'preact/hooks';

/** A number that grows every so often, as long as the page is in sight: part of the key of an answer. */
export function useRounds(everyMs: number, isOn = true): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => {
      if (!document.hidden) setRound((before) => before + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isOn]);
  return round;
}
