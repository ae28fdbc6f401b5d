import { ExactNumber } from '@peregrine/alert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTemplate } from './template.ts';
import type { TemplateValue } from './value.ts';

const data: TemplateValue = {
  Rule: 'Shell <x>',
  Priority: 'Notice',
  Tags: ['a', 'b'],
  Empty: [],
  Zero: 0,
  Off: false,
  Nil: null,
  Big: 1610667584834631763n,
  Exact: new ExactNumber('1.10'),
  OutputFields: { 'user.name': 'root', 'proc.pid': 42, none: null, 'k8s.ns.labels': { team: 'red' } },
};

function rendered(text: string): string {
  const compiled = compileTemplate(text);
  if ('why' in compiled) throw new Error(`${compiled.why} at ${compiled.offset}`);
  const result = compiled.evaluate(data);
  return 'text' in result ? result.text : `! ${result.why}`;
}

// Expected texts are what Go's text/template gives.
test.each([
  ['plain { } text', 'plain { } text'],
  ['{{ .Rule }}', 'Shell <x>'],
  ['{{.Rule}}/{{.Priority}}', 'Shell <x>/Notice'],
  ['{{ .Big }} {{ .Exact }}', '1610667584834631763 1.10'],
  ['{{ .Missing }}', '<no value>'],
  ['{{ .Nil }}', '<no value>'],
  ['{{ .Tags }}', '[a b]'],
  ['{{ .OutputFields }}', 'map[k8s.ns.labels:map[team:red] none:<nil> proc.pid:42 user.name:root]'],
  ['{{ index .OutputFields "user.name" }}', 'root'],
  ['{{ index .OutputFields "k8s.ns.labels" "team" }}', 'red'],
  ['{{ index .OutputFields "nothing" }}', '<no value>'],
  ['{{ index .Tags 1 }}', 'b'],
  ['{{ or (index .OutputFields "nothing") "bar" }}', 'bar'],
  ['{{ or "" 0 "x" "y" }}', 'x'],
  ['{{ and "x" 0 "y" }}', '0'],
  ['{{ not .Off }}', 'true'],
  ['{{ "a" | printf "%s-%s" "b" }}', 'b-a'],
  [
    '{{ printf "%q %d %05d %-4s| %x %5.2f %v %t %%" "q\\"" 42 7 "ab" 255 3.14159 .Tags true }}',
    '"q\\"" 42 00007 ab  | ff  3.14 [a b] true %',
  ],
  ['{{ printf "%s" 3 }}', '%!s(int=3)'],
  ['{{ printf "%d" }}', '%!d(MISSING)'],
  ['{{ printf "x" 1 }}', 'x%!(EXTRA int=1)'],
  ['{{ print "a" 1 2 "b" }}', 'a1 2b'],
  ['{{ println "a" 1 }}', 'a 1\n'],
  ['{{ len .Tags }} {{ len "é" }} {{ len .OutputFields }}', '2 2 4'],
  ['{{ slice "abcdef" 1 3 }}', 'bc'],
  ['{{ html .Rule }} {{ urlquery "a b&c" }} {{ js "a\'b" }}', "Shell &lt;x&gt; a+b%26c a\\'b"],
  ['{{ eq .Priority "Error" "Notice" }} {{ ne 1 2 }} {{ lt 1 2 }} {{ ge 2 2 }}', 'true true true true'],
  ['{{ if .Tags }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if .Empty }}yes{{ else }}no{{ end }}', 'no'],
  ['{{ if .Off }}a{{ else if eq .Zero 0 }}b{{ else }}c{{ end }}', 'b'],
  ['{{ with .OutputFields }}{{ index . "user.name" }}{{ $.Priority }}{{ end }}', 'rootNotice'],
  ['{{ with .Nil }}x{{ else }}none{{ end }}', 'none'],
  ['{{ range .Tags }}<{{ . }}>{{ end }}', '<a><b>'],
  ['{{ range $i, $t := .Tags }}{{ $i }}={{ $t }};{{ end }}', '0=a;1=b;'],
  ['{{ range $t := .Tags }}{{ $t }}{{ end }}', 'ab'],
  ['{{ range $k, $v := .OutputFields }}{{ $k }},{{ end }}', 'k8s.ns.labels,none,proc.pid,user.name,'],
  ['{{ range .Empty }}x{{ else }}nothing{{ end }}', 'nothing'],
  ['{{ range .Tags }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'a'],
  ['{{ range .Tags }}{{ if eq . "a" }}{{ continue }}{{ end }}{{ . }}{{ end }}', 'b'],
  ['{{ $x := "v" }}{{ $x }}{{ $x = "w" }}{{ $x }}', 'vw'],
  ['a {{- " b " -}} c', 'a b c'],
  ['a  {{- /* a note */ -}}  b', 'ab'],
  ['{{/* a note */}}b', 'b'],
  ['{{ `raw \\n` }} {{ "\\x41\\u00e9\\t" }}', 'raw \\n Aé\t'],
  ['{{ 0x10 }} {{ 1_000 }} {{ -3 }} {{ 1e3 }} {{ 0o17 }} {{ 017 }}', '16 1000 -3 1000 15 15'],
  ['{{ (index .OutputFields "k8s.ns.labels").team }}', 'red'],
  ['{{ true }} {{ (and true false) }}', 'true false'],
  ['{{ .Missing | default "d" }} {{ default "d" .Priority }}', 'd Notice'],
  ['{{ lower "AB" }}{{ upper "c" }}{{ trim " d " }}{{ replace "." "_" "a.b" }}', 'abCda_b'],
  [
    '{{ join ", " .Tags }} {{ contains "oo" "root" }} {{ hasPrefix "r" "root" }} {{ hasSuffix "x" "root" }}',
    'a, b true true false',
  ],
  ['{{ toJson .Tags }}', '["a","b"]'],
])('%s', (text, expected) => {
  expect(rendered(text)).toBe(expected);
});

test.each([
  ['{{ .Rule', '`{{` is not closed', 0],
  ['a {{ .Rule } }}', '`}` has no meaning here', 11],
  ['{{ if .A }}x', '`if` has no `{{end}}`', 0],
  ['{{ end }}', '`end` has no beginning', 0],
  ['{{ else }}', '`else` has no beginning', 0],
  ['{{ nope .A }}', 'there is no function `nope`', 3],
  ['{{ .A | .B }}', 'only a function can follow `|`', 8],
  ['{{ $x }}', 'there is no variable `$x` here', 3],
  ['{{ range .Tags }}{{ $y := 1 }}{{ end }}{{ $y }}', 'there is no variable `$y` here', 42],
  ['{{ define "t" }}{{ end }}', '`define` is not supported', 0],
  ['{{ template "t" }}', '`template` is not supported', 0],
  ['{{ break }}', '`break` is outside of `range`', 0],
  ['{{ "a }}', 'a string is not closed', 3],
  ['{{ "\\z" }}', '`\\z` is no escape in a string', 3],
  ['{{ /* }}', 'a comment is not closed', 0],
  ['{{ .A .B }}', 'a value takes no arguments', 6],
  ['{{ }}', '`}}` stands where something else is wanted', 3],
  ['{{ (1 }}', '`}}` stands where something else is wanted', 6],
])('%s is refused, with its place', (text, why, offset) => {
  expect(compileTemplate(text)).toEqual({ why, offset });
});

describe('what does not fit the data', () => {
  test.each([
    ['{{ .Rule.Name }}', '`.Name` of what has no keys'],
    ['{{ .Missing.Name }}', '`.Name` of nothing'],
    ['{{ index .Missing "x" }}', '`index` of nothing'],
    ['{{ index .Tags 7 }}', 'index 7 is out of range'],
    ['{{ index .Tags "x" }}', 'a list is indexed by whole numbers'],
    ['{{ index .OutputFields 1 }}', 'a map is indexed by texts'],
    ['{{ range .Rule }}{{ end }}', '`range` takes a list or a map'],
    ['{{ not 1 2 }}', '`not` does not take 2 arguments'],
    ['{{ lt .Tags 1 }}', 'values of these types have no order'],
  ])('%s', (text, why) => {
    expect(rendered(text)).toBe(`! ${why}`);
  });

  test('nothing that JavaScript adds to maps can be reached', () => {
    expect(rendered('{{ .constructor }} {{ index .OutputFields "__proto__" }}')).toBe(
      '<no value> <no value>',
    );
  });

  test('text and time have limits', () => {
    const long = { List: Array.from({ length: 2_000 }, (_, i) => i) };
    const compiled = compileTemplate('{{ range .List }}{{ range $.List }}x{{ end }}{{ end }}');
    expect('why' in compiled || compiled.evaluate(long)).toEqual({ why: 'the template takes too long' });
    const wide = compileTemplate('{{ range .List }}{{ printf "%9999s" "x" }}{{ end }}');
    expect('why' in wide || wide.evaluate(long)).toEqual({ why: 'the text becomes too long' });
  });
});

const pieces = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  ' ',
  '.',
  '.A',
  '"x"',
  '`',
  '"',
  '|',
  '(',
  ')',
  '$x',
  ':=',
  '=',
  ',',
  'if',
  'else',
  'end',
  'range',
  'with',
  'index',
  'printf',
  '1',
  '-',
  '/*',
  '*/',
  '\\',
  'é',
  '\0',
];

test('no text makes the compiler throw, and none that it takes makes it throw later', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 }), (parts) => {
      const compiled = compileTemplate(parts.join(''));
      if ('why' in compiled) expect(compiled.offset).toBeGreaterThanOrEqual(0);
      else compiled.evaluate(data);
    }),
    { numRuns: 3_000 },
  );
});

test('text without actions is itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('{{'));
      expect(rendered(text)).toBe(text);
    }),
  );
});
