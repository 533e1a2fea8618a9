// Dashboards and alert rules: every expression is PromQL, and every metric in it is one that Parley exports.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ROOT } from '../setup/cache.mjs';

/** Names of our own are written out in the sources, in full; Node's and the process's are the library's. */
function knownMetrics() {
  const files = globSync('{src,media,signaling}/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));
  const ours = files.flatMap(
    (file) => readFileSync(join(ROOT, file), 'utf8').match(/(?<=['"`])parley_[a-z0-9_]+(?=['"`])/g) ?? [],
  );
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return new Set(['up', ...ours, ...registry.getMetricsAsArray().map(({ name }) => name)]);
}

const KNOWN = knownMetrics();
const isKnown = (name) => KNOWN.has(name) || KNOWN.has(name.replace(/_(?:bucket|sum|count)$/, ''));

function checkExpression(source, at) {
  // Grafana puts a duration where it says so.
  const expression = source.replaceAll(/\$__\w+/g, '5m');
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      const words = expression.slice(from, to);
      if (type.isError) at(`is no PromQL at "${expression.slice(from, from + 20)}"`);
      else if (type.name === 'VectorSelector') {
        const [name] = words.match(/^[a-zA-Z_:][\w:]*/) ?? [];
        if (name && !isKnown(name)) at(`${name} is no metric of Parley`);
      }
    },
  });
}

export function checkDashboard({ panels = [] }, report) {
  if (panels.length === 0) report('has no panels');
  const ids = new Set();
  for (const { id, title, targets = [] } of panels) {
    if (ids.has(id)) report(`${title}: its id is taken`);
    ids.add(id);
    if (targets.length === 0) report(`${title}: shows nothing`);
    for (const { expr } of targets) checkExpression(expr, (problem) => report(`${title}: ${problem}`));
  }
}

export function checkRules([{ groups = [] }], report) {
  for (const { alert, expr, annotations = {} } of groups.flatMap(({ rules }) => rules)) {
    checkExpression(String(expr), (problem) => report(`${alert}: ${problem}`));
    if (!annotations.summary || !annotations.action) report(`${alert}: does not say what is wrong and what to do`);
  }
}
