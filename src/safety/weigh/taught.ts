/**
 * What the teacher made of the variants of the corpus, a byte each: how sure it is that something is wrong, in tenths of a logit.
 *
 *     script/run node src/safety/weigh/taught.ts SCORES FILE.jsonl…
 *
 * keeps the scores that weigh/teach.py wrote for the variants of these files.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { type Item, readItems } from '../items.ts';
import { taughtItems, VARIANTS } from './variants.ts';

export const TAUGHT_FILE = new URL('taught.bin', import.meta.url);

const DIGEST_BYTES = 32;
/** So many tenths of a logit are as far as the margin of a plain violation. */
const PLAIN = 30;

/** Where the margin of a text with this score should be. */
export const targetOf = (score: number): number => score / PLAIN;

/** Of all that the variants are made from and the teacher has learned from. */
const digestOf = (items: readonly Item[]): Buffer => {
  const hash = createHash('sha256').update(JSON.stringify(VARIANTS));
  for (const { messages, labels } of taughtItems(items)) hash.update(JSON.stringify([messages, labels.length > 0]));
  return hash.digest();
};

/** By the order of the variants. Throws where they were made of another corpus than this. */
export const readScores = (items: readonly Item[], file = TAUGHT_FILE): Int8Array => {
  const buffer = brotliDecompressSync(readFileSync(file));
  if (!buffer.subarray(0, DIGEST_BYTES).equals(digestOf(items)))
    throw new Error('The teacher has scored variants of another corpus. Ask it again: src/safety/corpus/README.md says how.');
  return new Int8Array(buffer.buffer, buffer.byteOffset + DIGEST_BYTES, VARIANTS.count);
};

export const writeScores = (items: readonly Item[], scores: Uint8Array): Buffer => {
  if (scores.length !== VARIANTS.count) throw new Error(`There are ${scores.length} scores of ${VARIANTS.count} variants.`);
  return brotliCompressSync(Buffer.concat([digestOf(items), scores]));
};

if (import.meta.main) {
  const [scores, ...files] = process.argv.slice(2);
  if (scores === undefined) throw new Error('Name the file of scores first.');
  writeFileSync(TAUGHT_FILE, writeScores(readItems(files), readFileSync(scores)));
}
