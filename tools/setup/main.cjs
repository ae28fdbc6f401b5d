/**
 * What every npm script runs: makes the machine ready, then runs the real command with the project's own Node.
 *
 * Runs on whatever Node started npm (12 or newer), before anything is installed: CommonJS, no dependency, no syntax
 * younger than Node 12. `commands` below lists all there is; each names what it needs and what it runs.
 */
'use strict';

const path = require('path');
const { installDebianPackages, installNodePackages } = require('./install.cjs');
const { root, run, say, whyNoNode } = require('./machine.cjs');
const { runTests } = require('./test-run.cjs');

const bundleBuild = path.join('tools', 'bundle', 'bundle.ts');
const pagesBuild = path.join('tools', 'ui', 'build.ts');
const ebpfBuild = path.join('packages', 'sources', 'src', 'ebpf', 'build.ts');
const sensorPackages = ['clang', 'libbpf-dev', 'libbpf1'];
const brokers = ['nats-server', 'librdkafka1', 'redis-server', 'rabbitmq-server', 'mosquitto'];
const testPackages = sensorPackages.concat(
  'runc',
  'busybox-static',
  brokers,
  'postgresql',
  'rsyslog',
  'python3-aiosmtpd',
  'python3-kubernetes',
  'nftables',
  'kubernetes-client',
  'chromium',
);

/**
 * `debian`: packages to have. `isBuilt`: needs the bundle, the pages and the kernel programs. `run`: takes the user's arguments and
 * gives an exit status.
 */
const commands = {
  start: {
    debian: sensorPackages,
    isBuilt: true,
    run: (rest) => run(path.join(root, 'bin', 'peregrine'), rest.length > 0 ? rest : ['up']),
  },
  test: { debian: testPackages, isBuilt: true, run: runTests },
  'test:guest': {
    debian: testPackages.concat('qemu-system-x86', 'cpio'),
    isBuilt: true,
    run: async (rest) => {
      if ((await run('node', [path.join('tools', 'guest', 'kernel.ts')], process.stderr)) !== 0)
        say('the kernel of the guest could not be fetched (see above); the tests that need it are skipped');
      return run('vitest', ['run', 'e2e/guest'].concat(rest));
    },
  },
  check: {
    debian: [],
    isBuilt: false,
    run: async () => {
      const statuses = [
        await run('biome', ['check', '.']),
        await run('tsc', ['--noEmit', '-p', '.']),
        await run('tsc', ['--noEmit', '-p', 'ui']),
        await run('vitest', ['run', 'tools']),
      ];
      return statuses.find((status) => status !== 0) || 0;
    },
  },
  golden: { debian: [], isBuilt: false, run: (rest) => run('vitest', ['run', '--update'].concat(rest)) },
  bench: {
    debian: sensorPackages,
    isBuilt: true,
    run: (rest) => run('node', [path.join('bench', 'run.ts')].concat(rest)),
  },
  docs: {
    debian: [],
    isBuilt: false,
    run: (rest) => run('node', [path.join('tools', 'docs', 'generate.ts')].concat(rest)),
  },
  e2e: {
    debian: testPackages,
    isBuilt: true,
    run: (rest) => run('vitest', ['run', '--dir', 'e2e'].concat(rest)),
  },
};

async function main() {
  const name = process.argv[2] || '';
  const command = Object.keys(commands).indexOf(name) < 0 ? undefined : commands[name];
  if (command === undefined) {
    say(`unknown command \`${name}\`; there are: ${Object.keys(commands).join(', ')}`);
    return 2;
  }
  process.chdir(root);
  if (!(await installNodePackages())) return 1;
  const why = whyNoNode();
  if (why !== undefined) {
    say(why);
    return 1;
  }
  const missing = await installDebianPackages(command.debian);
  if (command.isBuilt) {
    await run('node', [bundleBuild], process.stderr);
    await run('node', [pagesBuild], process.stderr);
    await buildKernelPrograms(missing);
  }
  return command.run(process.argv.slice(3));
}

/** The build script itself decides whether its output is stale. */
async function buildKernelPrograms(missing) {
  const blocking = missing.filter((name) => sensorPackages.indexOf(name) >= 0);
  if (blocking.length > 0) {
    say(
      `kernel programs are not built, since ${blocking.join(', ')} is missing; watching this machine live needs them`,
    );
    return;
  }
  const status = await run('node', [ebpfBuild], process.stderr);
  if (status !== 0)
    say('kernel programs could not be built (see above); watching this machine live needs them');
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
