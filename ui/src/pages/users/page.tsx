/** Users: who may do what here, and who did what. */

import './users.css';
import type { User } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { countText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { confirmed } from '../../shared/confirm.tsx';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { Age, CopyButton, Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { session } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';
import { AddUser } from './add-user.tsx';
import { AuditLog } from './audit-log.tsx';
import { newPassword } from './new-password.ts';
import { roleTexts } from './roles.ts';

/** Shown once: nobody can read it again. */
interface Given {
  readonly name: string;
  readonly password: string;
}

export function UsersPage(): JSX.Element {
  const { data, problem, reload } = useAnswer('users', (signal) => call('listUsers', { signal }));
  const [given, setGiven] = useState<Given>();
  const [round, setRound] = useState(0);
  const users = data?.users ?? [];
  const changed = (): void => {
    reload();
    setRound((before) => before + 1);
  };
  const act = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    try {
      await work();
      tell(done);
    } catch (error) {
      tellProblem(error);
    }
    changed();
  };
  const givePassword = async (name: string): Promise<void> => {
    const text = `Give ${name} a new password? The old one no longer works, and the sessions of ${name} end.`;
    if (!(await confirmed(text, 'Give a new password'))) return;
    const password = newPassword();
    await act(async () => {
      await call('changeUser', { params: { name }, body: { password } });
      setGiven({ name, password });
    }, `${name} has a new password`);
  };
  const endSessions = async (name: string): Promise<void> => {
    if (await confirmed(`End all sessions of ${name}? Signing in again is possible.`, 'End sessions'))
      await act(() => call('endSessions', { params: { name } }), `the sessions of ${name} have ended`);
  };
  const remove = async (name: string): Promise<void> => {
    if (await confirmed(`Remove ${name}? The sessions of ${name} end at once.`, 'Remove'))
      await act(() => call('removeUser', { params: { name } }), `${name} is removed`);
  };
  return (
    <div class="page">
      <header class="row">
        <h1>Users</h1>
        <span class="quiet" role="status">
          {data === undefined ? '\u00a0' : countText(users.length)}
        </span>
      </header>
      {session.value?.user?.via === 'open' && (
        <p class="panel">
          Nobody has to sign in now, since only this machine can reach the interface. As soon as there is a
          user, people sign in from the next start on: let the first one be an administrator.
        </p>
      )}
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {given !== undefined && (
        <div class="panel given" role="status">
          <p>
            The new password of <ShortText value={given.name} limit={80} />, shown only now:{' '}
            <code>{given.password}</code>
          </p>
          <div class="row">
            <CopyButton text={given.password} what="the password" />
            <button type="button" class="button is-small" onClick={() => setGiven(undefined)}>
              Hide it
            </button>
          </div>
        </div>
      )}
      <Panel title="Who may come in">
        {data === undefined && problem === undefined && <Waiting lines={4} />}
        {data !== undefined && users.length === 0 && (
          <p class="nothing">There are no users yet: add one below.</p>
        )}
        <ul class="users" aria-label="Users">
          {users.map((user) => (
            <UserRow
              key={user.name}
              user={user}
              onRole={(role) =>
                void act(
                  () => call('changeUser', { params: { name: user.name }, body: { role } }),
                  `${user.name}: ${role}`,
                )
              }
              onLock={() =>
                void act(
                  () =>
                    call('changeUser', {
                      params: { name: user.name },
                      body: { isDisabled: !user.isDisabled },
                    }),
                  user.isDisabled ? `${user.name} may sign in again` : `${user.name} is locked out`,
                )
              }
              onPassword={() => void givePassword(user.name)}
              onEndSessions={() => void endSessions(user.name)}
              onRemove={() => void remove(user.name)}
            />
          ))}
        </ul>
      </Panel>
      <Panel title="Add a user">
        <AddUser
          onAdded={(name, password) => {
            setGiven({ name, password });
            changed();
          }}
        />
      </Panel>
      <AuditLog round={round} />
    </div>
  );
}

const sources: Readonly<Record<User['source'], string>> = {
  password: 'password',
  config: 'from the configuration',
  oidc: 'single sign-on',
};

function UserRow({
  user,
  onRole,
  onLock,
  onPassword,
  onEndSessions,
  onRemove,
}: {
  readonly user: User;
  readonly onRole: (role: User['role']) => void;
  readonly onLock: () => void;
  readonly onPassword: () => void;
  readonly onEndSessions: () => void;
  readonly onRemove: () => void;
}): JSX.Element {
  const { name, role, source, lastSeenAt, isDisabled } = user;
  return (
    <li class="user">
      <div>
        <p>
          <strong>
            <ShortText value={name} limit={80} />
          </strong>
          {isDisabled && <span class="badge user-locked">locked out</span>}
        </p>
        <p class="quiet">
          {sources[source]},{' '}
          {lastSeenAt === null ? (
            'never seen'
          ) : (
            <>
              seen <Age time={lastSeenAt} />
            </>
          )}
        </p>
      </div>
      <label>
        <span class="unseen">Role of {name}</span>
        <select
          value={role}
          disabled={source !== 'password'}
          title={source === 'config' ? 'The configuration says this one.' : undefined}
          onChange={({ currentTarget }) => {
            const chosen = roleTexts.find((one) => one.role === currentTarget.value);
            if (chosen !== undefined) onRole(chosen.role);
          }}
        >
          {roleTexts.map((one) => (
            <option key={one.role} value={one.role}>
              {one.role}
            </option>
          ))}
        </select>
      </label>
      <div class="row">
        {source === 'password' && (
          <button
            type="button"
            class="button is-small"
            aria-label={`New password: ${name}`}
            onClick={onPassword}
          >
            New password
          </button>
        )}
        <button
          type="button"
          class="button is-small"
          aria-label={`End sessions: ${name}`}
          onClick={onEndSessions}
        >
          End sessions
        </button>
        {source !== 'config' && (
          <>
            <button
              type="button"
              class="button is-small"
              aria-label={`${isDisabled ? 'Let in again' : 'Lock out'}: ${name}`}
              onClick={onLock}
            >
              {isDisabled ? 'Let in again' : 'Lock out'}
            </button>
            <button type="button" class="button is-small" aria-label={`Remove: ${name}`} onClick={onRemove}>
              Remove
            </button>
          </>
        )}
      </div>
    </li>
  );
}
