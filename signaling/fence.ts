/**
 * Fencing tokens and room epochs share one scale. A placement's fence begins with the registry's time, so that it is larger than
 * all before even when the registry forgot them; a room's epochs on a node count up from the fence of its placement. With this
 * many epochs to a millisecond no node ever counts into the fence of a later placement.
 */
export const EPOCHS_PER_MS = 1_024;

export const fenceAt = (ms: number): number => ms * EPOCHS_PER_MS;
