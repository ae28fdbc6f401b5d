/** Signing in: with a password, or at the OpenID provider. */

import { oidcFailures } from 'virtual:operations';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiProblem, call, useSession } from '../api.ts';
import { place } from '../place.ts';
import { problemOf } from '../shared/answer.ts';
import { ProblemBox } from '../shared/parts.tsx';
import { session } from '../shared/session.ts';

export interface SignInProps {
  readonly hasPasswords: boolean;
  readonly oidc: { readonly title: string; readonly path: string } | null;
  readonly onSignedOut: () => void;
}

export function SignIn({ hasPasswords, oidc, onSignedOut }: SignInProps): JSX.Element {
  const [problem, setProblem] = useState<ApiProblem>();
  const [isBusy, setBusy] = useState(false);
  const code = place.value.query.get('oidc') ?? '';
  const failure = Object.hasOwn(oidcFailures, code) ? oidcFailures[code] : undefined;
  const nameInput = useRef<HTMLInputElement>(null);
  useEffect(() => nameInput.current?.focus(), []);
  const signIn = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy || !(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const body = { name: String(form.get('name') ?? ''), password: String(form.get('password') ?? '') };
      const answer = await call('signIn', { body });
      useSession(answer.csrfToken, onSignedOut);
      session.value = answer;
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <div class="sign-in">
      <h1>Sign in</h1>
      {failure !== undefined && (
        <p class="problem" role="alert">
          You are not signed in: {failure}.
        </p>
      )}
      {oidc !== null && (
        <a class="button is-main" href={oidc.path}>
          {oidc.title}
        </a>
      )}
      {hasPasswords && (
        <form class="sign-in-form" onSubmit={(event) => void signIn(event)}>
          <label class="form-row">
            Name
            <input ref={nameInput} type="text" name="name" autocomplete="username" required maxLength={256} />
          </label>
          <label class="form-row">
            Password
            <input
              type="password"
              name="password"
              autocomplete="current-password"
              required
              maxLength={1_024}
            />
          </label>
          <button type="submit" class="button is-main" disabled={isBusy}>
            Sign in
          </button>
        </form>
      )}
      {problem !== undefined && <ProblemBox problem={problem} />}
      {!hasPasswords && oidc === null && (
        <p>
          This page is opened with the link that Peregrine printed when it started. A new one is printed at
          the next start; <code>peregrine users add NAME --role admin</code> gives somebody a password.
        </p>
      )}
    </div>
  );
}
