/** A recording of a container, made while its runtime was there, and replayed where it is not. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StopServer, startDockerServer } from '../packages/sources/testing/docker-server.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import {
  createRuncContainer,
  type RuncContainer,
  runcObstacle,
} from '../packages/sources/testing/runc-container.ts';
import { run, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle() ?? runcObstacle();
const title = obstacle === undefined ? 'recorded containers' : `recorded containers (skipped: ${obstacle})`;
const id = 'd0c2'.padEnd(64, '0123456789abcdef');

const rules = `
- rule: Late
  desc: What ran when the container was known.
  condition: evt.type = execve and container.image.repository = registry.example/web and proc.args = "echo late"
  output: "%container.name %proc.args"
  priority: INFO
- rule: Gone
  desc: The container went.
  condition: evt.type = container_removed
  output: "%container.name went"
  priority: INFO
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let container: RuncContainer;
  let stop: StopServer = async () => {};

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    container = createRuncContainer(cgroup, id, `docker-${id}.scope`);
    const answer = {
      Id: id,
      Name: '/web-1',
      Image: 'sha256:ab',
      Config: { Image: 'registry.example/web:7' },
    };
    stop = await startDockerServer({
      socket: scratch.path('docker.sock'),
      answers: {
        [`/containers/${id}/json`]: answer,
        '/images/sha256%3Aab/json': { RepoTags: ['registry.example/web:7'] },
      },
    });
  });
  afterAll(async () => {
    await stop();
    container?.remove();
    await cgroup?.remove();
    scratch.remove();
  });

  test.each([
    ['all events', []],
    ['events of one kind', ['--filter', 'evt.type = execve']],
  ])(
    '%s',
    async (name, options) => {
      const file = scratch.path(`${name.length}.scap`);
      const sockets = ['-o', 'container_engines.docker.sockets[]=/docker.sock'];
      const program = start(
        'peregrine',
        ['capture', '-w', file, '--scope', `cgroup:${cgroup.path}`, ...sockets, ...options],
        { environment: { HOST_ROOT: scratch.folder } },
      );
      const isDecided = (): boolean => /recording/.test(program.err()) || program.child.exitCode !== null;
      await until('it records', isDecided, 60_000);
      const child = container.run('/bin/busybox sleep 1; /bin/busybox echo late; /bin/busybox true');
      await new Promise((resolve) => child.once('close', resolve));
      program.child.kill('SIGINT');
      await program.ended;
      const { out, status } = await run('peregrine', [
        'replay',
        file,
        '-r',
        scratch.write('r.yaml', rules),
        '--json',
      ]);
      expect(status).toBe(0);
      const messages = out
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .map(({ rule, output }) => `${rule}: ${output}`);
      const late = messages.filter((message) => message.startsWith('Late'));
      expect([late.length, late[0]], messages.join('\n')).toEqual([
        1,
        expect.stringContaining('web-1 echo late'),
      ]);
      if (options.length === 0) expect(messages.at(-1)).toMatch(/^Gone: .*web-1 went/);
    },
    120_000,
  );
});
