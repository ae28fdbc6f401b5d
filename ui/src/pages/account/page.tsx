/** One's own account: name, role, password, sessions. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { tell } from '../../shared/notice.tsx';
import { Panel, ProblemBox } from '../../shared/parts.tsx';
import { session } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';
import { OwnSessions } from './own-sessions.tsx';

export function AccountPage(): JSX.Element {
  const user = session.value?.user;
  const [round, setRound] = useState(0);
  const isOwn = user?.via === 'password' || user?.via === 'basic';
  return (
    <div class="page">
      <header class="row">
        <h1>
          <ShortText value={user?.name ?? ''} limit={80} />
        </h1>
        <span class="badge">{user?.role}</span>
      </header>
      {isOwn ? (
        <Panel title="Change your password">
          <PasswordForm name={user.name} onChanged={() => setRound((before) => before + 1)} />
        </Panel>
      ) : (
        <p>
          {user?.via === 'oidc'
            ? 'You sign in at a provider, which has your password.'
            : user?.via === 'link'
              ? 'You came in by a link that works once, and have no password.'
              : 'You are in without a password, since only this machine can reach the interface. Once there is a user, everybody signs in from the next start on: add an administrator under Users.'}
        </p>
      )}
      {user?.via !== 'open' && <OwnSessions round={round} />}
    </div>
  );
}

function PasswordForm({
  name,
  onChanged,
}: {
  readonly name: string;
  readonly onChanged: () => void;
}): JSX.Element {
  const [problem, setProblem] = useState<ApiProblem>();
  const [isBusy, setBusy] = useState(false);
  const change = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { currentTarget: form } = event;
    if (isBusy || !(form instanceof HTMLFormElement)) return;
    const values = new FormData(form);
    const of = (field: string): string => String(values.get(field) ?? '');
    if (of('next') !== of('again')) {
      setProblem(problemOf(new Error('the two new passwords differ')));
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await call('changePassword', { body: { current: of('current'), next: of('next') } });
      form.reset();
      tell('your password is changed, and your other sessions have ended');
      onChanged();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="note-form" onSubmit={(event) => void change(event)}>
      <input type="text" name="username" autocomplete="username" value={name} readOnly hidden />
      <label class="form-row">
        Present password
        <input type="password" name="current" autocomplete="current-password" required maxLength={1_024} />
      </label>
      <label class="form-row">
        New password, 12 characters or more
        <input
          type="password"
          name="next"
          autocomplete="new-password"
          required
          minLength={12}
          maxLength={1_024}
        />
      </label>
      <label class="form-row">
        New password again
        <input
          type="password"
          name="again"
          autocomplete="new-password"
          required
          minLength={12}
          maxLength={1_024}
        />
      </label>
      <button type="submit" class="button is-main" disabled={isBusy}>
        Change password
      </button>
      {problem !== undefined && <ProblemBox problem={problem} />}
    </form>
  );
}
