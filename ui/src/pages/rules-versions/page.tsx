/** Earlier versions of a rules file: what was changed between any two, and the way back. */

import './rules-versions.css';
import type { RulesVersion } from '@peregrine/api/contract';
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { wholeTimeText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { confirmed } from '../../shared/confirm.tsx';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { Age, Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { addressOfFile } from '../rules/addresses.ts';
import type { DiffViewProps } from '../rules-file/diff-view.tsx';

export function RulesVersionsPage({ id: name }: { readonly id: string }): JSX.Element {
  const { data, problem, reload } = useAnswer(`versions ${name}`, async (signal) => {
    const [{ versions }, { changes, files }] = await Promise.all([
      call('listRulesVersions', { params: { name }, signal }),
      call('listRulesFiles', { signal }),
    ]);
    return { versions, changes, current: files.find((file) => file.name === name)?.version ?? 0 };
  });
  const [newest, before] = data?.versions ?? [];
  const { query } = place.value;
  const to = Number(query.get('to') ?? newest?.version ?? 0);
  const from = Number(query.get('from') ?? before?.version ?? 0);
  const mayChange = mayAct('admin') && data?.changes.isAllowed === true;
  const rollBack = async ({ version }: RulesVersion): Promise<void> => {
    const isMeant = await confirmed(
      `The text of version ${version} becomes the newest version. Sensors take it; nothing in between is lost.`,
      `Go back to version ${version}`,
    );
    if (!isMeant) return;
    try {
      const { text } = await call('getRulesVersion', { params: { name, version: String(version) } });
      const saved = await call('saveRulesFile', {
        params: { name },
        body: { text, version: data?.current ?? 0, comment: `Back to version ${version}` },
      });
      tell(`version ${saved.version} is what version ${version} was`);
      go(addressWith({ from: undefined, to: undefined }), { isReplaced: true });
    } catch (error) {
      tellProblem(error);
    }
    reload();
  };
  return (
    <div class="page">
      <div class="row">
        <a class="quiet-link" href="/rules">
          Rules
        </a>
        <a class="quiet-link" href={addressOfFile(name)}>
          <ShortText value={name} limit={120} />
        </a>
      </div>
      <h1>Versions</h1>
      {data?.changes.isAllowed === false && (
        <p class="quiet">
          <Text value={data.changes.reason ?? 'Rules cannot be changed from here.'} />
        </p>
      )}
      {data?.changes.isInUse === false && (
        <p class="bad">The sensor here does not go by what the file says now: its log says why.</p>
      )}
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={12} />}
      {data?.versions.length === 0 && (
        <p class="nothing">
          Nothing was ever changed from here. <a href={addressOfFile(name)}>Open the text</a>
        </p>
      )}
      {data !== undefined && data.versions.length > 0 && (
        <>
          <Panel title="All versions, newest first">
            <p class="version-pick quiet" aria-hidden="true">
              <span>from</span>
              <span>to</span>
            </p>
            <ul class="versions">
              {data.versions.map((one) => (
                <li key={one.version}>
                  <span class="version-pick">
                    <Pick title="from" version={one.version} chosen={from} />
                    <Pick title="to" version={one.version} chosen={to} />
                  </span>
                  <strong class="count">{one.version}</strong>
                  <span class="version-what">
                    <Text value={one.comment === '' ? 'no comment' : one.comment} limit={200} />
                    <span class="quiet">
                      {one.user !== '' && (
                        <>
                          <ShortText value={one.user} limit={60} />,{' '}
                        </>
                      )}
                      <span title={wholeTimeText(one.time)}>
                        <Age time={one.time} />
                      </span>
                    </span>
                  </span>
                  {one.isInUse ? (
                    <span class="badge">the file now</span>
                  ) : mayChange ? (
                    <button type="button" class="button is-small" onClick={() => void rollBack(one)}>
                      Go back to it…
                    </button>
                  ) : (
                    <span />
                  )}
                </li>
              ))}
              <li>
                <span class="version-pick">
                  <Pick title="from" version={0} chosen={from} />
                  <span />
                </span>
                <strong class="count">0</strong>
                <span class="version-what quiet">before the first change: nothing</span>
                <span />
              </li>
            </ul>
          </Panel>
          <Difference key={`${from} ${to}`} name={name} from={from} to={to} />
        </>
      )}
    </div>
  );
}

interface PickProps {
  readonly title: 'from' | 'to';
  readonly version: number;
  readonly chosen: number;
}

function Pick({ title, version, chosen }: PickProps): JSX.Element {
  return (
    <input
      type="radio"
      name={title}
      aria-label={`Compare ${title} version ${version}`}
      title={title}
      checked={version === chosen}
      onChange={() => go(addressWith({ [title]: String(version) }), { isReplaced: true })}
    />
  );
}

interface DifferenceProps {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function Difference({ name, from, to }: DifferenceProps): JSX.Element {
  const textOf = async (version: number, signal: AbortSignal): Promise<string> =>
    version === 0
      ? ''
      : (await call('getRulesVersion', { params: { name, version: String(version) }, signal })).text;
  const { data, problem, reload } = useAnswer('difference', (signal) =>
    Promise.all([textOf(from, signal), textOf(to, signal)]),
  );
  const [View, setView] = useState<ComponentType<DiffViewProps>>();
  useEffect(() => {
    // The page is of use without it.
    import('../rules-file/diff-view.tsx').then(
      ({ DiffView }) => setView(() => DiffView),
      (error: unknown) => tellProblem(error),
    );
  }, []);
  const [before, after] = data ?? [];
  return (
    <Panel title={`From version ${from} to version ${to}`}>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {(data === undefined || View === undefined) && problem === undefined && <Waiting lines={8} />}
      {before !== undefined && after !== undefined && before === after && (
        <p class="quiet">They are the same.</p>
      )}
      {View !== undefined && before !== undefined && after !== undefined && before !== after && (
        <View before={before} after={after} beforeTitle={`version ${from}`} afterTitle={`version ${to}`} />
      )}
    </Panel>
  );
}
