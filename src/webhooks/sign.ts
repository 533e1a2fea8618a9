/** Signatures as Standard Webhooks has them (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, one for each secret. */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** During a rotation there are two secrets, and the receiver may know either. */
export const webhookHeaders = (
  { id, at, body }: { id: string; at: number; body: string },
  secrets: readonly string[],
): Record<string, string> => {
  const timestamp = Math.floor(at / 1_000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
};
