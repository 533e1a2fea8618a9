/** Where a worker receives media: the addresses of its WebRTC server, UDP and TCP on each, the preferred first. */
import { networkInterfaces } from 'node:os';
import type { types } from 'mediasoup';
import type { MediaSettings } from './settings.ts';

/** Every IPv4 address of this host; loopback last, for the clients on the host itself. */
const hostAddresses = (): string[] => {
  const addresses = Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter(({ family }) => family === 'IPv4');
  return addresses.sort((a, b) => Number(a.internal) - Number(b.internal)).map(({ address }) => address);
};

const addressesOf = ({ listenIp, announcedAddress }: MediaSettings): string[] => {
  if (announcedAddress !== undefined) return [listenIp ?? '0.0.0.0'];
  // "Any address" cannot be told to a client; its addresses can.
  return listenIp === undefined || listenIp === '0.0.0.0' ? hostAddresses() : [listenIp];
};

/** Where this node receives what another media node sends: any free port. */
export const bridgeInfoOf = (settings: MediaSettings): types.TransportListenInfo => {
  const { listenIp, bridgeAddress } = settings;
  const [first = '127.0.0.1'] = hostAddresses();
  const ip = listenIp === undefined || listenIp === '0.0.0.0' ? first : listenIp;
  return { protocol: 'udp', ip, ...(bridgeAddress === undefined ? {} : { announcedAddress: bridgeAddress }) };
};

/** `index` counts the workers: each has a port of its own. */
export const listenInfosOf = (settings: MediaSettings, index: number): types.TransportListenInfo[] => {
  const { portBase, announcedAddress } = settings;
  return addressesOf(settings).flatMap((ip) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip,
      ...(announcedAddress === undefined ? {} : { announcedAddress }),
      ...(portBase === 0 ? {} : { port: portBase + index }),
    })),
  );
};
