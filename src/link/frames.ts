/**
 * The frames between a gateway and a media node on another host, as JSON text, and the proof that both know the cluster's secret.
 * Everything that comes in passes a schema here.
 *
 *     node: hello -> gateway: auth -> node: welcome       then requests, replies and events, and a beat each way
 *
 * Proofs are HMACs over both challenges and both names, with a key derived from the secret, one for each side: neither side proves
 * anything by repeating the other. The frames themselves are not encrypted: the port belongs on a private network, or behind TLS.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { WireError } from '../../protocol/index.ts';
import { LINK_COMMANDS, LinkEvent } from '../../signaling/media-link.ts';

export const LINK_VERSION = 1;
/** Both sides send something this often, and take the other for dead or hung after that long without a sign. */
export const BEAT_MS = 500;
export const DEAD_AFTER_MS = 1_750;
/** How long a node keeps a gateway's numbered requests after a break, and the gateway asks them again. */
export const RETRY_WINDOW_MS = 10_000;
export const MAX_FRAME_BYTES = 1024 * 1024;
/** A peer that does not read is cut off. */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

const challenge = z.string().regex(/^[\w-]{32}$/);
const proof = z.string().regex(/^[\w-]{43}$/);
const name = z.string().min(1).max(128);
const number = z.int().min(1);

export const Hello = z.object({ t: z.literal('hello'), v: z.int(), nodeId: name, bootId: z.uuid(), challenge });
export const Auth = z.object({ t: z.literal('auth'), v: z.int(), gatewayId: z.uuid(), challenge, proof });
/** `resumed`: the node still knows what this gateway asked before the break. */
export const Welcome = z.object({ t: z.literal('welcome'), proof, resumed: z.boolean() });
export const Beat = z.object({ t: z.literal('beat') });

/** To the node. `done`: replies up to this number were received. */
export const ToNode = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('request'),
    id: number,
    done: z.int().min(0),
    name: z.enum(Object.keys(LINK_COMMANDS) as [keyof typeof LINK_COMMANDS, ...(keyof typeof LINK_COMMANDS)[]]),
    command: z.unknown(),
  }),
  Beat,
]);
/** To the gateway. Events count up within a connection. */
export const ToGateway = z.discriminatedUnion('t', [
  z.object({ t: z.literal('reply'), id: number, result: z.unknown() }),
  z.object({ t: z.literal('error'), id: number, error: WireError }),
  z.object({ t: z.literal('stale'), id: number }),
  z.object({ t: z.literal('event'), n: number, event: LinkEvent }),
  Beat,
]);

export type Hello = z.infer<typeof Hello>;
export type Auth = z.infer<typeof Auth>;
export type Welcome = z.infer<typeof Welcome>;
export type ToNode = z.infer<typeof ToNode>;
export type ToGateway = z.infer<typeof ToGateway>;

/** The frame, or undefined when it is none. */
export const parse = <Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> | undefined => {
  try {
    return schema.parse(JSON.parse(String(data)));
  } catch {
    return undefined;
  }
};

export interface Proofs {
  /** Of one side, over what both have said. */
  make(side: 'gateway' | 'node', hello: Hello, auth: Pick<Auth, 'gatewayId' | 'challenge'>): string;
  check(side: 'gateway' | 'node', hello: Hello, auth: Pick<Auth, 'gatewayId' | 'challenge'>, given: string): boolean;
}

export const createProofs = (secret: string): Proofs => {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'parley media link', 32));
  const make: Proofs['make'] = (side, hello, auth) => {
    const said = [side, hello.v, hello.nodeId, hello.bootId, hello.challenge, auth.gatewayId, auth.challenge];
    return createHmac('sha256', key).update(JSON.stringify(said)).digest('base64url');
  };
  return {
    make,
    check(side, hello, auth, given) {
      const [is, should] = [Buffer.from(given), Buffer.from(make(side, hello, auth))];
      return is.length === should.length && timingSafeEqual(is, should);
    },
  };
};
