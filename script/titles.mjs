// The rules that a test file's titles name, and whether the tests run: always, sometimes (`skipIf`, `runIf`) or never (`skip`,
// `todo`), which a test has from the suites around it too.
import { parseSync } from 'vite';

/** A title names its rules at its beginning: '[TH4] a reconnecting session …'. */
const NAMED = /^(?:\[[A-Z]{2,4}[0-9]+\][ ,]*)+/;

/** From the weakest on. */
const RUNS = ['never', 'sometimes', 'always'];
const MODIFIERS = { skip: 'never', todo: 'never', skipIf: 'sometimes', runIf: 'sometimes' };

const weaker = (one, other) => RUNS[Math.min(RUNS.indexOf(one), RUNS.indexOf(other))];

/** The rules that a title names; none where it names none. */
export const rulesOf = (title) => [...(title.match(NAMED)?.[0] ?? '').matchAll(/\w+/g)].map(([id]) => id);

/** Each string of the file that names rules: `{ ids, runs }`. Contract suites and scenarios have theirs outside of tests. */
export function titlesIn(source, file) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be read: ${errors[0].message}`);
  const titles = [];
  visit(program, 'always', (text, runs) => {
    const ids = rulesOf(text);
    if (ids.length > 0) titles.push({ ids, runs });
  });
  return titles;
}

function visit(node, runs, found) {
  if (Array.isArray(node)) for (const each of node) visit(each, runs, found);
  if (typeof node?.type !== 'string') return;
  if (node.type === 'Literal' && typeof node.value === 'string') found(node.value, runs);
  if (node.type === 'TemplateLiteral') found(node.quasis[0].value.raw, runs);
  const within = node.type === 'CallExpression' ? weaker(runs, runsOf(node)) : runs;
  for (const [key, value] of Object.entries(node))
    if (typeof value === 'object') visit(value, key === 'callee' ? runs : within, found);
}

/** What a call such as `describe.skipIf(…)(…)` or `test(…, { skip: true }, …)` makes of what is in it. */
function runsOf({ callee, arguments: args }) {
  const options = args
    .filter(({ type }) => type === 'ObjectExpression')
    .flatMap(({ properties }) => properties)
    .filter(({ key, value }) => ['skip', 'todo'].includes(key?.name) && value.value !== false)
    .map(({ value }) => (value.value === true ? 'never' : 'sometimes'));
  return [...modifiersOf(callee).map((name) => MODIFIERS[name] ?? 'always'), ...options].reduce(weaker, 'always');
}

function modifiersOf(callee) {
  if (callee.type === 'MemberExpression') return [callee.property.name, ...modifiersOf(callee.object)];
  if (callee.type === 'CallExpression') return modifiersOf(callee.callee);
  if (callee.type === 'TaggedTemplateExpression') return modifiersOf(callee.tag);
  return [];
}
