/** One score of what the rules found and what the learned part makes of the words: how likely something is wrong with a stretch of text. */
import type { Hit } from '../extract/reading.ts';

/** Rules that are trusted alike. What is written out, what is disguised, what is said of contacts, what is said of money. */
const FAMILIES = ['written', 'disguised', 'contact', 'money'] as const;
type Family = (typeof FAMILIES)[number];

const DISGUISED =
  /^(?:hidden\.|email\.spelled|email\.pieces|phone\.(?:spelled|described|pieces)|handle\.pieces|link\.(?:spelled|meeting_code))/u;
const CONTACT = /^(?:move\.|address\.request|social\.offer|email\.(?:request|invite)|phone\.request|handle\.(?:request|offer))/u;
const MONEY = /^(?:payment|reward)\./u;

const known = new Map<string, Family>();
const familyOf = (rule: string): Family => {
  const family = known.get(rule);
  if (family !== undefined) return family;
  const found = DISGUISED.test(rule) ? 'disguised' : CONTACT.test(rule) ? 'contact' : MONEY.test(rule) ? 'money' : 'written';
  known.set(rule, found);
  return found;
};

/** What a hit of less confidence says is not heard at all. */
const LEAST = 0.5;

/** The inputs of the score, by name: the learned margin; of each family that it speaks, and how sure; how many rules; the bias. */
export const EVIDENCE = ['margin', ...FAMILIES.flatMap((family) => [family, `${family} sure`]), 'several', 'bias'] as const;

/** Of fractions from the beginning, so that it is not copied when the margin is put in. */
const BLANK: readonly number[] = EVIDENCE.map((_, at) => (at === 0 ? 0.5 : 0));

export const evidenceOf = (margin: number, hits: readonly Hit[]): number[] => {
  const inputs = BLANK.slice();
  inputs[0] = margin;
  const rules: string[] = [];
  for (const { rule, confidence } of hits) {
    if (confidence < LEAST) continue;
    if (!rules.includes(rule)) rules.push(rule);
    const at = 1 + 2 * FAMILIES.indexOf(familyOf(rule));
    inputs[at] = 1;
    inputs[at + 1] = Math.max(inputs[at + 1] as number, (confidence - LEAST) * 2);
  }
  inputs[EVIDENCE.length - 2] = Math.min(2, Math.max(0, rules.length - 1));
  inputs[EVIDENCE.length - 1] = 1;
  return inputs;
};

/** Nothing that a rule found may speak for a text. */
export const LEAST_WEIGHTS = EVIDENCE.map((name) => (name === 'bias' ? Number.NEGATIVE_INFINITY : 0));

export const probabilityOf = (weights: readonly number[], inputs: readonly number[]): number => {
  let sum = 0;
  for (let at = 0; at < inputs.length; at += 1) sum += (weights[at] as number) * (inputs[at] as number);
  return 1 / (1 + Math.exp(-sum));
};
