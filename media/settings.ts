/** What an operator can set about the media node. The gateway maps its configuration onto it. */
export interface MediaSettings {
  /** Media workers, one a core at best; 0 for as many as there are cores. */
  readonly workers: number;
  /** The mediasoup worker to spawn. When not set: `MEDIASOUP_WORKER_BIN`, or the one that mediasoup's package brings. */
  readonly workerBin?: string | undefined;
  /** Address media is received on. When not set, or `0.0.0.0` without an announced address: every IPv4 address of this host. */
  readonly listenIp?: string | undefined;
  /** Public address or name of this host, when clients reach it through NAT. */
  readonly announcedAddress?: string | undefined;
  /** Address that other media nodes reach this one on, for rooms that are larger than a node. When not set: the one media is received on, or the host's first IPv4 address. */
  readonly bridgeAddress?: string | undefined;
  /** First media port; one a worker, UDP and TCP. 0 for free ports. */
  readonly portBase: number;
  /** Bitrate one participant may send, in kilobits a second. */
  readonly maxIncomingKbps: number;
  /**
   * How long a transport stays connected without a sign of the client, in ms; 10 s to 60 s. Must be longer than a participant's
   * grace, so that media outlives a lost socket without an ICE restart. Default 40 000.
   */
  readonly iceConsentTimeoutMs?: number | undefined;
  /** Consumers one worker should carry before a room spreads over another. Default 450. */
  readonly consumersPerWorker?: number | undefined;
  /** A worker that does not answer for this long is taken for hung and replaced, in ms. Default 8 000. */
  readonly workerTimeoutMs?: number | undefined;
}
