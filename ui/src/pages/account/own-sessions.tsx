/** Where one is signed in, and ending all of it but here. */

import type { OwnSession } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { useAnswer } from '../../shared/answer.ts';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { Age, Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';

const ways: Readonly<Record<OwnSession['via'], string>> = {
  link: 'by a link',
  password: 'with a password',
  oidc: 'at a provider',
};

/** `round`: another number asks again. */
export function OwnSessions({ round }: { readonly round: number }): JSX.Element {
  const { data, problem, reload } = useAnswer(`own sessions ${round}`, (signal) =>
    call('listOwnSessions', { signal }),
  );
  const sessions = data?.sessions ?? [];
  const hasOthers = sessions.some(({ isThis }) => !isThis);
  const endOthers = async (): Promise<void> => {
    try {
      await call('endOtherSessions', {});
      tell('your other sessions have ended');
    } catch (error) {
      tellProblem(error);
    }
    reload();
  };
  return (
    <Panel title="Where you are signed in">
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={2} />}
      {data !== undefined && sessions.length === 0 && (
        <p class="nothing">Nowhere: your browser sends name and password with each request.</p>
      )}
      <ul class="deliveries" aria-label="Your sessions">
        {sessions.map(({ via, createdAt, lastSeenAt, isThis }) => (
          <li key={`${createdAt} ${lastSeenAt} ${isThis}`}>
            Signed in {ways[via]} <Age time={createdAt} />,{' '}
            {isThis ? (
              <strong>this one</strong>
            ) : (
              <>
                last used <Age time={lastSeenAt} />
              </>
            )}
          </li>
        ))}
      </ul>
      <div class="row">
        <button type="button" class="button" disabled={!hasOthers} onClick={() => void endOthers()}>
          End your other sessions
        </button>
      </div>
    </Panel>
  );
}
