/** Sources: where events come from, with the rules for each and the machines that found something. */

import '../operations.css';
import type { Source } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { countText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Figures } from '../../shared/figures.tsx';
import { Age, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { ShortText } from '../../shared/text.tsx';

const REFRESH_MS = 10_000;
const words: Readonly<Record<string, string>> = {
  syscall: 'System calls of processes, from the kernel.',
  k8s_audit: 'Requests to the Kubernetes API, from its audit log.',
  internal: 'What sensors tell of themselves.',
};

export function SourcesPage(): JSX.Element {
  const round = useRounds(REFRESH_MS);
  const { data, problem, reload } = useAnswer(`sources ${round}`, (signal) =>
    call('listSources', { signal }),
  );
  const sources = data?.sources ?? [];
  return (
    <div class="page is-wide">
      <header class="row">
        <h1>Sources</h1>
        <span class="quiet" role="status">
          {data === undefined ? '\u00a0' : countText(sources.length)}
        </span>
      </header>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={8} />}
      {data !== undefined && sources.length === 0 && (
        <div class="nothing">
          <p>No rules are known here, and no alerts have come yet.</p>
          <p>
            Name the rules files of your sensors in <code>ui.rules</code>, or send an alert to the hub.
          </p>
        </div>
      )}
      <ul class="cards" aria-label="Sources">
        {sources.map((source) => (
          <li key={source.name}>
            <SourceCard source={source} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function SourceCard({ source }: { readonly source: Source }): JSX.Element {
  const { name, ruleCount, alertCount, lastTime, hosts } = source;
  const ofSource = addressOfClause({ field: 'source', value: name, isNegated: false });
  const ofHost = (value: string): string =>
    addressOfClause(
      { field: 'hostname', value, isNegated: false },
      new URLSearchParams(ofSource.split('?')[1]),
    );
  const most = Math.max(1, ...hosts.map((host) => host.alertCount));
  return (
    <section class="panel" aria-label={name}>
      <header class="panel-head">
        <h2>
          <a href={ofSource}>
            <ShortText value={name} limit={80} />
          </a>
        </h2>
        <span class="quiet">{lastTime === null ? 'no alert yet' : <Age time={lastTime} />}</span>
      </header>
      {words[name] !== undefined && <p class="quiet">{words[name]}</p>}
      <Figures
        figures={[
          ['Rules that are on', countText(ruleCount), ruleCount === 0 && alertCount === 0],
          ['Alerts, last 24 h', countText(alertCount)],
        ]}
      />
      {ruleCount > 0 && (
        <p>
          <a href={`/rules?source=${encodeURIComponent(name)}`}>Rules for it</a>
        </p>
      )}
      {hosts.length > 0 && (
        <div>
          <h3>Machines with most alerts</h3>
          <ul class="shares">
            {hosts.map((host) => (
              <li key={host.name}>
                <a href={ofHost(host.name)}>
                  <ShortText value={host.name === '' ? 'no name' : host.name} limit={60} />
                </a>
                <meter min={0} max={most} value={host.alertCount} aria-label={`alerts of ${host.name}`} />
                <span class="count">{countText(host.alertCount)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
