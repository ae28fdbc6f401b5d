/**
 * The machine as the set-up sees it: the checkout's folder, its Node, and how to run a program.
 * Syntax of Node 12; see main.cjs.
 */
'use strict';

const childProcess = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const root = path.resolve(__dirname, '..', '..');
const nodeFolder = path.join(root, 'node_modules', `node-linux-${process.arch}`, 'bin');
const OLDEST_NODE = 24;

/** One line for the person who waits. On stderr, so that stdout belongs to the command. */
function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** Why no fitting Node is there, and what to do; `undefined` when there is one. */
function whyNoNode() {
  if (fs.existsSync(path.join(nodeFolder, 'node'))) return undefined;
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return undefined;
  return (
    `Node ${OLDEST_NODE} is needed, this is ${process.versions.node}, and npm did not install node-linux-${process.arch}.\n` +
    'Type: npm install --include=optional   (or put a newer `node` first in PATH)'
  );
}

/** The environment of everything that is run: the project's Node and its tools come first in PATH. */
function environment() {
  const folders = [nodeFolder, path.join(root, 'node_modules', '.bin'), process.env.PATH || '/usr/bin:/bin'];
  return Object.assign({}, process.env, { PATH: folders.join(':') });
}

/**
 * Runs a program in the checkout, with our own stdin, stdout and stderr; resolves to its exit status.
 * Signals that end us are handed on, and we stay until it is gone. `stdout`: where its output goes instead.
 */
function run(program, args, stdout) {
  return new Promise((resolve) => {
    const stdio = ['inherit', stdout || 'inherit', 'inherit'];
    const child = childProcess.spawn(program, args, { cwd: root, env: environment(), stdio });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const handOn = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, handOn);
    const finish = (status) => {
      for (const signal of signals) process.removeListener(signal, handOn);
      resolve(status);
    };
    child.on('error', (error) => {
      say(`cannot run ${program}: ${error.message}`);
      finish(127);
    });
    child.on('exit', (status, signal) => finish(signal ? 128 + (os.constants.signals[signal] || 0) : status));
  });
}

/** Runs a program whose output matters only when it fails: then its beginning and end are shown. Resolves to success. */
function runQuietly(program, args, extraEnvironment) {
  return new Promise((resolve) => {
    const env = Object.assign({}, process.env, extraEnvironment);
    const child = childProcess.spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      keep(error.message);
      finish(1);
    });
    child.on('close', (status) => finish(status));
    const finish = (status) => {
      if (status !== 0) process.stderr.write(`${shortened(output)}\n`);
      resolve(status === 0);
    };
  });
}

/** Without warnings, which are never the reason. */
function shortened(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^npm warn|^W: /i.test(line));
  if (lines.length <= 24) return lines.join('\n');
  return lines.slice(0, 16).concat('...', lines.slice(-8)).join('\n');
}

/** Whether a program is in PATH. */
function hasProgram(name) {
  const folders = (process.env.PATH || '').split(':').concat('/usr/sbin', '/sbin');
  return folders.some((folder) => folder !== '' && fs.existsSync(path.join(folder, name)));
}

module.exports = { hasProgram, root, run, runQuietly, say, whyNoNode };
