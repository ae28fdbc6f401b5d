/** One's own account: name, role, password. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { tell } from '../../shared/notice.tsx';
import { Panel, ProblemBox } from '../../shared/parts.tsx';
import { session } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';

export function AccountPage(): JSX.Element {
  const user = session.value?.user;
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
          <PasswordForm name={user.name} />
        </Panel>
      ) : (
        <p>
          {user?.via === 'oidc'
            ? 'You sign in at a provider, which has your password.'
            : 'You are in without a password, since only this machine can reach the interface.'}
        </p>
      )}
    </div>
  );
}

function PasswordForm({ name }: { readonly name: string }): JSX.Element {
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
