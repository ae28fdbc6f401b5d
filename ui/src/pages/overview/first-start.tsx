/** What there is to see before the first alert: how to get one. */

import type { JSX } from 'preact';
import { CopyButton, Panel } from '../../shared/parts.tsx';

const commands = [
  { title: 'On a machine that Peregrine or Falco watches:', command: 'sudo cat /etc/shadow' },
  { title: 'In a cluster:', command: 'kubectl run -it --rm first-alert --image=debian -- bash' },
] as const;

export function FirstStart(): JSX.Element {
  return (
    <Panel title="No alerts yet" class="overview-first">
      <p>
        This page fills by itself as soon as the first alert comes. The default rules see these, for example:
      </p>
      <ul class="first-commands">
        {commands.map(({ title, command }) => (
          <li key={command}>
            <p>{title}</p>
            <div class="row">
              <code class="code">{command}</code>
              <CopyButton text={command} what="the command" />
            </div>
          </li>
        ))}
      </ul>
      <p class="quiet">
        A sensor is started by <code>peregrine up</code>; one on another machine sends here with{' '}
        <code>--hub</code> and the address at which this hub takes alerts. Falco and Falcosidekick send their
        JSON to the same address. What has reported so far is under <a href="/sensors">sensors</a>.
      </p>
    </Panel>
  );
}
