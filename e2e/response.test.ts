/** Responses of the built hub on a cluster: once for each target, within limits, in spite of failures and kills. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cluster, clusterObstacle, openCluster } from './kube/cluster.ts';
import { run, until } from './program.ts';
import { changesAt, LIMIT_MS, podNamed, RespondingHub, shellIn, textsOf } from './response-program.ts';

vi.setConfig({ testTimeout: 2 * LIMIT_MS, hookTimeout: LIMIT_MS });

/** The alert of a tutorial, digit for digit. */
const OLD_ALERT =
  '{"output":"23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root user_loginuid=-1 k8s.ns=default k8s.pod=alpine container=5892b41bcf46 shell=sh parent=<NA> cmdline=sh terminal=34817 container_id=5892b41bcf46 image=<NA>) k8s.ns=default k8s.pod=alpine container=5892b41bcf46","priority":"Notice","rule":"Terminal shell in container","time":"2021-01-14T23:39:44.834631763Z", "output_fields": {"container.id":"5892b41bcf46","container.image.repository":null,"evt.time":1610667584834631763,"k8s.ns.name":"default","k8s.pod.name":"alpine","proc.cmdline":"sh","proc.name":"sh","proc.pname":null,"proc.tty":34817,"user.loginuid":-1,"user.name":"root"}}';
const TWO_LINES = '- when: rule = "Terminal shell in container"\n  do: kubernetes:terminate\n';

