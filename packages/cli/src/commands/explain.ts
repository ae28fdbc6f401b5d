/** `peregrine explain`. */

import type { ExplainedRule, ExplainedTerm } from '@peregrine/app/explain';
import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { notesOf } from '../notes.ts';
import { ruleOptions, setupRequestOf, tellConfigFindings } from '../setup-options.ts';
import { tellRules } from '../tell-rules.ts';

export const explain: Command = {
  name: 'explain',
  usage: 'CAPTURE --event NUMBER [options]',
  doc: 'Shows for one recorded event which rules match, and of each rule which tests hold, with the values they looked at.',
  options: [
    { name: 'event', short: 'e', value: 'NUMBER', doc: 'The event, as `evt.num` counts.' },
    { name: 'rule', value: 'NAME', doc: 'Only this rule, asked or not; repeatable.' },
    ...ruleOptions,
    { name: 'json', doc: 'As JSON.' },
  ],
  examples: [
    { line: 'explain trace.scap --event 1234', doc: 'What the rules that come along say of an event.' },
    {
      line: "explain trace.scap -e 1234 -r my_rules.yaml --rule 'Shadow read'",
      doc: 'Why a rule of your own does or does not match.',
    },
  ],
  operands: 'one',
  run: async (given, terminal) => {
    const number = given.valueOf('event') ?? '';
    if (!/^[1-9]\d{0,14}$/.test(number)) {
      terminal.fail('`--event` needs the number of an event', 'put `%evt.num` into an output to see it');
      return exit.usage;
    }
    const request = { ...setupRequestOf(given), overrides: given.valuesOf('option') };
    const read = await readSetup(request);
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    const { setup } = read;
    const { explainEvent } = await import('@peregrine/app/explain');
    let isUsable = true;
    const found = await explainEvent({
      setup,
      capture: given.operands[0] ?? '',
      eventNumber: Number(number),
      log: notesOf(setup.config.log_level, terminal),
      onRules: (report) => {
        ({ isUsable } = report);
        tellRules(report, setup.ruleFiles, terminal);
      },
    });
    if (found === undefined) {
      if (isUsable) terminal.fail(`there is no event ${number} that rules could see in this capture`);
      return exit.failed;
    }
    const names = given.valuesOf('rule');
    const rules = found.rules.filter(({ name, isAsked }) =>
      names.length === 0 ? isAsked : names.includes(name),
    );
    const missing = names.find((name) => !rules.some((rule) => rule.name === name));
    if (missing !== undefined) {
      terminal.fail(`there is no rule \`${missing}\` that is on`);
      return exit.failed;
    }
    if (given.has('json')) terminal.out(`${JSON.stringify({ type: found.type, rules })}\n`);
    else {
      terminal.out(`event ${number}, ${found.type}: ${rules.length} rules\n`);
      for (const rule of rules) terminal.out(renderRule(rule));
    }
    return exit.ok;
  },
};

function renderRule({ name, isAsked, condition }: ExplainedRule): string {
  const verdict = isAsked ? (condition.holds ? 'matches' : 'does not match') : 'is not for such events';
  return `\n${name}: ${verdict}\n${renderTerm(condition, 1)}`;
}

function renderTerm({ holds, text, value, terms }: ExplainedTerm, depth: number): string {
  const isTest = terms.length === 0;
  const looked = isTest ? `  <- ${value ?? 'no value'}` : '';
  const line = `${holds ? 'yes' : 'no '} ${'  '.repeat(depth)}${text}${looked}\n`;
  return line + terms.map((term) => renderTerm(term, depth + 1)).join('');
}
