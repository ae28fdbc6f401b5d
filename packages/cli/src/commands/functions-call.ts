/** `peregrine functions call`. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Arguments } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import { functionOptions, functionsSetupOf, readFunctionsOrTell } from '../functions-options.ts';
import type { Terminal } from '../terminal.ts';
import { askForFunctions, notThere, serverUrl, URL_OPTION } from './functions-list.ts';

const JSON_TYPE = 'application/json';

export const functionsCall: Command = {
  name: 'functions call',
  usage: 'NAME --data DATA [options]',
  doc: 'Calls a function as the hub does with an alert, and writes its answer: one that `functions run` serves, or with `--from` one of a file, without a server. Ends with status 1 unless it answers with success.',
  options: [
    {
      name: 'data',
      short: 'd',
      value: 'DATA',
      doc: 'What it is called with: JSON, a file, or `-` for standard input. Nothing unless given.',
    },
    {
      name: 'content-type',
      value: 'TYPE',
      doc: `Type of the data; ${JSON_TYPE} unless given, which alone is read as JSON.`,
    },
    URL_OPTION,
    { name: 'from', value: 'FILE', doc: 'Run the function of this file for one call; repeatable.' },
    ...functionOptions,
    { name: 'json', doc: 'Status, type, body and time as JSON.' },
  ],
  examples: [
    {
      line: 'functions call delete-pod --data alert.json',
      doc: 'The function that is served, with an alert.',
    },
    {
      line: `functions call hello --from hello.yaml --data '{"rule": "Terminal shell in container"}'`,
      doc: 'A function of a manifest, without a server.',
    },
  ],
  operands: 'one',
  run,
};

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const [name = ''] = given.operands;
  const body = dataOf(given, terminal);
  if (body === undefined) return exit.usage;
  const startMs = performance.now();
  const answer =
    given.valuesOf('from').length > 0
      ? await callOnce(name, body, given, terminal)
      : await callServed(name, body, given, terminal);
  if (typeof answer === 'number') return answer;
  const { status, contentType } = answer;
  const isGood = status >= 200 && status < 300;
  const text = answer.body.toString('utf8');
  if (given.has('json')) {
    const took_ms = Math.round(performance.now() - startMs);
    terminal.out(`${JSON.stringify({ status, content_type: contentType, body: text, took_ms })}\n`);
  } else if (isGood) terminal.out(text === '' || text.endsWith('\n') ? text : `${text}\n`);
  else terminal.fail(`\`${name}\` answered with status ${status}: ${text.trim()}`);
  return isGood ? exit.ok : exit.failed;
}

/** `undefined` when the user was told what is wrong. */
function dataOf(given: Arguments, terminal: Terminal): Buffer | undefined {
  const written = given.valueOf('data');
  if (written === undefined) return Buffer.alloc(0);
  const isJson = (given.valueOf('content-type') ?? JSON_TYPE) === JSON_TYPE;
  const isInline = /^\s*[[{"]/.test(written) || (!isJson && written !== '-');
  try {
    const bytes = isInline ? Buffer.from(written) : readFileSync(written === '-' ? 0 : written);
    if (isJson && bytes.length > 0) JSON.parse(bytes.toString('utf8'));
    return bytes;
  } catch (error) {
    const what = error instanceof SyntaxError ? 'the data is no JSON' : 'the data cannot be read';
    terminal.fail(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** COMPAT: what Falcosidekick sends to Kubeless. */
function headersFor(namespace: string, given: Arguments): Readonly<Record<string, string>> {
  return {
    'content-type': given.valueOf('content-type') ?? JSON_TYPE,
    'user-agent': 'Peregrine',
    'event-id': randomUUID(),
    'event-type': 'falco',
    'event-namespace': namespace,
  };
}

async function callServed(
  asked: string,
  body: Buffer,
  given: Arguments,
  terminal: Terminal,
): Promise<Answer | number> {
  const url = serverUrl(given.valueOf('url'));
  const functions = await askForFunctions(url);
  const namespace = given.valueOf('namespace');
  const found = functions.filter(
    (known) =>
      `${known.namespace}/${known.name}` === asked ||
      (known.name === asked && (namespace === undefined || known.namespace === namespace)),
  );
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    const there = functions.map((known) => `${known.namespace}/${known.name}`).join(', ');
    terminal.fail(
      only === undefined ? `there is no function \`${asked}\`` : `there are several functions \`${asked}\``,
      `there is: ${there}`,
    );
    return exit.usage;
  }
  try {
    const response = await fetch(new URL(`/function/${only.namespace}/${only.name}/`, url), {
      method: 'POST',
      headers: headersFor(only.namespace, given),
      body: new Uint8Array(body),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: Buffer.from(await response.arrayBuffer()),
    };
  } catch (cause) {
    throw notThere(url, cause);
  }
}

async function callOnce(
  name: string,
  body: Buffer,
  given: Arguments,
  terminal: Terminal,
): Promise<Answer | number> {
  const setup = await functionsSetupOf(given, given.valuesOf('from'), terminal);
  if (setup === undefined) return exit.usage;
  const functions = await readFunctionsOrTell(setup, terminal);
  if (functions === undefined) return exit.failed;
  const { fullNameOf, openFunctions, replyOf } = await import('@peregrine/app/functions');
  const wanted = functions.filter((spec) => spec.name === name || fullNameOf(spec) === name);
  const [only, ...others] = wanted;
  if (only === undefined || others.length > 0) {
    terminal.fail(
      `there is no function \`${name}\`, or more than one`,
      `there is: ${functions.map(fullNameOf).join(', ')}`,
    );
    return exit.usage;
  }
  const runtime = await openFunctions([only], setup);
  try {
    const headers = headersFor(only.namespace, given);
    const reply = replyOf(await runtime.invoke(fullNameOf(only), { headers, body }));
    return { status: reply.status, contentType: reply.contentType, body: Buffer.from(reply.body) };
  } finally {
    await runtime.close();
  }
}
