/** What is behind approval links: tokens on one side, runs on the other. */

import type { ApprovalLinks, ApprovalView } from '@peregrine/api';
import type { ApprovalTokens } from '../approval-token.ts';
import type { ResponsePort } from '../response-port.ts';
import { runShape } from './response-shapes.ts';

export interface ApprovalLinksOptions {
  readonly response: Pick<ResponsePort, 'run' | 'approve' | 'deny'>;
  readonly tokens: ApprovalTokens;
  readonly nowMs: () => number;
}

export function createApprovalLinks({ response, tokens, nowMs }: ApprovalLinksOptions): ApprovalLinks {
  /** Runs that wait, and only with a token that has not expired. */
  function look(token: string): ApprovalView {
    const read = tokens.read(token, nowMs());
    if (read.kind === 'invalid') return read;
    const run = response.run(read.runId);
    if (run === undefined) return { kind: 'invalid' };
    // What became of it is more than that the link is old.
    if (run.state !== 'waiting') return { kind: 'over', run: runShape(run) };
    return read.kind === 'expired' ? { kind: 'expired' } : { kind: 'waiting', run: runShape(run) };
  }

  return {
    look,
    decide: async (token, decision, by) => {
      const view = look(token);
      if (view.kind !== 'waiting') return view;
      const { id } = view.run;
      const answer = await (decision === 'approve' ? response.approve(id, by) : response.deny(id, by));
      if (answer.kind === 'taken')
        return { kind: decision === 'approve' ? 'approved' : 'denied', run: runShape(answer.run) };
      // Somebody else was faster.
      const after = look(token);
      return after.kind === 'waiting' ? { kind: 'over', run: after.run } : after;
    },
  };
}
