/** The WebRTC device of this client, loaded with what the media nodes route: asked for once, then kept. */
import { Device, type types } from 'mediasoup-client';
import type { Client } from '../types.ts';

export type CreateDevice = () => types.Device | Promise<types.Device>;

export interface DeviceSource {
  /** Rejects when the server cannot be asked, or this platform has no WebRTC; asking again tries again. */
  load(): Promise<types.Device>;
}

export const createDeviceSource = (
  client: Pick<Client, 'request'>,
  createDevice: CreateDevice = Device.factory,
): DeviceSource => {
  let loading: Promise<types.Device> | undefined;

  const load = async (): Promise<types.Device> => {
    const [device, { routerRtpCapabilities }] = await Promise.all([createDevice(), client.request('room.capabilities', {})]);
    await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities });
    return device;
  };

  return {
    load() {
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
  };
};
