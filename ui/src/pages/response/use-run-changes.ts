/** Runs as they change, from the server, some times a second at most. */

import type { Run } from '@peregrine/api/contract';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { pathOf } from '../../api.ts';
import type { Changes } from './run-list.ts';

export interface RunChanges {
  /** The latest state of each run that changed since the lists were asked for. */
  readonly changes: Changes;
  /** Grows when the lists have to be asked for anew. */
  readonly epoch: number;
  /** After an order: what came by itself stays. */
  readonly refresh: () => void;
}

const SHOW_MS = 250;
/** Rather than keep more, half of them go, and the lists are asked for anew. */
const MOST_CHANGES = 1_000;
const none: Changes = new Map();

export function useRunChanges(isOn: boolean): RunChanges {
  const [state, setState] = useState({ changes: none, epoch: 0 });
  const refresh = useCallback(() => setState(({ changes, epoch }) => ({ changes, epoch: epoch + 1 })), []);
  useEffect(() => {
    if (!isOn) return;
    const waiting: Run[] = [];
    let wasOpen = false;
    // What changed while it was away is not sent again, so that what is known may be old.
    const beginAnew = (): void => setState(({ epoch }) => ({ changes: none, epoch: epoch + 1 }));
    const stream = new EventSource(pathOf('streamResponse'));
    stream.addEventListener('open', () => {
      if (wasOpen) beginAnew();
      wasOpen = true;
    });
    stream.addEventListener('run', ({ data }: MessageEvent<string>) => {
      waiting.push(JSON.parse(data) as Run); // The server sends it as the contract says.
    });
    stream.addEventListener('behind', beginAnew);
    const timer = setInterval(() => {
      const fresh = waiting.splice(0);
      if (fresh.length === 0) return;
      setState(({ changes, epoch }) => {
        // In the order in which they were first heard of.
        const all = new Map([...changes, ...fresh.map((run) => [run.id, run] as const)]);
        if (all.size <= MOST_CHANGES) return { changes: all, epoch };
        return { changes: new Map([...all].slice(-MOST_CHANGES / 2)), epoch: epoch + 1 };
      });
    }, SHOW_MS);
    return () => {
      stream.close();
      clearInterval(timer);
    };
  }, [isOn]);
  return { ...state, refresh };
}
