import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IceServer } from '../../protocol/index.ts';
import { turnServerFor } from '../../signaling/turn.ts';
import { startCoturn, type TurnServer } from '../support/engines/coturn.ts';
import { RTCPeerConnection } from './wrtc.ts';

/** The relay addresses that a client gets of these servers. */
const relaysOf = async (iceServer: IceServer): Promise<string[]> => {
  const peer = new RTCPeerConnection({ iceServers: [iceServer as RTCIceServer], iceTransportPolicy: 'relay' });
  const candidates: string[] = [];
  const gathered = new Promise<void>((resolve) => {
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null) resolve();
      else candidates.push(candidate.candidate);
    };
  });
  peer.createDataChannel('any');
  await peer.setLocalDescription(await peer.createOffer());
  await gathered;
  peer.close();
  return candidates.filter((candidate) => candidate.includes('typ relay'));
};

describe('TURN credentials', () => {
  let server: TurnServer;
  beforeAll(async () => {
    server = await startCoturn();
  });
  afterAll(() => server.dispose());

  const credentials = (change: { secret?: string; now?: number } = {}) => {
    const { secret = server.secret, now = Date.now() } = change;
    const urls = [`turn:127.0.0.1:${server.port}?transport=tcp`];
    return turnServerFor({ urls, secret, ttlSeconds: 600 }, 'ada', now)!;
  };

  it('[TN1] coturn takes them until they expire, and only under the right secret', async () => {
    expect(await relaysOf(credentials())).not.toEqual([]);
    expect(await relaysOf(credentials({ secret: 'another-secret-than-it' }))).toEqual([]);
    expect(await relaysOf(credentials({ now: Date.now() - 601_000 }))).toEqual([]);
  }, 60_000);

  it('[TN2] they carry their expiry and the user, and there are none without a TURN server', () => {
    const at = 1_760_000_000_000;
    const turn = { urls: ['turn:turn.example.com'], secret: 'north', ttlSeconds: 600 };
    expect(turnServerFor(turn, 'ada', at)).toEqual({
      urls: ['turn:turn.example.com'],
      username: '1760000600:ada',
      credential: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
    });
    expect(turnServerFor(turn, 'ada', at)).toEqual(turnServerFor(turn, 'ada', at + 999));
    expect(turnServerFor({ ...turn, urls: [] }, 'ada', at)).toBeUndefined();
    expect(turnServerFor({ ...turn, secret: undefined }, 'ada', at)).toBeUndefined();
  });
});
