/** Mails, with a real mail server. */

import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { openSink, sendUntilDelivered } from '../../testing/open-sink.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { type ReceivedMail, type SmtpServer, smtpObstacle, startSmtp } from '../../testing/smtp-server.ts';
import { openTcpProxy } from '../../testing/tcp-proxy.ts';
import { smtp } from './smtp.ts';

const obstacle = smtpObstacle();
const title = obstacle === undefined ? 'SMTP' : `SMTP (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/smtp');

const servers: SmtpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove();
});
async function started(options: Readonly<Record<string, unknown>> = {}): Promise<SmtpServer> {
  const server = await startSmtp(options);
  servers.push(server);
  return server;
}

const LIMIT = { timeout: 20_000 };

/** What the server took is told a little later by its output. */
async function mailsOf(server: SmtpServer, count: number): Promise<readonly ReceivedMail[]> {
  await vi.waitFor(() => expect(server.mails().length).toBeGreaterThanOrEqual(count), LIMIT);
  return server.mails();
}

const plainly = (port: number, more: Readonly<Record<string, string>> = {}) => ({
  ...{ hostport: `127.0.0.1:${port}`, tls: 'false', from: 'Falco <falco@example.org>' },
  ...more,
});

describe.skipIf(obstacle !== undefined)(title, () => {
  test('mails of all samples, in both formats, over one connection', async () => {
    const server = await started();
    for (const outputformat of ['html', 'text']) {
      const sink = await openSink(smtp, plainly(server.port, { outputformat }));
      for (const [, alert] of sampleAlerts) expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
      await sink.close();
    }
    const mails = await mailsOf(server, 2 * sampleAlerts.length);
    expect(server.connections()).toHaveLength(2);
    for (const [i, { sender, recipients, text }] of mails.entries()) {
      const name = `${sampleAlerts[i % sampleAlerts.length]?.[0]}-${i < sampleAlerts.length ? 'html' : 'text'}`;
      const wire = `from: ${sender}\nto: ${recipients.join(', ')}\n\n${text.replaceAll('\r\n', '\n')}`;
      await expect(wire).toMatchFileSnapshot(join(corpora, `${name}.eml`));
      // Nothing that an alert says is a header of its own.
      expect(text.split('\r\n\r\n')[0]).not.toMatch(/^X-Evil/m);
    }
  });

  test.each([
    ['refuse this', 'rejected', /554.*not wanted/],
    ['later please', 'retry', /451.*try again/],
  ] as const)('%s', async (output, kind, reason) => {
    const server = await started();
    const sink = await openSink(smtp, plainly(server.port));
    expect(await sink.send({ ...sampleAlert('test'), output })).toEqual([
      expect.objectContaining({ kind, reason: expect.stringMatching(reason) }),
    ]);
    expect(await sink.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    await sink.close();
  });

  test('a mail that is larger than the server takes', async () => {
    const server = await started({ limit: 2_000 });
    const sink = await openSink(smtp, plainly(server.port));
    const fields = { long: 'x'.repeat(5_000) };
    expect(await sink.send({ ...sampleAlert('test'), fields })).toMatchObject([{ kind: 'rejected' }]);
    await sink.close();
  });

  test('a recipient that is not there: the others get it; none of them, and it waits', async () => {
    const server = await started();
    const some = await openSink(smtp, plainly(server.port, { to: 'nobody@example.org,soc@example.org' }));
    expect(await some.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    expect(some.debugLines).toEqual(['the server takes no mail for nobody@example.org']);
    const none = await openSink(smtp, plainly(server.port, { to: 'nobody@example.org' }));
    expect(await none.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    for (const sink of [some, none]) await sink.close();
  });

  test('a connection that breaks, and a server that says nothing', async () => {
    const server = await started();
    const proxy = await openTcpProxy(server.port);
    const sink = await openSink(smtp, plainly(proxy.port), { timeoutMs: 2_000 });
    await sendUntilDelivered(sink, sampleAlert('test'));
    proxy.cut();
    expect(await sink.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    proxy.resume();
    await sendUntilDelivered(sink, sampleAlert('test'));
    proxy.hang();
    expect(await sink.send(sampleAlert('test'))).toEqual([
      { kind: 'retry', reason: 'no answer within 2000 ms', afterMs: undefined },
    ]);
    proxy.resume();
    await sendUntilDelivered(sink, sampleAlert('test'));
    await sink.close();
    await proxy.close();
  });

  test.each([
    [{ user: 'hub', password: 's3cret', identity: 'boss' }, 'plain boss/hub'],
    [{ authmechanism: 'OAuthBearer', user: 'hub', token: 't0ken' }, 'oauthbearer n,a=hub,'],
    [{ authmechanism: 'external' }, 'external ='],
    [{ authmechanism: 'anonymous', trace: 'hub 7' }, 'anonymous hub 7'],
    [{ user: 'hub', password: 'wr0ng-guess' }, undefined],
    [{ authmechanism: 'oauthbearer', user: 'hub', token: 'wr0ng-guess' }, undefined],
  ])('the credentials %o', async (credentials, proven) => {
    const server = await started({ auth: true });
    const sink = await openSink(smtp, plainly(server.port, credentials));
    const [outcome] = await sink.send(sampleAlert('test'));
    expect(outcome?.kind).toBe(proven === undefined ? 'retry' : 'delivered');
    const mails = await mailsOf(server, proven === undefined ? 0 : 1);
    expect(mails.map(({ auth }) => auth)).toEqual(proven === undefined ? [] : [proven]);
    expect(JSON.stringify([outcome, sink.debugLines])).not.toContain('wr0ng-guess');
    await sink.close();
  });

  test('a server without TLS gets nothing, unless that is wanted', async () => {
    const server = await started();
    const sink = await openSink(smtp, plainly(server.port, { tls: 'true', user: 'hub', password: 's3cret' }));
    expect(await sink.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    expect(server.mails()).toEqual([]);
    await sink.close();
  });
});

const tlsObstacle = obstacle ?? certificateObstacle();
describe.skipIf(tlsObstacle !== undefined)(`${title} with TLS`, () => {
  const certificates: Certificates = createCertificates();
  afterAll(() => certificates.remove());

  test('both sides show certificates', async () => {
    const server = await started({ ...certificates.server, authority: certificates.authority, auth: true });
    const settings = { hostport: `localhost:${server.port}`, user: 'hub', password: 's3cret' };
    const known = await openSink(smtp, settings, { tls: certificates.trust({ hasIdentity: true }) });
    expect(await known.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    await vi.waitFor(() => expect(server.connections().at(-1)).toMatchObject({ tls: true }), LIMIT);
    const stranger = await openSink(smtp, settings, { tls: certificates.trust() });
    expect(await stranger.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    const careful = await openSink(smtp, settings);
    expect(await careful.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringContaining('certificate') },
    ]);
    expect(await mailsOf(server, 1)).toHaveLength(1);
    for (const sink of [known, stranger, careful]) await sink.close();
  });
});

test.each([
  [{ hostport: 'mail.example.org' }, '`smtp.hostport` is `***`: it has no port'],
  [{ to: 'soc@example.org,\nBcc: x@evil.example' }, 'is no mail address'],
  [{ authmechanism: 'oauthbearer' }, '`smtp.token` is not set, and `oauthbearer` needs it'],
])('the settings %o are refused', async (settings, why) => {
  await expect(openSink(smtp, settings)).rejects.toThrow(why);
});
