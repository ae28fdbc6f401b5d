/**
 * Installs what is missing: npm packages always, Debian packages where that is possible; else says what to type.
 * Syntax of Node 12; see main.cjs.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { hasProgram, root, runQuietly, say } = require('./machine.cjs');

/** How to tell that a Debian package's contents are there, on whatever distribution. */
const isThere = {
  clang: () => hasProgram('clang'),
  'libbpf-dev': () => fs.existsSync('/usr/include/bpf/bpf_helpers.h'),
  libbpf1: () => hasLibrary('libbpf.so.1'),
  runc: () => hasProgram('runc'),
  'busybox-static': () => hasProgram('busybox'),
  'nats-server': () => hasProgram('nats-server'),
  librdkafka1: () => hasLibrary('librdkafka.so.1'),
  'redis-server': () => hasProgram('redis-server'),
  'rabbitmq-server': () => hasProgram('rabbitmq-server'),
  mosquitto: () => hasProgram('mosquitto'),
  postgresql: () => listFolder('/usr/lib/postgresql').length > 0 || hasProgram('postgres'),
  rsyslog: () => hasProgram('rsyslogd'),
  'python3-aiosmtpd': () => fs.existsSync('/usr/lib/python3/dist-packages/aiosmtpd'),
  'qemu-system-x86': () => hasProgram('qemu-system-x86_64'),
  cpio: () => hasProgram('cpio'),
  chromium: () => hasProgram('chromium'),
  nftables: () => hasProgram('nft'),
  'kubernetes-client': () => hasProgram('kubectl'),
  'python3-kubernetes': () => fs.existsSync('/usr/lib/python3/dist-packages/kubernetes'),
};

function hasLibrary(name) {
  const folders = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'];
  for (const parent of ['/lib', '/usr/lib']) {
    for (const child of listFolder(parent))
      if (/-linux-gnu/.test(child)) folders.push(path.join(parent, child));
  }
  return folders.some((folder) => fs.existsSync(path.join(folder, name)));
}

function listFolder(folder) {
  try {
    return fs.readdirSync(folder);
  } catch (_error) {
    return [];
  }
}

/** Runs `npm ci` unless node_modules already holds what package-lock.json asks for. False: it could not. */
async function installNodePackages() {
  const reason = whyNodeModulesAreStale();
  if (reason === undefined) return true;
  say(`${reason}; installing npm packages (npm ci)`);
  const npm = process.env.npm_execpath;
  const isOk =
    npm && /\.c?js$/.test(npm)
      ? await runQuietly(process.execPath, [npm, 'ci'])
      : await runQuietly('npm', ['ci']);
  if (!isOk) say('npm ci failed (see above). With a working connection and npm 7 or newer, type: npm ci');
  return isOk;
}

/** Compares contents, not dates: a fresh clone and a copied folder have arbitrary dates. */
function whyNodeModulesAreStale() {
  const installedFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(installedFile)) return 'node_modules is missing';
  const wanted = readPackages(path.join(root, 'package-lock.json'));
  const installed = readPackages(installedFile);
  for (const name of Object.keys(wanted)) {
    if (name === '') continue;
    const there = installed[name];
    if (there === undefined ? !wanted[name].optional : there.version !== wanted[name].version) {
      return `node_modules is older than package-lock.json (${name})`;
    }
  }
  return undefined;
}

function readPackages(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages || {};
}

/** Installs missing Debian packages and resolves to the names that are still missing afterwards. */
async function installDebianPackages(names) {
  const missing = names.filter((name) => !isThere[name]());
  if (missing.length === 0) return [];
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!hasProgram('apt-get')) {
    say(`missing: ${missing.join(', ')} (names of Debian packages). Install them with your package manager`);
    return missing;
  }
  if (process.getuid() !== 0) {
    say(`missing: ${missing.join(', ')}. Type: sudo sh -c '${command}'`);
    return missing;
  }
  say(`installing Debian packages: ${missing.join(', ')}`);
  if (!(await aptInstall(missing))) say(`apt-get failed (see above). Type: ${command}`);
  return missing.filter((name) => !isThere[name]());
}

/** At most one `apt-get update`: at once when there are no package lists, else only after a failure. */
async function aptInstall(names) {
  // What is installed for tests is started by tests: packages start no service, neither as in single-user mode nor
  // through systemd.
  const isDebian = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' };
  const install = ['-o', 'DPkg::Lock::Timeout=120', '-qq', '-y', '--no-install-recommends', 'install'].concat(
    names,
  );
  const hasLists = listFolder('/var/lib/apt/lists').some((file) => /_Packages/.test(file));
  if (hasLists && (await runQuietly('apt-get', install, isDebian))) return true;
  say('refreshing package lists (apt-get update)');
  await runQuietly('apt-get', ['-qq', 'update'], isDebian);
  return runQuietly('apt-get', install, isDebian);
}

module.exports = { installDebianPackages, installNodePackages };
