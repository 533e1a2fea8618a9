/** A duty that one of all gateways has at a time; whoever has it may still share it with another for a moment, so it must bear that. */
export interface Lease {
  /** Takes it when it is free, keeps it when it is mine. Rejects while that cannot be asked. */
  isMine(): Promise<boolean>;
}

/** One gateway alone has every duty. */
export const memoryLease: Lease = { isMine: async () => true };
