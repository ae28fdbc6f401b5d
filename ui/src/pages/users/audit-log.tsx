/** Who did what, newest first. */

import type { AuditEntry } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { timeText, wholeTimeText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { tellProblem } from '../../shared/notice.tsx';
import { Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';

const PAGE = 50;

export function AuditLog({ round }: { readonly round: number }): JSX.Element {
  const { query } = place.value;
  const [user, action] = [query.get('user') ?? '', query.get('action') ?? ''];
  const asked = {
    limit: PAGE,
    ...(user === '' ? {} : { user }),
    ...(action === '' ? {} : { action }),
  };
  const first = useAnswer(`audit ${user} ${action} ${round}`, (signal) =>
    call('listAuditLog', { query: asked, signal }),
  );
  const [older, setOlder] = useState<readonly AuditEntry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  useEffect(() => {
    setOlder([]);
    setNext(first.data?.next ?? null);
  }, [first.data]);
  const showOlder = async (): Promise<void> => {
    if (next === null) return;
    try {
      const page = await call('listAuditLog', { query: { ...asked, cursor: next } });
      setOlder([...older, ...page.entries]);
      setNext(page.next);
    } catch (error) {
      tellProblem(error);
    }
  };
  const narrow = (name: 'user' | 'action', value: string): string => addressWith({ [name]: value });
  const entries = [...(first.data?.entries ?? []), ...older];
  return (
    <Panel title="Who did what">
      <div class="row">
        {(
          [
            ['user', 'User', user],
            ['action', 'Action', action],
          ] as const
        ).map(([name, title, value]) => (
          <label key={name} class="row">
            <span class="quiet">{title}</span>
            <input
              type="search"
              value={value}
              maxLength={64}
              placeholder="all"
              onChange={({ currentTarget }) =>
                go(narrow(name, currentTarget.value.trim()), { isReplaced: true })
              }
            />
          </label>
        ))}
      </div>
      {first.problem !== undefined && <ProblemBox problem={first.problem} retry={first.reload} />}
      {first.data === undefined && first.problem === undefined && <Waiting lines={5} />}
      {first.data !== undefined && entries.length === 0 && (
        <p class="nothing">Nothing of the kind was done.</p>
      )}
      {entries.length > 0 && (
        <div class="audit-scroll" tabIndex={0} role="region" aria-label="Entries of the audit log">
          <table class="audit">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">To what</th>
                <th scope="col">Outcome</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td>
                    <time dateTime={entry.time} title={wholeTimeText(entry.time)}>
                      {timeText(entry.time)}
                    </time>
                  </td>
                  <td>
                    <a href={narrow('user', entry.user)}>
                      <ShortText value={entry.user === '' ? 'nobody' : entry.user} limit={40} />
                    </a>
                  </td>
                  <td>
                    <a href={narrow('action', entry.action)}>
                      <ShortText value={entry.action} limit={40} />
                    </a>
                  </td>
                  <td>
                    <Text value={entry.target} limit={80} />
                  </td>
                  <td>
                    <Text value={entry.detail} limit={120} />
                  </td>
                  <td class="quiet">{entry.address}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next !== null && (
        <button type="button" class="button" onClick={() => void showOlder()}>
          Show older ones
        </button>
      )}
    </Panel>
  );
}
