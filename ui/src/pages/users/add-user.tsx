/** A form for one more user. */

import type { Role } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { ProblemBox } from '../../shared/parts.tsx';
import { newPassword } from './new-password.ts';
import { roleTexts } from './roles.ts';

export function AddUser({
  onAdded,
}: {
  readonly onAdded: (name: string, password: string) => void;
}): JSX.Element {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('responder');
  const [problem, setProblem] = useState<ApiProblem>();
  const [isBusy, setBusy] = useState(false);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const password = newPassword();
    try {
      await call('addUser', { body: { name, role, password } });
      onAdded(name, password);
      setName('');
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="add-user" onSubmit={(event) => void add(event)}>
      <label class="form-row">
        Name
        <input
          type="text"
          required
          maxLength={128}
          autocomplete="off"
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <fieldset class="form-row">
        <legend>Role</legend>
        {roleTexts.map((one) => (
          <label key={one.role} class="check">
            <input type="radio" name="role" checked={role === one.role} onChange={() => setRole(one.role)} />
            <span>
              <strong>{one.role}</strong> <span class="quiet">{one.text}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="quiet">
        The user gets a password that is shown once, and can be changed under the name above.
      </p>
      <button type="submit" class="button is-main" disabled={isBusy}>
        Add
      </button>
      {problem !== undefined && <ProblemBox problem={problem} />}
    </form>
  );
}
