/**
 * Seals what must not be read before its time: AES-256-GCM under a key of the operator's, one random nonce each, bound to where
 * it belongs so that a seal moved elsewhere in the store does not open.
 *
 * A seal is `version (1) | key id (4) | nonce (12) | ciphertext | tag (16)`, in bytes. The key id is the beginning of the key's
 * SHA-256: a new key seals from then on, and older ones still open what they sealed.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';

export interface Sealer {
  /** `place` is not kept: whoever opens must name the same. */
  seal(text: string, place: string): Uint8Array;
  /** Throws a `SealError` for a seal of an unknown key, of another place, or one that was changed. */
  open(seal: Uint8Array, place: string): string;
}

export class SealError extends Error {
  override readonly name = 'SealError';
}

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES;
export const KEY_BYTES = 32;

const idOf = (key: Uint8Array): Buffer => hash('sha256', key, 'buffer').subarray(0, KEY_ID_BYTES);

/** `keys` in base64, 32 bytes each: the first seals, all of them open. */
export const createSealer = (keys: readonly [string, ...string[]]): Sealer => {
  const known = keys.map((encoded) => {
    const key = Buffer.from(encoded, 'base64');
    if (key.length !== KEY_BYTES) throw new Error(`A seal key has ${key.length} bytes; it must have ${KEY_BYTES}, in base64.`);
    return { id: idOf(key), key };
  });
  const newest = known[0]!;
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const head = Buffer.concat([Buffer.of(VERSION), newest.id]);
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.concat([head, Buffer.from(place)]));
      return Buffer.concat([head, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(seal, place) {
      const bytes = Buffer.from(seal);
      if (bytes.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw new SealError('This is not a seal.');
      const head = bytes.subarray(0, HEAD_BYTES);
      const key = known.find(({ id }) => id.equals(head.subarray(1)))?.key;
      if (key === undefined) throw new SealError('It was sealed with a key that is not among safety.sealKeys.');
      const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.concat([head, Buffer.from(place)]));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw new SealError('The seal was changed, or belongs elsewhere.');
      }
    },
  };
};