const obstacle = clusterObstacle();
describe.skipIf(obstacle !== undefined)(
  `responses${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    let cluster: Cluster;
    let hub: RespondingHub;
    const hubs: RespondingHub[] = [];
    let execCount = 0;
    const admin = (): string => cluster.kubeconfigFor('admin').file;
    const open = (): RespondingHub => {
      const opened = new RespondingHub();
      hubs.push(opened);
      return opened;
    };
    beforeEach(async () => {
      execCount = 0;
      cluster = await openCluster({
        namespaces: ['shop', 'falco'],
        exec: () => {
          execCount++;
          return 0;
        },
      });
      hub = open();
    });
    afterEach(async () => {
      for (const opened of hubs.splice(0)) await opened.close();
      await cluster.close();
    });
    const isRunning = (name: string): boolean =>
      (cluster.get('pods', 'default', name)?.status as { phase?: string } | undefined)?.phase === 'Running';
    const put = async (...names: readonly string[]): Promise<void> => {
      cluster.put(...names.map((name) => podNamed(name)));
      await until('the pods run', () => names.every(isRunning), LIMIT_MS);
    };

    test('a rule of two lines deletes the pod of the tutorial, once, and nothing else', async () => {
      await put('alpine', 'other');
      await hub.start(TWO_LINES, admin());
      await hub.post(OLD_ALERT);
      await hub.post(OLD_ALERT);
      const [run] = await hub.untilRuns('done');
      expect(run).toMatchObject({
        target: 'pod default/alpine',
        actionner: 'kubernetes:terminate',
        repeatCount: 1,
      });
      expect(textsOf(changesAt(cluster))).toEqual(['delete default/alpine']);
      await until('the pod is gone', () => cluster.get('pods', 'default', 'alpine') === undefined, LIMIT_MS);
      expect(isRunning('other')).toBe(true);
    });

    test('1,000 alerts in a second for 50 pods: one deletion for each, within the limits', async () => {
      const names = Array.from({ length: 50 }, (_, i) => `pod-${i}`);
      await put(...names, 'bystander');
      await hub.start(
        TWO_LINES,
        admin(),
        'limits: [{ actions: ["kubernetes:terminate"], per: namespace, most: 40 }]',
      );
      const batch = Array.from({ length: 1_000 }, (_, i) => shellIn(names[i % 50] ?? '')).join('\n');
      const answer = await fetch(hub.url, {
        method: 'POST',
        body: batch,
        headers: { 'content-type': 'application/x-ndjson' },
      });
      expect(await answer.json()).toEqual({ accepted: 1_000, rejected: 0 });
      const done = await hub.untilRuns('done', 40);
      const held = await hub.untilRuns('held', 10);
      const deleted = textsOf(changesAt(cluster));
      expect([done.length, held.length, deleted.length, new Set(deleted).size]).toEqual([40, 10, 40, 40]);
      expect(deleted.every((text) => /^delete default\/pod-\d+$/.test(text))).toBe(true);
      const { rules } = (await hub.web.get('/response')).body as { rules: readonly { matchCount: number }[] };
      expect(rules[0]?.matchCount).toBe(1_000);
      expect(isRunning('bystander')).toBe(true);
    });

    describe('trouble at the API server', () => {
      test.each([
        ['429', { kind: 'answer', code: 429, retryAfterS: 1 }],
        ['500', { kind: 'answer', code: 500 }],
        ['a conflict', { kind: 'answer', code: 409 }],
        ['a refused connection', { kind: 'refuse' }],
        ['slowness', { kind: 'slow', ms: 1_500 }],
      ] as const)('%s is overcome, and the pod deleted once', async (_name, how) => {
        await put('alpine');
        await hub.start(TWO_LINES, admin());
        cluster.misbehave(how, { verb: 'delete', resource: 'pods' }, 2);
        await hub.post(shellIn('alpine'));
        await hub.untilRuns('done');
        const carriedOut = changesAt(cluster).filter(({ code }) => code === 200);
        expect(textsOf(carriedOut)).toEqual(['delete default/alpine']);
      });
      test('an answer that is lost: the deletion is not done to the next pod of that name', async () => {
        await put('alpine');
        await hub.start(TWO_LINES, admin());
        cluster.misbehave({ kind: 'drop' }, { verb: 'delete', resource: 'pods' });
        await hub.post(shellIn('alpine'));
        await until('it was carried out', () => changesAt(cluster).length > 0, LIMIT_MS);
        await until(
          'the pod is gone',
          () => cluster.get('pods', 'default', 'alpine') === undefined,
          LIMIT_MS,
        );
        await put('alpine');
        await vi.waitFor(
          async () => expect((await hub.runs())[0]?.state).toMatch(/^(done|unchanged)$/),
          LIMIT_MS,
        );
        expect(isRunning('alpine')).toBe(true);
      });
      test('what must not be done twice is not tried again, and reported', async () => {
        await put('alpine');
        await hub.start(
          '- when: rule startswith Terminal\n  do: run\n- action: run\n  actionner: kubernetes:exec\n  parameters: {command: "true"}\n',
          admin(),
        );
        cluster.misbehave({ kind: 'drop' }, { resource: 'pods', subresource: 'exec' }, 5);
        await hub.post(shellIn('alpine'));
        const runs = await vi.waitFor(async () => {
          const found = await hub.runs();
          expect(found[0]?.state).toMatch(/^(unknown|done)$/);
          return found;
        }, LIMIT_MS);
        expect([runs.length, execCount]).toEqual([1, 1]);
      });
      test('no rights: nothing is done, and it is said what is missing', async () => {
        await put('alpine');
        await hub.start(TWO_LINES, cluster.kubeconfigFor('nobody').file);
        await hub.post(shellIn('alpine'));
        const [run] = await hub.untilRuns('refused');
        expect(run?.summary).toContain('cannot get resource "pods"');
        expect(isRunning('alpine')).toBe(true);
      });
    });

    test('the rights that are printed for rules are enough, and no more than that', async () => {
      await put('alpine');
      const rules = hub.scratch.write('rules.yaml', TWO_LINES);
      const { out, err, status } = await run('peregrine', ['response', 'rbac', '-r', rules, '-n', 'falco']);
      expect(status, err).toBe(0);
      const { parseAllDocuments } = await import('yaml');
      for (const document of parseAllDocuments(out)) cluster.put(document.toJSON());
      const token = cluster.kubeconfigFor('system:serviceaccount:falco:peregrine-hub').file;
      await hub.start(TWO_LINES, token);
      await hub.post(shellIn('alpine'));
      await hub.untilRuns('done');
      expect(out).not.toContain('*');
      expect(out).not.toContain('secrets');
    });

    test('killed between decision and action: it is done after the start, once', async () => {
      await put('alpine');
      await hub.start(TWO_LINES, admin());
      cluster.misbehave({ kind: 'hang' }, { verb: 'delete', resource: 'pods' });
      await hub.post(shellIn('alpine'));
      await until('it is asked for', () => changesAt(cluster).length === 1, LIMIT_MS);
      await hub.kill();
      expect(isRunning('alpine')).toBe(true);
      await hub.start(TWO_LINES, admin());
      await hub.untilRuns('done');
      expect(textsOf(changesAt(cluster).filter(({ code }) => code === 200))).toEqual([
        'delete default/alpine',
      ]);
    });

    test('in a dry run the server is asked whether it would work, and changes nothing', async () => {
      await put('alpine');
      await hub.start(TWO_LINES, admin(), 'dryrun: true');
      await hub.post(shellIn('alpine'));
      await hub.untilRuns('dry-run');
      expect(
        changesAt(cluster).map(({ uri }) => new URL(uri, cluster.url).searchParams.get('dryRun')),
      ).toEqual(['All']);
      expect(isRunning('alpine')).toBe(true);
    });

    test('labels are set, told of by an event at the pod, and taken back', async () => {
      await put('alpine');
      const rules =
        '- rule: Mark\n  match: {rules: [Terminal shell in container]}\n  actions: [{actionner: kubernetes:label, parameters: {labels: {suspicious: "true"}}}]\n  notifiers: [k8sevents]\n';
      await hub.start(rules, admin());
      await hub.post(shellIn('alpine'));
      const [run] = await hub.untilRuns('done');
      const labels = (): unknown =>
        (cluster.get('pods', 'default', 'alpine')?.metadata as { labels?: unknown } | undefined)?.labels;
      expect(labels()).toEqual({ app: 'alpine', suspicious: 'true' });
      await until('the event', () => cluster.list('events', 'default').length > 0, LIMIT_MS);
      expect(cluster.list('events', 'default')[0]).toMatchObject({
        involvedObject: { kind: 'Pod', name: 'alpine' },
        reason: 'falco-talon:action:kubernetes:label:done',
      });
      const { status } = await hub.web.send('POST', `/response/runs/${run?.id}/undo`);
      expect(status).toBe(200);
      expect(labels()).toEqual({ app: 'alpine' });
      await hub.untilRuns('undone');
    });

    test('rules that change are in use without a restart, and wrong ones are not', async () => {
      await put('alpine', 'second');
      await hub.start('- when: rule = Never\n  do: kubernetes:terminate\n', admin());
      hub.scratch.write('response.yaml', '- when: rule = Never\n  do: kubernetes:nope\n');
      await until('it is said', () => /those before hold/.test(hub.running?.err() ?? ''), LIMIT_MS);
      hub.scratch.write('response.yaml', TWO_LINES);
      await until('it is in use', () => /1 rules are in use/.test(hub.running?.err() ?? ''), LIMIT_MS);
      await hub.post(shellIn('alpine'));
      await hub.untilRuns('done');
    });

    test('of two hubs one acts, whichever gets the alert, and the other one when it is gone', async () => {
      await put('a', 'b', 'c');
      const secret = hub.scratch.write('secret', 'a secret that both of them have');
      const election = (port: number): string =>
        `leaderelection: { enabled: true, secretfile: ${secret}, address: "127.0.0.1:${port}" }`;
      const [first, second] = [hub, open()];
      const ports = [20_000 + (process.pid % 20_000), 20_001 + (process.pid % 20_000)] as const;
      await first.start(TWO_LINES, admin(), election(ports[0]), ports[0]);
      await second.start(TWO_LINES, admin(), election(ports[1]), ports[1]);
      await until('who acts is known', () => /acts, and gets/.test(second.running?.err() ?? ''), LIMIT_MS);
      await second.post(shellIn('a'));
      await first.untilRuns('done');
      expect(await second.runs()).toEqual([]);
      await first.kill();
      await second.post(shellIn('b'));
      await second.untilRuns('done');
      expect(textsOf(changesAt(cluster).filter(({ resource }) => resource === 'pods'))).toEqual([
        'delete default/a',
        'delete default/b',
      ]);
      expect(isRunning('c')).toBe(true);
    });
  },
);
