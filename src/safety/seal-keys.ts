/** The keys that seals are made with: those of the configuration, or one that follows from the host platform's key. */
import { hkdfSync } from 'node:crypto';
import { KEY_BYTES } from './sealer.ts';

export const sealKeysOf = (configured: readonly string[], hostApiKey: string): readonly [string, ...string[]] => {
  const [first, ...others] = configured;
  if (first !== undefined) return [first, ...others];
  return [Buffer.from(hkdfSync('sha256', hostApiKey, '', 'parley seals', KEY_BYTES)).toString('base64')];
};
