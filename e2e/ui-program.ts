/** A hub with its web interface, driven over HTTP as browsers and senders do. */

import { type Running, Scratch, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
export const LIMIT_MS = 60_000;

/** One line of JSON as Falco posts it. */
export function alertLine(i: number, over: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    output: `10:00:00.000000000: Notice number ${i}`,
    priority: 'Notice',
    rule: `Rule ${i % 5}`,
    time: new Date(Date.now()).toISOString(),
    source: 'syscall',
    hostname: `node-${i % 3}`,
    output_fields: { i, 'proc.name': 'sh' },
    ...over,
  });
}

export interface ShownAlert {
  readonly id: string;
  readonly rule: string;
  readonly mark: string | null;
  readonly fields: { readonly i: number };
}

export class HubWithUi {
  readonly scratch = new Scratch();
  running: Running | undefined;
  /** Where alerts are posted. */
  hubUrl = '';
  /** Without a slash at the end. */
  uiUrl = '';

  configOf(more = '', ui = ''): string {
    return this.scratch.write(
      'hub.yaml',
      `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${this.scratch.path('state')} }\nui: { enabled: true, listenport: 0${ui === '' ? '' : `, ${ui}`} }\n${more}`,
    );
  }

  async start(more = '', ui = ''): Promise<void> {
    await this.startTaking(more, ui);
    await this.openedWeb();
  }

  /** Until it takes alerts; the web interface may open later. */
  async startTaking(more = '', ui = ''): Promise<void> {
    const running = start('peregrine', ['hub', '-c', this.configOf(more, ui)]);
    this.running = running;
    const isOver = (): boolean => running.child.exitCode !== null;
    await until('listening', () => isOver() || running.err().includes('listening on '), LIMIT_MS);
    this.hubUrl = `http://127.0.0.1:${/listening on 127\.0\.0\.1:(\d+)/.exec(running.err())?.[1]}`;
  }

  async openedWeb(): Promise<void> {
    const { running } = this;
    if (running === undefined) throw new Error('it was not started');
    const isOver = (): boolean => running.child.exitCode !== null;
    await until('the web interface', () => isOver() || running.err().includes('web interface: '), LIMIT_MS);
    this.uiUrl = /web interface: (http:\/\/[^/]+)\//.exec(running.err())?.[1] ?? '';
  }

  async post(body: string, type = 'application/x-ndjson'): Promise<number> {
    const response = await fetch(this.hubUrl, { method: 'POST', body, headers: { 'content-type': type } });
    await response.text();
    return response.status;
  }

  async get(path: string, init: RequestInit = {}): Promise<unknown> {
    return (await fetch(`${this.uiUrl}/api/v2${path}`, init)).json();
  }

  async count(query = ''): Promise<number> {
    const answer = (await this.get(`/alerts/count${query}`)) as { readonly count: number }; // As documented.
    return answer.count;
  }

  async kept(count: number): Promise<void> {
    for (const endMs = Date.now() + LIMIT_MS; (await this.count()) < count; ) {
      if (Date.now() > endMs) throw new Error(`${await this.count()} of ${count} alerts are kept`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Numbers of all alerts that are kept, in the order of the answer. */
  async numbersKept(): Promise<readonly number[]> {
    const numbers: number[] = [];
    let cursor = '';
    do {
      const query = `limit=500${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page = (await this.get(`/alerts?${query}`)) as {
        readonly alerts: readonly ShownAlert[];
        readonly next: string | null;
      }; // As documented.
      numbers.push(...page.alerts.map(({ fields }) => fields.i));
      cursor = page.next ?? '';
    } while (cursor !== '');
    return numbers;
  }

  /** Server-sent events until there are as many alerts. */
  async streamed(count: number, headers: Readonly<Record<string, string>>): Promise<readonly ShownAlert[]> {
    const stop = new AbortController();
    const response = await fetch(`${this.uiUrl}/api/v2/alerts/stream`, { headers, signal: stop.signal });
    const alerts: ShownAlert[] = [];
    let text = '';
    try {
      for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += part;
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const data = /^event: alert\ndata: (.*)$/m.exec(event)?.[1];
          if (data !== undefined) alerts.push(JSON.parse(data) as ShownAlert);
        }
        if (alerts.length >= count) break;
      }
    } finally {
      stop.abort();
    }
    return alerts;
  }

  /** Saves the rules file that is changed from the web interface, which anybody may who opens it. The new version. */
  async saveRules(text: string, comment: string): Promise<number> {
    const { files } = (await this.get('/rules-files')) as {
      readonly files: readonly { readonly version: number; readonly isEditable: boolean }[];
    }; // As documented.
    const version = files.find(({ isEditable }) => isEditable)?.version ?? 0;
    const { csrfToken } = (await this.get('/session')) as { readonly csrfToken: string }; // The same.
    const saved = await this.get('/rules-files/web-rules.yaml', {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken },
      body: JSON.stringify({ text, version, comment }),
    });
    return (saved as { readonly version: number }).version; // The same.
  }

  async kill(signal: NodeJS.Signals): Promise<string> {
    this.running?.child.kill(signal);
    return (await this.running?.ended)?.err ?? '';
  }

  async end(): Promise<void> {
    await this.kill('SIGKILL');
    this.scratch.remove();
  }
}
